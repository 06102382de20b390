"""Numbers and results in words: digits, units, intervals and the sentence of a verdict."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from permeant.records import IVFit, PermeabilityRatio

MINUS = "−"
MISSING = "–"
"""What a table shows where there is no number."""

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN_WORD = re.compile(r"[a-z]+(-[a-z]+)*(?=[ ,:;]|$)(?! =)")
_HYPHEN_MINUS = re.compile(r"(?<![\w.)])-(?=[\d.])")
_MOST_DECIMALS = 4
_SCIENTIFIC_ABOVE = 1e7
_SCIENTIFIC_BELOW = 1e-4
_MOST_DIGITS = 5


def fixed(value: float, decimals: int) -> str:
    """Write a number with so many decimals and a true minus sign, and zero without a sign."""
    text = f"{value:.{max(decimals, 0)}f}"
    if not text.startswith("-"):
        return text
    return text[1:] if not text.strip("-0.") else MINUS + text[1:]


def number(value: float | None, digits: int = 3) -> str:
    """Write a number with so many significant digits; a dash where it is not known."""
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if value == 0:
        return "0"
    if not _SCIENTIFIC_BELOW <= abs(value) < _SCIENTIFIC_ABOVE:
        return _scientific(value, digits - 1)
    return fixed(value, digits - 1 - _exponent(float(f"{value:.{digits - 1}e}")))


def exact(value: float | None) -> str:
    """Write a setting or a limit as it was given: no digit more, none less."""
    if value is None or math.isnan(value):
        return MISSING
    return f"{value:.10g}".replace("-", MINUS).replace("inf", "∞")


def short(value: float | None, digits: int = 4) -> str:
    """Write a number with so many significant digits at most, and no zeros at its end."""
    text = number(value, digits)
    if "." not in text or "×" in text:
        return text
    return text.rstrip("0").rstrip(".")


def p_value(value: float) -> str:
    """Write a probability as an equation; below one in ten thousand its digits say nothing."""
    return "p < 0.0001" if value < 1e-4 else f"p = {short(value, 2)}"


def percent(part: float) -> str:
    """Write a part of 1 in percent; only nothing is written as 0, and only all as 100."""
    if 0 < part < 0.001:
        return "< 0.1 %"
    if 0.99 < part < 1 - 1e-9:
        return "> 99 %"
    return f"{fixed(100 * part, 1 if 0 < part < 0.0995 else 0)} %"


def signed(value: float, decimals: int) -> str:
    """Write a change with so many decimals and its sign; none where it rounds to zero."""
    text = fixed(value, decimals)
    return f"+{text}" if value > 0 and text.strip("0.") else text


def signed_digits(value: float, digits: int) -> str:
    """Write a change with so many significant digits and its sign."""
    text = number(value, digits)
    return f"+{text}" if value > 0 else text


def column_decimals(values: Iterable[float | None], digits: int) -> int:
    """Return the decimals that give the largest of a column so many significant digits."""
    sizes = [abs(v) for v in values if v is not None and math.isfinite(v) and v]
    if not sizes:
        return 0
    return max(0, min(digits - 1 - _exponent(max(sizes)), 7))


def in_column(value: float | None, decimals: int) -> str:
    """Write a number of a column with the column's decimals; a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return number(value)
    return fixed(value, decimals)


def with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """Write ``value (low … high)`` with the digits that the width of the interval deserves."""
    if not _known(value):
        return limits(low, high) or MISSING
    assert value is not None
    low, high = _or_none(low), _or_none(high)
    if low is None and high is None:
        return number(value)
    if low is None or high is None:
        return f"{number(value)} ({limits(low, high)})"
    largest = max(abs(value), abs(low), abs(high))
    decimals = _decimals(high - low, largest)
    if decimals > _MOST_DECIMALS or largest >= _SCIENTIFIC_ABOVE:
        return f"{number(value)} ({number(low)} … {number(high)})"
    return f"{fixed(value, decimals)} ({fixed(low, decimals)} … {fixed(high, decimals)})"


def quantity(value: float | None, unit: str, low: float | None, high: float | None) -> str:
    """Write ``value unit (low … high)``, the unit standing once, behind the value."""
    head, gap, tail = with_interval(value, low, high).partition(" (")
    return f"{head}{' ' if unit else ''}{unit}{gap}{tail}"


def limits(low: float | None, high: float | None) -> str:
    """Write an interval of which one side may be open; empty where both are."""
    low, high = _or_none(low), _or_none(high)
    if low is not None and high is not None:
        return f"{number(low)} … {number(high)}"
    if low is not None:
        return f"≥ {number(low, 2)}"
    return f"≤ {number(high, 2)}" if high is not None else ""


def voltage_range(low_mv: float | None, high_mv: float | None) -> str:
    """Write a range of voltages as a person would: ``−80 to −40 mV``."""
    if low_mv is None or high_mv is None:
        return ""
    return f"{number(low_mv)} to {number(high_mv)} mV"


