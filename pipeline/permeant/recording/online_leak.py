"""What the header of an ABF file says of a leak subtraction while it was recorded."""

from __future__ import annotations

from typing import Literal, cast

from permeant.recording.abf_header import LEAK_KINDS, AbfHeader
from permeant.records import OnlineLeak

_MOST_PULSES = 8
"""The acquisition program allows no more."""


def read_online_leak(header: AbfHeader, index: int) -> OnlineLeak | None:
    """Return the subtraction that was on, and whether it was made for the channel ``index``.

    The header names a channel by a number that may be its place in the sampling order or that
    of its input; where these two differ it does not tell which channel is meant.
    """
    said = [dac.leak for dac in header.dacs if dac.leak is not None and dac.plays]
    if not said:
        return None
    adc = header.adcs[index]
    matches = {one.adc == place for one in said for place in (index, adc.number)}
    of_this = None if len(matches) == 2 else matches.pop()
    first = said[0]
    kind = cast(Literal["P/N", "resistive"], LEAK_KINDS[first.kind])
    known = kind == "P/N" and 1 <= first.n_pulses <= _MOST_PULSES
    return OnlineLeak(
        kind,
        first.n_pulses if known else None,
        first.polarity if first.polarity in {1, -1} else None,
        of_this,
    )
