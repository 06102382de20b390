"""Currents of single channels: from a trace to unitary currents and lengths of events."""
