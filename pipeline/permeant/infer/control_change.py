"""Whether the control recordings before and after agree, and what it means if they do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from permeant.infer.subtract import Control, find_partners
from permeant.records import Finding, IVFit

Floats = NDArray[np.float64]

_SURE_P = 0.01
_LEAST_P = 1e-6
_SMALL_MV = 0.5


def check_controls(fit: IVFit, controls: Sequence[Control]) -> Finding | None:
    """Say by how much the controls before and after differ, and what that may do to E_rev.

    Parameters
    ----------
    fit : IVFit
        The fit to the difference.
    controls : sequence of Control
        The controls; fewer than two cannot differ.

    Returns
    -------
    Finding or None
        The control in between lies somewhere between the two, so half their difference at
        the reversal, over the slope there, bounds what a change that is not linear in time
        does to E_rev.
    """
    if len(controls) < 2:
        return None
    v_mv, change_pa, error_pa = _changes(controls[0], controls[1])
    if v_mv.size < 2:
        return None
    chi_square = float(np.sum((change_pa / np.maximum(error_pa, 1e-9)) ** 2))
    p = float(special.chdtrc(v_mv.size, chi_square))
    largest = float(change_pa[np.argmax(np.abs(change_pa))])
    shift_mv = None
    slope_ns = fit.g_at_reversal_ns or fit.g_ns
    if fit.e_rev_mv is not None and slope_ns and slope_ns > 0:
        order = np.argsort(v_mv)
        at_pa = float(np.interp(fit.e_rev_mv, v_mv[order], change_pa[order]))
        shift_mv = 0.5 * abs(at_pa) / slope_ns
    seen = (
        f"the controls {controls[0].name} and {controls[1].name} differ by up to "
        f"{largest:+.3g} pA (chance of noise to do so: {_chance(p)})"
    )
    means = (
        "" if shift_mv is None
        else f"; if the control did not move in proportion to time, E_rev is off by up to "
        f"{shift_mv:.2g} mV"
    )  # fmt: skip
    sure = p < _SURE_P
    stated = fit.e_rev_high_mv - fit.e_rev_low_mv if fit.e_rev_high_mv and fit.e_rev_low_mv else 0.0
    large = shift_mv is None or shift_mv > max(_SMALL_MV, 0.25 * stated)
    return Finding(
        "controls_differ" if sure else "controls_agree",
        "warning" if sure and large else "info",
        seen + means,
        shift_mv,
        unit="mV" if shift_mv is not None else "",
    )


def _chance(p: float) -> str:
    return f"{p:.2g}" if p >= _LEAST_P else f"below {_LEAST_P:g}"


def _changes(first: Control, second: Control) -> tuple[Floats, Floats, Floats]:
    """Return voltage, change and its error at every command that both controls have."""
    rows = []
    for point in first.points:
        own = find_partners(second, point)
        if point.used and own:
            others = [second.points[k] for k in own]
            mean_pa = sum(other.i_pa for other in others) / len(own)
            variance = sum(other.i_sem_pa**2 for other in others) / len(own) ** 2
            error_pa = (point.i_sem_pa**2 + variance) ** 0.5
            rows.append((point.v_membrane_mv, mean_pa - point.i_pa, error_pa))
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]
