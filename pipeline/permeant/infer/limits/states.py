"""What a recording of single channels says of a solution: logarithms with their errors."""

from __future__ import annotations

from math import log

from permeant.infer.pooling import NORMAL_95
from permeant.records import (
    DwellTimes,
    IVFit,
    Measurement,
    PatchState,
    PatchVoltage,
    SheetRow,
    SingleChannel,
    Solution,
)


def patch_state(
    row: SheetRow,
    measurement: Measurement | None,
    fit: IVFit,
    bath: Solution | None,
    pipette: Solution | None,
) -> PatchState | None:
    """Return what one recording says of its solution.

    Parameters
    ----------
    row : SheetRow
        Its ``viscosity_ratio`` says that the recording belongs to a comparison.
    measurement, fit
        What was measured, and reversal potential and times from it.
    bath, pipette : Solution or None
        Compared between recordings, so that only the viscosity differs.

    Returns
    -------
    PatchState or None
        Nothing for excluded rows, other measures, or where no viscosity is stated.
    """
    if row.viscosity_ratio is None or row.exclude or row.measure != "single_channel":
        return None
    patches = measurement.single_channels if measurement else ()
    times = {(one.v_membrane_mv, one.kind): one for one in fit.dwell_times}
    e_rev_mv, e_rev_se_mv = _reversal(fit)
    return PatchState(
        cell=row.cell,
        recording=row.recording,
        condition=row.condition,
        configuration=row.configuration,
        viscosity_ratio=row.viscosity_ratio,
        conductivity_ratio=row.conductivity_ratio,
        temperature_c=row.temperature_c,
        bath=row.bath or "",
        pipette=row.pipette or "",
        bath_mm=bath.ions_mm if bath else None,
        pipette_mm=pipette.ions_mm if pipette else None,
        e_rev_mv=e_rev_mv,
        e_rev_se_mv=e_rev_se_mv,
        voltages=tuple(
            _voltage(
                patch,
                times.get((patch.v_membrane_mv, "open")),
                times.get((patch.v_membrane_mv, "shut")),
            )
            for patch in sorted(patches, key=lambda one: one.v_membrane_mv)
        ),
    )


def _reversal(fit: IVFit) -> tuple[float | None, float | None]:
    low, high = fit.e_rev_low_mv, fit.e_rev_high_mv
    if fit.e_rev_status != "measured" or low is None or high is None:
        return None, None
    return fit.e_rev_mv, (high - low) / (2 * NORMAL_95)


def _voltage(
    patch: SingleChannel, opened: DwellTimes | None, shut: DwellTimes | None
) -> PatchVoltage:
    i_pa, i_se = patch.i_unitary_pa, None
    if i_pa and patch.i_low_pa is not None and patch.i_high_pa is not None:
        i_se = (patch.i_high_pa - patch.i_low_pa) / (2 * NORMAL_95 * abs(i_pa))
    open_ms, open_se, n_open = _time(opened)
    shut_ms, shut_se, n_shut = _time(shut)
    rejected = [one.reason for one in (opened, shut) if one and one.status == "rejected"]
    return PatchVoltage(
        v_mv=patch.v_membrane_mv,
        i_pa=i_pa if i_se else None,
        i_ln_se=i_se or None,
        open_ms=open_ms,
        open_ln_se=open_se,
        n_open=n_open,
        shut_ms=shut_ms,
        shut_ln_se=shut_se,
        n_shut=n_shut,
        dead_time_ms=patch.dead_time_ms,
        levels_are=patch.levels_are,
        why_no_times=rejected[0] if rejected else patch.reason,
        n_channels=patch.n_channels,
    )


def _time(one: DwellTimes | None) -> tuple[float | None, float | None, int]:
    """Return a mean time, the standard error of its logarithm, and the times behind it."""
    if one is None or one.status != "ok" or not one.mean_ms:
        return None, None, 0
    if not one.mean_low_ms or not one.mean_high_ms:
        return None, None, 0
    return one.mean_ms, log(one.mean_high_ms / one.mean_low_ms) / (2 * NORMAL_95), one.n_events
