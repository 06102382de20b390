"""One recording, from its samples to the points of its current–voltage curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from permeant.errors import RecordingError
from permeant.measure.baseline import measure_baseline, slow_noise_pa
from permeant.measure.corrections import VoltageCorrection, voltage_correction
from permeant.measure.noise import mean_with_error
from permeant.measure.quality import (
    check_holding_drift,
    check_noise,
    check_series_resistance,
    check_steady,
    check_voltage_error,
)
from permeant.measure.steps import Step, choose_family, find_families
from permeant.measure.thin import thin_trace
from permeant.measure.window import StepMean, choose_window, given_window
from permeant.physics.ions import Ion
from permeant.records import (
    Family,
    Finding,
    IVPoint,
    Measurement,
    Recording,
    SheetRow,
    Solution,
    Trace,
)

_CLIPPED_PLATEAU = 5
"""So many samples at the recording's extreme, and half of a window, are a converter's end."""
_NOISELESS_SHARE = 0.3
"""Where one value fills more of every window, the noise is below the converter's step."""


def measure_recording(
    recording: Recording,
    row: SheetRow,
    solutions: Mapping[str, Solution],
    *,
    steady_state: Mapping[str, Any],
    corrections: Mapping[str, Any],
    quality: Mapping[str, Any],
    extra_ions: Mapping[str, Ion],
) -> Measurement:
    """Measure the steady-state current at every step of the chosen family.

    Parameters
    ----------
    recording : Recording
        The samples and the command.
    row : SheetRow
        What the sheet says of it.
    solutions : mapping of str to Solution
        The solutions by name.
    steady_state, corrections, quality : mapping
        The sections of the configuration of that name.
    extra_ions : mapping of str to Ion
        Ions that the configuration adds.

    Returns
    -------
    Measurement
        Points with membrane voltages and standard errors, corrections and findings.

    Raises
    ------
    RecordingError
        If the recording has no voltage family, or not the one that the sheet names.
    """
    if row.measure != "steady":
        raise RecordingError(
            "measure_not_built",
            f"measure = {row.measure} is not built yet; this version measures steady-state "
            "currents (measure = steady, or an empty cell)",
        )
    info = recording.info
    for finding in info.findings:
        if finding.check == "command_unknown":
            raise RecordingError(finding.check, finding.message)
    families = find_families(info, shortest_ms=2 * steady_state["min_window_ms"])
    family, steps, why = choose_family(families, row.epoch, info)
    means, window_reason = _window(recording, row, steps, steady_state)
    correction = voltage_correction(
        row,
        solutions,
        r_s_of_file_mohm=info.r_s_mohm,
        extra_ions=extra_ions,
        **_voltage(corrections),
    )
    slow_pa = 0.0
    if family.kind == "family":  # the levels of a sweep wander together, and it is their slope
        slow_pa = slow_noise_pa(measure_baseline(recording, steps, steady_state["mains_hz"]))
    points = _points(recording, means, correction, slow_pa)
    return Measurement(
        families=tuple(found for found, _ in families),
        family=family,
        window_reason=f"{family.title}: {why}; window: {window_reason}",
        points=points,
        corrections=correction.corrections,
        findings=(
            *correction.findings,
            *_findings(recording, means, points, correction, row, quality, family),
        ),
        holding_mv=_holding_mv(recording, correction),
    )


def thin_traces(recording: Recording, max_points: int) -> tuple[Trace, ...]:
    """Thin every sweep of a recording for its picture."""
    info = recording.info
    return tuple(
        thin_trace(
            sweep, recording.current_pa[sweep], info.sweeps[sweep], info.interval_ms, max_points
        )
        for sweep in range(info.n_sweeps)
    )


def _voltage(corrections: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in corrections.items() if key != "leak"}


def _window(
    recording: Recording, row: SheetRow, steps: Sequence[Step], steady_state: Mapping[str, Any]
) -> tuple[list[StepMean], str]:
    interval_ms = recording.info.interval_ms
    if row.window_start_ms is None or row.window_end_ms is None:
        return choose_window(recording.current_pa, steps, interval_ms, **steady_state)
    latest_ms = max(step.segment.start for step in steps) * interval_ms
    earliest_ms = min(step.segment.stop for step in steps) * interval_ms
    if latest_ms >= earliest_ms:
        raise RecordingError(
            "window_needs_one_step",
            "one window cannot hold steps that follow each other; leave window_start_ms and "
            "window_end_ms empty, or name the epoch of one family",
        )
    if row.window_start_ms < latest_ms or row.window_end_ms > earliest_ms:
        raise RecordingError(
            "window_outside_step",
            f"window {row.window_start_ms:g} to {row.window_end_ms:g} ms is not inside the step, "
            f"which lasts from {latest_ms:g} to {earliest_ms:g} ms in every sweep",
        )
    if row.window_end_ms - row.window_start_ms < 2 * interval_ms:
        raise RecordingError(
            "window_too_short",
            f"window {row.window_start_ms:g} to {row.window_end_ms:g} ms holds fewer than two "
            f"samples of {interval_ms:g} ms",
        )
    return given_window(
        recording.current_pa,
        steps,
        interval_ms,
        start_ms=row.window_start_ms,
        end_ms=row.window_end_ms,
        drift_limit_fraction=steady_state["drift_limit_fraction"],
    )


