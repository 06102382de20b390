"""What our answers are measured against: oracles that know the noise, and a plain script."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scenarios_parts import Case
from scenarios_truth import Truth, solve_ratio

from permeant.records import Recording

Array = NDArray[np.float64]
Interval = tuple[float, float, float]
"""Value, low and high end."""

Z_95 = 1.959964
NOTHING: Interval = (math.nan, math.nan, math.nan)
DEGREES = (1, 2, 3, 4)
SPANS_MV = (25.0, 35.0, 50.0, 80.0, 200.0)


def shape_oracle(truth: Truth) -> dict[str, float]:
    """Return half the 95 % intervals of one who knows the noise and the shape of the curve.

    Only the curve's size and its place along the voltage are unknown to it: least squares for
    ``I(V) = a I_true(V - d)`` through the means over the longest window, whose errors follow
    from the covariance that white and 1/f noise give these means.
    """
    if truth.v_mv.size < 3 or not truth.i_pa.any():
        return {}
    order = np.argsort(truth.v_mv)
    v_mv, i_pa = truth.v_mv[order], truth.i_pa[order]
    noise = truth.covariance_pa2[np.ix_(order, order)]
    gain = np.linalg.pinv(np.column_stack([i_pa, -np.gradient(i_pa, v_mv)]))
    size, place = Z_95 * np.sqrt(np.diag(gain @ noise @ gain.T))
    return {
        "e_rev": float(place),
        "g": float(size * abs(truth.g_ns or math.nan)),
        "g_at_reversal": float(size * abs(truth.g_at_reversal_ns or math.nan)),
    }


def noise_oracle(truth: Truth) -> dict[str, float]:
    """Return half the 95 % intervals of one who knows the noise but not the shape of the curve.

    It fits polynomials through the true curve with the true noise, and takes the degree and
    the span around the reversal whose bias and scatter together are least: what can be had
    without a model of the channel.  For g it is the straight line through all points.
    """
    if truth.v_mv.size < 3 or not truth.i_pa.any():
        return {}
    halves: dict[str, float] = {}
    gain = np.linalg.pinv(np.column_stack([np.ones_like(truth.v_mv), truth.v_mv]))
    halves["g"] = Z_95 * float(gain[1] @ truth.covariance_pa2 @ gain[1]) ** 0.5
    if truth.e_rev_mv is None or truth.g_at_reversal_ns is None:
        return halves
    errors = list(_polynomial_errors(truth, truth.e_rev_mv, truth.g_at_reversal_ns))
    if errors:
        e_mv, g_ns = np.array(errors).min(axis=0)
        halves |= {"e_rev": Z_95 * float(e_mv), "g_at_reversal": Z_95 * float(g_ns)}
    return halves


def _polynomial_errors(truth: Truth, e_rev_mv: float, g_ns: float) -> Iterator[tuple[float, float]]:
    """Give the root-mean-square errors of reversal and slope of every degree and span."""
    for span_mv in SPANS_MV:
        near = np.abs(truth.v_mv - e_rev_mv) <= span_mv
        x = (truth.v_mv[near] - e_rev_mv) / span_mv
        noise = truth.covariance_pa2[np.ix_(near, near)]
        for degree in DEGREES:
            if x.size < degree + 2 or x.min() > 0 or x.max() < 0:
                continue
            gain = np.linalg.pinv(x[:, None] ** np.arange(degree + 1))[:2]
            variance = np.diag(gain @ noise @ gain.T)
            at_zero, slope = gain @ truth.i_pa[near]
            e_mv = math.hypot(at_zero, variance[0] ** 0.5) / abs(g_ns)
            yield e_mv, math.hypot(slope / span_mv - g_ns, variance[1] ** 0.5 / span_mv)


def plain_script(recording: Recording, truth: Truth) -> dict[str, Interval]:
    """Return what a script gives: last 10 % of the step, ``np.polyfit`` through all points.

    Voltages are the header's command; the junction potential of the sheet is taken off, to
    be fair.  Errors are those of ``np.polyfit(..., cov=True)``.
    """
    stretches: dict[str, list[tuple[int, int, int, float]]] = {}
    for sweep, segments in enumerate(recording.info.sweeps):
        for one in segments:
            stretches.setdefault(one.epoch, []).append((sweep, one.start, one.stop, one.start_mv))
    family = max(stretches.values(), key=lambda rows: float(np.ptp([row[3] for row in rows])))
    i_pa = np.array(
        [
            recording.current_pa[sweep, stop - (stop - start) // 10 : stop].mean(dtype=float)
            for sweep, start, stop, _ in family
        ]
    )
    v_mv = truth.levels_mv - truth.offset_mv
    (a, b), covariance = np.polyfit(v_mv, i_pa, 1, cov=True)
    if a == 0:
        return {}
    e_mv = -b / a
    gradient = np.array([e_mv, 1.0]) / a
    half_mv = Z_95 * float(gradient @ covariance @ gradient) ** 0.5
    half_ns = Z_95 * float(covariance[0, 0]) ** 0.5
    g = (float(a), float(a - half_ns), float(a + half_ns))
    return {
        "e_rev": (float(e_mv), float(e_mv - half_mv), float(e_mv + half_mv)),
        "g": g,
        "g_at_reversal": g,
    }


def ratio_by_hand(ion: str, case: Case, settings: Mapping[str, Any]) -> tuple[float, Interval]:
    """Return the oracle's half width and the plain script's interval of one ln ratio."""
    for simulated in case.recordings:
        row, truth = simulated.row, simulated.truth
        inside, outside = (case.solutions[str(name)].ions_mm for name in (row.pipette, row.bath))
        if outside.get(ion) and truth.e_rev_mv is not None:
            break
    else:
        return math.nan, NOTHING
    known = {"K": 1.0, **{other: p for other, p in case.ratios.items() if other != ion}}
    celsius = float(row.temperature_c or 0.0)

    def solve(
        e_mv: float = truth.e_rev_mv,
        celsius: float = celsius,
        **changed: Mapping[str, float],
    ) -> float:
        p = solve_ratio(
            ion,
            e_mv,
            changed.get("inside", inside),
            changed.get("outside", outside),
            temperature_c=celsius,
            known=known,
        )
        return math.log(p) if p > 0 else math.nan

    here = solve()
    e_half = shape_oracle(truth).get("e_rev", math.nan) / Z_95
    e_sigma = math.hypot(e_half, settings["sigma_ljp_mv"])
    variance = (solve(e_mv=truth.e_rev_mv + 0.1) - here) ** 2 * (e_sigma / 0.1) ** 2
    step = settings["sigma_temperature_c"]
    variance += (solve(celsius=celsius + step) - here) ** 2
    grow = 1.0 + settings["sigma_concentration_fraction"]
    for side, ions_mm in (("inside", inside), ("outside", outside)):
        for one, mm in ions_mm.items():
            if one in (ion, *known):
                variance += (solve(**{side: {**ions_mm, one: mm * grow}}) - here) ** 2
    plain_e = plain_script(simulated.recording, truth).get("e_rev", NOTHING)
    ends = sorted(solve(e_mv=e_mv) for e_mv in plain_e[1:])
    return Z_95 * variance**0.5, (solve(e_mv=plain_e[0]), ends[0], ends[1])
