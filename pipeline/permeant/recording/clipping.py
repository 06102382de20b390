"""Samples that sit at the limit of the digitizer or amplifier: a plateau that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from permeant.records import Finding, Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONG_RUN = 8
CONSPICUOUS_SHARE = 0.001
INT16 = np.iinfo(np.int16)


def find_clipping(raw: NDArray[Any], title: str) -> list[Finding]:
    """Return a finding where samples of the current are cut off.

    Parameters
    ----------
    raw : numpy.ndarray
        The samples as stored, (sweeps, samples).
    title : str
        The channel in words.
    """
    counts = [_count_clipped(raw, float(raw.min())), _count_clipped(raw, float(raw.max()))]
    clipped = sum(counts)
    if not clipped:
        return []
    share = clipped / raw.size
    severity: Severity = "warning" if share > CONSPICUOUS_SHARE else "info"
    sides = " and ".join(side for side, n in zip(("lowest", "highest"), counts, strict=True) if n)
    message = (
        f"{title}: {clipped} samples ({100 * share:.3g} %) sit at the {sides} value that the "
        "amplifier or digitizer can give; the true current is larger there"
    )
    return [Finding("clipped", severity, message, 100 * share, 100 * CONSPICUOUS_SHARE, "%")]


def _count_clipped(raw: NDArray[Any], extreme: float) -> int:
    at_extreme = raw == extreme
    count = int(np.count_nonzero(at_extreme))
    if raw.dtype == np.int16 and extreme in {INT16.min, INT16.max}:
        return count
    if count < LONG_RUN or not _is_far_out(raw, extreme):
        return 0
    # A run of one value far from all others: the amplifier stopped before the digitizer did.
    ends = np.flatnonzero(np.diff(np.pad(at_extreme.astype(np.int8), ((0, 0), (1, 1)))).ravel())
    return count if int(np.max(ends[1::2] - ends[::2])) >= LONG_RUN else 0


def _is_far_out(raw: NDArray[Any], extreme: float) -> bool:
    thin = raw.ravel()[:: max(raw.size // 10_000, 1)].astype(np.float64)
    middle = float(np.median(thin))
    scatter = 1.4826 * float(np.median(np.abs(thin - middle)))
    return abs(extreme - middle) > max(5 * scatter, 100.0 if raw.dtype == np.int16 else 0.0)
