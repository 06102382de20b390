"""Which samples of a patch recording belong to which voltage."""

from __future__ import annotations

from dataclasses import dataclass

from permeant.errors import RecordingError
from permeant.measure.steps import distinct_levels
from permeant.records import RecordingInfo, SheetRow

_SETTLING_MS = 5.0
_SHORTEST_MS = 50.0
_NEAR_MV = 0.5


@dataclass(frozen=True)
class Stretches:
    """All stretches at one command voltage: sweep, first sample, sample after the last."""

    level_mv: float
    epoch: str
    parts: tuple[tuple[int, int, int], ...]


def find_stretches(info: RecordingInfo, row: SheetRow) -> list[Stretches]:
    """Return the stretches at constant voltage by voltage, each without its first 5 ms.

    Parameters
    ----------
    info : RecordingInfo
        The recording, with its command.
    row : SheetRow
        Epoch (a letter) and window, where they are given.

    Raises
    ------
    RecordingError
        If no stretch lasts 50 ms.
    """
    settling = round(_SETTLING_MS / info.interval_ms)
    found: list[tuple[float, str, tuple[int, int, int]]] = []
    for sweep, segments in enumerate(info.sweeps):
        for segment in segments:
            aside = len(segments) > 1 and segment.epoch in ("before", "after")
            unwanted = row.epoch is not None and segment.epoch != row.epoch
            if not segment.is_step or aside or unwanted:
                continue
            start, stop = segment.start, segment.stop
            if len(segments) > 1:
                start += settling
            if row.window_start_ms is not None:
                start = max(segment.start, round(row.window_start_ms / info.interval_ms))
            if row.window_end_ms is not None:
                stop = min(stop, round(row.window_end_ms / info.interval_ms))
            if (stop - start) * info.interval_ms >= _SHORTEST_MS:
                found.append((segment.start_mv, segment.epoch, (sweep, start, stop)))
    if not found:
        raise RecordingError(
            "no_constant_voltage",
            f"no stretch at a constant voltage lasts {_SHORTEST_MS:g} ms; single channels need "
            "steps or a gap-free recording" + (f" in epoch {row.epoch}" if row.epoch else ""),
        )
    levels = distinct_levels([level for level, _, _ in found])
    return [
        Stretches(level, near[0][1], tuple(part for _, _, part in near))
        for level in levels
        if (near := [one for one in found if abs(one[0] - level) < _NEAR_MV])
    ]
