"""Driving forces of all ions, and one curve taken from another."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from curves_by_hand import ohmic, points

from permeant.infer.driving_forces import driving_forces, estimate_rest_mv
from permeant.infer.iv import fit_iv
from permeant.infer.subtract import subtract_points
from permeant.records import Solution

PIPETTE = Solution("pip", {"K": 140.0, "Na": 10.0, "Cl": 30.0, "Ca": 1e-4, "gluconate": 120.0})
BATH = Solution("bath", {"K": 4.0, "Na": 145.0, "Cl": 153.0, "Ca": 2.0, "Cs": 0.0})


def test_every_ion_at_every_voltage() -> None:
    found = driving_forces(PIPETTE, BATH, [-60.0, -20.0], 37.0)
    by_ion = {(one.ion, one.v_mv): one for one in found}
    assert {ion for ion, _ in by_ion} == {"K", "Na", "Cl", "Ca", "gluconate"}
    k = by_ion["K", -60.0]
    assert k.e_nernst_mv == pytest.approx(26.726659 * math.log(4 / 140), abs=1e-4)
    assert k.driving_force_mv == pytest.approx(-60.0 - k.e_nernst_mv)  # type: ignore[operator]
    ca = by_ion["Ca", -60.0]
    assert (ca.valence, ca.e_nernst_mv) == (2, pytest.approx(132.3, abs=0.1))
    assert ca.delta_g_j_per_mol < 0  # type: ignore[operator]
    cl = by_ion["Cl", -20.0]
    assert cl.e_nernst_mv == pytest.approx(26.726659 * math.log(30 / 153), abs=1e-4)
    assert cl.delta_g_j_per_mol < 0 < cl.driving_force_mv  # type: ignore[operator]
    for one in by_ion.values():
        if one.flux_ratio is not None:
            assert (one.flux_ratio > 1) == (one.delta_g_j_per_mol < 0)  # type: ignore[operator]


def test_rest_is_the_goldman_equation_and_nothing_is_assumed_for_it() -> None:
    """By hand: RT/F ln[(P_K K_o + P_Na Na_o + P_Cl Cl_i) / (P_K K_i + P_Na Na_i + P_Cl Cl_o)]."""
    assumed = {"K": 1.0, "Na": 0.04, "Cl": 0.45}
    outward = 4.0 + 0.04 * 145.0 + 0.45 * 30.0
    inward = 140.0 + 0.04 * 10.0 + 0.45 * 153.0
    expected = 1e3 * 8.314462618 * 295.15 / 96485.33212 * math.log(outward / inward)
    found = estimate_rest_mv(PIPETTE, BATH, assumed, 22.0)
    assert found == pytest.approx(expected, abs=1e-3)
    turned = estimate_rest_mv(PIPETTE, BATH, assumed, 22.0, inside_is_pipette=False)
    assert turned == pytest.approx(-expected, abs=1e-3)
    assert estimate_rest_mv(PIPETTE, BATH, {"K": 0.0}, 22.0) is None
    assert estimate_rest_mv(PIPETTE, BATH, {"gluconate": 1.0}, 22.0) is None


def test_forces_say_which_voltage_is_which() -> None:
    found = driving_forces(PIPETTE, BATH, [-60.0, -60.0], 22.0, places=["holding", "rest"])
    k = [(one.at, one.driving_force_mv) for one in found if one.ion == "K"]
    assert [at for at, _ in k] == ["holding", "rest"]
    assert k[0][1] == k[1][1]


def test_an_ion_on_one_side_has_no_nernst_potential() -> None:
    (one,) = [one for one in driving_forces(PIPETTE, BATH, [-60.0], 22.0) if one.ion == "gluconate"]
    assert (one.e_nernst_mv, one.driving_force_mv, one.delta_g_j_per_mol) == (None, None, None)


def test_inside_out_turns_the_sides() -> None:
    here = driving_forces(PIPETTE, BATH, [0.0], 22.0)
    there = driving_forces(PIPETTE, BATH, [0.0], 22.0, inside_is_pipette=False)
    for one, other in zip(here, there, strict=True):
        assert one.ion == other.ion
        if one.e_nernst_mv is not None:
            assert other.e_nernst_mv == pytest.approx(-one.e_nernst_mv)


def test_no_voltages_no_rows() -> None:
    assert [one.ion for one in driving_forces(PIPETTE, BATH, [], 22.0)] == ["gluconate"]


V = [-80.0, -60.0, -40.0, -20.0, 0.0]


def test_a_difference_has_both_errors() -> None:
    with_agonist = points(V, ohmic(V) + [0.5 * v for v in V], 3.0)
    control = points(V, [0.5 * v for v in V], 4.0)
    found = subtract_points(with_agonist, control, "ctl")
    assert [one.i_pa for one in found] == pytest.approx(ohmic(V).tolist())
    assert {one.i_sem_pa for one in found} == {5.0}
    assert fit_iv(found).e_rev_mv == pytest.approx(-20.0)


def test_repeats_of_the_control_are_averaged() -> None:
    control = points(V * 2, [10.0] * 5 + [20.0] * 5, 2.0)
    found = subtract_points(points(V, [100.0] * 5, 1.0), control, "ctl")
    assert {one.i_pa for one in found} == {85.0}
    assert found[0].i_sem_pa == pytest.approx((1.0 + 2.0) ** 0.5)


def test_a_point_without_partner_says_so() -> None:
    control = points(V, [0.0] * 5, 1.0)
    control[0] = replace(control[0], used=False, reason="clipped")
    found = subtract_points(points([-80.0, -60.4, -45.0], [1.0] * 3, 1.0), control, "ctl")
    assert [one.used for one in found] == [False, True, False]
    assert found[2].reason == "ctl has no point at -45 mV to subtract"
    assert found[2].i_pa == 1.0
