"""Models of whole curves: what they give, what they refuse, and how often they are right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import lmfit
import numpy as np
import pytest
from curves_by_hand import CELSIUS, SPREAD, Scenario, crossing, ghk, ohmic, points
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy import special

from permeant.infer.models.basis import line_through, pore_through
from permeant.infer.models.describe import MODELS, describe_curve
from permeant.infer.models.field import ConstantField, constant_field
from permeant.infer.models.gated import fit_gate, search_gate
from permeant.infer.models.gated_intervals import gated_intervals
from permeant.infer.models.goodness import runs_p, scatter_pa
from permeant.infer.points import Points, gather_points
from permeant.physics.ghk_curve import fit_curve_permeabilities
from permeant.records import ModelFit

Curve = Callable[[ArrayLike], np.ndarray]
INSIDE, OUTSIDE = {"K": 140.0, "Na": 10.0}, {"K": 4.0, "Na": 145.0}
WIDE = np.arange(-100.0, 81.0, 10.0)
NORMAL_95 = 1.959963984540054


def field(*ions: str, **more: object) -> ConstantField:
    found = constant_field(
        ions or ("K", "Na"),
        INSIDE,
        OUTSIDE,
        CELSIUS,
        reference="K",
        **more,  # type: ignore[arg-type]
    )
    assert isinstance(found, ConstantField)
    return found


def gate(half: float, k: float, pore: Curve) -> Curve:
    def current(v: ArrayLike) -> np.ndarray:
        at = np.asarray(v, float)
        return special.expit((at - half) / k) * pore(at)

    return current


def rectifier(v: ArrayLike) -> np.ndarray:
    return 2.0 * (np.asarray(v, float) + 80.0)


def block(v: ArrayLike) -> np.ndarray:
    """Magnesium block of an ohmic channel (Jahr & Stevens 1990: 3.57 mM, 0.062 per mV)."""
    at = np.asarray(v, float)
    return 5.0 * at / (1.0 + np.exp(-0.062 * at) / 3.57)


def find(
    curve: Scenario, seed: int = 0, ions: ConstantField | str | None = None
) -> dict[str, ModelFit]:
    found, _ = describe_curve(curve.draw(seed), MODELS, ions or field())
    return {one.model: one for one in found}


def parameters(fit: ModelFit) -> dict[str, float]:
    return {one.name: one.value for one in fit.parameters}


# ------------------------------------------------------------------------------ what is given


def test_a_line_gives_its_conductance_and_reversal() -> None:
    found, said = describe_curve(points(SPREAD, ohmic(SPREAD), 1.0), ["ohmic"], "")
    (line,) = found
    assert (line.status, line.best, line.n_points, line.n_parameters) == ("ok", True, 13, 2)
    assert (line.g_ns, line.e_rev_mv) == pytest.approx((5.0, -20.0))
    half = NORMAL_95 / np.sqrt(np.sum((SPREAD - SPREAD.mean()) ** 2))
    assert line.g_high_ns - line.g_ns == pytest.approx(half, rel=1e-6)  # type: ignore[operator]
    assert said == "the straight line (p = 1) describes the points"


def test_flat_points_have_no_reversal() -> None:
    (line,), _ = describe_curve(points(SPREAD, 0.0 * SPREAD + 3.0, 1.0), ["ohmic"], "")
    assert (line.e_rev_mv, line.e_rev_status) == (None, "none")
    assert line.g_low_ns < 0 < line.g_high_ns  # type: ignore[operator]


def test_a_ghk_curve_is_that_of_the_physics() -> None:
    curve = Scenario("", ghk(0.3), SPREAD, 2.0)
    found = find(curve, ions=field(c_m_pf=20.0))["ghk"]
    v, i = SPREAD, np.array([point.i_pa for point in curve.draw(0)])
    exact = fit_curve_permeabilities(
        v, i, [140.0, 10.0], [4.0, 145.0], [1, 1], CELSIUS, names=["K", "Na"], sigma_i_pa=2.0
    )
    told = {one.name: one for one in found.parameters}
    for k, ion in enumerate(("K", "Na")):
        one = told[f"pa_{ion}"]
        assert one.value == pytest.approx(exact.permeability_area_m3_per_s[k])
        half = NORMAL_95 * exact.covariance[k, k] ** 0.5
        assert (one.low, one.high) == pytest.approx((one.value - half, one.value + half))
        # 20 pF at 1 uF/cm2 are 2000 um2; cm/s are a hundredth of m/s
        assert told[f"p_{ion}"].value == pytest.approx(one.value / 2000e-12 * 100.0)
    assert found.e_rev_mv == pytest.approx(crossing(ghk(told["pa_Na"].value / told["pa_K"].value)))
    ratio, sigma = exact.ratio("Na", "K")
    assert told["p_Na/p_K"].value == pytest.approx(ratio)
    assert told["p_Na/p_K"].high - ratio == pytest.approx(NORMAL_95 * sigma, rel=0.02)  # type: ignore[operator]


def test_the_slope_at_the_reversal_is_the_chord_there() -> None:
    found = find(Scenario("", ghk(0.3), SPREAD, 1e-3))["ghk"]
    e_rev = crossing(ghk(0.3))
    chord = float(ghk(0.3)([e_rev + 0.01])[0]) / 0.01
    assert found.g_ns == pytest.approx(chord, rel=1e-3)
    assert found.e_rev_mv == pytest.approx(e_rev, abs=2e-3)


def test_without_a_capacitance_no_permeability_per_area_is_told() -> None:
    told = parameters(find(Scenario("", ghk(0.3), SPREAD, 2.0))["ghk"])
    assert set(told) == {"pa_K", "pa_Na", "p_Na/p_K"}


def test_one_ion_reverses_where_its_solutions_say() -> None:
    alone = find(Scenario("", ghk(0.0), SPREAD, 2.0), ions=field("K"))["ghk"]
    assert alone.status == "ok"
    assert alone.e_rev_mv == pytest.approx(crossing(ghk(0.0)), abs=1e-3)
    assert (alone.e_rev_low_mv, alone.e_rev_high_mv) == (None, None)
    assert "follows from the solutions alone" in alone.reason


def test_ions_of_one_gradient_are_told_as_a_combination() -> None:
    same = constant_field(["K", "Cs"], {"K": 140.0, "Cs": 70.0}, {"K": 4.0, "Cs": 2.0}, CELSIUS)
    found = find(Scenario("", ghk(0.0), SPREAD, 2.0), ions=same)["ghk"]
    assert found.status == "ok"
    assert found.n_parameters == 1
    assert "only P_K + 0.5 P_Cs is determined by this curve" in found.reason
    assert found.parameters == ()


def test_an_ion_that_carries_nothing_has_an_upper_limit_only() -> None:
    found = find(Scenario("", ghk(0.0), SPREAD, 2.0), seed=1)["ghk"]
    told = {one.name: one for one in found.parameters}
    if told["pa_Na"].value == 0.0:
        assert "no current of Na is seen: only an upper limit" in found.reason
    assert told["pa_Na"].low == 0.0
    assert 0.0 < told["pa_Na"].high < 0.05 * told["pa_K"].value  # type: ignore[operator]


def test_an_activated_conductance() -> None:
    found = find(Scenario("", gate(-20.0, 8.0, rectifier), WIDE, 0.3))["gated_ohmic"]
    told = parameters(found)
    assert found.best
    assert told["v_half"] == pytest.approx(-20.0, abs=0.5)
    assert told["k"] == pytest.approx(8.0, abs=0.5)
    assert told["g_max"] == pytest.approx(2.0, abs=0.05)
    assert told["e_rev"] == pytest.approx(-80.0, abs=2.0)


def test_a_block_is_told_as_the_gate_that_it_is() -> None:
    """1/(1 + c exp(-0.062 V)) is a Boltzmann gate with k = 16.13 mV and V_half = ln(c) k."""
    told = parameters(find(Scenario("", block, WIDE, 0.5))["gated_ohmic"])
    assert told["k"] == pytest.approx(1.0 / 0.062, rel=0.03)
    assert told["v_half"] == pytest.approx(-np.log(3.57) / 0.062, abs=1.5)


# ---------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("curve", "refuted"),
    [
        (ghk(0.3), {"ohmic"}),
        (block, {"ohmic", "ghk"}),
        (gate(-20.0, 8.0, rectifier), {"ohmic", "ghk"}),
        (gate(-50.0, -9.0, ghk(0.3)), {"ohmic", "ghk"}),
        (lambda v: ghk(0.02)(v) + np.asarray(v, float) + 40.0, {"ohmic", "ghk"}),
    ],
    ids=["ghk", "magnesium block", "gate that opens", "gate that closes", "leak to -40 mV"],
)
def test_curves_of_another_kind_are_refuted(curve: Curve, refuted: set[str]) -> None:
    """Each of 25, and without a number; 3 pA of error on a few hundred."""
    scenario = Scenario("", curve, WIDE.tolist(), 3.0)
    for seed in range(25):
        found = find(scenario, seed)
        for name in refuted:
            one = found[name]
            assert (one.status, one.best, one.parameters) == ("refuted", False, ())
            assert (one.g_ns, one.g_low_ns, one.e_rev_mv, one.e_rev_low_mv) == (None,) * 4
            assert one.reason.startswith("refuted")


def test_a_model_that_another_leaves_far_behind_is_refuted() -> None:
    found = find(Scenario("", ghk(0.05), WIDE.tolist(), 12.0))
    others = [one for one in found.values() if "refuted beside" in one.reason]
    for one in others:
        assert one.delta_aicc > 10.0  # type: ignore[operator]
        assert one.chi2_p >= 0.01  # type: ignore[operator]
    assert found["ghk"].best


@pytest.mark.parametrize(("many", "fitted"), [(3, 0), (4, 2), (5, 2)])
def test_too_few_voltages_are_refused(many: int, fitted: int) -> None:
    v = np.linspace(-80.0, 40.0, many)
    found = find(Scenario("", ghk(0.3), v.tolist(), 2.0))
    refused = [one for one in found.values() if "voltages for" in one.reason]
    assert len(refused) == 4 - fitted
    for one in refused:
        assert one.status == "rejected"
        assert one.aicc is None


def test_repeats_at_two_voltages_test_no_model() -> None:
    v = np.repeat([-70.0, -60.0], 20)
    (line,), said = describe_curve(points(v, ohmic(v), 5.0), ["ohmic"], "")
    assert "2 voltages for 2 parameters: at least 4 are needed" in line.reason
    assert said == ""


def test_a_straight_line_has_no_gate() -> None:
    found = find(Scenario("", ohmic, SPREAD, 2.0))
    assert found["gated_ohmic"].status == "rejected"
    assert "no gate can be told" in found["gated_ohmic"].reason


def test_without_solutions_the_ghk_models_say_why() -> None:
    found = find(Scenario("", ohmic, SPREAD, 2.0), ions="the sheet names no bath")
    assert found["ghk"].reason == found["gated_ghk"].reason == "the sheet names no bath"
    assert found["ohmic"].status == "ok"
    assert constant_field([], INSIDE, OUTSIDE, CELSIUS) == (
        "the configuration names no permeant ions (permeability: permeant)"
    )
    assert constant_field(["Ca"], INSIDE, OUTSIDE, CELSIUS) == (
        "neither solution holds a permeant ion (Ca)"
    )


# ---------------------------------------------------------- intervals, held against lmfit's


def natural(data: Points, kind: str) -> tuple[object, dict[str, tuple[float | None, float | None]]]:
    """Return lmfit's own interval search in natural parameters, and our intervals."""
    pore = line_through(data.v_mv, data.i_pa)
    if kind == "ghk":
        pore = pore_through(data.v_mv, data.i_pa, field())  # type: ignore[assignment]
    found = search_gate(data, pore)
    assert not isinstance(found, str)
    fit = fit_gate(found)
    assert not isinstance(fit, str)
    ours = gated_intervals(fit, NORMAL_95, data.v_mv)
    given = lmfit.Parameters()
    ends: dict[str, tuple[float | None, float | None]] = {}
    if kind == "line":
        given.add("g", value=ours.g_ns)
        given.add("e", value=ours.e_rev_mv)
        ends = {"g": ours.g, "e": ours.e_rev}
    for k, (value, pair) in enumerate(zip(fit.beta, ours.beta, strict=True)):
        if kind == "ghk":
            given.add(f"b{k}", value=float(value))
            ends[f"b{k}"] = pair
    given.add("half", value=fit.v_half_mv)
    given.add("k", value=fit.k_mv)
    ends |= {"half": ours.v_half_mv, "k": ours.k_mv}

    def residual(asked: lmfit.Parameters) -> np.ndarray:
        x = asked.valuesdict()
        open_pa = (
            x["g"] * (data.v_mv - x["e"])
            if kind == "line"
            else pore.tested @ np.array([x[f"b{k}"] for k in range(2)])
        )
        model = special.expit((data.v_mv - x["half"]) / x["k"]) * open_pa
        return np.asarray((model - data.i_pa) / data.sigma_pa)

    def rise(best: object, new: object, *_: object) -> float:
        # known errors: the rise of chi-square itself, not of its ratio to the scatter
        return float(special.chdtr(1, max(new.chisqr - best.chisqr, 0.0)))  # type: ignore[attr-defined]

    fitter = lmfit.Minimizer(residual, given, scale_covar=False)
    theirs = lmfit.conf_interval(
        fitter, fitter.leastsq(), sigmas=[0.95], prob_func=rise, maxiter=400
    )
    return theirs, ends


