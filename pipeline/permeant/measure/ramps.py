"""The voltage ramps of a protocol, and which of them is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from permeant.errors import RecordingError
from permeant.measure.steps import Step
from permeant.records import Family, RecordingInfo, Segment

SAME_LEVEL_MV = 1.0
"""Ends of ramps nearer than this are the same."""

SHORTEST_RAMP = 100
"""Samples of a ramp, at least."""

_SMALLEST_SPAN_MV = 5.0
_BIN_MV = 5.0
_FEWEST_BINS, _MOST_BINS = 8, 40


class Ramp(NamedTuple):
    """A ramp that sweeps have in common: (sweep, ramp, mirror image or nothing) for each."""

    family: Family
    places: tuple[tuple[int, Segment, Segment | None], ...]

    @property
    def steps(self) -> list[Step]:
        """The ramps as the stretches that the sweeps play, for what looks before them."""
        return [Step(sweep, 0, segment) for sweep, segment, _ in self.places]


def find_ramps(info: RecordingInfo) -> list[Ramp]:
    """List the voltage ramps that sweeps have in common, in the order played."""
    found: dict[tuple[str, int, int], list[tuple[int, Segment, Segment | None]]] = {}
    for number, segments in enumerate(info.sweeps):
        taken = False
        for one, two in zip(segments, [*segments[1:], None], strict=True):
            if taken or one.is_step or one.stop - one.start < SHORTEST_RAMP:
                taken = False
                continue
            if abs(one.stop_mv - one.start_mv) < _SMALLEST_SPAN_MV:
                continue
            taken = two is not None and _mirrors(one, two)
            key = (one.epoch, round(one.start_mv), round(one.stop_mv))
            found.setdefault(key, []).append((number, one, two if taken else None))
    common = [places for places in found.values() if 2 * len(places) >= info.n_sweeps]
    common.sort(key=lambda places: places[0][1].start)
    return [
        Ramp(_describe(number, places, info.interval_ms), tuple(places))
        for number, places in enumerate(common, start=1)
    ]


def _mirrors(one: Segment, two: Segment) -> bool:
    back = max(abs(two.start_mv - one.stop_mv), abs(two.stop_mv - one.start_mv))
    return back <= SAME_LEVEL_MV and abs((two.stop - two.start) - (one.stop - one.start)) <= 1


def _describe(
    number: int, places: Sequence[tuple[int, Segment, Segment | None]], interval_ms: float
) -> Family:
    first, second = places[0][1], places[0][2]
    levels = (first.start_mv, first.stop_mv)
    return Family(
        number=number,
        kind="ramp",
        epochs=(first.epoch,) if second is None else (first.epoch, second.epoch),
        start_ms=min(one.start for _, one, _ in places) * interval_ms,
        end_ms=max((two or one).stop for _, one, two in places) * interval_ms,
        v_min_mv=round(min(levels), 2),
        v_max_mv=round(max(levels), 2),
        n_levels=count_bins(abs(levels[1] - levels[0]), None),
    )


def count_bins(span_mv: float, bin_mv: float | None) -> int:
    """Return how many points a ramp over a span gives, by the width that is asked for."""
    if bin_mv is not None:
        return max(2, round(span_mv / bin_mv))
    return int(min(max(round(span_mv / _BIN_MV), _FEWEST_BINS), _MOST_BINS))


def choose_ramp(ramps: Sequence[Ramp], epoch: str | None) -> tuple[Ramp, str]:
    """Take the ramp that the sheet names, else the widest, else the one that goes both ways."""
    if not ramps:
        raise RecordingError(
            "no_ramp",
            "measure = ramp, but the sweeps have no voltage ramp of 5 mV and 100 samples or more "
            "in common",
        )
    if epoch is None:
        best = max(
            ramps,
            key=lambda ramp: (
                ramp.family.v_max_mv - ramp.family.v_min_mv,
                ramp.places[0][2] is not None,
                ramp.family.end_ms - ramp.family.start_ms,
                -ramp.family.number,
            ),
        )
        return best, "the only one" if len(ramps) == 1 else f"the widest of {len(ramps)} ramps"
    for ramp in ramps:
        if epoch in (str(ramp.family.number), *ramp.family.epochs):
            return ramp, f"the sheet says epoch = {epoch}"
    offered = "; ".join(ramp.family.title for ramp in ramps)
    raise RecordingError(
        "no_such_epoch",
        f"epoch = {epoch} is not a ramp of this recording; it has {offered}. Give the number of a "
        "ramp, or the letter of its epoch.",
    )
