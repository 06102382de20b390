"""A protocol in words: stretch by stretch, with what changes from sweep to sweep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from permeant.records import RecordingInfo, Segment

MOST_LEVELS = 24


@dataclass(frozen=True)
class EpochSeen:
    """One stretch of the protocol over all sweeps: times of the first, levels of all, in mV.

    ``end_levels_mv`` differ from ``levels_mv`` for a ramp.
    """

    epoch: str
    start_ms: float
    end_ms: float
    levels_mv: tuple[float, ...]
    end_levels_mv: tuple[float, ...]
    n_sweeps: int
    times_vary: bool

    @property
    def words(self) -> str:
        """The stretch as a line for people."""
        when = f"{self.start_ms:g} to {self.end_ms:g} ms"
        if self.times_vary:
            when += " in the first sweep, others differ"
        if self.levels_mv == self.end_levels_mv:
            return f"epoch {self.epoch}: {when}, {_levels(self.levels_mv)}"
        return (
            f"epoch {self.epoch}: {when}, ramp from {_levels(self.levels_mv)} to "
            f"{_levels(self.end_levels_mv)}"
        )


def list_epochs(info: RecordingInfo) -> list[EpochSeen]:
    """Return the stretches of a protocol in the order played in the first sweep that has each.

    Parameters
    ----------
    info : RecordingInfo
        A recording whose command is known.
    """
    by_epoch: dict[tuple[str, int], list[Segment]] = {}
    for segments in info.sweeps:
        for key, segment in _numbered(segments):
            by_epoch.setdefault(key, []).append(segment)
    seen = [_see(key[0], stretches, info.interval_ms) for key, stretches in by_epoch.items()]
    return sorted(seen, key=lambda one: one.start_ms)


def _numbered(segments: Sequence[Segment]) -> Iterator[tuple[tuple[str, int], Segment]]:
    """Tell apart stretches of one epoch (a train has many)."""
    count: dict[str, int] = {}
    for segment in segments:
        number = count[segment.epoch] = count.get(segment.epoch, -1) + 1
        yield (segment.epoch, number), segment


def _see(epoch: str, stretches: Sequence[Segment], interval_ms: float) -> EpochSeen:
    first = stretches[0]
    return EpochSeen(
        epoch=epoch,
        start_ms=round(first.start * interval_ms, 4),
        end_ms=round(first.stop * interval_ms, 4),
        levels_mv=_distinct(one.start_mv for one in stretches),
        end_levels_mv=_distinct(one.stop_mv for one in stretches),
        n_sweeps=len(stretches),
        times_vary=len({(one.start, one.stop) for one in stretches}) > 1,
    )


def _distinct(levels: Iterator[float]) -> tuple[float, ...]:
    """Return levels in the order played, each once, to 0.1 mV."""
    return tuple(dict.fromkeys(round(level, 1) + 0.0 for level in levels))


def _levels(levels_mv: Sequence[float]) -> str:
    """Return levels as a list, or as a range with its step where there is one."""
    if len(levels_mv) == 1:
        return f"{levels_mv[0]:g} mV"
    steps = {round(b - a, 1) for a, b in pairwise(levels_mv)}
    if len(levels_mv) > 2 and len(steps) == 1:
        step = steps.pop()
        return f"{levels_mv[0]:g} to {levels_mv[-1]:g} mV by {step:g} ({len(levels_mv)} levels)"
    listed = ", ".join(f"{level:g}" for level in levels_mv[:MOST_LEVELS])
    more = f" … ({len(levels_mv)} levels)" if len(levels_mv) > MOST_LEVELS else ""
    return f"{listed}{more} mV"
