"""Conductance and reversal potential of single curves."""

from __future__ import annotations

import random as shuffling
from dataclasses import replace

import numpy as np
import pytest
from curves_by_hand import SPREAD, Scenario, crossing, ghk, ohmic, points
from hypothesis import given, settings
from hypothesis import strategies as st
from lmfit.models import PolynomialModel

from permeant.infer.iv import fit_iv
from permeant.infer.line import fit_line
from permeant.infer.polynomial import (
    chi_square_left,
    crossing_interval_mv,
    extra_scatter_pa,
    solve_degrees,
    solve_polynomial,
)
from permeant.records import SharedError


def test_an_exact_line() -> None:
    fit = fit_iv(points(SPREAD, ohmic(SPREAD), 1.0))
    assert (fit.status, fit.e_rev_status, fit.n_points) == ("ok", "measured", 13)
    assert fit.g_ns == pytest.approx(5.0, rel=1e-9)
    assert fit.e_rev_mv == pytest.approx(-20.0, abs=1e-8)
    assert fit.chi2_p == pytest.approx(1.0)
    assert fit.rectification == pytest.approx(1.0, rel=1e-6)
    assert fit.findings == ()
    half = 1.959964 * 1.0 / np.sqrt(np.sum((SPREAD - SPREAD.mean()) ** 2))
    # errors of windows alone may be too small, which points without any scatter nearly refute
    assert half <= fit.g_high_ns - fit.g_ns < 1.05 * half  # type: ignore[operator]


def fieller(v: np.ndarray, i: np.ndarray, sigma: np.ndarray) -> tuple[float, float]:
    """Return the interval of -a/b by Fieller's closed formula, t = 1.96."""
    w = 1.0 / sigma**2
    centre = np.average(v, weights=w)
    x = v - centre
    a, b = np.average(i, weights=w), (w * x * i).sum() / (w * x * x).sum()
    var_a, var_b, t2 = 1.0 / w.sum(), 1.0 / (w * x * x).sum(), 1.9599639845400545**2
    square, mixed, constant = b * b - t2 * var_b, a * b, a * a - t2 * var_a
    root = np.sqrt(mixed * mixed - square * constant)
    return centre + (-mixed - root) / square, centre + (-mixed + root) / square


def test_the_zero_of_the_line_stands_beside_the_reversal_and_bends_no_curve() -> None:
    straight = fit_iv(points(SPREAD, ohmic(SPREAD), 1.0))
    assert straight.line_e_rev_mv == pytest.approx(-20.0, abs=1e-8)
    low, high = fieller(SPREAD, ohmic(SPREAD), np.ones_like(SPREAD))
    assert straight.line_e_rev_low_mv == pytest.approx(low, abs=0.01)
    assert straight.line_e_rev_high_mv == pytest.approx(high, abs=0.01)
    # e^(-x/60) - 1 about -20 mV: ever flatter outward, so a line reaches zero to the right of it
    bent = fit_iv(points(SPREAD, 200.0 * (1.0 - np.exp(-(SPREAD + 20.0) / 60.0)), 1.0))
    assert bent.e_rev_mv == pytest.approx(-20.0, abs=0.5)
    slope, level = np.polyfit(SPREAD, 200.0 * (1.0 - np.exp(-(SPREAD + 20.0) / 60.0)), 1)
    assert bent.line_e_rev_mv == pytest.approx(-level / slope, abs=0.05)
    assert abs(-level / slope + 20.0) > 3.0
    said = next(f.message for f in bent.findings if f.check == "line_poor")
    assert f"crosses zero at {bent.line_e_rev_mv:.1f} mV, the points at" in said


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e5])
@pytest.mark.parametrize("slope_ns", [-3.0, 0.0, 5.0])
def test_lmfits_line_is_that_of_the_linear_equations(size: float, slope_ns: float) -> None:
    errors = size * np.linspace(0.5, 2.0, SPREAD.size)
    current = size * (slope_ns * (SPREAD + 37.0) + 3.0 * np.sin(SPREAD))
    fitted, solved = fit_line(SPREAD, current, errors), solve_polynomial(SPREAD, current, errors, 1)
    assert fitted.coefficients == pytest.approx(solved.coefficients, rel=1e-8)
    assert fitted.chi_square == pytest.approx(solved.chi_square, rel=1e-9)
    assert np.array_equal(fitted.covariance, solved.covariance)


