"""How far the findings of one severity reach, which orders them on a page."""

from __future__ import annotations

_OF_SOMETHING_ELSE = frozenset(
    {
        "measure_proposed", "leak_reversal", "leak_of_ungated", "tail_capacitive", "negative_slope",
        "command_mismatch", "command_units", "command_relative", "command_offset_not_added",
        "current_scale", "scaled_copy", "channel_name_contradicts_units",
        "several_current_channels",
    }
)  # fmt: skip
"""Checks that doubt that the numbers are those of the channel, or in their unit, at all."""
_SHIFTED = frozenset(
    {
        "junction_potential", "reference_electrode", "zero_drift", "leak", "leak_change",
        "control_bath", "controls_differ", "ramp_capacitance", "no_crossing", "seal_lost",
        "r_s_not_measured", "series_resistance",
    }
)  # fmt: skip
"""Checks that may move E_rev or g by more than their intervals."""


def gravity(check: str) -> int:
    """Return how far a finding reaches, for the order among those of one severity; 0 first."""
    return 0 if check in _OF_SOMETHING_ELSE else 1 if check in _SHIFTED else 2
