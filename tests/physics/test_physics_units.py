"""Errors, shapes and the cases that a table of numbers does not reach."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from permeant import physics as ph
from permeant.errors import PermeantError
from permeant.physics.identifiability import assess_identifiability
from permeant.physics.nonnegative import nonnegative_least_squares


def test_import_is_light() -> None:
    code = (
        "import sys, permeant.physics; heavy = {'scipy', 'pandas', 'lmfit', 'pydantic', 'neo', "
        "'msgspec', 'yaml'}; print(sorted(heavy & {m.split('.')[0] for m in sys.modules}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# ------------------------------------------------------------------------- temperature, shapes


@pytest.mark.parametrize("wrong", [295.0, -50.0, 61.0, np.nan])
def test_temperature_out_of_range(wrong: float) -> None:
    with pytest.raises(ph.ArgumentError, match="temperature_c"):
        ph.nernst_mv(5, 140, 1, wrong)


def test_kelvin_is_pointed_out() -> None:
    with pytest.raises(ph.ArgumentError, match=r"temperature_c = 295 .*kelvin\? then give 21.85"):
        ph.thermal_voltage_mv(295)


def test_scalars_give_floats_and_arrays_broadcast() -> None:
    assert type(ph.nernst_mv(5, 140, 1, 25)) is float
    assert type(ph.ghk_current_density(0, 1e-6, 140, 5, 1, 25)) is float
    assert type(ph.phi(0)) is float
    grid = ph.nernst_mv(np.array([5.0, 10.0])[:, None], [140.0, 150.0, 160.0], 1, 25)
    assert grid.shape == (2, 3)
    assert ph.phi([0.0, 1.0]).shape == (2,)


@pytest.mark.parametrize(("inside", "outside", "z"), [(140, 5, 1), (1e-4, 2, 2), (10, 150, -1)])
def test_long_traces_agree_with_single_points(inside: float, outside: float, z: int) -> None:
    v = np.concatenate([np.linspace(-20_000, 20_000, 50_001), np.zeros(20_000), [1e-9, -80.0]])
    whole = ph.ghk_current_per_permeability(v, inside, outside, z, 25)
    some = slice(None, None, 97)
    apart = [ph.ghk_current_per_permeability(each, inside, outside, z, 25) for each in v[some]]
    np.testing.assert_allclose(whole[some], apart, rtol=1e-12)
    grid = ph.ghk_current_per_permeability(v[::-1][:60_000].reshape(2, -1), inside, outside, z, 25)
    np.testing.assert_allclose(grid.ravel(), whole[::-1][:60_000], rtol=1e-12)
    with pytest.raises(ph.ArgumentError, match=r"v_mv\[3\] = nan"):
        ph.ghk_current_per_permeability(np.where(np.arange(v.size) == 3, np.nan, v), 1, 2, z, 25)


def test_long_traces_of_several_ions_agree_with_single_points() -> None:
    z, inside, outside = [1, 1, 2, -1, 3], [140, 15, 1e-4, 10, 0], [5, 145, 2, 0, 1]
    p = np.array([1.0, 0.05, 2.0, 0.3, 0.1]) * 1e-17
    v = np.concatenate([np.linspace(-900, 900, 50_001), [0.0, 1e-300, -1e-9], np.zeros(20_000)])
    some = np.concatenate([np.arange(0, v.size, 97), [25_000, 50_001, 50_002, 50_003]])
    apart = np.array([ph.ghk_current_pa(each, p, inside, outside, z, 25) for each in v[some]])
    gross = np.array([ph.ghk_current_pa(abs(each), p, inside, outside, z, 25) for each in v[some]])
    whole = ph.ghk_current_pa(v, p, inside, outside, z, 25)
    np.testing.assert_allclose(whole[some], apart, rtol=1e-12, atol=1e-14 * np.abs(gross).max())
    last = ph.ghk_current_density(v[:, None], p, inside, outside, z, 25)
    first = ph.ghk_current_density(v, *(np.array(x)[:, None] for x in (p, inside, outside, z)), 25)
    assert last.shape == (v.size, 5)
    np.testing.assert_array_equal(last.T, first)
    np.testing.assert_allclose(1e12 * last.sum(axis=-1)[some], apart, rtol=1e-11, atol=1e-9)
    for bad in (np.nan, np.inf):
        with pytest.raises(ph.ArgumentError, match=rf"v_mv\[7\] = {bad}"):
            ph.ghk_current_pa(np.where(np.arange(v.size) == 7, bad, v), p, inside, outside, z, 25)


# ---------------------------------------------------------------------------- electrochemistry


@pytest.mark.parametrize(
    ("outside", "inside", "named"),
    [(0, 140, "outside_mm = 0"), (5, 0, "inside_mm = 0"), (-1, 5, "outside_mm = -1")],
)
def test_nernst_is_undefined_at_zero(outside: float, inside: float, named: str) -> None:
    with pytest.raises(ph.ArgumentError, match=named):
        ph.nernst_mv(outside, inside, 1, 25)


def test_nernst_refuses_zeros_in_arrays_and_says_where() -> None:
    with pytest.raises(ValueError, match=r"inside_mm\[1\] = 0 .*1 of 3"):
        ph.nernst_mv(5, [140, 0, 10], 1, 25)


@pytest.mark.parametrize("valence", [0, 0.5, 7])
def test_valence_must_be_a_charge(valence: float) -> None:
    with pytest.raises(ph.ArgumentError, match="valence"):
        ph.nernst_mv(5, 140, valence, 25)


@pytest.mark.parametrize(
    ("v", "e", "z", "words"),
    [
        (-65, -90, 1, "out of the cell (outward current)"),
        (-65, 60, 1, "into the cell (inward current)"),
        (0, -60, -1, "into the cell (outward current)"),
        (-80, -60, -1, "out of the cell (inward current)"),
        (60, 60, 1, "at equilibrium"),
    ],
)
def test_direction_in_words(v: float, e: float, z: int, words: str) -> None:
    assert ph.direction_of_movement(v, e, z).startswith(words)


def test_single_file_sharpens_the_flux_ratio() -> None:
    independent = ph.ussing_flux_ratio(-65, -85, 1, 25)
    assert ph.ussing_flux_ratio(-65, -85, 1, 25, 2.5) == pytest.approx(independent**2.5)
    assert ph.ussing_flux_ratio(-85, -85, 1, 25, 2.5) == 1.0


def test_energy_of_one_ion() -> None:
    mole = ph.free_energy_j_per_mol(-65, 145, 15, 1, 37)
    assert ph.free_energy_j_per_ion(-65, 145, 15, 1, 37) == pytest.approx(mole / 6.02214076e23)


# -------------------------------------------------------------------------------------- ohmic


def test_two_points() -> None:
    fit = ph.fit_two_points((-100, -50), (-100, 0), (3, 4))
    assert (fit.g_ns, fit.e_rev_mv, fit.extrapolated) == (2.0, -50.0, False)
    assert fit.g_sigma_ns == pytest.approx(0.1)
    assert fit.e_rev_sigma_mv == pytest.approx(2.0)
    assert ph.fit_two_points((-100, -50), (-300, -200)).extrapolated
    with pytest.raises(ph.ArgumentError, match="two different voltages"):
        ph.fit_two_points((0, 0), (1, 2))
    with pytest.raises(ph.ArgumentError, match="flat line"):
        ph.fit_two_points((0, 1), (2, 2))


def test_two_point_errors_match_simulation() -> None:
    rng = np.random.default_rng(1)
    draws = rng.normal([-100.0, -20.0], [3.0, 2.0], (4000, 2))
    g = (draws[:, 1] - draws[:, 0]) / 40
    e = -80 - draws[:, 0] / g
    fit = ph.fit_two_points((-80, -40), (-100, -20), (3, 2))
    assert fit.extrapolated
    assert fit.g_sigma_ns == pytest.approx(g.std(), rel=0.05)
    assert fit.e_rev_sigma_mv == pytest.approx(e.std(), rel=0.05)


def test_conductances() -> None:
    assert ph.ohmic_current_pa(2, -80, 0) == -160.0
    assert ph.chord_conductance_ns(-160, -80, 0) == 2.0
    assert ph.resistance_mohm(2) == 500.0
    v = np.array([-80.0, -50.0, -40.0, 10.0])
    np.testing.assert_allclose(ph.slope_conductance_ns(v**2, v), 2 * v)
    with pytest.raises(ph.ArgumentError, match="use the slope"):
        ph.chord_conductance_ns(1, 0, 0)
    with pytest.raises(ph.ArgumentError, match="rise or fall"):
        ph.slope_conductance_ns([1, 2, 3], [0, 1, 0.5])
    with pytest.raises(ph.ReversalError, match="conducts nothing"):
        ph.conductance_weighted_reversal_mv([0, 0], [60, -90])
    with pytest.raises(ph.ReversalError, match="no upper bound"):
        ph.conductance_ratio_from_reversal(60, 60, -90)


def test_chord_conductances_at_the_reversal_weigh_exactly() -> None:
    p, inside, outside = np.array([1.0, 0.3]), np.array([140.0, 10.0]), np.array([5.0, 145.0])
    e = ph.ghk_reversal_mv(p, inside, outside, [1, 1], 25)
    nernst = ph.nernst_mv(outside, inside, 1, 25)
    chord = ph.ghk_chord_conductance_s_per_m2(e, p, inside, outside, 1, 25)
    assert ph.conductance_weighted_reversal_mv(chord, nernst) == pytest.approx(e, abs=1e-9)


def test_chord_conductance_at_its_own_reversal_is_the_slope() -> None:
    e = ph.nernst_mv(5, 140, 1, 25)
    chord = ph.ghk_chord_conductance_s_per_m2([e - 2e-3, e, e + 2e-3], 1e-6, 140, 5, 1, 25)
    assert chord[1] == pytest.approx(ph.ghk_slope_conductance_s_per_m2(e, 1e-6, 140, 5, 1, 25))
    assert chord[1] == pytest.approx(chord.mean(), rel=1e-6)


# ---------------------------------------------------------------------------------------- GHK


def test_chloride_entering_is_an_outward_current() -> None:
    assert ph.ghk_current_density(0, 1e-6, 10, 120, -1, 25) > 0


def test_zero_concentrations_are_legal() -> None:
    assert ph.ghk_current_density(-60, 1e-6, 0, 145, 1, 25) < 0
    assert ph.ghk_current_density(-60, 1e-6, 0, 0, 1, 25) == 0.0
    assert ph.ghk_reversal_mv([1, 1], [140, 0], [0, 140], [1, 1], 25) == 0.0


def test_phi_slope_joins_its_series() -> None:
    x = np.array([-0.2 - 1e-9, -0.2 + 1e-9, 0.2 - 1e-9, 0.2 + 1e-9, -700.0, 0.0, 700.0])
    slope = ph.ghk_terms.phi_slope(x)
    assert slope[0] == pytest.approx(slope[1], abs=1e-9)
    assert slope[2] == pytest.approx(slope[3], abs=1e-9)
    np.testing.assert_allclose(slope[4:], [0.0, 0.5, 1.0], atol=1e-15)
    around = np.linspace(-3, 3, 61)
    numeric = (ph.phi(around + 1e-5) - ph.phi(around - 1e-5)) / 2e-5
    np.testing.assert_allclose(ph.ghk_terms.phi_slope(around), numeric, atol=1e-9)


@pytest.mark.parametrize(
    ("inside", "outside", "valences", "words"),
    [
        ([140, 10], [0, 0], [1, 1], "inward current"),
        ([0, 0], [140, 10], [1, 1], "outward current"),
        ([0, 0], [0, 0], [1, 2], "both permeant and present"),
        ([0, 0], [140, 10], [1, 3], "outward current"),
    ],
)
def test_no_reversal_is_said_in_words(
    inside: list, outside: list, valences: list, words: str
) -> None:
    with pytest.raises(ph.ReversalError, match=words):
        ph.ghk_reversal_mv([1, 1], inside, outside, valences, 25)
    assert not ph.has_reversal([1, 1], inside, outside, valences)


@pytest.mark.parametrize("valences", [[1, 1], [1, 3]])
def test_draws_without_reversal_are_nan(valences: list) -> None:
    draws = [[1, 0.5], [1, 0], [1, -0.1], [1, np.nan]]
    e = ph.ghk_reversal_mv(draws, [140, 0], [0, 140], valences, 25)
    np.testing.assert_array_equal(np.isnan(e), [False, True, True, True])
    with pytest.raises(ph.ArgumentError, match=r"permeabilities\[1\] = -0.1"):
        ph.ghk_reversal_mv(draws[2], [140, 0], [0, 140], valences, 25)


def test_reversal_broadcasts_over_draws_and_temperatures() -> None:
    p = np.ones((5, 1, 2))
    e = ph.ghk_reversal_mv(p, [140, 10], [5, 145], [1, 1], np.array([20.0, 25.0, 37.0]))
    assert e.shape == (5, 3)
    assert e[0, 1] == pytest.approx(ph.ghk_reversal_mv([1, 1], [140, 10], [5, 145], [1, 1], 25))


def test_reversal_refuses_what_does_not_fit() -> None:
    with pytest.raises(ph.ArgumentError, match="shapes do not fit"):
        ph.ghk_reversal_mv([1, 1, 1], [140, 10], [5, 145], [1, 1], 25)
    with pytest.raises(ph.ArgumentError, match="must all be 1 or -1"):
        ph.ghk_voltage_mv([1, 1], [140, 1], [5, 2], [1, 2], 25)


def test_lewis_and_fatt_ginsborg_are_special_cases() -> None:
    e = ph.ghk_reversal_mv([1, 3], [140, 0], [0, 10], [1, 2], 22)
    xi = np.exp(e / ph.thermal_voltage_mv(22))
    assert 140 * xi * (1 + xi) / (4 * 10) == pytest.approx(3, rel=1e-12)


def test_inversion_over_draws() -> None:
    e = np.array([-62.0, -61.0, 70.0])
    found = ph.invert_ghk(e, [1, np.nan], [140, 10], [4, 145], [1, 1], 23, 1)
    assert found.ratio.shape == found.slope_per_mv.shape == (3,)
    np.testing.assert_array_equal(found.feasible, [True, True, False])


def test_inversion_at_the_ions_own_potential() -> None:
    with pytest.raises(ph.ReversalError, match="only a lower bound"):
        ph.invert_ghk(0.0, [1, np.nan], [140, 10], [4, 10], [1, 1], 23, 1)
    with pytest.raises(ph.ReversalError, match="absent from both sides"):
        ph.invert_ghk(-50.0, [1, np.nan], [140, 0], [4, 0], [1, 1], 23, 1)
    several = ph.invert_ghk([0.0, 1.0], [1, np.nan], [140, 10], [4, 10], [1, 1], 23, 1)
    assert np.isnan(several.ratio[0])
    assert not several.feasible[0]
    with pytest.raises(ph.ArgumentError, match="unknown = 2"):
        ph.invert_ghk(0.0, [1, 1], [140, 10], [4, 145], [1, 1], 23, 2)
    with pytest.raises(ph.ArgumentError, match="invert_ghk"):
        ph.biionic_ratio_from_shift(10, 25, 2)


# ----------------------------------------------------------------------- several ions together


def test_undetermined_combinations_in_words() -> None:
    inside, outside = [140, 0, 0], [[4, 70, 70], [4, 35, 35]]
    found = ph.solve_permeabilities(
        [-30, -45], inside, outside, [1, 1, 1], 23, names=["K", "Na", "Li"], reference="K"
    )
    assert found.identifiability.rank == 1
    assert found.identifiability.undetermined == ("only P_Na + P_Li is determined by these baths",)
    assert np.isnan(found.covariance).all()


def test_an_absent_ion_is_not_determined() -> None:
    found = ph.solve_permeabilities(
        [-60.0], [140, 10, 0], [4, 145, 0], [1, 1, 1], 23, names=["K", "Na", "Cs"], reference="K"
    )
    assert found.identifiability.undetermined == ("P_Cs is not determined by these baths",)


def test_infeasible_joint_solution_keeps_the_number() -> None:
    found = ph.solve_permeabilities(
        [30.0], [10, 0], [145, 140], [1, 1], 22, names=["Na", "X"], reference="Na"
    )
    assert not found.feasible
    assert found.at_bound == ("X",)
    assert found.unbounded[1] == pytest.approx(-0.803370367519205, rel=1e-9)


def test_joint_covariance_matches_simulation() -> None:
    p, inside = np.array([1.0, 0.06, 0.3]), np.array([140.0, 10.0, 0.0])
    outside = np.array([[4, 145, 0], [4, 0, 145.0], [4, 70, 75], [50, 100, 0]])
    names = {"names": ["K", "Na", "Cs"], "reference": "K"}
    e = ph.ghk_reversal_mv(np.broadcast_to(p, outside.shape), inside, outside, [1, 1, 1], 23)
    rng = np.random.default_rng(2)
    fits = [
        ph.solve_permeabilities(
            e + rng.normal(0, 0.5, 4), inside, outside, [1, 1, 1], 23, sigma_e_mv=0.5, **names
        )
        for _ in range(150)
    ]
    ratios = np.array([fit.ratios for fit in fits])
    sigma = np.sqrt(np.diag(fits[0].covariance)[1:])
    np.testing.assert_allclose(ratios[:, 1:].std(axis=0), sigma, rtol=0.25)
    assert np.mean([fit.chi2 for fit in fits]) == pytest.approx(2.0, abs=0.5)
    assert fits[0].degrees_of_freedom == 2


def test_fixed_ratios_are_kept() -> None:
    found = ph.solve_permeabilities(
        [-40.0], [140, 10, 10], [4, 145, 150], [1, 1, -1], 23,
        names=["K", "Na", "Cl"], reference="K", fixed={"Cl": 0.2},
    )  # fmt: skip
    assert found.ratios[2] == 0.2
    assert found.e_model_mv[0] == pytest.approx(-40.0, abs=1e-9)
    all_fixed = ph.solve_permeabilities(
        [-40.0], [140, 10], [4, 145], [1, 1], 23,
        names=["K", "Na"], reference="K", fixed={"Na": 0.1},
    )  # fmt: skip
    assert all_fixed.ratios == (1.0, 0.1)
    assert all_fixed.degrees_of_freedom == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reference": "Rb"}, "Rb is not among"),
        ({"names": ["K", "K"]}, "2 different ions"),
        ({"fixed": {"Na": -1.0}}, "Na"),
        ({"fixed": {"K": 2.0}}, "the reference is 1"),
        ({"sigma_e_mv": 0.0}, "sigma_e_mv"),
        ({"sigma_e_mv": [1.0, 1.0, 1.0]}, "2 reversals and 2 ions"),
    ],
)
def test_joint_solution_refuses(change: dict, words: str) -> None:
    arguments = {"names": ["K", "Na"], "reference": "K", **change}
    with pytest.raises(ph.ArgumentError, match=words):
        ph.solve_permeabilities([-40, -50], [140, 10], [4, 145], [1, 1], 23, **arguments)


def test_draws_that_determine_nothing_are_nan() -> None:
    draws = ph.solve_permeability_draws(
        [[-60.0]], [140, 10, 0], [4, 100, 45], [1, 1, 1], 23, names=["K", "Na", "Cs"], reference="K"
    )
    np.testing.assert_array_equal(np.isnan(draws), [[False, True, True]])


def test_identifiability_warns_before_it_refuses() -> None:
    nearly = assess_identifiability([[1.0, 1.0], [1.0, 1.01]], ["Na", "Li"])
    assert nearly.identifiable
    assert nearly.doubtful
    refused = assess_identifiability([[1.0, 1.0], [1.0, 1.001]], ["Na", "Li"])
    assert refused.undetermined == ("only P_Na + P_Li is determined by these baths",)
    negative = assess_identifiability([[1.0, -0.5]], ["Na", "Cl"])
    assert negative.undetermined == ("only P_Na - 0.5 P_Cl is determined by these baths",)


def test_curve_fit_finds_absolute_permeabilities() -> None:
    v = np.arange(-100.0, 61.0, 10.0)
    truth = [1e-15, 6e-17]
    i = ph.ghk_current_pa(v, truth, [140, 10], [4, 145], [1, 1], 23)
    rng = np.random.default_rng(3)
    fit = ph.fit_curve_permeabilities(
        v, i + rng.normal(0, 5, v.size), [140, 10], [4, 145], [1, 1], 23,
        names=["K", "Na"], sigma_i_pa=5.0,
    )  # fmt: skip
    found, sigma = fit.ratio("Na", "K")
    assert abs(found - 0.06) < 4 * sigma
    assert 0 < sigma < 0.02
    assert fit.degrees_of_freedom == v.size - 2
    assert fit.identifiability.condition < 2
    area = ph.area_from_capacitance_um2(20.0)
    assert area == 2000.0
    p_k = ph.absolute_permeability_m_per_s(fit.permeability_area_m3_per_s[0], area)
    assert p_k == pytest.approx(5e-7, rel=0.01)
    with pytest.raises(ph.ArgumentError, match="'Cs'"):
        fit.ratio("Cs", "K")


def test_curve_fit_of_several_baths_and_its_limits() -> None:
    v = np.tile(np.arange(-80.0, 41.0, 20.0), 2)
    outside = np.repeat([[145.0, 0, 4], [0.0, 145, 4]], 7, axis=0)
    truth = [3e-16, 1e-16, 9e-16]
    i = ph.ghk_current_pa(v, truth, [0, 0, 140], outside, [1, 1, 1], 23)
    names = ["Na", "Li", "K"]
    fit = ph.fit_curve_permeabilities(v, i, [0, 0, 140], outside, [1, 1, 1], 23, names=names)
    assert fit.permeability_area_m3_per_s == pytest.approx(truth, rel=1e-9)
    mixed = ph.fit_curve_permeabilities(
        v[:7], i[:7], [0, 0, 140], [70, 70, 4], [1, 1, 1], 23, names=names
    )
    assert mixed.identifiability.undetermined[0].startswith("only P_Na + P_Li is determined")
    with pytest.raises(ph.ArgumentError, match="no shorter"):
        ph.fit_curve_permeabilities(
            [0, 1], [0, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1], 23, names=names
        )


def test_permeability_of_a_conductance() -> None:
    p = ph.permeability_from_symmetric_conductance(0.1, 150, 1, 25)
    assert ph.ghk_current_pa(10, [p], [150], [150], [1], 25) == pytest.approx(1.0)


def test_nonnegative_least_squares_against_scipy() -> None:
    nnls = pytest.importorskip("scipy.optimize").nnls
    rng = np.random.default_rng(4)
    for _ in range(40):
        a, b = rng.normal(size=(7, 4)), rng.normal(size=7)
        np.testing.assert_allclose(nonnegative_least_squares(a, b), nnls(a, b)[0], atol=1e-10)
        tiny = nonnegative_least_squares(a * 1e9, b * 1e-20)
        np.testing.assert_allclose(tiny * 1e29, nnls(a, b)[0], atol=1e-10)
    with pytest.raises(ph.ArgumentError, match="do not fit"):
        nonnegative_least_squares([[1.0, 2.0]], [1.0, 2.0])


# ------------------------------------------------------------------------------ ions, solutions


def test_table_is_sound() -> None:
    assert len(ph.IONS) >= 45
    for name, ion in ph.IONS.items():
        assert ion.name == name
        assert ion.source
        assert -4 <= ion.valence <= 4
        assert ion.relative_mobility is None or 0.1 < ion.relative_mobility < 5


@pytest.mark.parametrize(
    ("name", "u"),
    [
        ("Na", 0.682), ("Li", 0.526), ("Rb", 1.059), ("Cs", 1.05), ("NH4", 1.001), ("Tl", 1.02),
        ("NMDG", 0.33), ("TEA", 0.444), ("TMA", 0.611), ("choline", 0.51), ("Tris", 0.40),
        ("Ca", 0.405), ("Mg", 0.361), ("Ba", 0.433), ("Sr", 0.404), ("Co", 0.37), ("Zn", 0.359),
        ("Cl", 1.038), ("Br", 1.063), ("I", 1.046), ("F", 0.753), ("NO3", 0.972), ("SCN", 0.90),
        ("HCO3", 0.605), ("acetate", 0.556), ("gluconate", 0.33), ("glutamate", 0.26),
        ("aspartate", 0.30), ("MeSO3", 0.664), ("isethionate", 0.52), ("HEPES", 0.30),
        ("H2PO4", 0.45), ("HPO4", 0.39), ("SO4", 0.544), ("EGTA", 0.24), ("ATP4-", 0.15),
    ],
)  # fmt: skip
def test_mobilities_are_the_published_ones(name: str, u: float) -> None:
    assert ph.find_ion(name).relative_mobility == pytest.approx(u, abs=0.0045)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("K+", "K"), ("Ca2+", "Ca"), ("Ca++", "Ca"), ("Ca+2", "Ca"), ("Ca²⁺", "Ca"),
        ("Cl-", "Cl"), ("cl", "Cl"), ("CL⁻", "Cl"), ("SO4 2-", "SO4"), ("SO42-", "SO4"),
        ("SO4--", "SO4"), ("HCO3-", "HCO3"), ("H2PO4-", "H2PO4"), ("HPO4(2-)", "HPO4"),
        ("NH4+", "NH4"), ("calcium", "Ca"), ("methanesulfonate", "MeSO3"), ("MeSO3", "MeSO3"),
        ("Gluc", "gluconate"), ("GLUCONATE", "gluconate"), ("egta", "EGTA2-"), (" Na ", "Na"),
        ("ATP4-", "ATP4-"), ("N-methyl-D-glucamine", "NMDG"), ("La3+", "La"),
    ],
)  # fmt: skip
def test_spellings(written: str, name: str) -> None:
    assert ph.find_ion(written).name == name


@pytest.mark.parametrize("name", ["C", "Clo", "Na2+", "Ca+", "ATP", "Glu", "", "PO4", "+"])
def test_unknown_ions_are_refused(name: str) -> None:
    with pytest.raises(ph.UnknownIonError, match="unknown ion"):
        ph.find_ion(name)


def test_unknown_ion_names_the_nearest() -> None:
    with pytest.raises(ph.UnknownIonError) as caught:
        ph.find_ion("gluconat")
    assert "gluconate" in caught.value.nearest
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, PermeantError)
    assert str(caught.value).startswith("unknown ion 'gluconat'. Did you mean 'gluconate'")


def test_extra_ions_come_first() -> None:
    own = ph.Ion("Na", 1, 0.7, None, "our lab")
    assert ph.find_ion("Na+", {"Na": own}) is own
    toxin = ph.Ion("TPeA", 1, 0.2, None, "our lab")
    assert ph.charge_residual_mm({"TPeA": 5, "Cl": 5}, {"TPeA": toxin}) == 0


def test_solution_sums() -> None:
    saline = {"Na": 145, "K+": 4, "Ca": 2, "Cl": 153, "glucose": 10}
    assert ph.charge_residual_mm(saline) == 0
    assert ph.ionic_strength_mm(saline) == 155
    assert ph.osmolarity_mosm(saline) == 314
    assert ph.osmolarity_mosm(saline, osmotic_coefficient=0.93) == pytest.approx(292.02)
    assert ph.composition({"Na": 1, "Na+": 2})[ph.find_ion("Na")] == 3
    with pytest.raises(ph.ArgumentError, match=r"ions_mm\['Na'\] = -1"):
        ph.charge_residual_mm({"Na": -1})


def test_electroneutrality() -> None:
    assert ph.check_electroneutrality({"Na": 150, "Cl": 148.5}) == {"Na": 150, "Cl": 148.5}
    with pytest.raises(ph.ChargeBalanceError, match=r"residual \+2.5 mM; allowed is 1.5 mM"):
        ph.check_electroneutrality({"Na": 150, "Cl": 147.5})
    with pytest.raises(ph.ChargeBalanceError, match=r"allowed is 2 mM"):
        ph.check_electroneutrality({"K": 3000, "Cl": 2997})
    with pytest.raises(ph.ChargeBalanceError, match=r"allowed is 0\.1 mM"):
        ph.check_electroneutrality({"Na": 10, "Cl": 9.5})
    mended = ph.check_electroneutrality({"Na": 150, "Cl-": 140}, absorbed_by="Cl")
    assert mended == {"Na": 150, "Cl-": 150}
    assert ph.check_electroneutrality({"Na": 150, "Cl": 140}, "gluconate")["gluconate"] == 10
    with pytest.raises(ph.ChargeBalanceError, match="other sign"):
        ph.check_electroneutrality({"Na": 150, "Cl": 140}, "K")
    with pytest.raises(ph.ChargeBalanceError, match="no charge"):
        ph.check_electroneutrality({"Na": 150, "Cl": 140}, "glucose")


# ------------------------------------------------------------------------------------ junction


@pytest.mark.parametrize(
    ("configuration", "rest", "expected"),
    [
        ("whole-cell", None, -75.0), ("outside-out", None, -75.0),
        ("inside-out", None, 75.0), ("cell-attached", -70.0, 5.0),
    ],
)  # fmt: skip
def test_configurations(configuration: str, rest: float | None, expected: float) -> None:
    assert ph.membrane_potential_mv(-60, 15, configuration, rest) == expected


def test_configuration_mistakes() -> None:
    with pytest.raises(ph.ArgumentError, match="v_rest_mv is missing"):
        ph.membrane_potential_mv(-60, 15, "cell-attached")
    with pytest.raises(ph.ArgumentError, match="Did you mean 'whole-cell'"):
        ph.membrane_potential_mv(-60, 15, "wholecell")
    with pytest.raises(ph.ArgumentError, match="none of"):
        ph.membrane_potential_mv(-60, 15, "perforated")


def test_missing_mobilities_are_all_named() -> None:
    pipette = {"K": 142, "GTP4-": 0.5, "phosphocreatine": 5, "Cl": 130}
    with pytest.raises(ph.MissingMobilityError, match="GTP4-, phosphocreatine2-") as caught:
        ph.henderson_mv(pipette, {"Na": 140, "Cl": 140}, 22)
    assert caught.value.names == ("GTP4-", "phosphocreatine2-")


def test_uncharged_solutes_play_no_part() -> None:
    bare = ph.henderson_mv({"K": 140, "Cl": 140}, {"Na": 140, "Cl": 140}, 22)
    sweet = ph.henderson_mv({"K": 140, "Cl": 140}, {"Na": 140, "Cl": 140, "glucose": 10}, 22)
    assert bare == sweet


def test_junction_needs_ions() -> None:
    with pytest.raises(ph.ArgumentError, match="no ions"):
        ph.henderson_mv({"K": 140, "Cl": 140}, {"glucose": 10}, 22)
    with pytest.raises(ph.ChargeBalanceError, match="no ions"):
        ph.nernst_planck_mv({"K": 140, "Cl": 140}, {"glucose": 10}, 22)


def test_nernst_planck_balances_nothing_silently() -> None:
    pipette, bath = {"K": 140, "Cl": 139}, {"Na": 140, "Cl": 140}
    with pytest.raises(ph.ChargeBalanceError, match="absorbed_by"):
        ph.nernst_planck_mv(pipette, bath, 22)
    mended = ph.nernst_planck_mv(pipette, bath, 22, absorbed_by="Cl")
    assert mended == pytest.approx(ph.nernst_planck_mv({**pipette, "Cl": 140}, bath, 22))


def test_nernst_planck_over_six_decades() -> None:
    dilute, strong = {"K": 1e-3, "Cl": 1e-3}, {"Na": 1e3, "Cl": 1e3}
    assert ph.nernst_planck_mv(dilute, strong, 25) == pytest.approx(
        -ph.nernst_planck_mv(strong, dilute, 25), abs=1e-6
    )


def test_divalents_are_not_counted_twice() -> None:
    by_name = ph.henderson_mv({"Ca": 100, "Cl": 200}, {"Mg": 100, "Cl": 200}, 25)
    assert by_name == pytest.approx(0.624077, abs=1e-6)


def test_bath_change_signs() -> None:
    before, now = {"Na": 150, "Cl": 150}, {"Na": 15, "Cl": 15, "glucose": 270}
    assert ph.bath_change_shift_mv(before, before, 22) == 0
    assert ph.bath_change_shift_mv(before, now, 22) == pytest.approx(-1.655928, abs=1e-6)
    assert ph.bath_change_shift_mv(before, now, 22, "ag_agcl") == pytest.approx(-58.564, abs=1e-3)
    with pytest.raises(ph.ArgumentError, match="no chloride"):
        ph.bath_change_shift_mv(before, {"Na": 150, "gluconate": 150}, 22, "ag_agcl")
    with pytest.raises(ph.ArgumentError, match="salt_bridge"):
        ph.bath_change_shift_mv(before, now, 22, "platinum")


# ---------------------------------------------------------------------------------- activities


def test_activity_models() -> None:
    saline = {"Na+": 145, "K": 4, "Ca2+": 2, "Cl": 153, "glucose": 10}
    ideal = ph.activity_coefficients(saline)
    assert set(ideal.gamma.values()) == {1.0}
    assert (ideal.convention, ideal.warnings) == ("concentrations", ())
    davies = ph.activity_coefficients(saline, "davies", 25.0)
    assert davies.gamma["Na+"] == davies.gamma["Cl"] == pytest.approx(0.757, abs=2e-3)
    assert davies.gamma["glucose"] == 1.0
    assert davies.convention == "single-ion"
    assert any("poor above 100 mM for Ca" in warning for warning in davies.warnings)
    pitzer = ph.activity_coefficients(saline, "pitzer", 37.0)
    assert any("25 °C" in warning for warning in pitzer.warnings)
    assert pitzer.activities_mm({"Ca2+": 2})["Ca2+"] == pytest.approx(0.62, abs=0.01)
    with pytest.raises(ph.ArgumentError, match="Did you mean 'pitzer'"):
        ph.activity_coefficients(saline, "pitser")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # Newton's method used to land on roots of thousands of mV here, with negative
        # concentrations inside the junction
        ({"Mg": 0.06, "Cl": 0.12, "H": 1138, "ATP4-": 284.5}, {"Ca": 0.16, "ATP4-": 0.08}),
        ({"H": 1.06, "ATP4-": 0.265}, {"Ca": 229, "Cl": 460, "K": 2}),
        ({"NMDG": 148, "F": 148}, {"K": 0.24, "ATP4-": 0.06, "Cs": 0.02, "F": 0.02}),
    ],
)
def test_junctions_over_decades_find_the_physical_root(first: dict, second: dict) -> None:
    exact, henderson = ph.nernst_planck_mv(first, second, 25), ph.henderson_mv(first, second, 25)
    assert np.sign(exact) == np.sign(henderson)
    assert abs(exact) < 1.3 * abs(henderson)


def test_one_salt_over_six_decades() -> None:
    # one salt has a closed form, which Henderson's equation is
    strong, thin = {"K": 446, "gluconate": 446}, {"K": 1e-4, "gluconate": 1e-4}
    expected = pytest.approx(ph.henderson_mv(strong, thin, 0), abs=1e-7)
    assert ph.nernst_planck_mv(strong, thin, 0) == expected


def test_pitzer_needs_no_parameters_of_what_is_not_there() -> None:
    saline = {"Na": 145.0, "K": 4.0, "Cl": 149.0}
    alone = ph.activity_coefficients(saline, "pitzer").gamma
    empty = {"gluconate": 0.0, "NMDG": 0.0, "Ca": 0.0, "HEPES": 0.0}
    sheet = ph.activity_coefficients({**saline, **empty}, "pitzer")
    assert {name: sheet.gamma[name] for name in saline} == pytest.approx(dict(alone), rel=1e-12)
    assert sheet.gamma["gluconate"] == sheet.gamma["NMDG"] == 1.0
    assert sheet.gamma["Ca"] == pytest.approx(0.32, abs=0.01)  # of a trace
    assert not sheet.warnings
    with pytest.raises(ph.MissingParametersError, match="for Na-gluconate, K-gluconate;"):
        ph.activity_coefficients({**saline, **empty, "gluconate": 1.0}, "pitzer")


def test_activity_out_of_range_is_said() -> None:
    strong = ph.activity_coefficients({"Na": 700, "Cl": 700}, "davies")
    assert any("not claimed above 500 mM" in warning for warning in strong.warnings)
    bound = ph.activity_coefficients({"K": 140, "gluconate": 144, "Ca": 2}, "davies")
    assert any("gluconate binds Ca" in warning for warning in bound.warnings)
    beyond = ph.activity_coefficients({"Na": 7000, "Cl": 7000}, "pitzer")
    assert any("beyond the fitted" in warning for warning in beyond.warnings)


def test_pitzer_substitutes_nothing_silently() -> None:
    inside = {"K": 140, "gluconate": 140, "Na": 10, "Cl": 10}
    with pytest.raises(ph.MissingParametersError, match="K-gluconate, Na-gluconate"):
        ph.activity_coefficients(inside, "pitzer")
    result = ph.activity_coefficients(inside, "pitzer", substitute={"gluconate": "acetate"})
    assert any("those of acetate stand in" in warning for warning in result.warnings)
    with pytest.raises(ph.ArgumentError, match="of its valence"):
        ph.activity_coefficients(inside, "pitzer", substitute={"gluconate": "SO4"})
    with pytest.raises(ph.MissingParametersError, match="Na-gluconate"):
        ph.pitzer_mean_activity_coefficient("Na", "gluconate", 100)


def test_pitzer_knows_bicarbonate_saline() -> None:
    acsf = {"Na": 151.25, "K": 2.5, "Ca": 2, "Mg": 1, "Cl": 132.5, "HCO3": 26, "H2PO4": 1.25}
    with pytest.raises(ph.MissingParametersError, match="Ca-H2PO4"):
        ph.activity_coefficients(acsf, "pitzer")
    result = ph.activity_coefficients(acsf, "pitzer", substitute={"H2PO4": "HCO3"})
    assert result.gamma["Na"] == pytest.approx(0.74, abs=0.01)
    assert 0.3 < result.gamma["Ca"] < 0.35


def test_activity_limits() -> None:
    assert ph.pitzer_mean_activity_coefficient("Na", "Cl", 0) == 1.0
    assert ph.activity_coefficients({"Na": 0, "Cl": 0}, "pitzer").gamma["Na"] == 1.0
    trace = ph.activity_coefficients({"Na": 1e-9, "K": 150, "Cl": 150}, "pitzer").gamma["Na"]
    absent = ph.activity_coefficients({"Na": 0, "K": 150, "Cl": 150}, "pitzer").gamma["Na"]
    assert trace == pytest.approx(absent, rel=1e-9)
    for law in (ph.limiting_law, ph.guntelberg, ph.bates_guggenheim, ph.davies):
        assert law(0, 1) == 1.0
        assert law(1e-3, 2) == pytest.approx(ph.limiting_law(1e-3, 2), rel=1e-4)
    assert ph.debye_huckel_slope(37) == pytest.approx(0.521, abs=0.002)
    with pytest.raises(ph.ArgumentError, match="none of NaCl, KCl"):
        ph.hamer_wu_mean_activity_coefficient("LiCl", 100)
    with pytest.raises(ph.ArgumentError, match="6144"):
        ph.hamer_wu_mean_activity_coefficient("NaCl", 7000)
    with pytest.raises(ph.ArgumentError, match="opposite sign"):
        ph.mean_activity_coefficient(0.7, 0.7, 1, 1)


@pytest.mark.parametrize(
    ("salt", "molality", "measured"),
    [
        ("Na", 500, 0.681), ("K", 100, 0.770), ("K", 500, 0.649), ("K", 1000, 0.604),
        ("Ca", 100, 0.518), ("Ca", 500, 0.448),
    ],
)  # fmt: skip
def test_pitzer_against_robinson_and_stokes(salt: str, molality: float, measured: float) -> None:
    found = ph.pitzer_mean_activity_coefficient(salt, "Cl", molality)
    assert found == pytest.approx(measured, abs=0.006)


def test_gibbs_duhem_holds_in_mixtures() -> None:
    """Cross derivatives of ln gamma are equal: every term of the mixture is consistent."""
    ions = {"Na": 100.0, "K": 20.0, "Ca": 30.0, "Cl": 180.0}

    def mean(cation: str, z: int, **change: float) -> float:
        changed = dict(ions)
        for name, mm in change.items():
            changed[name] += mm
            changed["Cl"] += mm * (2 if name == "Ca" else 1)
        gamma = ph.activity_coefficients(changed, "pitzer").gamma
        return float(np.log(gamma[cation]) + z * np.log(gamma["Cl"]))

    h = 0.01
    calcium_by_sodium = (mean("Ca", 2, Na=h) - mean("Ca", 2, Na=-h)) / (2 * h)
    sodium_by_calcium = (mean("Na", 1, Ca=h) - mean("Na", 1, Ca=-h)) / (2 * h)
    assert calcium_by_sodium == pytest.approx(sodium_by_calcium, rel=1e-6)


# ------------------------------------------------------------------- kinetics, energy, viscosity


def test_kinetics() -> None:
    assert ph.q10_from_rates(1.0, ph.q10_factor(3.0, 22, 35), 22, 35) == pytest.approx(3.0)
    assert ph.boltzmann(-1e6, 0, 5) == 0.0
    assert ph.boltzmann(1e6, 0, 5, 4) == 1.0
    assert ph.boltzmann(-60, -60, -6, 3) == pytest.approx(0.125)
    with pytest.raises(ph.ArgumentError, match="slope_mv = 0"):
        ph.boltzmann(0, 0, 0)
    with pytest.raises(ph.ArgumentError, match="one temperature"):
        ph.q10_from_rates(1, 2, 22, 22)


def test_energy() -> None:
    assert ph.atp_per_second_at_rest(-5.0) == pytest.approx(1.04e7, rel=1e-3)
    assert ph.atp_from_calcium_charge(1.0) == pytest.approx(3.1208e6, rel=1e-4)
    assert ph.synaptic_current_atp(-3.0, 0.5) == pytest.approx(ph.atp_from_sodium_charge(1.5))
    with pytest.raises(ph.ArgumentError, match="excess_factor"):
        ph.action_potential_atp(10, 100, 0.5)


@pytest.mark.parametrize(
    ("viscous", "eta", "verdict"),
    [
        ((3.0, 0.05), (2.0, 0.02), "diffusion-limited"),
        ((5.95, 0.02), (2.0, 0.02), "not diffusion-limited"),
        ((4.3, 0.1), (2.0, 0.05), "inconclusive"),
        ((5.0, 0.01), (1.2, 0.01), "inconclusive"),
        ((3.0, 1.0), (2.0, 0.02), "inconclusive"),
    ],
)
def test_viscosity_verdicts(viscous: tuple, eta: tuple, verdict: str) -> None:
    found = ph.assess_viscosity((6.0, 0.02), viscous, eta)
    assert found.verdict == verdict
    assert found.reason
    with pytest.raises(ph.ArgumentError, match="larger than 1"):
        ph.viscosity_exponent(6, 4, 1.0)