@pytest.mark.parametrize("noise_pa", [0.0, 1e-6, 1.0])
def test_a_coefficient_of_zero_has_the_error_of_any_other(noise_pa: float) -> None:
    current = ohmic(SPREAD) + noise_pa * np.sin(SPREAD)  # the mean voltage is the reversal
    line = fit_line(SPREAD, current, np.ones_like(SPREAD))
    assert line.covariance[0, 0] == pytest.approx(1.0 / SPREAD.size, rel=1e-9)


@pytest.mark.parametrize("sigma", [0.01, 1.0, 20.0, 60.0])
def test_the_interval_of_a_line_is_fiellers(sigma: float) -> None:
    errors = sigma * np.linspace(0.5, 2.0, SPREAD.size)
    current = ohmic(SPREAD) + errors * np.sin(SPREAD)
    line = solve_polynomial(SPREAD, current, errors, 1)
    e_rev = float(line.centre_mv - line.coefficients[0] / line.coefficients[1])
    found = crossing_interval_mv(line, e_rev, 1000.0)
    assert found == pytest.approx(fieller(SPREAD, current, errors), rel=1e-7)


def test_the_interval_of_a_cubic_is_where_its_band_holds_zero() -> None:
    current = ghk(0.3)(SPREAD) + 3.0 * np.cos(SPREAD)
    cubic = solve_polynomial(SPREAD, current, np.full(13, 3.0), 3, dof=7.0)
    e_rev = crossing(lambda v: cubic.current_pa(np.asarray(v)), -80.0, 40.0)
    for end in crossing_interval_mv(cubic, e_rev, 200.0):
        assert end is not None
        assert abs(cubic.current_pa(end)) == pytest.approx(float(cubic.half_width_pa(end)))
        between = np.linspace(e_rev, end, 50)[:-1]
        assert np.all(np.abs(cubic.current_pa(between)) <= cubic.half_width_pa(between))


def test_an_interval_can_be_open_on_one_side() -> None:
    """A slope that is not clear, far from zero: the crossing is above no certain voltage."""
    line = solve_polynomial(SPREAD, 20.0 + 0.1 * (SPREAD + 20.0), np.full(13, 8.0), 1)
    low, high = crossing_interval_mv(line, -220.0, 1e4)
    assert low is None
    assert high is not None
    assert abs(line.current_pa(high)) == pytest.approx(float(line.half_width_pa(high)))


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_the_covariance_is_that_of_the_stated_errors(degree: int) -> None:
    errors = np.linspace(1.0, 3.0, SPREAD.size)
    found = solve_polynomial(SPREAD, 1e3 * np.sin(SPREAD), errors, degree)
    x = (SPREAD - found.centre_mv)[:, None] ** np.arange(degree + 1)
    exact = np.linalg.inv((x / errors[:, None] ** 2).T @ x)
    assert found.covariance == pytest.approx(exact, rel=1e-9)
    assert found.chi_square == pytest.approx(
        chi_square_left(SPREAD, 1e3 * np.sin(SPREAD), errors, degree)
    )


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_the_linear_equations_give_what_lmfit_does(degree: int) -> None:
    errors = np.linspace(1.0, 3.0, SPREAD.size)
    current = ghk(0.3)(SPREAD) + np.cos(SPREAD)
    solved = solve_polynomial(SPREAD, current, errors, degree, 7.0)
    model = PolynomialModel(degree)
    fitted = model.fit(
        current,
        model.guess(current, x=SPREAD - solved.centre_mv),
        x=SPREAD - solved.centre_mv,
        weights=1.0 / errors,
        scale_covar=False,
    )
    assert solved.coefficients == pytest.approx(list(fitted.best_values.values()), rel=1e-5)
    assert solved.covariance == pytest.approx(fitted.covar, rel=1e-4)
    assert solved.chi_square == pytest.approx(fitted.chisqr)
    assert solved.dof == 7.0


@pytest.mark.parametrize("together", [False, True])
def test_each_degree_is_a_corner_of_the_richest(together: bool) -> None:
    """One decomposition for all degrees gives what each degree gives by itself."""
    errors = np.linspace(1.0, 3.0, SPREAD.size)
    if together:
        errors = np.diag(errors**2) + 0.5
    current = ghk(0.3)(SPREAD) + np.cos(SPREAD)
    nested = solve_degrees(SPREAD, current, errors, 5)
    for degree in range(6):
        one, alone = nested.solve(degree), solve_polynomial(SPREAD, current, errors, degree)
        assert one.coefficients == pytest.approx(alone.coefficients, rel=1e-9, abs=1e-12)
        assert one.covariance == pytest.approx(alone.covariance, rel=1e-9, abs=1e-15)
        assert one.chi_square == pytest.approx(alone.chi_square)
        assert one.chi_square == pytest.approx(chi_square_left(SPREAD, current, errors, degree))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**16), st.integers(0, 4), st.floats(-4, 4))
