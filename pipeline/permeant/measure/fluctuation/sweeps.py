"""A recording of repeated sweeps, from its samples to what their noise tells at each voltage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from permeant.errors import RecordingError
from permeant.measure.corrections import voltage_correction
from permeant.measure.fluctuation.analyse import Stretch, analyse_stretch, reject_stretch
from permeant.measure.points import within_range
from permeant.measure.steps import SAME_LEVEL_MV, distinct_levels
from permeant.physics.ions import Ion
from permeant.records import (
    Family,
    Finding,
    IVPoint,
    Measurement,
    Noise,
    Recording,
    RecordingInfo,
    Segment,
    SheetRow,
    Solution,
)

FEWEST_SWEEPS = 20
_SHORTEST_MS = 3.0
_SHORTEST_QUIET_MS = 2.0
_Z95 = 1.959963984540054
_MANY = 1000.0
_NOT_CORRECTED = ("leak", "leak_range_mv", "leak_of_ungated", "online_leak")


@dataclass(frozen=True)
class _Place:
    """One epoch at one level: what is played before and in it, in how many sweeps."""

    epoch: str
    level_mv: float
    sweeps: tuple[int, ...]
    before: tuple[int, int]
    before_mv: float
    step: tuple[int, int]


def measure_noise(
    recording: Recording,
    row: SheetRow,
    solutions: Mapping[str, Solution],
    *,
    corrections: Mapping[str, Any],
    measures: Mapping[str, Any],
    extra_ions: Mapping[str, Ion],
) -> Measurement:
    """Measure what the noise between repeated sweeps tells of the channels.

    Parameters
    ----------
    recording : Recording
        The same step again and again; several voltages are taken apart.
    row : SheetRow
        Epoch and window, where they are given.
    solutions : mapping of str to Solution
        The solutions by name.
    corrections, measures : mapping
        The sections of the configuration of that name.
    extra_ions : mapping of str to Ion
        Ions that the configuration adds.

    Returns
    -------
    Measurement
        One point a voltage: the unitary current.

    Raises
    ------
    RecordingError
        If the command is not known, or no step is repeated.
    """
    info = recording.info
    for finding in info.findings:
        if finding.check == "command_unknown":
            raise RecordingError(finding.check, finding.message)
    places, why = _choose_places(recording, row)
    correction = voltage_correction(
        row,
        solutions,
        r_s_of_file_mohm=info.r_s_mohm,
        extra_ions=extra_ions,
        **{key: value for key, value in corrections.items() if key not in _NOT_CORRECTED},
    )
    found: list[Noise] = []
    findings: list[Finding] = []
    for place in places:
        stretch = _stretch(recording, row, place, measures)
        if isinstance(stretch, str):
            found.append(reject_stretch(place.level_mv, len(place.sweeps), stretch, correction))
            continue
        one, said = analyse_stretch(stretch, correction, measures)
        found.append(one)
        findings.extend(said)
    family = _family(places, info.interval_ms)
    return Measurement(
        families=(family,),
        family=family,
        window_reason=f"{family.title}: {why}",
        points=within_range(_points(found, places), row),
        corrections=correction.corrections,
        findings=(*correction.findings, *dict.fromkeys(findings)),
        noise=tuple(found),
    )


def _choose_places(recording: Recording, row: SheetRow) -> tuple[list[_Place], str]:
    """Return the epoch in which the mean current moves most, voltage by voltage."""
    places = _find_places(recording.info, row.epoch)
    if not places:
        raise RecordingError("no_repeated_step", _why_none(recording.info, row.epoch))
    if row.epoch is not None:
        return places, f"the sheet says epoch = {row.epoch}"
    moved: dict[str, float] = {}
    for place in places:
        start, stop = place.step
        mean_pa = recording.current_pa[list(place.sweeps), start:stop].mean(axis=0)
        low, high = np.quantile(mean_pa[mean_pa.size // 50 :], (0.02, 0.98))
        moved[place.epoch] = max(moved.get(place.epoch, 0.0), float(high - low))
    best = max(sorted(moved), key=lambda epoch: moved[epoch])
    why = "the only step" if len(moved) == 1 else f"the mean moves most of {len(moved)} steps"
    return [place for place in places if place.epoch == best], why


def _find_places(info: RecordingInfo, wanted: str | None) -> list[_Place]:
    shortest = round(_SHORTEST_MS / info.interval_ms)
    seen: dict[str, list[tuple[int, float, tuple[int, int], tuple[int, int], float]]] = {}
    for sweep, segments in enumerate(info.sweeps):
        for k, segment in enumerate(segments):
            aside = segment.epoch in ("before", "after")
            if aside or not segment.is_step or segment.stop - segment.start < shortest:
                continue
            if wanted is None or segment.epoch == wanted:
                before = _quiet_before(segments, k)
                where = (segment.start, segment.stop)
                held = segments[k - 1].stop_mv if k else segment.start_mv
                seen.setdefault(segment.epoch, []).append(
                    (sweep, segment.start_mv, before, where, held)
                )
    return [
        _Place(
            epoch,
            level,
            tuple(one[0] for one in same),
            (max(one[2][0] for one in same), min(one[2][1] for one in same)),
            same[0][4],
            (max(one[3][0] for one in same), min(one[3][1] for one in same)),
        )
        for epoch, stretches in sorted(seen.items())
        for level in distinct_levels([one[1] for one in stretches])
        if (same := [one for one in stretches if abs(one[1] - level) <= SAME_LEVEL_MV])
        and (wanted is not None or len(same) > 1)
        and (wanted is not None or same[0][2][1] > same[0][2][0])
    ]


def _quiet_before(segments: Sequence[Segment], k: int) -> tuple[int, int]:
    """Return the stretch at one level that comes before a step."""
    start = segments[k].start
    for segment in reversed(segments[:k]):
        same = abs(segment.start_mv - segments[k - 1].start_mv) <= SAME_LEVEL_MV
        if not segment.is_step or not same:
            break
        start = segment.start
    away = k > 0 and abs(segments[k - 1].stop_mv - segments[k].start_mv) > SAME_LEVEL_MV
    return (start, segments[k].start) if away else (segments[k].start, segments[k].start)


def _stretch(
    recording: Recording, row: SheetRow, place: _Place, measures: Mapping[str, Any]
) -> Stretch | str:
    """Return what is analysed at one voltage, or why it cannot be."""
    interval_ms = recording.info.interval_ms
    if len(place.sweeps) < FEWEST_SWEEPS:
        return (
            f"{len(place.sweeps)} sweeps at this voltage, fewer than {FEWEST_SWEEPS}: a variance "
            "between sweeps needs more of them"
        )
    start = place.step[0] + round(measures["noise_delay_ms"] / interval_ms)
    stop = place.step[1]
    if row.window_start_ms is not None:
        start = max(place.step[0], round(row.window_start_ms / interval_ms))
    if row.window_end_ms is not None:
        stop = min(stop, round(row.window_end_ms / interval_ms))
    if (stop - start) * interval_ms < _SHORTEST_MS:
        return f"the window lasts less than {_SHORTEST_MS:g} ms"
    if measures["noise_zero"] == "end":
        quiet = (stop - (stop - start) // 10, stop)
    else:
        first, last = place.before
        # what an earlier step left has gone in the second half; the last samples see the step
        quiet = ((first + last) // 2 if first > 0 else first, last - 2)
    shortest = max(20, round(_SHORTEST_QUIET_MS / interval_ms))
    if quiet[1] - quiet[0] < shortest:
        return (
            f"the stretch with all channels shut is shorter than {shortest * interval_ms:g} ms: "
            "no zero current and no background variance (measures: noise_zero says where it is)"
        )
    current_pa: NDArray[np.floating] = recording.current_pa[list(place.sweeps)]
    at_end = measures["noise_zero"] == "end"
    return Stretch(
        current_pa,
        place.level_mv,
        interval_ms,
        slice(*quiet),
        np.arange(start, stop),
        None if at_end else place.before_mv,
    )


def _points(found: Sequence[Noise], places: Sequence[_Place]) -> tuple[IVPoint, ...]:
    """Make a point of a curve of each unitary current; its error as if of normal noise."""
    return tuple(
        IVPoint(
            sweep=place.sweeps[0] + 1,
            level=k,
            v_command_mv=one.v_command_mv,
            v_membrane_mv=one.v_membrane_mv,
            i_pa=one.i_unitary_pa,
            i_sem_pa=(one.i_high_pa - one.i_low_pa) / (2.0 * _Z95),
            n_effective=_MANY,
            drift_pa_per_ms=0.0,
            window_start_ms=one.window_start_ms,
            window_end_ms=one.window_end_ms,
        )
        for k, (one, place) in enumerate(zip(found, places, strict=True), 1)
        if one.i_unitary_pa is not None
        and one.i_low_pa is not None
        and one.i_high_pa is not None
        and one.window_start_ms is not None
        and one.window_end_ms is not None
    )


def _family(places: Sequence[_Place], interval_ms: float) -> Family:
    levels = [place.level_mv for place in places]
    return Family(
        number=1,
        kind="family" if len(places) > 1 else "levels",
        epochs=tuple(sorted({place.epoch for place in places})),
        start_ms=min(place.step[0] for place in places) * interval_ms,
        end_ms=max(place.step[1] for place in places) * interval_ms,
        v_min_mv=min(levels),
        v_max_mv=max(levels),
        n_levels=len(places),
    )


def _why_none(info: RecordingInfo, epoch: str | None) -> str:
    where = f" in epoch {epoch}" if epoch else ""
    return (
        f"no step of {_SHORTEST_MS:g} ms or longer is repeated{where} over the {info.n_sweeps} "
        "sweeps; noise analysis needs the same step in many sweeps, from a level at which the "
        "channels are shut"
    )
