"""Samples that sit at the limit of the digitizer or amplifier: a plateau that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from permeant.records import Finding, Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONG_RUN = 8
CONSPICUOUS_SHARE = 0.001
FROZEN_STRIDE = 25
LOOKS = 6
LONGEST_EQUAL = 150
NOISE_SAMPLES = 2000
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


def find_frozen(raw: NDArray[Any], title: str) -> list[Finding]:
    """Return a finding where the samples stand still, in a recording that has noise.

    A stretch of equal samples is what a lost block of a file or a blanked amplifier leaves.

    Parameters
    ----------
    raw : numpy.ndarray
        The samples as stored, (sweeps, samples).
    title : str
        The channel in words.
    """
    thin = raw[:, ::FROZEN_STRIDE]
    first = raw[0, :NOISE_SAMPLES] if raw.shape[1] < NOISE_SAMPLES else _middle(raw)
    if (
        thin.shape[1] <= LOOKS
        or not float(np.median(np.abs(np.diff(first.astype(np.float64))))) > 0
    ):
        return []
    # a few samples far apart first: most files need no closer look
    equal = thin[:, :-1] == thin[:, 1:]
    same = equal[:, : equal.shape[1] - LOOKS + 1].copy()
    for look in range(1, LOOKS):
        same &= equal[:, look : equal.shape[1] - LOOKS + 1 + look]
    longest, inside, seen = 0, False, (-1, 0)
    for sweep, at in zip(*np.nonzero(same), strict=True):
        if (int(sweep), int(at) * FROZEN_STRIDE) < seen:
            continue
        start, stop = _run_around(raw[sweep], int(at) * FROZEN_STRIDE)
        seen = (int(sweep), stop)
        if stop - start >= LONGEST_EQUAL:
            longest = max(longest, stop - start)
            inside = inside or (start > 0 and stop < raw.shape[1])
    if not longest:
        return []
    severity: Severity = "warning" if inside else "info"
    where = "" if inside else " at the start or end of the sweeps"
    message = (
        f"{title}: up to {longest} samples in a row are equal{where}, which noise does not allow: "
        "the amplifier was blanked there, or a part of the file is lost"
    )
    return [Finding("samples_frozen", severity, message, float(longest), float(LONGEST_EQUAL))]


def _middle(raw: NDArray[Any]) -> NDArray[Any]:
    start = (raw.shape[1] - NOISE_SAMPLES) // 2
    middle: NDArray[Any] = raw[raw.shape[0] // 2, start : start + NOISE_SAMPLES]
    return middle


def _run_around(sweep: NDArray[Any], at: int) -> tuple[int, int]:
    """Return where the run of equal samples around one starts and stops."""
    other = np.flatnonzero(sweep != sweep[at])
    after = int(np.searchsorted(other, at))
    start = int(other[after - 1]) + 1 if after > 0 else 0
    stop = int(other[after]) if after < len(other) else len(sweep)
    return start, stop


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