def test_the_extra_scatter_makes_chi_square_its_freedom(
    seed: int, degree: int, size: float
) -> None:
    random = np.random.default_rng(seed)
    sigma = 10 ** random.uniform(-3, 1, 13)
    current = 10**size * random.standard_normal(13)
    extra = extra_scatter_pa(SPREAD, current, sigma, degree)
    left = chi_square_left(SPREAD, current, np.hypot(sigma, extra), degree)
    if extra:
        assert left == pytest.approx(12 - degree, rel=1e-6)
    else:
        assert left <= 12 - degree + 1e-6


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**16), st.sampled_from(["ohmic", "ghk", "repeats"]))
def test_the_order_of_the_points_does_not_matter(seed: int, kind: str) -> None:
    v = np.repeat(SPREAD[::3], 4) if kind == "repeats" else SPREAD
    current = ghk(0.3) if kind == "ghk" else ohmic
    curve = Scenario("", current, v.tolist(), 4.0, extra=4.0).draw(seed)
    shuffled = list(curve)
    shuffling.Random(seed).shuffle(shuffled)
    assert fit_iv(shuffled) == fit_iv(curve)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**16), st.floats(1e-2, 1e6), st.booleans())
def test_scaling_the_currents_scales_g_and_leaves_e(seed: int, scale: float, bent: bool) -> None:
    curve = Scenario("", ghk(0.3) if bent else ohmic, SPREAD.tolist(), 4.0).draw(seed)
    scaled = [replace(p, i_pa=p.i_pa * scale, i_sem_pa=p.i_sem_pa * scale) for p in curve]
    one, other = fit_iv(curve), fit_iv(scaled)
    assert (one.e_rev_status, one.e_rev_reason) == (other.e_rev_status, other.e_rev_reason)
    for name in ("g_ns", "g_low_ns", "g_high_ns"):
        assert getattr(other, name) == pytest.approx(scale * getattr(one, name), rel=1e-4)
    for name in ("e_rev_mv", "e_rev_low_mv", "e_rev_high_mv", "rectification"):
        expected = getattr(one, name)
        if expected is None:
            assert getattr(other, name) is None
        else:
            assert getattr(other, name) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_a_rectifying_curve_is_not_read_off_one_line() -> None:
    curve = points(np.arange(-120.0, 61.0, 10.0), ghk(0.05)(np.arange(-120.0, 61.0, 10.0)), 0.2)
    fit = fit_iv(curve)
    assert fit.e_rev_mv == pytest.approx(crossing(ghk(0.05)), abs=0.1)
    assert fit.rectification > 1.5  # type: ignore[operator]
    assert [finding.check for finding in fit.findings] == ["line_poor"]


def test_a_curve_that_never_crosses_is_extrapolated_without_interval() -> None:
    fit = fit_iv(points(np.arange(0.0, 61.0, 10.0), 5.0 * (np.arange(0.0, 61.0, 10.0) + 20.0), 1.0))
    assert fit.e_rev_status == "extrapolated"
    assert fit.e_rev_mv == pytest.approx(-20.0, abs=1.0)
    assert (fit.e_rev_low_mv, fit.e_rev_high_mv, fit.g_at_reversal_ns) == (None, None, None)
    assert "outside the tested voltages (0 to 60 mV)" in fit.e_rev_reason
    assert fit.findings[0].check == "no_crossing"


