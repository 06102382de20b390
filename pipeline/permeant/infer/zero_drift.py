"""What a drift of the zero current means for the reversal potential.

A drift that was taken off leaves the curve as of one moment, the first sweep.  Which moment had
the right zero no recording tells: a seal that settles after break-in is right at the end, an
amplifier that warms up at the start.
"""

from __future__ import annotations

from collections.abc import Sequence

from permeant.records import Correction, Finding, IVFit

DRIFT = "drift of the zero current"
_SMALL_MV = 1.0


def check_zero_drift(fit: IVFit, corrections: Sequence[Correction]) -> Finding | None:
    """Say what E_rev would be with the zero current of the last sweep.

    Parameters
    ----------
    fit : IVFit
        The fit to the points less the drift since the first sweep.
    corrections : sequence of Correction
        Of the measurement; the drift's value is its size in pA from first to last sweep.

    Returns
    -------
    Finding or None
        Where the drift was taken off and moves the reversal by more than 1 mV and more than
        its interval is wide to that side: E moves by ``drift / (dI/dV at E)``.
    """
    sizes = [one.value for one in corrections if one.name == DRIFT and one.applied]
    low, high = fit.e_rev_low_mv, fit.e_rev_high_mv
    if not sizes or sizes[0] is None or fit.e_rev_mv is None or low is None or high is None:
        return None
    slope_ns = fit.g_at_reversal_ns or fit.g_ns
    if not slope_ns or slope_ns <= 0:
        return None
    # with the last sweep's zero every current is larger by the drift
    shift_mv = -sizes[0] / slope_ns
    reach_mv = high - fit.e_rev_mv if shift_mv > 0 else fit.e_rev_mv - low
    if abs(shift_mv) <= max(_SMALL_MV, reach_mv):
        return None
    return Finding(
        "zero_drift",
        "warning",
        f"the zero current moved by {sizes[0]:+.3g} pA from the first sweep to the last; E_rev is "
        f"that of the first sweep's zero, and would be {fit.e_rev_mv + shift_mv:.1f} mV with the "
        "last one's. If the cell was still settling when the recording began, the later one is "
        "the better; g is the same for both",
        abs(shift_mv),
        _SMALL_MV,
        "mV",
    )
