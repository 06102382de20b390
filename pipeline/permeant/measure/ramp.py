"""Measure = ramp: the current–voltage curve that a voltage ramp draws.

The capacitance takes ``C dV/dt`` of a ramp's current.  A ramp whose mirror image follows draws
it with both signs: the mean of both at one voltage is free of it, and of the lag of filter and
clamp to first order (Golowasch et al. 2009, doi:10.1152/jn.00160.2009).  A single ramp that starts
where the voltage stood shows it as the jump of the current at its start, since the ionic current
cannot jump there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from permeant.errors import RecordingError
from permeant.measure.kinds import Seen
from permeant.measure.noise import WindowMean, integrated_autocorrelation
from permeant.measure.ramp_charge import charge_of_step_pf
from permeant.measure.ramps import SAME_LEVEL_MV, SHORTEST_RAMP, Ramp, count_bins
from permeant.measure.steps import Step
from permeant.measure.transient import Floats
from permeant.measure.window import StepMean
from permeant.records import Finding, Recording, Segment, SharedError, SheetRow

_SUB = 8
_END_MS, _END_SHARE, _MOST_END = 2.0, 0.03, 0.15
_HYSTERESIS = 0.1
_FEWEST_SWEEPS, _MODES = 4, 2
_CLEAR_MODE = 1.0
_OF_WHOLE = 0.6
"""Standard error of a current that may be there or not: 95 % reach a fifth beyond all of it."""
_BETWEEN = "differences between the sweeps of the ramp"
_CAPACITIVE = "capacitive current of the ramp"


class Bins(NamedTuple):
    """Currents over voltage, (sweeps, bins, parts of a bin), and the capacitive part."""

    v_mv: Floats
    i_pa: Floats
    apart_pa: Floats | None
    """First ramp minus mirror image in each part, (sweeps, parts), where ramps go both ways."""
    slope_mv_per_ms: Floats
    skip_ms: float


def measure_ramp(
    recording: Recording, row: SheetRow, ramp: Ramp, n_good: int, settings: Mapping[str, Any]
) -> Seen:
    """Measure the curve that a ramp draws, averaged over the sweeps, in bins of voltage.

    Parameters
    ----------
    recording : Recording
        The samples and the command.
    row : SheetRow
        A window in the sheet is the part of the ramp that is used.
    ramp : Ramp
        Where the sweeps play it.
    n_good : int
        Sweeps before a lost seal; later ones take no part.
    settings : mapping
        The section ``measures`` of the configuration.

    Returns
    -------
    Seen
        One mean for each bin.  Its error is that between the sweeps or that within them,
        whichever is larger; what both miss, an error of the capacitive current, is shared.

    Raises
    ------
    RecordingError
        If no good sweep has the ramp.
    """
    places = [place for place in ramp.places if place[0] < n_good]
    if not places:
        raise RecordingError("no_ramp", "no sweep before the loss of the seal has the ramp")
    interval_ms = recording.info.interval_ms
    bins = _cut(recording, row, places, settings["ramp_bin_mv"])
    capacitive = _capacitive(recording, places, bins, interval_ms)
    per_sweep = bins.i_pa.mean(axis=2) - capacitive.i_pa[:, None]
    i_pa = per_sweep.mean(axis=0)
    sem_pa, sd_pa, together = _errors(bins, per_sweep)
    means = [
        _mean(places[0], bins, k, float(i_pa[k]), float(sem_pa[k]), sd_pa) for k in range(i_pa.size)
    ]
    shared = [SharedError(_BETWEEN, "recording", i_pa=_floats(mode)) for mode in together]
    if capacitive.se_pa > 0:
        moved = (capacitive.se_pa,) * i_pa.size
        shared.append(SharedError(_CAPACITIVE, "recording", i_pa=moved))
    n = len(places)
    return Seen(
        means,
        f"{i_pa.size} bins of {abs(bins.v_mv[1] - bins.v_mv[0]):.3g} mV, mean of {n} "
        f"sweep{'s' if n > 1 else ''}; the first and last {bins.skip_ms:.3g} ms of a ramp are "
        "left out",
        (capacitive.finding, _lag(bins), *_between_sweeps(bins.v_mv, per_sweep)),
        shared_errors=tuple(shared),
    )


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(values.tolist())


def _cut(
    recording: Recording,
    row: SheetRow,
    places: Sequence[tuple[int, Segment, Segment | None]],
    bin_mv: float | None,
) -> Bins:
    """Average every sweep over parts of bins of voltage; ramps may last differently long."""
    _, first, _ = places[0]
    interval_ms = recording.info.interval_ms
    length = min(one.stop - one.start for _, one, _ in places)
    skip = max(round(_END_MS / interval_ms), round(_END_SHARE * length))
    share = min(skip, round(_MOST_END * length)) / length
    low, high = _window_of(row, first, share, interval_ms)
    span_mv = (first.stop_mv - first.start_mv) * (high - low)
    n_bins = count_bins(abs(span_mv), bin_mv)
    sub = min(_SUB, max(1, round(length * (high - low) / n_bins)))
    up, down, slopes = [], [], []
    for sweep, one, two in places:
        up.append(_parts(recording.current_pa[sweep], one, (low, high), n_bins * sub))
        if two is not None:
            back = (1.0 - high, 1.0 - low)
            down.append(_parts(recording.current_pa[sweep], two, back, n_bins * sub)[::-1])
        slopes.append((one.stop_mv - one.start_mv) / ((one.stop - one.start) * interval_ms))
    slope = np.array(slopes)
    i_pa, apart_pa = np.stack(up), None
    if len(down) == len(up):
        apart_pa = i_pa - np.stack(down)
        i_pa = 0.5 * (i_pa + np.stack(down))
    edges = np.linspace(low, high, n_bins + 1)
    v_mv = first.start_mv + (first.stop_mv - first.start_mv) * 0.5 * (edges[:-1] + edges[1:])
    shape = (len(places), n_bins, sub)
    return Bins(v_mv, i_pa.reshape(shape), apart_pa, slope, share * length * interval_ms)


def _window_of(
    row: SheetRow, ramp: Segment, share: float, interval_ms: float
) -> tuple[float, float]:
    """Return from where to where a ramp is used, as shares of it."""
    if row.window_start_ms is None or row.window_end_ms is None:
        return share, 1.0 - share
    start_ms, end_ms = ramp.start * interval_ms, ramp.stop * interval_ms
    low = (row.window_start_ms - start_ms) / (end_ms - start_ms)
    high = (row.window_end_ms - start_ms) / (end_ms - start_ms)
    if (
        not (-1e-9 <= low < high <= 1.0 + 1e-9)
        or (high - low) * (ramp.stop - ramp.start) < 0.5 * SHORTEST_RAMP
    ):
        raise RecordingError(
            "window_outside_ramp",
            f"window {row.window_start_ms:g} to {row.window_end_ms:g} ms is not inside the ramp, "
            f"which lasts from {start_ms:g} to {end_ms:g} ms, or holds fewer than "
            f"{SHORTEST_RAMP // 2} samples of it",
        )
    return max(low, share), min(high, 1.0 - share)


def _parts(
    sweep_pa: NDArray[np.floating], segment: Segment, ends: tuple[float, float], n: int
) -> Floats:
    """Return the means of n equal parts of a ramp between two shares of it."""
    length = segment.stop - segment.start
    edges = segment.start + np.rint(np.linspace(*ends, n + 1) * length).astype(int)
    sums = np.add.reduceat(sweep_pa[: edges[-1]], edges[:-1], dtype=np.float64)
    return np.asarray(sums / np.diff(edges))


class _Capacitive(NamedTuple):
    i_pa: Floats
    """What was taken off, sweep by sweep."""
    se_pa: float
    finding: Finding


def _capacitive(
    recording: Recording,
    places: Sequence[tuple[int, Segment, Segment | None]],
    bins: Bins,
    interval_ms: float,
) -> _Capacitive:
    """Find the capacitive current, by the mirror image or by the jump at the ramp's start."""
    n = len(places)
    if bins.apart_pa is not None:
        return _Capacitive(np.zeros(n), 0.0, _judge_pair(bins.apart_pa, bins))
    jumps, errors = _jumps(recording, places, interval_ms)
    if jumps is None or errors is None:
        said = (
            "the capacitive current of the ramp is unknown (no mirror image, and no stretch at "
            "the level from which it starts) and is not taken off: E_rev is off by C (dV/dt)/g, "
            f"{abs(float(bins.slope_mv_per_ms.mean())):.3g} mV/ms times C over g"
        )
        c_pf = charge_of_step_pf(recording, places, interval_ms)
        whole_pa = c_pf * abs(float(bins.slope_mv_per_ms.mean()))
        if whole_pa > 0:
            said += (
                f"; the step into the ramp charged {c_pf:.3g} pF, so {whole_pa:.3g} pA may be "
                "capacitive, which the interval allows for"
            )
        return _Capacitive(
            np.zeros(n), _OF_WHOLE * whole_pa, Finding("ramp_capacitance", "warning", said)
        )
    weight = 1.0 / errors**2
    mean = float(weight @ jumps / weight.sum())
    se = float(weight.sum() ** -0.5)
    if n > 2:
        se = max(se, float(jumps.std(ddof=1)) / n**0.5)
    per_slope = mean / float(bins.slope_mv_per_ms.mean())
    said = (
        f"the current jumps by {mean:+.3g} ± {se:.2g} pA where the ramp starts, which is its "
        f"capacitive part ({per_slope:.3g} pF, what compensation leaves); it is taken off"
    )
    scale = bins.slope_mv_per_ms / float(bins.slope_mv_per_ms.mean())
    return _Capacitive(
        mean * scale, se, Finding("ramp_capacitance", "info", said, per_slope, unit="pF")
    )


