"""Noise of many channels: how the variance of repeated sweeps goes with their mean."""
