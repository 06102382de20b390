"""Traces to numbers: steps, steady states, corrections, checks.  Reads no files."""

from permeant.measure.charge.window import measure_charge
from permeant.measure.fluctuation.sweeps import measure_noise
from permeant.measure.single_channel.patch import measure_patch
from permeant.measure.steady_state import measure_recording, thin_traces

__all__ = ["measure_charge", "measure_noise", "measure_patch", "measure_recording", "thin_traces"]
