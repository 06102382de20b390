"""What must hold for any ions, concentrations and temperatures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from permeant import physics as ph

quickly = settings(max_examples=60, deadline=None, database=None)

MM = st.floats(1e-4, 500.0)
MV = st.floats(-200.0, 200.0)
CELSIUS = st.floats(0.0, 40.0)
VALENCE = st.sampled_from([-3, -2, -1, 1, 2, 3])


@st.composite
def mixtures(draw: st.DrawFn, valences: tuple[int, ...] = (-2, -1, 1, 2, 3)) -> tuple[list, ...]:
    """Permeabilities, inside, outside, valences of two to five ions present on both sides."""
    n = draw(st.integers(2, 5))
    several = lambda of: draw(st.lists(of, min_size=n, max_size=n))  # noqa: E731
    return (
        several(st.floats(1e-3, 100.0)),
        several(MM),
        several(MM),
        several(st.sampled_from(valences)),
    )


@quickly
@given(mm=MM, z=VALENCE, t=CELSIUS)
def test_equal_solutions_have_no_potential(mm: float, z: int, t: float) -> None:
    assert ph.nernst_mv(mm, mm, z, t) == 0.0


@quickly
@given(a=MM, b=MM, z=VALENCE, t=CELSIUS)
def test_nernst_changes_sign_with_the_sides(a: float, b: float, z: int, t: float) -> None:
    assert ph.nernst_mv(a, b, z, t) == -ph.nernst_mv(b, a, z, t)


@quickly
@given(mixture=mixtures(), t=CELSIUS)
def test_equal_sides_reverse_at_zero(mixture: tuple[list, ...], t: float) -> None:
    p, inside, _, z = mixture
    assert ph.ghk_reversal_mv(p, inside, inside, z, t) == pytest.approx(0.0, abs=1e-9)


@quickly
@given(mixture=mixtures(), t=CELSIUS)
def test_reversal_changes_sign_with_the_sides(mixture: tuple[list, ...], t: float) -> None:
    p, inside, outside, z = mixture
    forward = ph.ghk_reversal_mv(p, inside, outside, z, t)
    assert ph.ghk_reversal_mv(p, outside, inside, z, t) == pytest.approx(-forward, abs=1e-8)


@quickly
@given(mixture=mixtures(), t=CELSIUS, factor=st.floats(1e-20, 1e20))
def test_only_relative_permeabilities_count(
    mixture: tuple[list, ...], t: float, factor: float
) -> None:
    p, inside, outside, z = mixture
    scaled = [factor * each for each in p]
    assert ph.ghk_reversal_mv(scaled, inside, outside, z, t) == pytest.approx(
        ph.ghk_reversal_mv(p, inside, outside, z, t), abs=1e-8
    )


@quickly
@given(mixture=mixtures(), t=CELSIUS)
def test_current_vanishes_at_the_reversal(mixture: tuple[list, ...], t: float) -> None:
    p, inside, outside, z = (np.array(each, dtype=float) for each in mixture)
    e = ph.ghk_reversal_mv(p, inside, outside, z, t)
    one_way = ph.ghk_current_pa(e, p, inside, np.zeros_like(outside), z, t)
    assert abs(ph.ghk_current_pa(e, p, inside, outside, z, t)) <= 1e-9 * max(
        abs(one_way), abs(ph.ghk_current_pa(e, p, np.zeros_like(inside), outside, z, t)), 1e-30
    )
    nernst = ph.nernst_mv(outside, inside, z, t)
    assert nernst.min() - 1e-9 <= e <= nernst.max() + 1e-9


@quickly
@given(mixture=mixtures(), t=CELSIUS, v=MV, step=st.floats(0.1, 50.0))
def test_current_rises_strictly(mixture: tuple[list, ...], t: float, v: float, step: float) -> None:
    p, inside, outside, z = mixture
    below, above = ph.ghk_current_pa([v, v + step], p, inside, outside, z, t)
    assert above > below
    slope = ph.ghk_slope_per_permeability(v, inside, outside, z, t)
    assert np.all(slope >= 0)


@quickly
@given(mixture=mixtures((-2, -1, 1, 2)), t=CELSIUS)
def test_closed_form_and_bisection_agree(mixture: tuple[list, ...], t: float) -> None:
    p, inside, outside, z = mixture
    with_trivalent = [*p, 0.0], [*inside, 1.0], [*outside, 1.0], [*z, 3]
    assert ph.ghk_reversal_mv(*with_trivalent, t) == pytest.approx(
        ph.ghk_reversal_mv(p, inside, outside, z, t), abs=1e-8
    )


@quickly
@given(mixture=mixtures(), t=CELSIUS)
def test_ratio_to_reversal_to_ratio(mixture: tuple[list, ...], t: float) -> None:
    p, inside, outside, z = mixture
    e = ph.ghk_reversal_mv(p, inside, outside, z, t)
    f = ph.ghk_current_per_permeability(e, inside, outside, z, t)
    gross = ph.ghk_current_per_permeability(e, inside, np.zeros(len(p)), z, t)
    assume(abs(p[-1] * f[-1]) > 1e-3 * np.abs(np.array(p) * gross).max())
    found = ph.invert_ghk(e, [*p[:-1], np.nan], inside, outside, z, t, len(p) - 1)
    assert found.feasible
    assert found.ratio == pytest.approx(p[-1], rel=1e-6)


@quickly
@given(mixture=mixtures(), t=CELSIUS)
def test_inversion_slope_is_the_derivative(mixture: tuple[list, ...], t: float) -> None:
    p, inside, outside, z = mixture
    last = len(p) - 1
    e = ph.ghk_reversal_mv(p, inside, outside, z, t)
    own = ph.nernst_mv(outside[last], inside[last], z[last], t)
    assume(abs(e - own) > 5.0)
    either = ph.invert_ghk([e - 1e-3, e + 1e-3], p, inside, outside, z, t, last)
    exact = ph.invert_ghk(e, p, inside, outside, z, t, last).slope_per_mv
    assert (either.ratio[1] - either.ratio[0]) / 2e-3 == pytest.approx(exact, rel=1e-4)


@quickly
@given(ratio=st.floats(1e-4, 1e4), t=CELSIUS, z=st.sampled_from([1, -1]))
def test_biionic_there_and_back(ratio: float, t: float, z: int) -> None:
    shift = ph.shift_from_ratio(ratio, t, z)
    assert ph.biionic_ratio_from_shift(shift, t, z) == pytest.approx(ratio, rel=1e-12)


@quickly
@given(inside=MM, outside=MM, z=VALENCE, t=CELSIUS, tiny=st.floats(-1e-6, 1e-6))
def test_current_is_smooth_at_zero(
    inside: float, outside: float, z: int, t: float, tiny: float
) -> None:
    at_zero = ph.ghk_current_per_permeability(0.0, inside, outside, z, t)
    slope = ph.ghk_slope_per_permeability(0.0, inside, outside, z, t)
    near = ph.ghk_current_per_permeability(tiny, inside, outside, z, t)
    scale = abs(z) * ph.FARADAY_C_PER_MOL * (inside + outside)
    assert near == pytest.approx(at_zero + slope * tiny, abs=1e-12 * scale)


@quickly
@given(v=st.floats(-1e5, 1e5), inside=MM, outside=MM, z=VALENCE, t=CELSIUS)
def test_current_is_finite_far_away(
    v: float, inside: float, outside: float, z: int, t: float
) -> None:
    assert np.isfinite(ph.ghk_current_per_permeability(v, inside, outside, z, t))
    assert np.isfinite(ph.ghk_slope_per_permeability(v, inside, outside, z, t))


@quickly
@given(v=MV, inside=MM, outside=MM, z=VALENCE, t=CELSIUS)
def test_flux_ratio_is_ussings(v: float, inside: float, outside: float, z: int, t: float) -> None:
    influx, efflux = ph.one_way_flux_densities(v, 1e-6, inside, outside, z, t)
    e = ph.nernst_mv(outside, inside, z, t)
    assert influx / efflux == pytest.approx(ph.ussing_flux_ratio(v, e, z, t), rel=1e-9)
    energy = ph.free_energy_j_per_mol(v, outside, inside, z, t)
    by_force = z * ph.FARADAY_C_PER_MOL * ph.driving_force_mv(v, e) * 1e-3
    assert energy == pytest.approx(by_force, rel=1e-9, abs=1e-6)


SALTS = [("Na", 1), ("K", 1), ("Cs", 1), ("NMDG", 1), ("Ca", 2), ("Mg", 2)]
ANIONS = ["Cl", "gluconate", "MeSO3", "F"]


@st.composite
def solutions(draw: st.DrawFn) -> dict[str, float]:
    """An electroneutral solution of one to four salts."""
    ions: dict[str, float] = {}
    for cation, z in draw(st.lists(st.sampled_from(SALTS), min_size=1, max_size=4, unique=True)):
        anion, mm = draw(st.sampled_from(ANIONS)), draw(st.floats(0.1, 150.0))
        ions[cation] = ions.get(cation, 0.0) + mm
        ions[anion] = ions.get(anion, 0.0) + z * mm
    return ions


@quickly
@given(a=solutions(), b=solutions(), t=CELSIUS, seed=st.randoms(use_true_random=False))
def test_junction_potential(a: dict, b: dict, t: float, seed: object) -> None:
    for model in (ph.henderson_mv, ph.nernst_planck_mv):
        forward = model(a, b, t)
        assert model(a, a, t) == pytest.approx(0.0, abs=1e-9)
        assert model(b, a, t) == pytest.approx(-forward, abs=1e-8)
        shuffled = list(a.items())
        seed.shuffle(shuffled)  # type: ignore[attr-defined]
        assert model(dict(shuffled), dict(reversed(b.items())), t) == pytest.approx(
            forward, abs=1e-9
        )


@quickly
@given(a=MM, b=MM, t=CELSIUS, anion=st.sampled_from(["Cl", "gluconate"]))
def test_one_salt_has_one_junction_potential(a: float, b: float, t: float, anion: str) -> None:
    first, second = {"K": a, anion: a}, {"K": b, anion: b}
    exact = ph.nernst_planck_mv(first, second, t)
    assert exact == pytest.approx(ph.henderson_mv(first, second, t), abs=1e-7)


@quickly
@given(mm=st.floats(1.0, 300.0), change=st.floats(-1e-9, 1e-9), t=CELSIUS)
def test_henderson_is_smooth_where_both_conduct_alike(mm: float, change: float, t: float) -> None:
    u = [1.0, 1.0, 1.0]
    at = ph.henderson_from_arrays_mv([mm, 0.0, mm], [0.0, mm, mm], [1, 1, -1], u, t)
    near = ph.henderson_from_arrays_mv(
        [mm, 0.0, mm], [0.0, mm, mm * (1 + change)], [1, 1, -1], u, t
    )
    assert near == pytest.approx(at, abs=1e-6)


@quickly
@given(
    ratios=st.lists(st.floats(0.05, 20.0), min_size=2, max_size=2),
    t=CELSIUS,
    mix=st.floats(0.2, 0.8),
)
def test_joint_solution_finds_what_made_the_reversals(
    ratios: list[float], t: float, mix: float
) -> None:
    p = np.array([1.0, *ratios])
    inside = np.array([140.0, 10.0, 0.0])
    outside = np.array([[4.0, 145.0, 0.0], [4.0, 0.0, 145.0], [4.0, 145 * mix, 145 * (1 - mix)]])
    e = ph.ghk_reversal_mv(np.broadcast_to(p, outside.shape), inside, outside, [1, 1, 1], t)
    found = ph.solve_permeabilities(
        e, inside, outside, [1, 1, 1], t, names=["K", "Na", "Cs"], reference="K"
    )
    assert found.ratios == pytest.approx(p, rel=1e-6)
    assert found.identifiability.identifiable
    draws = ph.solve_permeability_draws(
        e[np.newaxis], inside, outside, [1, 1, 1], t, names=["K", "Na", "Cs"], reference="K"
    )
    assert draws[0] == pytest.approx(p, rel=1e-6)
