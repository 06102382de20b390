"""Names of columns and waves: which are sweeps of one channel, and in which order.

Programs that export each sweep as a column or a wave of its own number them; a second channel has
another name, or a number behind a word such as IN or cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

_CHANNEL = re.compile(
    r"(?i)(?<![a-z])(?:in|ai|adc?|dac?|ch|chan|channel|cell|neuron|elec|electrode|probe|amp|"
    r"amplifier|headstage|hs|input|well)[ _#-]?\d+"
)
"""A number that tells channels apart, not sweeps."""
_NUMBER = re.compile(r"(?:(?<![A-Za-z0-9])[-+])?\d+(?:\.\d+)?")


def split_channels(names: Sequence[str]) -> list[list[int]]:
    """Say which names are sweeps of one channel.

    Parameters
    ----------
    names : sequence of str
        Names of columns or waves of one kind, in the order of the file, without their units.

    Returns
    -------
    list of list of int
        For each channel the positions of its sweeps: in the order in which they are counted where
        their names count them, else in the order of the file.
    """
    by_stem: dict[str, list[int]] = {}
    for k, name in enumerate(names):
        by_stem.setdefault(_stem(name), []).append(k)
    return [
        _in_counted_order(names, members)
        for same in by_stem.values()
        for members in _split_repeated(names, same)
    ]


def match_order(leading: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the order of ``names`` in which their numbers are those of ``leading``.

    The order of the file where the numbers are not the same ones.
    """
    first, other = _counting(leading), _counting(names)
    if first is None or other is None or sorted(first) != sorted(other):
        return list(range(len(names)))
    places = {number: k for k, number in enumerate(other)}
    return [places[number] for number in first]


def _stem(name: str) -> str:
    return "".join(part for part, _ in _parts(name)).strip().casefold()


def _parts(name: str) -> list[tuple[str, float | None]]:
    """Return the pieces of a name; a number that may count sweeps is ``#`` with its value."""
    kept = [found.span() for found in _CHANNEL.finditer(name)]
    parts: list[tuple[str, float | None]] = []
    at = 0
    for found in _NUMBER.finditer(name):
        if any(start <= found.start() < stop for start, stop in kept):
            continue
        parts += [(name[at : found.start()], None), ("#", float(found[0]))]
        at = found.end()
    return [*parts, (name[at:], None)]


def _numbers(name: str) -> list[float]:
    return [number for _, number in _parts(name) if number is not None]


def _counting(names: Sequence[str]) -> list[float] | None:
    """Return the numbers that tell the names apart; ``None`` where no one place does."""
    rows = [_numbers(name) for name in names]
    if len({len(row) for row in rows}) != 1:
        return None
    for place in reversed(list(zip(*rows, strict=True))):
        if len(set(place)) == len(place):
            return list(place)
    return None


def _split_repeated(names: Sequence[str], members: list[int]) -> list[list[int]]:
    """Split names alike into channels where their numbers say that there are several."""
    rows = [_numbers(names[k]) for k in members]
    if len({tuple(row) for row in rows}) == 1 or _counting([names[k] for k in members]):
        return [members]
    splits = []
    for place in reversed(list(zip(*rows, strict=True))):
        groups: dict[float, list[int]] = {}
        for k, number in zip(members, place, strict=True):
            groups.setdefault(number, []).append(k)
        if all(_counting([names[k] for k in group]) for group in groups.values()):
            splits.append(list(groups.values()))
    if splits:
        return min(splits, key=len)
    return _split_equal([names[k] for k in members], members)


def _split_equal(names: Sequence[str], members: Sequence[int]) -> list[list[int]]:
    """Split names that come several times: equal ones side by side are channels of one sweep."""
    side_by_side = sum(a == b for a, b in pairwise(names)) == len(names) - len(set(names))
    seen: Counter[str] = Counter()
    groups: dict[str | int, list[int]] = {}
    for name, k in zip(names, members, strict=True):
        groups.setdefault(seen[name] if side_by_side else name, []).append(k)
        seen[name] += 1
    return list(groups.values())


def _in_counted_order(names: Sequence[str], members: list[int]) -> list[int]:
    """Sort sweeps by their numbers where these are the whole numbers of a count."""
    numbers = _counting([names[k] for k in members])
    if numbers is None:
        return members
    first = min(numbers)
    if first not in {0, 1} or sorted(numbers) != [first + k for k in range(len(numbers))]:
        return members
    return [k for _, k in sorted(zip(numbers, members, strict=True))]
