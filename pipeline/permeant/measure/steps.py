"""Which stretches of the protocol give a current–voltage curve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from permeant.errors import RecordingError
from permeant.records import Family, RecordingInfo, Segment

SAME_LEVEL_MV = 0.4
"""Levels closer than this are one level: a recorded command scatters by tenths of a mV."""

STAIRCASE_LEVELS = 4
"""So many levels in one sweep are a staircase, each of whose steps is a point of its own."""

SHORTEST_STAIR = 0.2
"""Stretches shorter than this, over the median of a staircase's steps, are none of its steps."""

SMALLEST_RANGE_MV = 2.0
"""Levels that span less are one level that scatters, not a family."""

Sweeps = Sequence[Sequence[Segment]]


@dataclass(frozen=True)
class Step:
    """One stretch of one sweep that is to become one point; counts from 0."""

    sweep: int
    level: int
    segment: Segment


def distinct_levels(levels_mv: Sequence[float]) -> list[float]:
    """Return the levels in rising order, those near the lowest of their group taken as one."""
    groups: list[list[float]] = []
    for level in sorted(levels_mv):
        if groups and level - groups[-1][0] <= SAME_LEVEL_MV:
            groups[-1].append(level)
        else:
            groups.append([level])
    return [sum(group) / len(group) for group in groups]


def _standing(sweeps: Sweeps, shortest: int) -> dict[str, list[tuple[int, Segment]]]:
    """Collect the stretches at a constant level by epoch, long enough to hold a window.

    The stretch before the first epoch is left out where there are epochs: it lasts 1/64 of
    the sweep and may stand at whatever level the sweep before ended on.
    """
    found: dict[str, list[tuple[int, Segment]]] = defaultdict(list)
    for number, segments in enumerate(sweeps):
        for segment in segments:
            if segment.epoch == "before" and len(segments) > 1:
                continue
            if segment.is_step and segment.stop - segment.start >= shortest:
                found[segment.epoch].append((number, segment))
    return found


def _describe(
    number: int, kind: str, steps: Sequence[Step], epochs: tuple[str, ...], interval_ms: float
) -> Family:
    levels = [step.segment.start_mv for step in steps]
    return Family(
        number=number,
        kind="family" if kind == "family" else "levels",
        epochs=epochs,
        start_ms=min(step.segment.start for step in steps) * interval_ms,
        end_ms=max(step.segment.stop for step in steps) * interval_ms,
        v_min_mv=round(min(levels), 2),
        v_max_mv=round(max(levels), 2),
        n_levels=len(distinct_levels(levels)),
    )


