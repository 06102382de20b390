"""What the fit of a recording sees: its points less its leak, less its controls."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace

from permeant.infer.shared import errors_after_subtraction
from permeant.infer.subtract import Control, Difference, subtract_controls, without_leak
from permeant.records import Finding, Measurement, RecordingInfo, SharedError, SheetRow

_EPOCH = datetime.datetime(1970, 1, 1)


def as_control(name: str, info: RecordingInfo | None, measurement: Measurement) -> Control:
    """Return a recording's points without their leak, each with the time it was recorded."""
    points = without_leak(measurement.points)
    acquired = info.provenance.acquired if info else None
    if info is None or acquired is None:
        return Control(name, points)
    # without time zones, as all recordings of a cell come from one clock
    began = datetime.datetime.fromisoformat(acquired).replace(tzinfo=None)
    start_s = (began - _EPOCH).total_seconds()
    times_s = tuple(
        start_s + info.sweep_starts_s[info.index_of(point.sweep)] + 1e-3 * point.window_start_ms
        for point in points
    )
    return Control(name, points, times_s)


def missing_control(row: SheetRow, measured: Mapping[str, Measurement | None]) -> str:
    """Return the first control that could not be measured; empty where there are all."""
    return next((name for name in row.controls if measured.get(name) is None), "")


def points_to_fit(
    row: SheetRow,
    infos: Mapping[str, RecordingInfo | None],
    measured: Mapping[str, Measurement | None],
) -> tuple[Difference, tuple[Control, ...]]:
    """Return the points of a recording as its fit sees them, and the controls taken off.

    Parameters
    ----------
    row : SheetRow
        The recording; it and its controls have to be measured.
    infos, measured : mapping
        By recording, of the whole cell.
    """

    def control(name: str) -> Control:
        measurement = measured[name]
        assert measurement is not None
        return as_control(name, infos.get(name), measurement)

    whole = control(row.recording)
    controls = tuple(control(name) for name in row.controls)
    if not controls:
        return Difference(whole.points, ()), ()
    return subtract_controls(whole, controls), controls


def shared_errors(
    row: SheetRow,
    seen: Difference,
    controls: Sequence[Control],
    measured: Mapping[str, Measurement | None],
) -> tuple[SharedError, ...]:
    """Return the shared errors of what is fitted: those of the recording and of its controls.

    An error of a control moves each point by as much of the control as was taken from it.
    """
    own = measured[row.recording]
    assert own is not None
    errors = list(own.shared_errors)
    for number, control in enumerate(controls):
        theirs = measured[control.name]
        assert theirs is not None
        carried = errors_after_subtraction(
            seen.points, control.points, (), theirs.shared_errors, control.name
        )
        shares = [weights[number] for weights in seen.weights]
        errors += [
            replace(
                error,
                i_pa=tuple(pa * share for pa, share in zip(error.i_pa, shares, strict=True)),
            )
            for error in carried
        ]
    return tuple(errors)


def check_surroundings(row: SheetRow, rows: Mapping[str, SheetRow]) -> Finding | None:
    """Say when a control was recorded in another bath than the recording it is taken from."""
    others = {rows[name].bath for name in row.controls if name in rows} - {row.bath}
    if not others:
        return None
    names = ", ".join(sorted(other or "none named" for other in others))
    return Finding(
        "control_bath",
        "warning",
        f"the control was recorded in another bath ({names}) than this recording "
        f"({row.bath or 'none named'}): their junction potentials differ, and so do the driving "
        "forces, so that what is left holds a part of the leak; g and E_rev lean on the leak "
        "being the same in both",
    )