def _judge_pair(apart_pa: Floats, bins: Bins) -> Finding:
    """Say what a ramp and its mirror image differ by: a capacitance, or channels that gate.

    A capacitance shifts the two by the same current at every voltage; gates do not.
    """
    typical = np.median(apart_pa, axis=0)
    parts = typical.reshape(bins.v_mv.size, -1)
    by_bin = parts.mean(axis=1)
    noise = float(np.median(parts.std(axis=1))) / parts.shape[1] ** 0.5
    range_pa = float(np.ptp(bins.i_pa.mean(axis=(0, 2))))
    c_pf = float((apart_pa.mean(axis=1) / (2.0 * bins.slope_mv_per_ms)).mean())
    bend_pa = float(np.ptp(by_bin))
    if bend_pa > max(_HYSTERESIS * range_pa, 6.0 * noise):
        said = (
            f"the ramp and its mirror image differ by {by_bin.min():+.3g} to {by_bin.max():+.3g} "
            "pA, not by one current as a capacitance would make it: channels open or close while "
            "the ramp moves, so the mean of both is no curve at a constant open probability"
        )
        return Finding("ramp_hysteresis", "warning", said, bend_pa, _HYSTERESIS * range_pa, "pA")
    said = (
        f"the ramp and its mirror image are averaged, which takes out {c_pf:.3g} pF (half of "
        "their difference over dV/dt)"
    )
    return Finding("ramp_capacitance", "info", said, c_pf, unit="pF")