@pytest.mark.parametrize(
    ("kind", "curve", "noise", "seed"),
    [
        ("line", gate(-20.0, 8.0, rectifier), 2.0, 1),
        ("line", gate(-20.0, 8.0, rectifier), 6.0, 2),
        ("line", gate(10.0, 12.0, rectifier), 6.0, 4),
        ("line", gate(-50.0, -9.0, rectifier), 5.0, 5),
        ("ghk", gate(-20.0, 8.0, ghk(0.3)), 2.0, 1),
        ("ghk", gate(-40.0, -12.0, ghk(0.3)), 3.0, 3),
        ("ghk", gate(0.0, 15.0, ghk(0.3)), 5.0, 6),
    ],
)
def test_the_intervals_are_those_of_lmfit(kind: str, curve: Curve, noise: float, seed: int) -> None:
    """To 1 % of the half-width; among them sides that differ by a factor of up to three."""
    data = gather_points(Scenario("", curve, WIDE.tolist(), noise).draw(seed))
    data = replace(data, sigma_pa=data.stated_pa, dof=np.inf)
    theirs, ours = natural(data, kind)
    for name, rows in theirs.items():  # type: ignore[attr-defined]
        low, high = rows[0][1], rows[2][1]
        assert ours[name] == pytest.approx((low, high), abs=0.01 * (high - low) / 2), name


