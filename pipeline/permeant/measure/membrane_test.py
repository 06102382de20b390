"""Rs, Rm and Cm of every sweep from a small step of the command, or why they cannot be told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from permeant.measure.pulse import (
    MembraneTest,
    Pulses,
    cut_pulses,
    find_membrane_test,
    without_remainder,
)
from permeant.measure.transient import (
    Circuit,
    Floats,
    Tails,
    TailWindow,
    charge,
    charge_by_sum,
    filter_delay_ms,
    find_tail,
    fit_tails,
    solve_circuit,
)

__all__ = [
    "MembraneTest",
    "SweepCircuit",
    "find_membrane_test",
    "measure_mean_membrane_test",
    "measure_membrane_test",
]

_RELATIVE_ERROR = 0.2
_MISFIT_SD = 4.0
_MISFIT_SHARE = 0.012
_FEW_SAMPLES = 2.0, 5.0
"""Samples of a time constant that are too few: where the rise is resolved, and where not."""
_WIDE = 1.1
_METHOD = 0.003, 0.2, 0.3
"""Relative error of the method: a part, one by (interval/tau)² of a resolved rise, and one by
interval/tau of an unresolved one, since the step may lie anywhere between two samples."""
_R_S_MOHM = (0.2, 80.0)
_CANCELLED_SHARE = 0.8
_UNKNOWN_R_S = 0.1
_RESOLVED = 2.5
"""Samples that the rise has to take for a sum over samples to be a charge."""
_TOO_FAST = "the transient is too fast"


@dataclass(frozen=True)
class SweepCircuit:
    """What the membrane test of one sweep tells; ``sweep`` counts from 1.

    Errors are standard errors.  ``None`` with a ``reason``: cannot be told.
    ``r_input_mohm`` is the whole resistance, Rs + Rm, which needs no transient.
    ``r_s_at_most_mohm`` follows from the peak: a filter only lowers it, so ``dV/I_peak`` is
    an upper bound of Rs even where the transient is no exponential.
    """

    sweep: int
    r_s_mohm: float | None = None
    r_m_mohm: float | None = None
    c_m_pf: float | None = None
    r_s_se_mohm: float | None = None
    r_m_se_mohm: float | None = None
    c_m_se_pf: float | None = None
    tau_ms: float | None = None
    r_input_mohm: float | None = None
    r_input_se_mohm: float | None = None
    r_s_at_most_mohm: float | None = None
    reason: str = ""
    """Why Rs and Cm cannot be told; empty where they can."""
    r_m_reason: str = ""
    """Why Rm cannot be told; empty where it can."""


def measure_membrane_test(
    current_pa: NDArray[np.floating],
    test: MembraneTest,
    interval_ms: float,
    *,
    known_c_pf: float | None = None,
    mains_hz: float = 50.0,
) -> tuple[SweepCircuit, ...]:
    """Estimate the circuit of every sweep from its membrane test.

    Parameters
    ----------
    current_pa : array, shape (sweeps, samples)
        Current in pA.
    test : MembraneTest
        Where the pulse is.
    interval_ms : float
        Sampling interval in ms.
    known_c_pf : float, optional
        Capacitance in pF that the amplifier's telegraph or the sheet gives: a transient with
        far less charge is not the whole one.
    mains_hz : float, optional
        Mains frequency; steady levels are means over whole cycles where they fit.

    Returns
    -------
    tuple of SweepCircuit
        One for each sweep that plays the pulse.

    Notes
    -----
    Both edges are averaged, which takes out a slow drift.  Equations in
    :mod:`permeant.measure.transient`.  Errors are those of the noise in the steady parts,
    carried through charge, time constant and steady current to first order.
    """
    cycle = max(1, round(1e3 / mains_hz / interval_ms)) if mains_hz else 1
    seen = cut_pulses(np.asarray(current_pa)[list(test.sweeps)], test, cycle)
    blank = [SweepCircuit(number + 1) for number in test.sweeps]
    tail = find_tail(np.median(seen.edge_ns, axis=0), 0, interval_ms)
    if isinstance(tail, str):
        return tuple(
            _say_why_no_r_m(_with_input(replace(one, reason=tail), seen, row))
            for row, one in enumerate(blank)
        )
    tails = fit_tails(seen.edge_ns[:, tail.start : tail.stop], interval_ms)
    seen, tails = without_remainder(seen, tails, tail, interval_ms)
    early = seen.edge_ns[:, : tail.start + 1]
    q_pf, centre_ms = charge(early, tails, 0.5 * interval_ms, interval_ms)
    delays_ms = filter_delay_ms(q_pf, centre_ms, tails.tau_ms, tails.c_ns)
    fit = _Fit(tails, tail, q_pf, float(np.median(delays_ms)), interval_ms)
    return tuple(
        _say_why_no_r_m(_judge(_with_input(one, seen, row), seen, fit, row, known_c_pf))
        for row, one in enumerate(blank)
    )


def measure_mean_membrane_test(
    current_pa: NDArray[np.floating],
    test: MembraneTest,
    interval_ms: float,
    *,
    known_c_pf: float | None = None,
    mains_hz: float = 50.0,
) -> SweepCircuit:
    """Estimate one circuit (``sweep`` 0) from the mean of ``test.sweeps``, if each is too noisy."""
    mean = np.asarray(current_pa)[list(test.sweeps)].mean(axis=0, keepdims=True, dtype=np.float64)
    one = replace(test, sweeps=(0,))
    told = measure_membrane_test(mean, one, interval_ms, known_c_pf=known_c_pf, mains_hz=mains_hz)
    return replace(told[0], sweep=0)


@dataclass(frozen=True)
class _Fit:
    tails: Tails
    tail: TailWindow
    q_pf: Floats
    delay_ms: float
    interval_ms: float

    @property
    def resolved(self) -> bool:
        """Whether the rise takes two samples or more, as it does behind a proper filter."""
        return self.tail.rise_ms > 1.5 * self.interval_ms


def _with_input(one: SweepCircuit, seen: Pulses, row: int) -> SweepCircuit:
    """Add what needs no transient: the whole resistance, and the bound that the peak sets.

    Whether a sweep's steady current can be told is decided by that of all sweeps where the
    two agree: to keep the sweeps that happen to come out large would be a bias.
    """
    noise_ns, se_ns = float(seen.noise_ns[row]), float(np.median(seen.g_se_ns))
    top_ns = float(seen.edge_ns[row].max()) - noise_ns
    one = replace(one, r_s_at_most_mohm=1e3 / top_ns if top_ns > 5 * noise_ns else None)
    g_ns, typical_ns = float(seen.g_ns[row]), float(np.median(seen.g_ns))
    se_ns = max(se_ns, float(seen.g_se_ns[row]))
    judged_ns = typical_ns if abs(g_ns - typical_ns) < 5 * se_ns else g_ns
    if not (g_ns > 0 and se_ns <= _RELATIVE_ERROR * judged_ns):
        return replace(one, r_m_reason="the steady current of the pulse is lost in the noise")
    r_mohm = 1e3 / g_ns
    return replace(one, r_input_mohm=r_mohm, r_input_se_mohm=r_mohm * se_ns / g_ns)


def _say_why_no_r_m(one: SweepCircuit) -> SweepCircuit:
    if one.r_m_mohm is not None or one.r_m_reason:
        return one
    return replace(one, r_m_reason="Rs cannot be told; r_input_mohm is Rs and Rm together")


def _why_not(seen: Pulses, fit: _Fit, row: int) -> str:
    """Return why the transient of a sweep does not give a circuit, or nothing."""
    tails, noise = fit.tails, float(seen.noise_ns[row])
    tau_ms, b_ns, c_ns = (float(part[row]) for part in (tails.tau_ms, tails.b_ns, tails.c_ns))
    slowest_ms = 0.25 * seen.step_window[1] * fit.interval_ms
    window_ms = (fit.tail.stop - fit.tail.start) * fit.interval_ms
    fast_ms = min(tau_ms, float(np.median(tails.tau_ms)))
    size = max(1, (fit.tail.stop - fit.tail.start) // 24)
    off = abs(c_ns - float(seen.g_ns[row]))
    off_sd = (noise**2 * float(tails.spread[row, 0, 0]) + float(seen.g_se_ns[row]) ** 2) ** 0.5
    why = ""
    if fast_ms < _FEW_SAMPLES[0 if fit.resolved else 1] * fit.interval_ms:
        why = f"{_TOO_FAST} for the sampling: one sample every {fit.interval_ms:g} ms"
    elif fast_ms < _WIDE * fit.tail.rise_ms:
        why = f"{_TOO_FAST} for the filter: it takes {fit.tail.rise_ms:.2g} ms to its peak"
    elif float(fit.q_pf[row]) <= 0 or b_ns <= 3 * noise * float(tails.spread[row, 1, 1]) ** 0.5:
        why = f"{_TOO_FAST}: nothing stands out of the noise behind the filter's part of it"
    elif tau_ms > min(0.7 * window_ms, slowest_ms):
        why = "not an exponential that ends within the pulse: the current keeps changing"
    elif float(tails.misfit_ns[row]) > max(
        _MISFIT_SD * noise / size**0.5, _MISFIT_SHARE * b_ns
    ) or off > max(_MISFIT_SD * off_sd, _MISFIT_SHARE * (b_ns + c_ns)):
        why = (
            "not a single exponential, as of a cell with processes that the clamp does not hold, "
            "or with channels that gate"
        )
    return why


def _judge(
    one: SweepCircuit, seen: Pulses, fit: _Fit, row: int, known_c_pf: float | None
) -> SweepCircuit:
    why = _why_not(seen, fit, row)
    if why:
        one = replace(one, reason=why)
        return _charge_alone(one, seen, fit, row) if why.startswith(_TOO_FAST) else one
    tau_ms, b_ns = float(fit.tails.tau_ms[row]), float(fit.tails.b_ns[row])
    g_ns, noise = float(fit.tails.c_ns[row]), float(seen.noise_ns[row])
    q_t_pf = float(fit.q_pf[row]) + g_ns * (tau_ms + fit.delay_ms)
    circuit = solve_circuit(tau_ms, q_t_pf, float(seen.g_ns[row]))
    # Q_t changes with c, b and ln tau; the early samples have an error of their own.
    early_ms = fit.tail.start * fit.interval_ms
    by = np.array([tau_ms + fit.delay_ms - early_ms, tau_ms, (b_ns + g_ns) * tau_ms])
    covariance = noise**2 * fit.tails.spread[row]
    per_tau = fit.interval_ms / tau_ms
    coarse = _METHOD[1] * per_tau**2 if fit.resolved else _METHOD[2] * per_tau
    early_rel = noise * fit.interval_ms * fit.tail.start**0.5 / q_t_pf
    other_rel = float(np.linalg.norm([early_rel, coarse, _METHOD[0]]))
    by_ratio = np.array([0.0, 0.0, 1.0]) - by / q_t_pf
    c_rel = float(by @ covariance @ by / q_t_pf**2 + other_rel**2) ** 0.5
    r_s_rel = float(by_ratio @ covariance @ by_ratio + other_rel**2) ** 0.5
    if one.r_s_at_most_mohm is not None and circuit.r_s_mohm > one.r_s_at_most_mohm:
        why = "not a single exponential: the peak is higher than the exponential behind it explains"
        return replace(one, reason=why)
    implausible = _implausible(circuit, max(r_s_rel, c_rel), known_c_pf)
    if implausible:
        return replace(one, reason=implausible)
    told = replace(
        one,
        r_s_mohm=circuit.r_s_mohm,
        r_s_se_mohm=circuit.r_s_mohm * r_s_rel,
        c_m_pf=circuit.c_m_pf,
        c_m_se_pf=circuit.c_m_pf * c_rel,
        tau_ms=tau_ms,
    )
    if one.r_input_mohm is None or one.r_input_se_mohm is None:
        return told
    r_m_se_mohm = float(np.hypot(one.r_input_se_mohm, circuit.r_s_mohm * r_s_rel))
    return replace(told, r_m_mohm=circuit.r_m_mohm, r_m_se_mohm=r_m_se_mohm)


def _implausible(circuit: Circuit, relative_error: float, known_c_pf: float | None) -> str:
    if not relative_error <= _RELATIVE_ERROR:
        return "the transient is lost in the noise"
    if not _R_S_MOHM[0] <= circuit.r_s_mohm <= _R_S_MOHM[1] or circuit.r_m_mohm <= 0:
        return (
            f"a series resistance of {circuit.r_s_mohm:.3g} MΩ is no pipette's: the transient "
            "is partly cancelled, or not that of a whole cell"
        )
    if known_c_pf is not None and circuit.c_m_pf < _CANCELLED_SHARE * known_c_pf:
        return (
            f"the cell is said to have {known_c_pf:.3g} pF, the transient {circuit.c_m_pf:.3g}: "
            "part of it is cancelled by the amplifier"
        )
    return ""


def _charge_alone(one: SweepCircuit, seen: Pulses, fit: _Fit, row: int) -> SweepCircuit:
    """Give the capacitance of a transient whose time constant cannot be told.

    ``Cm = Q_t (1 + Rs/Rm)``; where Rs/Rm is below a few per cent whatever Rs is, up to its
    upper bound, half of it is added and half of it is an error.
    """
    resolved = fit.tail.rise_ms >= _RESOLVED * fit.interval_ms
    if one.r_input_mohm is None or one.r_s_at_most_mohm is None or not resolved:
        return one
    unknown = one.r_s_at_most_mohm / max(one.r_input_mohm - one.r_s_at_most_mohm, 1e-3)
    n = min(fit.tail.start + 2 * (fit.tail.start + 1), seen.edge_ns.shape[1])
    rows = slice(row, row + 1)
    q_t, _ = charge_by_sum(seen.edge_ns[rows], seen.g_ns[rows], n, fit.interval_ms)
    q_t_pf, ms = float(q_t[0]), n * fit.interval_ms
    noise_pf = float(
        np.hypot(seen.noise_ns[row] * (ms * fit.interval_ms) ** 0.5, seen.g_se_ns[row] * ms)
    )
    se_pf = float(np.hypot(noise_pf, (0.01 + 0.5 * unknown) * q_t_pf))
    if not 0 < unknown <= _UNKNOWN_R_S or se_pf > _RELATIVE_ERROR * q_t_pf:
        return one
    return replace(one, c_m_pf=q_t_pf * (1.0 + 0.5 * unknown), c_m_se_pf=se_pf)
