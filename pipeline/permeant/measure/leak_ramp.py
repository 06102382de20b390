"""The leak of every sweep from a voltage ramp that the protocol holds beside its family."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from permeant.measure.leak import Leak
from permeant.measure.transient import Floats
from permeant.records import Recording, RecordingInfo, Segment

_SAME_LEVEL_MV = 1.0
_SMALLEST_SPAN_MV = 15.0
_LONGEST_MS = 5000.0
_SHORTEST_SAMPLES = 50
_ENDS = 0.15
_BLOCKS = 60
_OUTLIER_SD = 5.0


@dataclass(frozen=True)
class LeakRamp:
    """A ramp, and its mirror image if that follows: first sample, length, levels, slope."""

    start: int
    length: int
    from_mv: float
    to_mv: float
    slope_mv_per_ms: float
    has_return: bool
    sweeps: tuple[int, ...]

    @property
    def title(self) -> str:
        """The ramp in words."""
        back = " and back" if self.has_return else ""
        return f"ramp from {self.from_mv:g} to {self.to_mv:g} mV{back}"


def find_leak_ramp(info: RecordingInfo) -> LeakRamp | None:
    """Find a ramp that every sweep plays beside a family of steps.

    Parameters
    ----------
    info : RecordingInfo
        The command, sweep by sweep.

    Returns
    -------
    LeakRamp or None
        The first ramp of 15 mV or more and at most 5 s at one place in at least half of the
        sweeps, one before what varies from sweep to sweep if there is one; ``None`` where
        nothing varies, since the ramp is then all there is to the protocol.
    """
    varies_from = _varies_from(info)
    if varies_from is None:
        return None
    shortest, longest = _SHORTEST_SAMPLES, round(_LONGEST_MS / info.interval_ms)
    found: dict[tuple[int, int, float, float], list[int]] = {}
    for number, segments in enumerate(info.sweeps):
        for one in segments:
            span_mv = abs(one.stop_mv - one.start_mv)
            if span_mv >= _SMALLEST_SPAN_MV and shortest <= one.stop - one.start <= longest:
                key = (one.start, one.stop, one.start_mv, one.stop_mv)
                found.setdefault(key, []).append(number)
    common = {key: sweeps for key, sweeps in found.items() if 2 * len(sweeps) >= info.n_sweeps}
    if not common:
        return None
    key = min(common, key=lambda key: (key[0] >= varies_from, key[0]))
    start, stop, from_mv, to_mv = key
    length = stop - start
    mirror = (stop, stop + length, to_mv, from_mv)
    slope = (to_mv - from_mv) / (length * info.interval_ms)
    return LeakRamp(start, length, from_mv, to_mv, slope, mirror in common, tuple(common[key]))


def fit_leak_ramp(
    current_pa: NDArray[np.floating], ramp: LeakRamp, interval_ms: float
) -> tuple[Leak, ...]:
    """Fit ``I = g (V - E) + C dV/dt`` to the ramp of every sweep.

    Parameters
    ----------
    current_pa : array, shape (sweeps, samples)
        Current in pA.
    ramp : LeakRamp
        Where the ramp is.
    interval_ms : float
        Sampling interval in ms.

    Returns
    -------
    tuple of Leak
        One for each sweep that plays the ramp, over the command.  The capacitive current
        has its own term where the ramp goes both ways; of a single ramp it is part of
        ``i_at_0_pa`` and shifts E by ``C (dV/dt)/g``.

    Notes
    -----
    The first and last 15 % of each ramp are left out, and stretches beyond 5 robust SD of the
    line.  Errors are from the residual scatter, stretches that are correlated counted as
    often as they are independent.
    """
    middle = np.arange(round(_ENDS * ramp.length), ramp.length - round(_ENDS * ramp.length))
    size = max(1, middle.size * (2 if ramp.has_return else 1) // _BLOCKS)
    middle = middle[: middle.size // size * size]
    v_ramp = ramp.from_mv + (middle + 0.5) * ramp.slope_mv_per_ms * interval_ms
    at, v_mv, direction = ramp.start + middle, v_ramp, np.ones(middle.size)
    if ramp.has_return:
        at = np.concatenate([at, ramp.start + ramp.length + middle])
        v_mv = np.concatenate([v_mv, ramp.to_mv + ramp.from_mv - v_ramp])
        direction = np.concatenate([direction, -direction])
    samples = np.asarray(current_pa)[list(ramp.sweeps)][:, at].astype(np.float64)
    rows = samples.reshape(len(ramp.sweeps), -1, size).mean(axis=2)
    columns = [np.ones(v_mv.size), v_mv]
    if ramp.has_return:
        columns.append(direction * ramp.slope_mv_per_ms)
    design = np.stack(columns, axis=1).reshape(-1, size, len(columns)).mean(axis=1)
    return tuple(
        _fit_line(design, row, number + 1) for number, row in zip(ramp.sweeps, rows, strict=True)
    )


def without_capacitive(
    leaks: tuple[Leak, ...], ramp: LeakRamp, recording: Recording
) -> tuple[tuple[Leak, ...], float | None]:
    """Take the capacitive current from the lines of a ramp that goes one way only.

    A ramp that starts from the level that was held draws ``C dV/dt`` more there than the level
    did, at one and the same voltage: the line's value at its start less the current just
    before it, whatever the amplifier's cancellation has left of it.

    Parameters
    ----------
    leaks : tuple of Leak
        The lines over the command, capacitive current included.
    ramp : LeakRamp
        Where it is.
    recording : Recording
        With the level before it.

    Returns
    -------
    leaks, se_pa
        The lines without it, and the standard error in pA that they share by that; as they
        came and ``None`` where the ramp does not start from a level that was held.
    """
    n = max(_SHORTEST_SAMPLES // 2, round(_ENDS * ramp.length))
    held = all(
        any(
            one.is_step
            and one.stop == ramp.start
            and one.stop - one.start >= 2 * n
            and abs(one.start_mv - ramp.from_mv) <= _SAME_LEVEL_MV
            for one in recording.info.sweeps[number]
        )
        for number in ramp.sweeps
    )
    if not held:
        return leaks, None
    before = recording.current_pa[list(ramp.sweeps), ramp.start - n : ramp.start]
    level_pa = before.mean(axis=1, dtype=np.float64)
    more_pa = np.array([leak.current_pa(ramp.from_mv) for leak in leaks]) - level_pa
    middle_pa = float(np.median(more_pa))
    own_pa = float(np.median([leak.current_se_pa(ramp.from_mv) for leak in leaks]))
    scatter_pa = 1.4826 * float(np.median(np.abs(more_pa - middle_pa)))
    se_pa = 1.25 * max(scatter_pa, own_pa) / len(leaks) ** 0.5
    return tuple(replace(one, i_at_0_pa=one.i_at_0_pa - middle_pa) for one in leaks), se_pa


def _varies_from(info: RecordingInfo) -> int | None:
    """Return the first sample from which the sweeps differ; the holding before is left out."""
    stretches = [[one for one in sweep if one.epoch != "before"] for sweep in info.sweeps]
    for same_place in zip(*stretches, strict=False):
        first: Segment = same_place[0]
        for other in same_place[1:]:
            levels = abs(other.stop_mv - first.stop_mv) > _SAME_LEVEL_MV
            if levels or other.stop - other.start != first.stop - first.start:
                return first.start
    return None


def _fit_line(design: Floats, row: Floats, sweep: int) -> Leak:
    keep = np.ones(row.size, dtype=bool)
    for _ in range(3):
        known, *_ = np.linalg.lstsq(design[keep], row[keep], rcond=None)
        residual = row - design @ known
        scale = 1.4826 * float(np.median(np.abs(residual[keep])))
        inside = np.abs(residual) <= _OUTLIER_SD * max(scale, 1e-9)
        if np.array_equal(inside, keep) or np.count_nonzero(inside) < 0.7 * row.size:
            break
        keep = inside
    n, p = int(np.count_nonzero(keep)), design.shape[1]
    left = residual[keep]
    neighbours = float(left[1:] @ left[:-1]) / max(float(left @ left), 1e-30)
    rho = min(max(neighbours, 0.0), 0.9)
    variance = float(left @ left) / (n - p) * (1 + rho) / (1 - rho)
    covariance = variance * np.linalg.inv(design[keep].T @ design[keep])
    return Leak(
        g_ns=float(known[1]),
        i_at_0_pa=float(known[0]),
        var_g=float(covariance[1, 1]),
        var_i=float(covariance[0, 0]),
        cov=float(covariance[0, 1]),
        v_low_mv=float(design[:, 1].min()),
        v_high_mv=float(design[:, 1].max()),
        sweep=sweep,
        c_pf=float(known[2]) if p == 3 else None,
    )
