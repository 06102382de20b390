"""Checks on a measurement: each gives a finding, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from permeant.records import Finding, IVPoint

_SAME_LEVEL_MV = 0.4
_CLEAR_SD = 4.0
_LARGE = 0.02


def check_steady(n_points: int, n_steady: int) -> Finding | None:
    """Say how many points were taken while the current still changed."""
    n_unsteady = n_points - n_steady
    if not n_unsteady:
        return None
    return Finding(
        "not_steady",
        "warning" if n_unsteady > 0.1 * n_points else "info",
        f"not steady: in {n_unsteady} of {n_points} points the current still changes over the "
        "window by more than its error and the limit, so these are not steady-state currents; "
        "g and E_rev then depend on where the window lies",
        value=float(n_unsteady),
        unit="points",
    )


def check_voltage_error(
    points: Sequence[IVPoint], r_s_mohm: float, limit_mv: float
) -> Finding | None:
    """Say when the drop over the uncompensated series resistance is large."""
    worst_mv = max((abs(point.i_pa) * r_s_mohm * 1e-3 for point in points), default=0.0)
    if worst_mv <= limit_mv:
        return None
    return Finding(
        "voltage_error",
        "warning",
        f"the uncompensated series resistance takes up to {worst_mv:.1f} mV of the command "
        f"(limit {limit_mv:g} mV): the voltages are corrected for it point by point, but g leans "
        "on the stated resistance and E_rev does where current flows at the reversal",
        worst_mv,
        limit_mv,
        "mV",
    )


def check_series_resistance(r_s_mohm: float | None, limit_mohm: float) -> Finding | None:
    """Say when the series resistance is above the laboratory's limit."""
    if r_s_mohm is None or r_s_mohm <= limit_mohm:
        return None
    return Finding(
        "series_resistance",
        "warning",
        f"the series resistance of {r_s_mohm:.3g} MΩ is above the limit of {limit_mohm:g} MΩ: "
        "the clamp is slow and the voltage error large",
        r_s_mohm,
        limit_mohm,
        "MΩ",
    )


def check_holding_drift(holding_pa: Sequence[float], limit_pa: float) -> Finding | None:
    """Say when the current at holding moves over the sweeps: the seal or the cell changes."""
    if len(holding_pa) < 3:
        return None
    sweeps = np.arange(len(holding_pa))
    slope = float(np.polyfit(sweeps, holding_pa, 1)[0])
    drift_pa = slope * (len(holding_pa) - 1)
    if abs(drift_pa) <= limit_pa:
        return None
    return Finding(
        "holding_drift",
        "warning",
        f"the holding current drifts by {drift_pa:+.0f} pA over the {len(holding_pa)} sweeps "
        f"(limit {limit_pa:g} pA): the seal or the cell changes, and sweeps are not comparable",
        drift_pa,
        limit_pa,
        "pA",
    )


def check_run_down(change_fraction: float, limit_fraction: float) -> Finding | None:
    """Say when the conductance itself changes over the sweeps, beyond the laboratory's limit."""
    if abs(change_fraction) <= limit_fraction:
        return None
    what = "runs down" if change_fraction < 0 else "runs up"
    return Finding(
        "run_down",
        "warning",
        f"the conductance {what} by {100 * abs(change_fraction):.0f} % from the first sweep to the "
        f"last (limit {100 * limit_fraction:g} %): this bends the curve, so g is a mean over the "
        "sweeps and leans on their order; E_rev is that of the sweeps near the crossing",
        100 * change_fraction,
        100 * limit_fraction,
        "%",
    )


def check_noise(sd_pa: Sequence[float], limit_pa: float) -> Finding | None:
    """Say when the noise within the windows is above the laboratory's limit."""
    typical_pa = float(np.median(sd_pa)) if len(sd_pa) else 0.0
    if typical_pa <= limit_pa:
        return None
    return Finding(
        "noise",
        "warning",
        f"the current scatters by {typical_pa:.0f} pA (SD within the windows) above the limit of "
        f"{limit_pa:g} pA: intervals are wide for that reason",
        typical_pa,
        limit_pa,
        "pA",
    )


def check_events(left_out: Sequence[float], sizes: Sequence[int]) -> Finding | None:
    """Say how many samples of the windows were left out as spikes or synaptic events."""
    n_out = sum(round(share * size) for share, size in zip(left_out, sizes, strict=True))
    if not n_out:
        return None
    share = n_out / sum(sizes)
    n_windows = sum(out > 0 for out in left_out)
    return Finding(
        "events",
        "info",
        f"{n_out} samples ({100 * share:.2g} %) in {n_windows} of {len(sizes)} windows belong to "
        "spikes or synaptic events and are left out of the means, whole events with their decay; "
        "the currents are those between the events",
        100 * share,
        unit="%",
    )


def check_history(points: Sequence[IVPoint]) -> Finding | None:
    """Say when one level, visited more than once in a sweep, gives different currents."""
    used = sorted((p for p in points if p.used), key=lambda p: (p.sweep, p.v_command_mv, p.level))
    pairs = [
        (a, b)
        for a, b in pairwise(used)
        if a.sweep == b.sweep and abs(a.v_command_mv - b.v_command_mv) <= _SAME_LEVEL_MV
    ]
    if not pairs:
        return None
    range_pa = float(np.ptp([p.i_pa for p in used]))
    apart = [abs(a.i_pa - b.i_pa) for a, b in pairs]
    clear = [
        size > _CLEAR_SD * float(np.hypot(a.i_sem_pa, b.i_sem_pa)) and size > _LARGE * range_pa
        for size, (a, b) in zip(apart, pairs, strict=True)
    ]
    if not any(clear):
        return None
    return Finding(
        "history",
        "warning",
        f"in {sum(clear)} of {len(pairs)} cases a level that a sweep visits again gives another "
        f"current, by up to {max(apart):.3g} pA: the current remembers what came before (it gates, "
        "or the steps are too short for it to settle), so it is no function of voltage alone",
        max(apart),
        _LARGE * range_pa,
        "pA",
    )
