"""One recording, from its samples to the points of its current–voltage curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from permeant.errors import RecordingError
from permeant.measure.baseline import measure_baseline
from permeant.measure.circuit import (
    capacitance_row,
    check_state,
    read_cell_state,
    tested_resistance,
)
from permeant.measure.corrections import VoltageCorrection, voltage_correction
from permeant.measure.displacement import corrections_with_displacements, resistance_error
from permeant.measure.noise import mean_with_error
from permeant.measure.points import Wander, build_points, judge_wander, refuse_windows
from permeant.measure.quality import (
    check_events,
    check_holding_drift,
    check_noise,
    check_series_resistance,
    check_steady,
    check_voltage_error,
)
from permeant.measure.seal import sweeps_before_loss
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
    RecordingInfo,
    SheetRow,
    Solution,
    Trace,
)


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
    info = recording.info
    _refuse(row, info)
    families = find_families(info, shortest_ms=2 * steady_state["min_window_ms"])
    family, steps, why = choose_family(families, row.epoch, info)
    means, window_reason = _window(recording, row, steps, steady_state)
    state = read_cell_state(recording, row, steady_state["mains_hz"])
    tested = tested_resistance(state)
    if tested is not None and family.kind == "levels":
        tested = replace(tested, of_the_curve=True)
    correction = voltage_correction(
        row,
        solutions,
        r_s_of_file_mohm=info.r_s_mohm,
        extra_ions=extra_ions,
        tested=tested,
        **_voltage(corrections),
    )
    baseline = measure_baseline(recording, steps, steady_state["mains_hz"])
    holding_pa = holding_currents(recording)
    kept = sweeps_before_loss(
        [window.mean_pa for window in baseline] or holding_pa, state.conductance_ns(info.n_sweeps)
    )
    holding_pa = holding_pa[: kept.n_good]
    refused = refuse_windows(recording, means, kept.n_good)
    wander = Wander()
    if family.kind == "family":  # the levels of a sweep wander together, and it is their slope
        wander = judge_wander(means, refused, baseline[: kept.n_good], correction)
    points = build_points(recording, means, refused, correction, wander)
    good = [mean for mean in means if mean.step.sweep < kept.n_good]
    found = [
        *correction.findings,
        kept.finding,
        *_findings(recording, good, points, correction, row, quality, family),
        check_holding_drift(holding_pa, quality["holding_drift_limit_pa"]),
        *check_state(state, quality, kept.n_good),
    ]
    return Measurement(
        families=tuple(one for one, _ in families),
        family=family,
        window_reason=f"{family.title}: {why}; window: {window_reason}",
        points=points,
        corrections=(
            *corrections_with_displacements(correction, points, wander.drift),
            *capacitance_row(state, row, info.c_m_pf),
        ),
        findings=tuple(finding for finding in found if finding is not None),
        holding_mv=_holding_mv(recording, correction, holding_pa),
        shared_errors=resistance_error(correction, points),
    )


def _refuse(row: SheetRow, info: RecordingInfo) -> None:
    if row.measure != "steady":
        raise RecordingError(
            "measure_not_built",
            f"measure = {row.measure} is not built yet; this version measures steady-state "
            "currents (measure = steady, or an empty cell)",
        )
    for finding in info.findings:
        if finding.check == "command_unknown":
            raise RecordingError(finding.check, finding.message)


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
        mains_hz=steady_state["mains_hz"],
        drift_limit_fraction=steady_state["drift_limit_fraction"],
    )


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


def _holding_mv(
    recording: Recording, correction: VoltageCorrection, currents: Sequence[float]
) -> float | None:
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
    if r_s_mohm is None and correction.r_s_se_mohm:
        r_s_mohm = correction.r_s_mohm
    used = [point for point in points if point.used]
    found = [
        check_steady(len(means), sum(mean.steady for mean in means)),
        check_voltage_error(used, correction.r_s_mohm, quality["voltage_error_limit_mv"]),
        check_series_resistance(r_s_mohm, quality["r_s_limit_mohm"]),
        check_noise([mean.window.sd_pa for mean in means], quality["noise_limit_pa"]),
        check_events([mean.left_out for mean in means], [mean.stop - mean.start for mean in means]),
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