def _families(
    standing: dict[str, list[tuple[int, Segment]]], n_sweeps: int, interval_ms: float
) -> list[tuple[Family, list[Step]]]:
    """Find the epochs whose level changes from sweep to sweep, in the order played."""
    varying = []
    for epoch, stretches in standing.items():
        levels = [segment.start_mv for _, segment in stretches]
        seen_often = len(stretches) >= max(2, n_sweeps // 2)
        if seen_often and max(levels) - min(levels) >= SMALLEST_RANGE_MV:
            steps = [Step(sweep, 0, segment) for sweep, segment in stretches]
            varying.append((min(segment.start for _, segment in stretches), epoch, steps))
    varying.sort(key=lambda entry: entry[0])
    return [
        (_describe(number, "family", steps, (epoch,), interval_ms), steps)
        for number, (_, epoch, steps) in enumerate(varying, start=1)
    ]


def _fixed_levels(
    standing: dict[str, list[tuple[int, Segment]]], n_sweeps: int, interval_ms: float
) -> list[tuple[Family, list[Step]]]:
    """Find a fixed set of levels that every sweep visits: a membrane test or a staircase.

    Of several stretches at one level of a test the longest is taken, since it has had most time
    to settle.  A staircase visits levels on its way up and again on its way down: whether the
    current is the same both times is part of what it tells, so all its steps are points.
    """
    everywhere = {
        epoch: stretches
        for epoch, stretches in standing.items()
        if len({sweep for sweep, _ in stretches}) >= max(1, (n_sweeps + 1) // 2)
    }
    longest: list[tuple[float, str]] = []
    for epoch, stretches in sorted(
        everywhere.items(),
        key=lambda entry: -max(segment.stop - segment.start for _, segment in entry[1]),
    ):
        level = stretches[0][1].start_mv
        if all(abs(level - taken) > SAME_LEVEL_MV for taken, _ in longest):
            longest.append((level, epoch))
    if len(longest) < 2:
        return []
    if len(longest) >= STAIRCASE_LEVELS:
        longest = _stairs(everywhere)
    longest.sort(key=lambda entry: min(segment.start for _, segment in everywhere[entry[1]]))
    steps = [
        Step(sweep, number, segment)
        for number, (_, epoch) in enumerate(longest)
        for sweep, segment in everywhere[epoch]
    ]
    epochs = tuple(epoch for _, epoch in longest)
    return [(_describe(1, "levels", steps, epochs, interval_ms), steps)]


def _stairs(everywhere: dict[str, list[tuple[int, Segment]]]) -> list[tuple[float, str]]:
    """Return every step of a staircase: its level and its epoch."""
    lengths = {
        epoch: min(segment.stop - segment.start for _, segment in stretches)
        for epoch, stretches in everywhere.items()
    }
    shortest = SHORTEST_STAIR * median(lengths.values())
    return [
        (stretches[0][1].start_mv, epoch)
        for epoch, stretches in everywhere.items()
        if lengths[epoch] >= shortest
    ]


def find_families(info: RecordingInfo, *, shortest_ms: float) -> list[tuple[Family, list[Step]]]:
    """List every stretch of the protocol from which a curve can be measured.

    Parameters
    ----------
    info : RecordingInfo
        The recording, with its command sweep by sweep.
    shortest_ms : float
        Stretches shorter than this cannot hold a measuring window.

    Returns
    -------
    list of (Family, steps)
        The families in the order played.  Where no level changes from sweep to sweep, the
        fixed levels of a membrane test or a staircase, if there are two of them.
    """
    shortest = max(2, round(shortest_ms / info.interval_ms))
    standing = _standing(info.sweeps, shortest)
    families = _families(standing, info.n_sweeps, info.interval_ms)
    return families or _fixed_levels(standing, info.n_sweeps, info.interval_ms)


def choose_family(
    families: list[tuple[Family, list[Step]]], epoch: str | None, info: RecordingInfo
) -> tuple[Family, list[Step], str]:
    """Take the family that the sheet names, else the one with most to tell.

    Parameters
    ----------
    families : list of (Family, steps)
        What was found.
    epoch : str or None
        The sheet's choice: the number of a family, or the letter of an epoch.
    info : RecordingInfo
        For the words of the message.

    Returns
    -------
    tuple
        The family, its steps, and why it was taken.

    Raises
    ------
    RecordingError
        If there is none, or none of that name.
    """
    if not families:
        raise RecordingError("no_voltage_family", _why_no_family(info))
    if epoch is None:
        best = max(
            families, key=lambda entry: (entry[0].n_levels, _span(entry[0]), -entry[0].number)
        )
        why = "the only one" if len(families) == 1 else f"most levels of {len(families)} families"
        return *best, why
    for family, steps in families:
        if epoch in (str(family.number), *family.epochs):
            return family, steps, f"the sheet says epoch = {epoch}"
    offered = "; ".join(family.title for family, _ in families)
    raise RecordingError(
        "no_such_epoch",
        f"epoch = {epoch} is not a stepped epoch of this recording; it has {offered}. "
        "Give the number of a family, or the letter of its epoch.",
    )


def _span(family: Family) -> float:
    return family.v_max_mv - family.v_min_mv


def _why_no_family(info: RecordingInfo) -> str:
    levels = distinct_levels(
        [
            segment.start_mv
            for segments in info.sweeps
            for segment in segments
            if segment.is_step and (segment.epoch != "before" or len(segments) == 1)
        ]
    )
    ramps = any(not segment.is_step for segments in info.sweeps for segment in segments)
    standing = ", ".join(f"{level:g}" for level in levels[:8])
    standing = f"{standing} mV" if standing else "no constant level"
    others = [c for c in info.channels if c.role == "other"]
    also = f" Another channel, {others[0].name} ({others[0].units}), is recorded." if others else ""
    ramp = " It holds a voltage ramp, which measure = ramp would measure." if ramps else ""
    return (
        f"no voltage family: over {info.n_sweeps} sweeps the command ({info.command_source}) "
        f"stands at {standing}, and no stretch long enough to be measured changes its level "
        "from sweep to sweep or within the sweep; a conductance needs currents at two voltages "
        "or more."
        f"{ramp}{also}"
    )
