"""The temperature of a recording, where its file tells it.

Three places can: a field of the header made for it (HEKA), a channel that recorded a thermometer,
and words that somebody wrote (comment, protocol, tags, notes).  All that tell it must agree, or
none is believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from permeant.recording.channels import Candidate

LOWEST_C, HIGHEST_C = 4.0, 45.0
"""A cell is recorded within these; an unconnected input stands near zero."""
SAME_C = 1.0
STEADY_C = 2.0
_DEGREES = frozenset(("°c", "ºc", "degc", "deg c", "celsius", "degree celsius", "degrees celsius"))
_NUMBER = r"(-?\d{1,2}(?:[.,]\d+)?)"
_IN_WORDS = (
    # "31.5 °C", "22C"; the third cell of slice 12 may be called "cell 12C"
    re.compile(
        rf"(?<![\d.,])(?<!cell )(?<!well ){_NUMBER}\s*(?:[°º]\s*C|deg(?:rees|\.)?\s*C|C)"
        r"(?![A-Za-z0-9])"
    ),
    # "temperature: 22", "temp = 31.5", '"temperature_c": 22.0'
    re.compile(
        rf'\btemp(?:erature)?(?:_?c)?\b\W{{0,3}}[=:]\s*"?{_NUMBER}(?!\d|[.,]\d)', re.IGNORECASE
    ),
)


@dataclass(frozen=True)
class Told:
    """A temperature in °C, and what tells it."""

    celsius: float
    where: str


def told_in_words(texts: Mapping[str, str]) -> list[Told]:
    """Find temperatures in words: ``31.5 °C``, ``22C``, ``temperature: 22``.

    Parameters
    ----------
    texts : mapping of str to str
        What each text is, and the text.

    Returns
    -------
    list of Told
        Each number once a text; ``5 C`` of a cell called so is told as well, which is why all
        that are told must agree.
    """
    found = []
    for where, text in texts.items():
        numbers = {
            float(match[1].replace(",", "."))
            for pattern in _IN_WORDS
            for match in pattern.finditer(text)
        }
        found += [Told(number, where) for number in sorted(numbers)]
    return found


def told_by_channels(candidates: Iterable[Candidate]) -> list[Told]:
    """Return the median of each channel in degrees Celsius that stands still within 2 °C."""
    found = []
    for one in candidates:
        units, name = one.adc.units.strip().casefold(), one.adc.name.casefold()
        if units not in _DEGREES and not (units == "c" and "temp" in name):
            continue
        samples = one.thin[np.isfinite(one.thin)]
        low, middle, high = np.percentile(samples, (5, 50, 95)) if samples.size else (0, 0, 0)
        if high - low <= STEADY_C:
            found.append(Told(round(float(middle), 1), one.title))
    return found


def told_in_annotations(annotations: Mapping[str, Any]) -> list[Told]:
    """Return what entries named after a temperature hold: a number, or a quantity in °C."""
    found = []
    for name, value in annotations.items():
        if not re.search(r"temp(erature)?(?![a-z])", name, re.IGNORECASE):
            continue
        try:
            found.append(Told(round(float(getattr(value, "magnitude", value)), 2), name))
        except (TypeError, ValueError):
            found += told_in_words({name: f"temperature: {value}"})
    return found


def settle_temperature(told: Sequence[Told]) -> tuple[float | None, str]:
    """Return the temperature that all agree on, and who tells it.

    Parameters
    ----------
    told : sequence of Told
        The one to be believed most first.

    Returns
    -------
    float or None
        In °C; ``None`` where nothing tells it, or two differ by more than 1 °C.
    str
        What tells it, or how they contradict each other; empty where nothing does.
    """
    sound = [one for one in told if LOWEST_C <= one.celsius <= HIGHEST_C]
    if not sound:
        return None, ""
    values = [one.celsius for one in sound]
    if max(values) - min(values) > SAME_C:
        each = ", ".join(f"{one.celsius:g} °C ({one.where})" for one in sound)
        return None, f"the file contradicts itself: {each}"
    return sound[0].celsius, sound[0].where