def _clipped(recording: Recording, means: Sequence[StepMean]) -> list[bool]:
    """Whether each window stands at the extreme of the recording, where a converter ends.

    That takes noise to tell: where half of every window is one value, the recording is
    noiseless or coarse, and a window at the extreme is merely the largest.
    """
    samples = recording.current_pa
    extremes = samples.max(), samples.min()
    windows = [samples[mean.step.sweep, mean.start : mean.stop] for mean in means]
    quietest = min(float(np.mean(window == np.median(window))) for window in windows)
    if quietest > _NOISELESS_SHARE:
        return [False] * len(windows)
    return [
        any(
            np.count_nonzero(window == extreme) >= max(_CLIPPED_PLATEAU, 0.5 * window.size)
            for extreme in extremes
        )
        for window in windows
    ]


def _points(
    recording: Recording,
    means: Sequence[StepMean],
    correction: VoltageCorrection,
    slow_pa: float,
) -> tuple[IVPoint, ...]:
    interval_ms = recording.info.interval_ms
    points = []
    for mean, clipped in zip(means, _clipped(recording, means), strict=True):
        v_command_mv = mean.step.segment.start_mv
        window_pa = mean.window.sem_pa
        sem_pa = float(np.hypot(window_pa, slow_pa))
        share = (window_pa / sem_pa) ** 2 if slow_pa else 1.0
        points.append(
            IVPoint(
                sweep=mean.step.sweep + 1,
                level=mean.step.level + 1,
                v_command_mv=v_command_mv,
                v_membrane_mv=correction.membrane_mv(v_command_mv, mean.window.mean_pa),
                i_pa=correction.sign * mean.window.mean_pa,
                i_sem_pa=sem_pa,
                n_effective=mean.window.n_effective * share,
                drift_pa_per_ms=correction.sign * mean.window.drift_pa_per_ms,
                window_start_ms=mean.start * interval_ms,
                window_end_ms=mean.stop * interval_ms,
                used=not clipped,
                reason="the converter is at its end in this window" if clipped else "",
            )
        )
    return tuple(sorted(points, key=lambda point: (point.sweep, point.level)))


def holding_currents(recording: Recording) -> list[float]:
    """Return the mean current of each sweep at its first stretch, where that is one level."""
    first = [segments[0] for segments in recording.info.sweeps if segments]
    same = {round(segment.start_mv) for segment in first if segment.is_step}
    if len(first) < recording.info.n_sweeps or len(same) != 1:
        return []
    return [
        mean_with_error(
            recording.current_pa[sweep, segment.start : segment.stop], recording.info.interval_ms
        ).mean_pa
        for sweep, segment in enumerate(first)
    ]


def _holding_mv(recording: Recording, correction: VoltageCorrection) -> float | None:
    currents = holding_currents(recording)
    if not currents:
        return None
    level_mv = recording.info.sweeps[0][0].start_mv
    return correction.membrane_mv(level_mv, sum(currents) / len(currents))


def _findings(  # noqa: PLR0917 - each check sees its part
    recording: Recording,
    means: Sequence[StepMean],
    points: Sequence[IVPoint],
    correction: VoltageCorrection,
    row: SheetRow,
    quality: Mapping[str, Any],
    family: Family,
) -> list[Finding]:
    r_s_mohm = row.r_s_mohm if row.r_s_mohm is not None else recording.info.r_s_mohm
    found = [
        check_steady(points, sum(mean.steady for mean in means)),
        check_voltage_error(points, correction.r_s_mohm, quality["voltage_error_limit_mv"]),
        check_series_resistance(r_s_mohm, quality["r_s_limit_mohm"]),
        check_holding_drift(holding_currents(recording), quality["holding_drift_limit_pa"]),
        check_noise([mean.window.sd_pa for mean in means], quality["noise_limit_pa"]),
    ]
    if family.kind == "levels":
        found.append(
            Finding(
                "no_family",
                "info",
                "no step changes its level from sweep to sweep; the curve is made of the "
                f"{family.n_levels} levels that each sweep visits, so each sweep gives all of them",
            )
        )
    return [finding for finding in found if finding is not None]