def count(many: int, noun: str, plural: str = "") -> str:
    """Write ``1 remark`` or ``3 remarks``."""
    return f"{many} {noun if many == 1 else plural or noun + 's'}"


def file_size(size_bytes: int) -> str:
    """Write the size of a file in the unit that suits it."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    if size_bytes < 1_000_000:
        return f"{number(size_bytes / 1000)} kB"
    return f"{number(size_bytes / 1_000_000)} MB"


def capitalised(text: str) -> str:
    """Begin with a capital, unless the first word is a symbol, a unit or the name of a file."""
    text = text.strip()
    return text[:1].upper() + text[1:] if _PLAIN_WORD.match(text) else text


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    text = capitalised(text)
    return text + ("" if not text or text[-1] in ".!?…" else ".")


def ratio_name(ratio: PermeabilityRatio) -> str:
    """Name a permeability ratio as the field writes it, ``P_Na/P_K``."""
    return f"P_{ratio.ion}/P_{ratio.reference_ion}"


def ratio_value(ratio: PermeabilityRatio) -> str:
    """Write the value of a permeability ratio, or the limit where only that is known."""
    if ratio.status == "rejected":
        return MISSING
    if ratio.status == "bound":
        return limits(ratio.ratio_low, ratio.ratio_high) or number(ratio.ratio)
    return with_interval(ratio.ratio, ratio.ratio_low, ratio.ratio_high)


def ratio_text(ratio: PermeabilityRatio) -> str:
    """Write a permeability ratio as an equation, an inequality or what became of it."""
    name = ratio_name(ratio)
    if ratio.status == "rejected":
        return f"{name} could not be determined"
    value = ratio_value(ratio)
    if value.startswith(("≥", "≤")):
        return f"{name} {value}"
    return f"{name} between {value}" if ratio.status == "bound" else f"{name} = {value}"


def conductance_text(fit: IVFit) -> str:
    """Write the conductance of a fit with its interval.

    Where a straight line is a poor model its slope is no constant of the cell, and the slope
    at the reversal stands beside it.
    """
    text = f"g = {quantity(fit.g_ns, 'nS', fit.g_low_ns, fit.g_high_ns)}"
    bent = any(finding.check == "line_poor" for finding in fit.findings)
    if not bent or fit.g_at_reversal_ns is None:
        return text
    low, high = fit.g_at_reversal_low_ns, fit.g_at_reversal_high_ns
    return f"{text} as one line, {quantity(fit.g_at_reversal_ns, 'nS', low, high)} at the reversal"


def reversal_value(fit: IVFit) -> str:
    """Write the reversal potential of a fit with its interval and unit."""
    return quantity(fit.e_rev_mv, "mV", fit.e_rev_low_mv, fit.e_rev_high_mv)


def fit_text(fit: IVFit) -> str:
    """Say in half a sentence what the current–voltage curve gave."""
    if fit.status == "rejected":
        return f"no result: {fit.reason or 'no reason was recorded'}"
    if fit.e_rev_status == "measured" and fit.e_rev_mv is not None:
        return f"E_rev = {reversal_value(fit)}, {conductance_text(fit)}"
    if fit.e_rev_status == "extrapolated" and fit.e_rev_mv is not None:
        tested = voltage_range(fit.v_min_mv, fit.v_max_mv)
        beyond = f"the tested voltages ({tested})" if tested else "the tested voltages"
        return (
            f"{conductance_text(fit)}; E_rev is only extrapolated beyond {beyond}, "
            f"to {reversal_value(fit)}"
        )
    why = f": {fit.e_rev_reason}" if fit.e_rev_reason else ""
    return f"{conductance_text(fit)}; no reversal potential{why}"


def true_minus(text: str) -> str:
    """Write the minus signs of numbers within a sentence as such."""
    return _HYPHEN_MINUS.sub(MINUS, text)


def join_words(words: Iterable[str]) -> str:
    """Join ``a``, ``b`` and ``c`` as one does in a sentence."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _or_none(value: float | None) -> float | None:
    return value if _known(value) else None


def _exponent(value: float) -> int:
    return math.floor(math.log10(abs(value)))


def _scientific(value: float, decimals: int) -> str:
    mantissa, power = f"{value:.{decimals}e}".split("e")
    return f"{mantissa.replace('-', MINUS)} × 10{str(int(power)).translate(_SUPERSCRIPT)}"


def _decimals(width: float, largest: float) -> int:
    """Digits that half the width is known by: one, and two where it begins with a 1."""
    half = abs(width) / 2
    if half == 0 or largest == 0:
        return max(0, 2 - _exponent(largest)) if largest else 0
    exponent = _exponent(half)
    wanted = (1 if half / 10.0**exponent < 2 else 0) - exponent
    return max(0, min(wanted, _MOST_DIGITS - 1 - _exponent(largest)))


def ranges(numbers: Iterable[int]) -> str:
    """Write whole numbers in rising order as ranges: ``1–4, 7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in runs)
