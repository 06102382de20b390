"""The current after a small voltage step: charge, time constant, and the circuit they mean.

A step ``dV`` into a pipette of resistance Rs and a cell of Rm and Cm in parallel draws

    I(t) = dV/(Rs + Rm) + (dV/Rs - dV/(Rs + Rm)) exp(-t/tau),   tau = Cm Rs Rm/(Rs + Rm)

(Lindau & Neher 1988, doi:10.1007/BF00582306).  The amplifier's filter blunts and delays the
peak, so Rs is never read from it.  A filter of unit gain keeps the charge, moves its centre by
the filter's own mean delay d and leaves the late exponential its time constant.  With the
charge Q above the late current, Iss, and the centre tau + d of the transient,

    Q_t = Q + Iss (tau + d) = dV Cm Rm/(Rs + Rm),    Rs = tau dV/Q_t

needs neither the step time within a sample nor the filter's corner.  Everything here is per mV
of step, so currents are conductances (nS), charges capacitances (pF) and times in ms.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ROUNDS = 8
_TAUS = 7.0
"""The exponential is fitted over so many time constants, after which it is lost in noise."""
_PEAK_SD = 6.0
_MIN_TAIL = 6
_BLOCKS = 24
_FITTED = 128
"""Longer tails are averaged to so many points, which blurs an exponential by a 10⁻⁴."""
_FILTER_SPREAD = 0.57
"""(d² + s²)/2 over d² for a Bessel filter of delay d and spread s = 0.38 d."""


class Circuit(NamedTuple):
    """Series resistance and membrane resistance in MΩ, membrane capacitance in pF."""

    r_s_mohm: float
    r_m_mohm: float
    c_m_pf: float


class TailWindow(NamedTuple):
    """Where the exponential is fitted: samples ``start`` to ``stop``; ``rise_ms`` before it."""

    start: int
    stop: int
    rise_ms: float
    peak_ns: float


class Tails(NamedTuple):
    """``c + b exp(-(t - t_start)/tau)`` of each sweep, and its inverse normal matrix."""

    c_ns: Floats
    b_ns: Floats
    tau_ms: Floats
    spread: Floats
    """(sweeps, 3, 3): covariance of c, b, ln tau for noise of 1 nS per sample."""
    misfit_ns: Floats
    """Root mean square of the residual, averaged over stretches of the window."""


def solve_circuit(tau_ms: float, q_t_pf: float, g_steady_ns: float) -> Circuit:
    """Turn time constant, whole charge and steady current per mV into the circuit.

    Parameters
    ----------
    tau_ms : float
        Time constant of the transient.
    q_t_pf : float
        Charge above the steady current plus steady current times tau, per mV (fC/mV = pF).
    g_steady_ns : float
        Change of the steady current per mV.

    Returns
    -------
    Circuit
        ``Rs = tau/Q_t``, ``Rm = 1/g - Rs``, ``Cm = Q_t (Rs + Rm)/Rm``.
    """
    r_s_mohm = 1e3 * tau_ms / q_t_pf
    r_m_mohm = 1e3 / g_steady_ns - r_s_mohm if g_steady_ns > 0 else np.inf
    return Circuit(r_s_mohm, r_m_mohm, q_t_pf * (1.0 + r_s_mohm / r_m_mohm))


def noise_of_mean(samples: Floats) -> Floats:
    """Return the standard deviation per independent sample, row by row.

    From the scatter of the means of 24 stretches around a straight line: noise that a filter
    has smeared over several samples counts as often as it is independent.  A mean over n
    samples, or any smooth weighted sum, has the error that this value gives.
    """
    size = max(1, samples.shape[1] // _BLOCKS)
    n = samples.shape[1] // size
    blocks = samples[:, : n * size].reshape(samples.shape[0], n, size).mean(axis=2)
    x = np.arange(n) - (n - 1) / 2
    blocks = blocks - blocks.mean(axis=1, keepdims=True)
    blocks -= np.outer(blocks @ x / (x @ x), x)
    return np.asarray(np.sqrt((blocks**2).sum(axis=1) / max(n - 2, 1) * size))


def find_tail(typical_ns: Floats, step_at: int, interval_ms: float) -> TailWindow | str:
    """Find where the filter's part of a transient is over and the exponential is left.

    Parameters
    ----------
    typical_ns : array, shape (n,)
        Current per mV of step above the level before it, typical of all sweeps.
    step_at : int
        The first sample after the step.
    interval_ms : float
        Sampling interval.

    Returns
    -------
    TailWindow or str
        The window, from one rise time after the peak over seven time constants; or why
        there is none.
    """
    n = typical_ns.size
    late = typical_ns[step_at + (n - step_at) // 2 :]
    level, noise = float(np.median(late)), float(late.std())
    excess = typical_ns[step_at:] - level
    top = int(np.argmax(excess[: excess.size // 2]))
    peak = float(excess[top])
    deepest = -float(excess[: excess.size // 2].min())
    if peak < max(_PEAK_SD * noise, 0.5 * (level if level > 0 else 0.0)):
        if deepest > max(_PEAK_SD * noise, 2.0 * abs(level)):
            return "the transient has the wrong sign: the compensation of the amplifier overshoots"
        return (
            "no transient stands out of the noise: the amplifier's capacitance compensation "
            "takes it away, or it is too small"
        )
    from_below = np.flatnonzero(typical_ns[step_at : step_at + top + 1] < 0.1 * (peak + level))
    onset = int(from_below[-1]) if from_below.size else -1
    rise = max(top - onset, 1)
    start = top + max(rise, 2)
    fallen = np.flatnonzero(excess[top:] < 0.37 * peak)
    if not fallen.size:
        return "the transient does not fall off within the step"
    stop = min(start + int(_TAUS * max(int(fallen[0]), 2)) + _MIN_TAIL, excess.size)
    if stop - start < _MIN_TAIL:
        return "the step is too short for its transient"
    return TailWindow(step_at + start, step_at + stop, rise * interval_ms, peak)


def fit_tails(tails_ns: Floats, interval_ms: float) -> Tails:
    """Fit an exponential and a constant to the tail of every sweep at once (Gauss–Newton).

    Parameters
    ----------
    tails_ns : array, shape (sweeps, n)
        Current per mV in the window of the tail.
    interval_ms : float
        Sampling interval.

    Returns
    -------
    Tails
        The three numbers of each sweep and what their errors are made of.
    """
    group = max(1, tails_ns.shape[1] // _FITTED)
    n_sweeps, n = tails_ns.shape[0], tails_ns.shape[1] // group
    tails_ns = tails_ns[:, : n * group].reshape(n_sweeps, n, group).mean(axis=2)
    t = (np.arange(n) * group + (group - 1) / 2) * interval_ms
    last = tails_ns[:, -max(n // 6, 2) :].mean(axis=1)
    above = tails_ns - last[:, None]
    area = np.abs(above).sum(axis=1) * interval_ms * group
    first = np.abs(above[:, :2]).mean(axis=1)
    tau = np.clip(area / np.maximum(first, 1e-12), interval_ms, t[-1])
    columns = np.ones((n_sweeps, n, 3))
    b = c = np.zeros(n_sweeps)
    for _ in range(_ROUNDS):
        fall = np.exp(-t / tau[:, None])
        flat, power = fall.mean(axis=1), (fall * fall).mean(axis=1)
        both, mean = (fall * tails_ns).mean(axis=1), tails_ns.mean(axis=1)
        b = (both - flat * mean) / np.maximum(power - flat * flat, 1e-12)
        c = mean - b * flat
        columns[:, :, 1] = fall
        columns[:, :, 2] = (b / tau)[:, None] * t * fall
        residual = tails_ns - c[:, None] - b[:, None] * fall
        normal = columns.transpose(0, 2, 1) @ columns
        normal += (1e-12 * normal.max(axis=(1, 2)) + 1e-30)[:, None, None] * np.eye(3)
        side = (columns.transpose(0, 2, 1) @ residual[:, :, None])[:, :, 0]
        step = np.linalg.solve(normal, side[:, :, None])[:, 2, 0]
        tau = np.clip(tau * np.exp(np.clip(step, -0.7, 0.7)), 0.2 * interval_ms, 20.0 * t[-1])
        if np.abs(step).max() < 1e-6:
            break
    size = max(1, n // _BLOCKS)
    kept = residual[:, : n // size * size].reshape(n_sweeps, -1, size).mean(axis=2)
    misfit = np.sqrt((kept**2).mean(axis=1))
    return Tails(c, b, tau, np.linalg.inv(normal) / group, misfit)


def charge(
    early_ns: Floats, tails: Tails, early_start_ms: float, interval_ms: float
) -> tuple[Floats, Floats]:
    """Return the charge above the late current per mV, and its centre in time.

    Parameters
    ----------
    early_ns : array, shape (sweeps, n)
        Samples from the step to the first of the tail, which is the last here.
    tails : Tails
        The exponentials that follow; their part is summed by formula.
    early_start_ms : float
        Time of the first sample after the step.
    interval_ms : float
        Sampling interval.

    Returns
    -------
    q_pf, centre_ms : arrays, shape (sweeps,)
        ``∫(I - Iss) dt`` (pF) and ``∫t (I - Iss) dt / ∫(I - Iss) dt`` from the step (ms).
    """
    above = early_ns - tails.c_ns[:, None]
    above[:, -1] *= 0.5
    t = early_start_ms + np.arange(early_ns.shape[1]) * interval_ms
    rest = tails.b_ns * tails.tau_ms
    q_pf = above.sum(axis=1) * interval_ms + rest
    moment = (above @ t) * interval_ms + rest * (t[-1] + tails.tau_ms)
    return q_pf, moment / np.where(np.abs(q_pf) > 1e-12, q_pf, 1e-12)


def filter_delay_ms(q_pf: Floats, centre_ms: Floats, tau_ms: Floats, g_ns: Floats) -> Floats:
    """Return the mean delay of filter and command, sweep by sweep.

    The step of the steady current is delayed as well, which takes ``g d`` from the charge and
    ``g (d² + s²)/2`` from its moment: ``d = (M + g (d² + s²)/2)/(Q + g d) - tau``, solved by
    repetition.
    """
    d = centre_ms - tau_ms
    for _ in range(6):
        d = (q_pf * centre_ms + _FILTER_SPREAD * g_ns * d * d) / (q_pf + g_ns * d) - tau_ms
    return d


def left_of_tail(
    tails: Tails, tail_start: int, window: tuple[int, int], interval_ms: float
) -> Floats:
    """Return what the exponential still adds to the mean over a later window (nS).

    Samples are counted from the step, as is ``tail_start``.
    """
    first, last = (np.exp(-max(k - tail_start, 0) * interval_ms / tails.tau_ms) for k in window)
    span_ms = (window[1] - window[0]) * interval_ms
    return np.asarray(tails.b_ns * tails.tau_ms * (first - last) / span_ms)


def charge_by_sum(
    edge_ns: Floats, g_ns: Floats, n: int, interval_ms: float
) -> tuple[Floats, Floats]:
    """Return ``Q_t`` per mV of a transient that is over after ``n`` samples, and its centre.

    No time constant is needed: ``Q_t = Q + Iss t_centre`` with the centre of the whole
    transient, which is tau and the filter's delay together.
    """
    above = edge_ns[:, :n] - g_ns[:, None]
    t = (np.arange(n) + 0.5) * interval_ms
    q_pf = above.sum(axis=1) * interval_ms
    centre_ms = (above @ t) * interval_ms / np.where(np.abs(q_pf) > 1e-12, q_pf, 1e-12)
    return q_pf + g_ns * centre_ms, centre_ms
