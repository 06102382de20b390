"""Conductance against charge: closed cases of the constant-field equation."""

from __future__ import annotations

import numpy as np
import pytest

from permeant.infer.limits.charge import CarrierSeries, compare_charges
from permeant.physics.ghk import ghk_current_per_permeability
from permeant.records import IVPoint, PermeabilityRatio

VALENCE = {"Na": 1, "K": 1, "Ca": 2}
SIGMA_PA = 0.5


def series(name, inside, outside, permeability, *, v_mv=None, seed=0, outside_out=True):
    """Return points of the constant-field curve of some permeabilities, with noise."""
    v_mv = np.arange(-120.0, 41.0, 10.0) if v_mv is None else np.asarray(v_mv)
    per_p = {
        ion: ghk_current_per_permeability(
            v_mv, inside.get(ion, 0.0), outside.get(ion, 0.0), VALENCE[ion], 22.0
        )
        for ion in permeability
    }
    i_pa = 1e-5 * sum(p * per_p[ion] for ion, p in permeability.items())
    noise = SIGMA_PA * np.random.default_rng(seed).standard_normal(v_mv.size) if seed else 0.0
    points = tuple(
        IVPoint(k, 1, v, v, i, SIGMA_PA, 1000.0, 0.0, 0.0, 1.0)
        for k, (v, i) in enumerate(zip(v_mv.tolist(), (i_pa + noise).tolist(), strict=True), 1)
    )
    kind = "whole-cell" if outside_out else "inside-out"
    return CarrierSeries(name, "steady", kind, inside, outside, outside_out, 22.0, points)


def compared(*some, ratios=(), permeant=("Na", "Ca")):
    return compare_charges(some, permeant, ratios, extra_ions={}, sigma_concentration_fraction=0.0)


def ratio(ion, reference, value, part=0.02):
    return PermeabilityRatio(
        ion, reference, "ok", "", value, value * (1 - part), value * (1 + part)
    )


EQUAL = {"Na": 1.0, "Ca": 1.0}


def test_at_equal_permeability_and_concentration_the_ratio_is_four():
    # symmetrical solutions: g = P z² F² c/(RT) at every voltage, 4 for z = 2 over z = 1
    na = series("a", {"Na": 100.0}, {"Na": 100.0}, EQUAL)
    ca = series("b", {"Ca": 100.0}, {"Ca": 100.0}, EQUAL)
    (found,) = compared(na, ca)
    assert found.status == "ok"
    assert found.quotient == pytest.approx(1.0)
    assert found.ratio == pytest.approx(4.0)
    assert found.per_mm_ratio == pytest.approx(4.0)


@pytest.mark.parametrize("p_ca", [0.05, 1.0, 8.0])
def test_the_quotient_is_the_permeability_where_only_the_bath_carries(p_ca):
    na = series("a", {}, {"Na": 145.0}, EQUAL)
    ca = series("b", {}, {"Ca": 20.0}, {"Ca": p_ca})
    (found,) = compared(na, ca)
    assert found.quotient == pytest.approx(p_ca)
    # concentrations: 20 mM of one against 145 mM of the other
    assert found.per_mm_ratio == pytest.approx(found.ratio * 145 / 20)


def test_the_reversals_say_the_same_of_independent_ions_and_not_of_ions_that_stick():
    inside = {"K": 140.0}
    p = {"Na": 0.9, "K": 1.0, "Ca": 8.0}
    ratios = (ratio("Na", "K", 0.9), ratio("Ca", "K", 8.0))
    na, ca = series("a", inside, {"Na": 145.0}, p), series("b", inside, {"Ca": 20.0}, p)
    (found,) = compared(na, ca, ratios=ratios, permeant=("Na", "K", "Ca"))
    assert found.reversal_quotient == pytest.approx(found.quotient, rel=1e-6)
    assert "say the same" in found.meaning
    slow = {ion: 0.1 * one for ion, one in p.items()}
    bound = series("b", inside, {"Ca": 20.0}, slow)
    (found,) = compared(na, bound, ratios=ratios, permeant=("Na", "K", "Ca"))
    assert found.quotient == pytest.approx(0.1 * found.reversal_quotient, rel=1e-6)
    assert "binds" in found.meaning


def test_intervals_hold_the_truth():
    held = 0
    for seed in range(1, 201):
        na = series("a", {}, {"Na": 145.0}, EQUAL, seed=seed)
        ca = series("b", {}, {"Ca": 20.0}, {"Ca": 0.5}, seed=1000 + seed)
        (found,) = compared(na, ca)
        held += found.quotient_low <= 0.5 <= found.quotient_high
    # 95 % of 200; fewer than 181 come about three times in 1,000, and 200 of 200 in 30,000
    assert 181 <= held < 200


def test_a_patch_turned_round_gives_the_same():
    v_mv = np.arange(-40.0, 121.0, 10.0)
    na = series("a", {"Na": 145.0}, {}, EQUAL, v_mv=v_mv, outside_out=False)
    ca = series("b", {"Ca": 20.0}, {}, {"Ca": 3.0}, v_mv=v_mv, outside_out=False)
    (found,) = compared(na, ca)
    assert found.quotient == pytest.approx(3.0)
    assert found.v_min_mv > -45.0


def test_what_cannot_be_told_is_refused_or_left_out():
    inside = {"K": 140.0}
    p = {"Na": 1.0, "K": 1.0, "Ca": 1.0}
    near = np.arange(-40.0, 41.0, 10.0)
    some = (
        series("a", inside, {"Na": 145.0}, p, v_mv=near),
        series("b", inside, {"Ca": 20.0}, p, v_mv=near),
    )
    (found,) = compared(*some, permeant=("Na", "K", "Ca"))
    assert found.status == "rejected"
    assert "further from the reversal" in found.reason
    assert found.ratio is None
    assert compared(some[0], permeant=("Na", "K", "Ca")) == ()
