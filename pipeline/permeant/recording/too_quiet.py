"""A current that is quieter than any amplifier: its scale is wrong, or nobody recorded it.

The best patch-clamp amplifiers have a noise of some 0.05 pA rms over a few kHz, to which pipette
and seal add theirs.  A scale that is wrong by a factor of a hundred or more takes the current
below that.  The quietest of the real recordings at hand changes by 0.09 pA from sample to sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from permeant.recording.jumps import LONGEST_INTERVAL_MS, usual_change
from permeant.records import Finding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUIETEST_PA = 0.002
"""Far below the noise of an amplifier, so that filtered recordings pass."""


def find_too_quiet(
    current_pa: NDArray[np.float32], interval_ms: float, title: str
) -> list[Finding]:
    """Return a finding where the current changes less from sample to sample than noise does.

    Parameters
    ----------
    current_pa : numpy.ndarray
        The current in pA, (sweeps, samples).
    interval_ms : float
        Time between samples.
    title : str
        The channel in words.
    """
    usual = usual_change(current_pa)
    if not 0 < usual < QUIETEST_PA or interval_ms > LONGEST_INTERVAL_MS:
        return []
    message = (
        f"{title}: from sample to sample the current changes by {usual:.2g} pA, less than the "
        f"noise of any amplifier ({QUIETEST_PA:g} pA at least, whatever the filter): its scale is "
        "wrong, or it was made by a computer"
    )
    return [Finding("too_quiet", "warning", message, usual, QUIETEST_PA, "pA")]