def _jumps(
    recording: Recording,
    places: Sequence[tuple[int, Segment, Segment | None]],
    interval_ms: float,
) -> tuple[Floats, Floats] | tuple[None, None]:
    """Return how far the current jumps at the start of the ramp, and the errors, in pA.

    Straight lines through the stretch before and through the beginning of the ramp, behind its
    settling, are followed to the start of the ramp.
    """
    jumps, errors = [], []
    for sweep, one, _ in places:
        before = [s for s in recording.info.sweeps[sweep] if s.stop == one.start and s.is_step]
        if not before or abs(before[0].stop_mv - one.start_mv) > SAME_LEVEL_MV:
            return None, None
        length = one.stop - one.start
        settle = min(round(_END_MS / interval_ms), length // 20)
        n_after = max(length // 10, 12)
        n_before = min((before[0].stop - before[0].start) // 2, n_after)
        if n_before < 12:
            return None, None
        samples = recording.current_pa[sweep]
        left, left_se = _line_at(samples[one.start - n_before : one.start], n_before - 0.5)
        start = one.start + settle
        right, right_se = _line_at(samples[start : start + n_after], -0.5 - settle)
        jumps.append(right - left)
        errors.append(max(float(np.hypot(left_se, right_se)), 1e-6))
    return np.array(jumps), np.array(errors)


def _line_at(samples: NDArray[np.floating], at: float) -> tuple[float, float]:
    """Return a straight line through samples at a place, with its standard error."""
    y = samples.astype(np.float64)
    x = np.arange(y.size) - 0.5 * (y.size - 1)
    slope, level = float(x @ y / (x @ x)), float(y.mean())
    residuals = y - level - slope * x
    variance = float(residuals @ residuals) / (y.size - 2) * integrated_autocorrelation(residuals)
    away = at - 0.5 * (y.size - 1)
    return level + slope * away, (variance * (1.0 / y.size + away**2 / float(x @ x))) ** 0.5


def _errors(bins: Bins, per_sweep: Floats) -> tuple[Floats, float, list[Floats]]:
    """Return the errors of the mean over the sweeps: of each bin, the SD, and what is shared.

    What is noise within a sweep shows around a smooth curve through it.  What moves a whole
    sweep, an offset or another slope, shows only between sweeps: the differences between these
    are split into the two ways of moving together that explain most of them, and a rest.
    """
    n, n_bins, sub = bins.i_pa.shape
    flat = bins.i_pa.reshape(n, n_bins * sub)
    x = np.linspace(-1.0, 1.0, n_bins * sub)
    q, _ = np.linalg.qr(np.polynomial.legendre.legvander(x, min(7, max(1, n_bins // 2))))
    residuals = flat - (flat @ q) @ q.T
    dof = max(n_bins * sub - q.shape[1], 1)
    variance = (residuals**2).sum(axis=1) / dof
    worth = np.array([integrated_autocorrelation(row) for row in residuals])
    within = float((variance * worth).mean()) / (sub * n)
    sd_pa = float(variance.mean()) ** 0.5
    if n < _FEWEST_SWEEPS:
        return np.full(n_bins, within**0.5), sd_pa, []
    away = per_sweep - per_sweep.mean(axis=0)
    _, sizes, modes = np.linalg.svd(away, full_matrices=False)
    # what noise alone makes of the largest of them (Marchenko & Pastur)
    of_noise = (within * n) ** 0.5 * ((n - 1) ** 0.5 + n_bins**0.5)
    n_modes = min(_MODES, n - 2, int(np.count_nonzero(sizes > _CLEAR_MODE * of_noise)))
    # few sweeps tell it: what Student's t has over the normal distribution at 95 %
    sizes *= (1.0 + 1.2 / (n - 1) + 1.8 / (n - 1) ** 2) / (n * (n - 1)) ** 0.5
    together = [size * mode for size, mode in zip(sizes[:n_modes], modes[:n_modes], strict=True)]
    rest = float((sizes[n_modes:] ** 2).sum()) / n_bins * (n - 1) / max(n - 1 - n_modes, 1)
    return np.full(n_bins, max(within, rest) ** 0.5), sd_pa, together


def _mean(  # noqa: PLR0917 - a bin and what is known of all
    place: tuple[int, Segment, Segment | None],
    bins: Bins,
    k: int,
    i_pa: float,
    sem_pa: float,
    sd_pa: float,
) -> StepMean:
    sweep, one, _ = place
    width = abs(float(bins.v_mv[1] - bins.v_mv[0]))
    v_mv = float(bins.v_mv[k])
    length = one.stop - one.start
    per_mv = length / (one.stop_mv - one.start_mv)
    ends = sorted((v_mv - one.start_mv + side * 0.5 * width) * per_mv for side in (-1.0, 1.0))
    start, stop = one.start + round(ends[0]), one.start + round(ends[1])
    level = Segment(one.epoch, start, stop, v_mv, v_mv)
    n_effective = max((sd_pa / sem_pa) ** 2, 1.0) if sem_pa > 0 else 1.0
    window = WindowMean(i_pa, sem_pa, n_effective, 0.0, 0.0, sd_pa)
    return StepMean(Step(sweep, k, level), start, stop, window, steady=True)


def _lag(bins: Bins) -> Finding:
    """Say what a lag of filter and clamp does to the voltages."""
    slope = abs(float(bins.slope_mv_per_ms.mean()))
    cancels = bins.apart_pa is not None
    effect = (
        "cancels between the ramp and its mirror image"
        if cancels
        else f"shifts the voltages, and E_rev, by {slope:.3g} mV"
    )
    return Finding(
        "ramp_lag",
        "info",
        f"the ramp moves at {slope:.3g} mV/ms: every ms by which filter and clamp lag {effect}; "
        "channels that gate more slowly than the ramp moves are another matter, and show as a "
        "curve that depends on the direction and speed of the ramp",
        slope,
        unit="mV/ms",
    )


def _between_sweeps(v_mv: Floats, per_sweep: Floats) -> list[Finding]:
    """Say what each sweep alone would give, so that an average does not hide a change."""
    n = per_sweep.shape[0]
    if n < 2:
        return []
    slopes = [float(np.polyfit(v_mv, row, 1)[0]) for row in per_sweep]
    zeros = []
    for row in per_sweep:
        order = np.argsort(v_mv)
        v, i = v_mv[order], row[order]
        up = np.flatnonzero((i[:-1] < 0) & (i[1:] >= 0))
        if up.size == 1:
            k = int(up[0])
            zeros.append(float(v[k] - i[k] * (v[k + 1] - v[k]) / (i[k + 1] - i[k])))
    at = (
        f", zero at {min(zeros):+.1f} to {max(zeros):+.1f} mV of the command"
        if len(zeros) == n
        else f", zero crossed once in {len(zeros)} of them"
    )
    typical = float(np.median(slopes))
    differ = max(slopes) - min(slopes) > 0.2 * abs(typical)
    return [
        Finding(
            "ramp_sweeps",
            "warning" if differ else "info",
            f"the {n} sweeps, which are averaged, alone have slopes of {min(slopes):.3g} to "
            f"{max(slopes):.3g} nS{at}"
            + ("; name the sweeps that belong together in the column sweeps" if differ else ""),
            typical,
            unit="nS",
        )
    ]
