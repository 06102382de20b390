"""One recording, from its samples to the points of its current–voltage curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from permeant.errors import RecordingError
from permeant.measure.baseline import baseline_level_mv, compare_windows, measure_baseline
from permeant.measure.capacitance import find_capacitance, with_densities
from permeant.measure.circuit import (
    CellState,
    TestedResistance,
    check_state,
    read_cell_state,
    sweep_tests,
    tested_resistance,
)
from permeant.measure.corrections import VoltageCorrection, voltage_correction
from permeant.measure.displacement import corrections_with_displacements, resistance_error
from permeant.measure.kinds import number_as_in_file
from permeant.measure.leak import Leak
from permeant.measure.leak_subtraction import (
    LeakTaken,
    LeakWish,
    leaks_across_membrane,
    take_leak,
    without_leak,
)
from permeant.measure.noise import WindowMean, block_means
from permeant.measure.online_leak import heed_online_leak
from permeant.measure.points import (
    Wander,
    build_points,
    judge_wander,
    refuse_windows,
    share_drift,
    share_wander,
    within_range,
)
from permeant.measure.propose import propose_measure
from permeant.measure.quality import (
    check_events,
    check_history,
    check_holding_drift,
    check_noise,
    check_run_down,
    check_series_resistance,
    check_steady,
    check_voltage_error,
)
from permeant.measure.seal import sweeps_before_loss
from permeant.measure.steps import STAIRCASE_LEVELS
from permeant.measure.thin import thin_sweeps
from permeant.measure.ways import DEFAULT_MEASURES, Stretch, choose_stretch, see_points
from permeant.measure.window import StepMean
from permeant.physics.ions import Ion
from permeant.records import (
    Family,
    Finding,
    IVPoint,
    Measurement,
    OnlineLeak,
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
    measures: Mapping[str, Any] = DEFAULT_MEASURES,
) -> Measurement:
    """Measure the current at every voltage of the chosen stretch, in the way the sheet asks for.

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
    measures : mapping, optional
        The section of the configuration for tails, peaks and ramps; default: its defaults.

    Returns
    -------
    Measurement
        Points with membrane voltages and standard errors, corrections and findings.

    Raises
    ------
    RecordingError
        If the recording has nothing that can be measured in this way, or not what the sheet
        names.
    """
    info = recording.info
    _refuse(info)
    chosen = choose_stretch(info, row, steady_state)
    family, steps = chosen.family, chosen.steps
    mains_hz = steady_state["mains_hz"]
    state = read_cell_state(recording, row, mains_hz)
    correction = voltage_correction(
        row,
        solutions,
        **_of_file(info),
        extra_ions=extra_ions,
        tested=_tested(state, family),
        **_voltage(corrections),
    )
    heeded = heed_online_leak(correction, info.online_leak, corrections["online_leak"])
    correction, wish = heeded.correction, _wish(row, corrections)
    baseline = measure_baseline(recording, steps, mains_hz)
    holding_pa = holding_currents(recording)
    kept = sweeps_before_loss(
        [window.mean_pa for window in baseline] or holding_pa, state.conductance_ns(info.n_sweeps)
    )
    seen = see_points(recording, row, chosen, kept.n_good, steady_state, measures)
    means, refused = seen.means, refuse_windows(recording, seen.means, kept.n_good)
    leaks = state.leaks if wish.how == "ramp" else ()
    resting = _without_leaks(recording, chosen, baseline, leaks)[: kept.n_good]
    wander = _wander(recording, chosen, means, refused, resting, correction, mains_hz)
    points = build_points(recording, means, refused, correction, wander)
    online = info.online_leak if heeded.rows else None
    taken = _take_leak(points, wish, state, correction, online)
    capacitance = find_capacitance(recording, state, row)
    shared = (*resistance_error(correction, points), *share_drift(points, wander, correction.sign))
    good = [mean for mean in means if mean.step.sweep < kept.n_good]
    found = [
        *correction.findings,
        kept.finding,
        *_findings(recording, good, points, correction, row, quality, family),
        check_holding_drift(holding_pa[: kept.n_good], quality["holding_drift_limit_pa"]),
        check_run_down(wander.drift.change_fraction, quality["run_down_limit_fraction"]),
        *check_state(state, quality, kept.n_good, subtracted=taken.applied),
        *(*heeded.findings, *taken.findings, *seen.findings),
        propose_measure(recording, row, chosen, good, steady_state["guard_ms"]),
    ]
    measurement = Measurement(
        families=chosen.families,
        family=family,
        window_reason=f"{family.title}: {chosen.why}; window: {seen.window_reason}",
        points=with_densities(within_range(taken.points, row), capacitance.value),
        corrections=(
            *corrections_with_displacements(correction, points, wander.drift),
            *(*heeded.rows, *taken.corrections, *capacitance.rows),
        ),
        findings=tuple(finding for finding in found if finding is not None),
        holding_mv=_holding_mv(recording, correction, holding_pa[: kept.n_good]),
        shared_errors=(*shared, *taken.shared_errors, *seen.shared_errors),
        wander=share_wander(points, wander, correction.sign),
        capacitance=capacitance.value,
        starts=seen.starts,
        membrane_tests=sweep_tests(state),
    )
    return number_as_in_file(measurement, info)


def _without_leaks(
    recording: Recording,
    chosen: Stretch,
    baseline: Sequence[WindowMean],
    leaks: Sequence[Leak],
) -> Sequence[WindowMean]:
    """Take a leak that changes from sweep to sweep off the baseline: it is no drift of the zero."""
    if not leaks:
        return baseline
    return without_leak(baseline, baseline_level_mv(recording, chosen.steps), leaks)


def _wander(  # noqa: PLR0917 - what the points are made of
    recording: Recording,
    chosen: Stretch,
    means: Sequence[StepMean],
    refused: Sequence[str],
    resting: Sequence[WindowMean],
    correction: VoltageCorrection,
    mains_hz: float,
) -> Wander:
    """Judge the wander between sweeps; levels of one sweep wander together, and need none."""
    if chosen.family.kind != "family":
        return Wander()
    shorter = compare_windows(recording, chosen.steps, means, mains_hz)
    return judge_wander(means, refused, resting, correction, shorter)


def _tested(state: CellState, family: Family) -> TestedResistance | None:
    """Return the tested series resistance; a test pulse that is the curve itself says so."""
    tested = tested_resistance(state)
    if tested is not None and family.kind == "levels" and family.n_levels < STAIRCASE_LEVELS:
        return replace(tested, of_the_curve=True)
    return tested


def _wish(row: SheetRow, corrections: Mapping[str, Any]) -> LeakWish:
    low_high = corrections["leak_range_mv"]
    return LeakWish(
        row.leak or corrections["leak"],
        (low_high[0], low_high[1]) if low_high else None,
        corrections["leak_of_ungated"],
    )


def _take_leak(
    points: Sequence[IVPoint],
    wish: LeakWish,
    state: CellState,
    correction: VoltageCorrection,
    online: OnlineLeak | None,
) -> LeakTaken:
    leaks, why = state.leaks, "no sweep plays a leak ramp beside the family"
    if state.capacitive_se_pa is None:
        leaks = ()
        why = (
            "the leak ramp goes one way only and does not start from a level that was held, so "
            "its capacitive current cannot be told from the leak; ramp there and back, or state "
            "a range (leak: range)"
        )
    return take_leak(
        points,
        wish,
        leaks_across_membrane(leaks, correction),
        why_no_ramp=f"{why}; write leak = none in the sheet for this recording to fit it as it is"
        if not state.leaks
        else why,
        offset_se_pa=state.capacitive_se_pa or 0.0,
        online=online,
    )


def _refuse(info: RecordingInfo) -> None:
    for finding in info.findings:
        if finding.check == "command_unknown":
            raise RecordingError(finding.check, finding.message)


def thin_traces(recording: Recording, max_points: int) -> tuple[Trace, ...]:
    """Thin every sweep of a recording for its picture."""
    return tuple(thin_sweeps(recording, max_points))


def _of_file(info: RecordingInfo) -> dict[str, Any]:
    """Return what the file says of the amplifier's settings."""
    return {
        "r_s_of_file_mohm": info.r_s_mohm,
        "compensation_of_file": info.r_s_compensation,
        "ljp_applied_mv": info.ljp_applied_mv,
    }


def _voltage(corrections: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that steer the voltage."""
    of_the_current = ("leak", "leak_range_mv", "leak_of_ungated", "online_leak")
    return {key: value for key, value in corrections.items() if key not in of_the_current}


def holding_currents(recording: Recording) -> list[float]:
    """Return the mean current of each sweep at its first stretch, where that is one level."""
    first = [segments[0] for segments in recording.info.sweeps if segments]
    same = {round(segment.start_mv) for segment in first if segment.is_step}
    if len(first) < recording.info.n_sweeps or len(same) != 1:
        return []
    return block_means(
        [
            recording.current_pa[sweep, segment.start : segment.stop]
            for sweep, segment in enumerate(first)
        ],
        recording.info.interval_ms,
    )


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
        found.append(check_history(points))
        found.append(
            Finding(
                "no_family",
                "info",
                "no step changes its level from sweep to sweep; the curve is made of the "
                f"{family.n_levels} levels that each sweep visits, so each sweep gives all of them",
            )
        )
    return [finding for finding in found if finding is not None]