# ------------------------------------------------------------------------------ how often right

CALIBRATED = [
    ("ohmic", Scenario("ohmic", ohmic, SPREAD, 5.0), {"g": 5.0, "e_rev": -20.0}),
    ("ohmic", Scenario("ohmic, scatter", ohmic, SPREAD, 5.0, extra=5.0), {"g": 5.0}),
    (
        "ghk",
        Scenario("ghk", ghk(0.3), SPREAD, 2.0),
        {"pa_K": 1e-17, "pa_Na": 3e-18, "p_Na/p_K": 0.3},
    ),
    ("ghk", Scenario("ghk, a small ratio", ghk(0.01), SPREAD, 5.0), {"p_Na/p_K": 0.01}),
    (
        "gated_ohmic",
        Scenario("gate that opens", gate(-20.0, 8.0, rectifier), WIDE, 3.0),
        {"g_max": 2.0, "e_rev": -80.0, "v_half": -20.0, "k": 8.0},
    ),
    (
        "gated_ohmic",
        Scenario("gate, scatter", gate(-20.0, 8.0, rectifier), WIDE, 2.0, extra=3.0),
        {"g_max": 2.0, "e_rev": -80.0, "v_half": -20.0, "k": 8.0},
    ),
    (
        "gated_ghk",
        Scenario("gated pore", gate(-20.0, 8.0, ghk(0.3)), WIDE, 2.0),
        {"pa_K": 1e-17, "pa_Na": 3e-18, "v_half": -20.0, "k": 8.0},
    ),
]


