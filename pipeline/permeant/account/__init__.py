"""Stored results of runs, told in words: what led to a number, and what changed between two."""
