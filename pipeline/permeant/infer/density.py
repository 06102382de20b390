"""Conductance over capacitance, so that cells of different size can be compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from permeant.records import Capacitance, IVFit

_NORMAL_95 = 1.959964


def with_density(fit: IVFit, capacitance: Capacitance | None) -> IVFit:
    """Add the conductance density to a fit.

    Parameters
    ----------
    fit : IVFit
        With ``g_ns`` and its interval.
    capacitance : Capacitance or None
        In pF; without one the fit is returned as it is.

    Returns
    -------
    IVFit
        ``g_density_ns_per_pf`` is ``g/C``.  The interval holds the errors of both, those of C
        to first order; where C came without an error (from the sheet, from the telegraph) that
        of g alone.
    """
    if capacitance is None or fit.status == "rejected" or fit.g_ns is None:
        return fit
    c_pf = capacitance.c_m_pf
    density = fit.g_ns / c_pf
    # dg/C and g dC/C² are independent, so their squares add up on either side
    of_c = _NORMAL_95 * abs(density) * (capacitance.se_pf or 0.0) / c_pf
    known = replace(fit, c_m_pf=c_pf, c_m_source=capacitance.source, g_density_ns_per_pf=density)
    if fit.g_low_ns is None or fit.g_high_ns is None:
        return known
    return replace(
        known,
        g_density_low_ns_per_pf=density - float(np.hypot((fit.g_ns - fit.g_low_ns) / c_pf, of_c)),
        g_density_high_ns_per_pf=density + float(np.hypot((fit.g_high_ns - fit.g_ns) / c_pf, of_c)),
    )