@pytest.mark.parametrize(
    ("model", "scenario", "truth"), CALIBRATED, ids=[one[1].name for one in CALIBRATED]
)
def test_intervals_hold_the_truth(model: str, scenario: Scenario, truth: dict[str, float]) -> None:
    """Between 92 and 98 % of 150, each with two standard errors for chance."""
    held: dict[str, list[bool]] = {name: [] for name in truth}
    stands = 0
    for seed in range(150):
        fit = find(scenario, seed)[model]
        stands += fit.status == "ok"
        for one in fit.parameters:
            if one.name in truth:
                low = -np.inf if one.low is None else one.low
                high = np.inf if one.high is None else one.high
                held[one.name].append(low <= truth[one.name] <= high)
    assert stands >= 0.97 * 150 - 3
    for name, found in held.items():
        assert 0.92 - 0.044 <= np.mean(found) <= 0.98 + 0.023, name


# ------------------------------------------------------------------------------- the small parts


def test_runs_are_counted_exactly() -> None:
    """Six of each sign in two runs: 2 of the 924 orders have as few (Wald & Wolfowitz)."""
    data = gather_points(points(np.arange(12.0) * 10.0, np.zeros(12), 1.0))
    sides = np.repeat([1.0, -1.0], 6)
    assert runs_p(data, sides) == pytest.approx(2.0 / 924.0)
    assert runs_p(data, np.tile([1.0, -1.0], 6)) == pytest.approx(1.0)
    assert runs_p(data, np.ones(12)) is None


