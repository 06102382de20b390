"""Whether the numbers that scale an ABF file's samples can be those of a digitizer.

Most of a scale is a calibration, which may be any number and is said once in the file.  The
digitizer's range and counts and the gains of the amplifier are steps of a switch: another number
there is damage, or a program that used the field for something else.
"""

from __future__ import annotations

import math

from permeant.recording.abf_header import AbfHeader
from permeant.recording.channels import Candidate
from permeant.records import Finding

RANGES_V = (1.0, 1.25, 2.0, 2.5, 4.0, 5.0, 5.12, 10.0, 10.24, 20.0, 20.48)
"""Half the input span of the digitizers that write the format."""
FEWEST_BITS, MOST_BITS = 7, 15
"""Counts on either side of zero are a power of two: 8-bit to 16-bit samples."""
STEPS = (1.0, 2.0, 2.5, 4.0, 5.0)
"""First digits of the steps of a gain switch."""
CLOSE = 1e-4


def find_odd_scale(header: AbfHeader, current: Candidate) -> list[Finding]:
    """Return a finding where a number that scales the current is none that a rig sets.

    Parameters
    ----------
    header : AbfHeader
        The digitizer's range and counts; files of floats have no use for them.
    current : Candidate
        The channel of the current, with the gains of its amplifier.
    """
    odd = [
        f"a gain of {gain:.7g}"
        for gain in current.adc.stage_gains
        if gain and not is_gain_step(gain)
    ]
    if not header.float_samples:
        if not any(abs(header.adc_range_v - one) <= CLOSE * one for one in RANGES_V):
            odd.append(f"an input range of {header.adc_range_v:.7g} V")
        if not _is_power_of_two(header.adc_counts):
            odd.append(f"a range of {header.adc_counts} counts")
    if not odd:
        return []
    message = (
        f"{current.title}: the header gives {' and '.join(odd)}, which no amplifier or digitizer "
        "is known to have: the header may be damaged, and then the current is wrong by a factor"
    )
    return [Finding("scale_doubtful", "warning", message)]


def is_gain_step(gain: float) -> bool:
    """Whether a gain is 1, 2, 2.5, 4 or 5 times a power of ten, or a power of two."""
    if not (math.isfinite(gain) and gain > 0):
        return False
    digits = gain / 10.0 ** math.floor(math.log10(gain) + CLOSE)
    power = math.log2(gain)
    return any(abs(digits - one) <= CLOSE * one for one in STEPS) or abs(power - round(power)) < (
        CLOSE
    )


def _is_power_of_two(counts: int) -> bool:
    """Whether counts are a power of two, or one less, as some programs write them."""
    return any(counts in {2**bits, 2**bits - 1} for bits in range(FEWEST_BITS, MOST_BITS + 1))