def test_all_points_of_a_straight_curve_speak_for_its_reversal() -> None:
    """The interval is not much wider than that of the line through all points."""
    v = np.arange(-100.0, 61.0, 10.0)
    errors = np.full(v.size, 5.0)
    widths = []
    for seed in range(60):
        curve = Scenario("", ohmic, v.tolist(), 5.0).draw(seed)
        fit = fit_iv(curve)
        low, high = fieller(v, np.array([one.i_pa for one in curve]), errors)
        widths.append((fit.e_rev_high_mv - fit.e_rev_low_mv) / (high - low))  # type: ignore[operator]
    assert np.median(widths) < 1.5


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_channel_that_is_closed_at_its_reversal_has_none(mirrored: bool) -> None:
    """Activated above -15 mV; mirrored: inward and activated below 15 mV."""
    v = np.arange(-120.0, 41.0, 10.0)
    current = 15.0 * (v + 85.0) / (1.0 + np.exp(-(v + 15.0) / 7.0))
    noise = np.random.default_rng(3).standard_normal(v.size)
    curve = points(-v, -current + noise, 1.0) if mirrored else points(v, current + noise, 1.0)
    fit = fit_iv(curve)
    assert (fit.e_rev_status, fit.e_rev_mv) == ("none", None)
    assert "closed (no conductance)" in fit.e_rev_reason
    assert ("to 120 mV" if mirrored else "from -120 to -") in fit.e_rev_reason


@pytest.mark.parametrize("sem", [0.2, 5.0, 20.0])
def test_a_current_that_heads_for_zero_is_not_called_closed(sem: float) -> None:
    v = np.arange(-20.0, 81.0, 10.0)
    for seed in range(40):
        fit = fit_iv(Scenario("", ohmic, v.tolist(), sem).draw(seed))
        assert "closed" not in fit.e_rev_reason


def test_noise_that_moves_the_voltage_too_widens_the_errors() -> None:
    """With 10 MOhm and 50 nS an error of the current is 1.5 times as far off the curve."""
    curve = points(SPREAD, 50.0 * (SPREAD + 20.0), 10.0)
    corrected = [replace(p, v_command_mv=p.v_membrane_mv + 0.01 * p.i_pa + 3.0) for p in curve]
    one, other = fit_iv(curve), fit_iv(corrected)
    assert other.g_ns == pytest.approx(one.g_ns)
    assert other.g_high_ns - other.g_ns == pytest.approx(1.5 * (one.g_high_ns - one.g_ns))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("current", "why"),
    [
        (lambda v: 300.0 + 0.0 * v, "does not clearly change"),
        (lambda v: 300.0 - 2.0 * v, "does not clearly rise"),
        (lambda v: -5.0 * (v + 20.0), "falling slope"),
    ],
    ids=["flat", "away from zero", "falling"],
)
def test_no_reversal_is_made_up(current: object, why: str) -> None:
    fit = fit_iv(points(SPREAD, current(SPREAD), 1.0))  # type: ignore[operator]
    assert fit.status == "ok"
    assert (fit.e_rev_status, fit.e_rev_mv) == ("none", None)
    assert why in fit.e_rev_reason


def test_a_negative_slope_is_said() -> None:
    fit = fit_iv(points(SPREAD, -ohmic(SPREAD), 1.0))
    assert fit.g_ns == pytest.approx(-5.0)
    assert {finding.check for finding in fit.findings} == {"no_crossing", "negative_slope"}


def test_two_crossings_take_the_rising_one() -> None:
    """A U: down through zero at -63, up at +23 mV."""
    v = np.arange(-100.0, 61.0, 10.0)
    fit = fit_iv(points(v, 0.05 * ((v + 20.0) ** 2 - 43.0**2), 0.5))
    assert fit.e_rev_status == "measured"
    assert fit.e_rev_mv == pytest.approx(23.0, abs=0.5)
    assert "also changes sign near -65 mV" in fit.e_rev_reason


def test_an_n_shaped_curve_takes_a_rising_crossing() -> None:
    """Rising through zero at -70 and at +20 mV, falling at -30."""
    v = np.arange(-100.0, 51.0, 10.0)
    fit = fit_iv(points(v, 0.002 * (v + 70.0) * (v + 30.0) * (v - 20.0), 0.5))
    assert fit.e_rev_status == "measured"
    assert min(abs(fit.e_rev_mv + 70.0), abs(fit.e_rev_mv - 20.0)) < 0.5  # type: ignore[operator]
    assert "also changes sign" in fit.e_rev_reason


def test_duplicates_and_two_levels() -> None:
    v = np.repeat([-70.0, -50.0], 20)
    sweep = np.tile(np.linspace(-1, 1, 20), 2)
    fit = fit_iv(points(v, 2.0 * (v + 60.0) + sweep, 0.6))
    assert fit.g_ns == pytest.approx(2.0, rel=1e-6)
    assert fit.e_rev_mv == pytest.approx(-60.0, abs=1e-6)
    assert [finding.check for finding in fit.findings] == ["two_levels"]
    same = points(SPREAD, ohmic(SPREAD), 1.0)
    assert fit_iv(same + same).g_ns == pytest.approx(5.0)