def test_the_scatter_makes_chi_square_its_freedom() -> None:
    residual, stated = np.linspace(-3.0, 4.0, 12), np.linspace(0.5, 1.5, 12)
    extra = scatter_pa(residual, stated, 9)
    assert np.sum(residual**2 / (stated**2 + extra**2)) == pytest.approx(9.0)
    assert scatter_pa(residual, 10.0 * stated, 9) == 0.0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-200, 200), st.floats(-1e6, 1e6), st.floats(0, 1e4)), max_size=20)
)
def test_any_points_end_in_a_verdict_that_is_consistent(data: list[tuple[float, ...]]) -> None:
    curve = points(*np.array(data).reshape(-1, 3).T)
    found, _ = describe_curve(curve, MODELS, field())
    assert [one.model for one in found] == list(MODELS)
    assert sum(one.best for one in found) <= 1
    for one in found:
        assert one.reason or one.status == "ok"
        if one.status != "ok":
            assert (one.g_ns, one.e_rev_mv, one.parameters) == (None, None, ())
        if one.best:
            assert one.status == "ok"
        for parameter in one.parameters:
            assert parameter.low is None or parameter.low <= parameter.value * (1 + 1e-9) + 1e-300
            assert parameter.high is None or parameter.value <= parameter.high * (1 + 1e-9) + 1e-300


def test_the_order_of_the_points_does_not_matter() -> None:
    curve = Scenario("", gate(-20.0, 8.0, ghk(0.3)), WIDE, 3.0).draw(4)
    assert describe_curve(curve[::-1], MODELS, field()) == describe_curve(curve, MODELS, field())
