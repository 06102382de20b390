"""The order in which ions permeate, and which of Eisenman's sequences it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from permeant.cohort import GroupValue, SelectivitySequence

ALKALI = ("Li", "Na", "K", "Rb", "Cs")

SEQUENCES = {
    "I": ("Cs", "Rb", "K", "Na", "Li"),
    "II": ("Rb", "Cs", "K", "Na", "Li"),
    "III": ("Rb", "K", "Cs", "Na", "Li"),
    "IV": ("K", "Rb", "Cs", "Na", "Li"),
    "V": ("K", "Rb", "Na", "Cs", "Li"),
    "VI": ("K", "Na", "Rb", "Cs", "Li"),
    "VII": ("Na", "K", "Rb", "Cs", "Li"),
    "VIII": ("Na", "K", "Rb", "Li", "Cs"),
    "IX": ("Na", "K", "Li", "Rb", "Cs"),
    "X": ("Na", "Li", "K", "Rb", "Cs"),
    "XI": ("Li", "Na", "K", "Rb", "Cs"),
}
"""Eisenman 1962, doi:10.1016/S0006-3495(62)86959-8: from weak to strong field strength."""

_FEWEST = 3


@dataclass(frozen=True)
class _Place:
    """An ion with its ratio to the reference and the interval of that; both ends may lack."""

    ion: str
    ratio: float
    low: float | None
    high: float | None

    def above(self, other: _Place) -> bool:
        """Whether this ion is told to be the more permeant one."""
        return self.low is not None and other.high is not None and self.low > other.high


def selectivity_sequences(groups: Iterable[GroupValue]) -> list[SelectivitySequence]:
    """Put the ions of each condition in the order of their permeability.

    Parameters
    ----------
    groups : iterable of GroupValue
        Groups of permeability ratios; others are passed over.

    Returns
    -------
    list of SelectivitySequence
        One for each condition with at least one ratio, in the order of their names.

    Notes
    -----
    Two ions are told apart where their total intervals (over cells and of what the cells share)
    do not overlap; the reference ion has the ratio 1 and no error.  This is on the careful
    side: part of the shared error moves all ions alike.  A group of one cell has no interval,
    so its order is that of the numbers and nothing more.
    """
    sets: dict[tuple[str, str], list[GroupValue]] = {}
    for group in groups:
        if group.ion:
            sets.setdefault((group.condition, group.measure), []).append(group)
    found = (_sequence(sets[key]) for key in sorted(sets))
    return [sequence for sequence in found if sequence is not None]


def _sequence(groups: list[GroupValue]) -> SelectivitySequence | None:
    known = [group for group in groups if group.mean is not None]
    references = {group.reference_ion for group in known}
    if len(references) != 1:
        return None
    reference = references.pop()
    places = [
        _Place(group.ion, group.mean, group.low_total, group.high_total)
        for group in known
        if group.mean is not None
    ]
    places.append(_Place(reference, 1.0, 1.0, 1.0))
    places.sort(key=lambda place: (-place.ratio, place.ion))
    missing = sorted(group.ion for group in groups if group.mean is None)
    matched, compatible, told = match_eisenman([(p.ion, p.low, p.high) for p in places])
    first = known[0]
    return SelectivitySequence(
        first.condition,
        _common(group.bath for group in known),
        _common(group.pipette for group in known),
        first.measure,
        reference,
        first.activities,
        min(group.n_cells for group in known),
        _written(places),
        matched,
        ", ".join(compatible),
        "; ".join(
            filter(None, [f"without {', '.join(missing)}: no value" if missing else "", *told])
        ),
    )


def match_eisenman(
    ordered: Sequence[tuple[str, float | None, float | None]],
) -> tuple[str, tuple[str, ...], list[str]]:
    """Find the Eisenman sequences that an order of ions agrees with.

    Parameters
    ----------
    ordered : sequence of (str, float or None, float or None)
        Ions from the most to the least permeant, with the ends of the interval of each ratio.
        Ions other than Li, Na, K, Rb and Cs are passed over.

    Returns
    -------
    matched : str
        The sequence that the order is; empty where it is none, or not all five are there.
    compatible : tuple of str
        The sequences that no pair told apart speaks against; empty with fewer than three ions.
    notes : list of str
        What keeps the answer from being sure.
    """
    places = [_Place(ion, 0.0, low, high) for ion, low, high in ordered if ion in ALKALI]
    if len(places) < _FEWEST:
        return "", (), []
    ions = tuple(place.ion for place in places)
    absent = [ion for ion in ALKALI if ion not in ions]
    matched = next((name for name, order in SEQUENCES.items() if order == ions), "")
    apart = [(a.ion, b.ion) for a in places for b in places if a.above(b)]
    compatible = tuple(
        name
        for name, order in SEQUENCES.items()
        if all(order.index(a) < order.index(b) for a, b in apart)
    )
    notes = [f"{', '.join(absent)} not measured"] if absent else []
    if not absent and not matched:
        notes.append("the order of the means is no Eisenman sequence")
    close = [f"{a.ion} and {b.ion}" for a, b in pairwise(places) if not a.above(b)]
    if close:
        notes.append(f"not told apart: {', '.join(close)}")
    return matched, compatible, notes


def _written(places: Sequence[_Place]) -> str:
    parts = [places[0].ion]
    for before, after in pairwise(places):
        parts += [">" if before.above(after) else ">=", after.ion]
    return " ".join(parts)


def _common(names: Iterable[str]) -> str:
    found = set(names)
    return found.pop() if len(found) == 1 else "several"