def test_too_few_points_say_what_was_left_out() -> None:
    curve = points([-60.0, -40.0, -20.0, 0.0], [-1.0, 0.0, 1.0, 2.0], 0.1)
    fit = fit_iv([*curve[:3], replace(curve[3], used=False, reason="the converter is at its end")])
    assert (fit.status, fit.g_ns, fit.e_rev_mv, fit.n_points) == ("rejected", None, None, 3)
    assert "3 usable points" in fit.reason
    assert "1 left out: the converter is at its end" in fit.reason
    assert fit_iv([]).status == "rejected"
    assert "1 voltages" in fit_iv(points([-60.0] * 5, range(5), 1.0)).reason


def test_a_point_that_is_not_used_does_not_count() -> None:
    curve = points(SPREAD, ohmic(SPREAD), 1.0)
    clipped = replace(curve[-1], i_pa=100.0, used=False, reason="the converter is at its end")
    assert fit_iv([*curve[:-1], clipped]) == fit_iv(curve[:-1])


@pytest.mark.parametrize("sem", [0.0, 1e-30])
def test_errors_of_zero(sem: float) -> None:
    fit = fit_iv(points(SPREAD, ohmic(SPREAD), sem))
    assert fit.e_rev_mv == pytest.approx(-20.0, abs=1e-3)
    assert 0 < fit.e_rev_high_mv - fit.e_rev_low_mv < 0.1  # type: ignore[operator]
    still = fit_iv(points(SPREAD, np.zeros(13), sem))
    assert (still.e_rev_status, still.g_ns) == ("none", pytest.approx(0.0, abs=1e-12))


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_currents_of_any_size_end_in_a_result(scale: float) -> None:
    fit = fit_iv(points(SPREAD, scale * ghk(0.3)(SPREAD), scale))
    assert fit.status == "ok"
    if scale > 1:
        assert fit.e_rev_mv == pytest.approx(crossing(ghk(0.3)), abs=0.3)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-200, 200), st.floats(-1e6, 1e6), st.floats(0, 1e4)),
        min_size=0,
        max_size=25,
    )
)
def test_any_points_end_in_a_result_that_is_consistent(data: list[tuple[float, ...]]) -> None:
    curve = points(*np.array(data).reshape(-1, 3).T)
    fit = fit_iv(curve)
    if fit.status == "rejected":
        assert fit.reason
        assert fit.g_ns is None
        return
    assert fit.g_low_ns <= fit.g_ns <= fit.g_high_ns  # type: ignore[operator]
    assert (fit.e_rev_status == "none") == (fit.e_rev_mv is None)
    assert (fit.e_rev_status == "measured") == (fit.e_rev_low_mv is not None)
    if fit.e_rev_status == "measured":
        assert fit.e_rev_low_mv <= fit.e_rev_mv <= fit.e_rev_high_mv  # type: ignore[operator]
        assert fit.v_min_mv <= fit.e_rev_mv <= fit.v_max_mv  # type: ignore[operator]


def test_wander_that_sweeps_share_is_in_the_covariance_and_counted_once() -> None:
    """The slope's error is that of the covariance: its closed formula for least squares."""
    tilt = 4.0 * (SPREAD - SPREAD.mean()) / np.ptp(SPREAD)
    curve = points(SPREAD, ohmic(SPREAD), np.hypot(1.0, tilt))
    shared = (SharedError("wander between sweeps", "recording", i_pa=tuple(tilt.tolist())),)
    alone, together = fit_iv(curve), fit_iv(curve, wander=shared)
    x = SPREAD - SPREAD.mean()
    gain = x / (x @ x)
    known = 1.959964 * np.sqrt(gain @ (np.eye(x.size) + np.outer(tilt, tilt)) @ gain)
    half = together.g_high_ns - together.g_ns  # type: ignore[operator]
    assert 0.75 * known < half < 1.1 * known
    assert half > 1.2 * (alone.g_high_ns - alone.g_ns)  # type: ignore[operator]
    # a tilt about the middle does not move the zero there
    width = together.e_rev_high_mv - together.e_rev_low_mv  # type: ignore[operator]
    assert width < alone.e_rev_high_mv - alone.e_rev_low_mv  # type: ignore[operator]
