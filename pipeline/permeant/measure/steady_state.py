"""One recording, from its samples to the points of its current–voltage curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from permeant.errors import RecordingError
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
"""So many equal samples in a row at the trace's extreme are a converter at its end."""


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
        row, solutions, r_s_of_file_mohm=info.r_s_mohm, extra_ions=extra_ions, **_voltage(corrections)
    )
    points = _points(recording, means, correction)
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
        thin_trace(sweep, recording.current_pa[sweep], info.sweeps[sweep], info.interval_ms, max_points)
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
    if row.window_start_ms < latest_ms or row.window_end_ms > earliest_ms:
        raise RecordingError(
            "window_outside_step",
            f"window {row.window_start_ms:g} to {row.window_end_ms:g} ms is not inside the step, "
            f"which lasts from {latest_ms:g} to {earliest_ms:g} ms in every sweep",
        )
    return given_window(
        recording.current_pa,
        steps,
        interval_ms,
        row.window_start_ms,
        row.window_end_ms,
        steady_state["drift_limit_fraction"],
    )


def _clipped(recording: Recording, mean: StepMean) -> bool:
    """Whether the window holds a run of equal samples at the extreme of its sweep."""
    samples = recording.current_pa[mean.step.sweep]
    window = samples[mean.start : mean.stop]
    for extreme in (samples.max(), samples.min()):
        at_end = window == extreme
        if at_end.mean() > 0.5 and at_end.sum() >= _CLIPPED_PLATEAU:
            return True
    return False


def _points(
    recording: Recording, means: Sequence[StepMean], correction: VoltageCorrection
) -> tuple[IVPoint, ...]:
    interval_ms = recording.info.interval_ms
    points = []
    for mean in means:
        v_command_mv = mean.step.segment.start_mv
        clipped = _clipped(recording, mean)
        points.append(
            IVPoint(
                sweep=mean.step.sweep + 1,
                level=mean.step.level + 1,
                v_command_mv=v_command_mv,
                v_membrane_mv=correction.membrane_mv(v_command_mv, mean.window.mean_pa),
                i_pa=correction.sign * mean.window.mean_pa,
                i_sem_pa=mean.window.sem_pa,
                n_effective=mean.window.n_effective,
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


def _findings(
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
