"""The ways of measuring: which stretch of the protocol each needs, and how each reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from permeant.errors import RecordingError
from permeant.measure.instantaneous import measure_tails
from permeant.measure.kinds import Seen
from permeant.measure.peak import measure_peaks
from permeant.measure.ramp import measure_ramp
from permeant.measure.ramps import Ramp, choose_ramp, find_ramps
from permeant.measure.steps import Step, choose_family, find_families
from permeant.measure.window import StepMean, choose_window, given_window
from permeant.records import Family, Recording, RecordingInfo, SheetRow

DEFAULT_MEASURES: Mapping[str, Any] = {
    "tail_delay_ms": None,
    "tail_extrapolated": True,
    "peak_delay_ms": None,
    "ramp_bin_mv": None,
    "channel_filter_khz": None,
    "channel_direction": "auto",
    "noise_delay_ms": 1.0,
    "noise_zero": "before",
    "noise_reversal_mv": None,
    "noise_open_probability": None,
}
"""What the section ``measures`` of the configuration says where it says nothing."""

_FEWEST_SAMPLES = 24


class Stretch(NamedTuple):
    """What of the protocol is measured, what else there is, and why this."""

    families: tuple[Family, ...]
    family: Family
    steps: list[Step]
    why: str
    ramp: Ramp | None = None


def choose_stretch(info: RecordingInfo, row: SheetRow, steady_state: Mapping[str, Any]) -> Stretch:
    """Choose the steps or the ramp that the sheet's measure needs.

    Parameters
    ----------
    info : RecordingInfo
        The recording, with its command.
    row : SheetRow
        Measure and epoch.
    steady_state : mapping
        The section of that name of the configuration.

    Raises
    ------
    RecordingError
        If the protocol has nothing of the kind, or not what the sheet names.
    """
    if row.measure == "ramp":
        ramps = find_ramps(info)
        ramp, why = choose_ramp(ramps, row.epoch)
        return Stretch(tuple(one.family for one in ramps), ramp.family, ramp.steps, why, ramp)
    shortest_ms = (
        2 * steady_state["min_window_ms"]
        if row.measure == "steady"
        else _FEWEST_SAMPLES * info.interval_ms
    )
    families = find_families(info, shortest_ms=shortest_ms)
    family, steps, why = choose_family(families, row.epoch, info)
    return Stretch(tuple(one for one, _ in families), family, steps, why)


def see_points(  # noqa: PLR0917 - what is measured, and the settings of each way
    recording: Recording,
    row: SheetRow,
    stretch: Stretch,
    n_good: int,
    steady_state: Mapping[str, Any],
    measures: Mapping[str, Any],
) -> Seen:
    """Measure a stretch in the way that the sheet asks for, one mean a point.

    Parameters
    ----------
    recording : Recording
        The samples and the command.
    row : SheetRow
        Measure and window.
    stretch : Stretch
        What is measured.
    n_good : int
        Sweeps before a lost seal.
    steady_state, measures : mapping
        The sections of the configuration of that name.
    """
    if stretch.ramp is not None:
        return measure_ramp(recording, row, stretch.ramp, n_good, measures)
    if row.measure == "steady":
        return Seen(*_steady_window(recording, row, stretch.steps, steady_state))
    measure = measure_tails if row.measure == "instantaneous" else measure_peaks
    return measure(
        recording, row, stretch.steps, guard_ms=steady_state["guard_ms"], settings=measures
    )


def _steady_window(
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
