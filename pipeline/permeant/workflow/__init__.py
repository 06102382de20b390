"""Batches, keys and plans: what a run of the pipeline does to which cells."""
