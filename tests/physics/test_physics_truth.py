"""Every physical case of the shared truth file, by its id, at its own tolerance."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from permeant import physics as ph

Case = Mapping[str, Any]

#: Topics that are no business of this library, and whose they are.
NOT_COVERED = {
    "concentration_dependence": "a record of published ratios, nothing to compute",
    "effective_sample_size": "statistics of samples: measure/noise",
    "membrane_test": "recording: measure/membrane_test",
    "series_resistance": "recording: measure/corrections",
    "p_over_n": "recording noise: measure/corrections",
    "filter_rise": "recording: measure/corrections",
}

#: Values of the truth file that contradict the formula in their own note: the slope at V = 0
#: is P z² F² (c_in + c_out)/(2RT) exactly, 1.5e-4 (T048) and 3.1e-4 (T050) above what is
#: written there; see test_slope_at_zero_is_the_analytic_one.
DISPUTED = {
    "T048": "slope at V = 0 is 2253.226466722 S/m², the file says 2252.885915",
    "T050": "slope at V = 0 is 272.264864729 S/m², the file says 272.180865",
}


def _folder() -> Path:
    beside = Path(__file__).resolve().parents[3] / "shared"
    return Path(os.environ.get("PERMEANT_SHARED", beside))


FILE = _folder() / "truth" / "cases.json"
CASES: list[Case] = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else []
CHECKS: dict[str, Callable[[Case], None]] = {}


def covers(*topics: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    def register(check: Callable[[Case], None]) -> Callable[[Case], None]:
        CHECKS.update(dict.fromkeys(topics, check))
        return check

    return register


def close(case: Case, **found: float) -> None:
    """Compare with what is expected, and with the recomputed value where both are given."""
    tolerance, expected = case["tolerance"], case["expected"]
    absolute = max((v for k, v in tolerance.items() if k.startswith("abs")), default=0.0)
    for name, value in found.items():
        assert type(value) is float, name
        assert value == pytest.approx(expected[name], rel=tolerance.get("rel", 0), abs=absolute), (
            name
        )
        if f"recomputed_{name}" in expected:
            assert value == pytest.approx(expected[f"recomputed_{name}"], rel=1e-9, abs=1e-9)


def celsius(case: Case) -> float:
    return float(case["inputs"]["T_K"]) - 273.15


def column(ions: Mapping[str, Mapping[str, float]], key: str) -> list[float]:
    return [ion.get(key, nan) for ion in ions.values()]


@pytest.mark.skipif(not CASES, reason=f"{FILE} is absent (set PERMEANT_SHARED)")
def test_every_topic_is_covered_or_named() -> None:
    assert {case["topic"] for case in CASES} == set(CHECKS) | set(NOT_COVERED)


@pytest.mark.skipif(not CASES, reason=f"{FILE} is absent (set PERMEANT_SHARED)")
@pytest.mark.parametrize("case", CASES, ids=[f"{c['id']}-{c['topic']}" for c in CASES])
def test_truth(case: Case) -> None:
    topic = case["topic"]
    if topic in NOT_COVERED:
        pytest.skip(f"{case['id']} {topic}: {NOT_COVERED[topic]}")
    if case["id"] in DISPUTED:
        with pytest.raises(AssertionError, match="slope_S_per_m2"):
            CHECKS[topic](case)
        pytest.xfail(f"{case['id']}: {DISPUTED[case['id']]}")
    CHECKS[topic](case)


@covers("constants")
def _constants(case: Case) -> None:
    close(
        case,
        R_J_molK=ph.GAS_CONSTANT_J_PER_MOL_K,
        F_C_mol=ph.FARADAY_C_PER_MOL,
        **{
            "RT_F_mV_at_298.15": ph.thermal_voltage_mv(25.0),
            "RT_F_mV_at_293.15": ph.thermal_voltage_mv(20.0),
            "RT_F_mV_at_310.15": ph.thermal_voltage_mv(37.0),
            "59.16_mV_per_decade_25C": float(ph.thermal_voltage_mv(25.0) * np.log(10)),
        },
    )
    assert (
        pytest.approx(ph.GAS_CONSTANT_J_PER_MOL_K, rel=1e-14)
        == ph.BOLTZMANN_J_PER_K * ph.AVOGADRO_PER_MOL
    )
    assert (
        pytest.approx(ph.FARADAY_C_PER_MOL, rel=1e-14)
        == ph.ELEMENTARY_CHARGE_C * ph.AVOGADRO_PER_MOL
    )


@covers("nernst")
def _nernst(case: Case) -> None:
    i = case["inputs"]
    close(case, E_mV=ph.nernst_mv(i["c_out_mM"], i["c_in_mM"], i["z"], celsius(case)))


@covers("free_energy")
def _free_energy(case: Case) -> None:
    i, t = case["inputs"], celsius(case)
    outside, inside, z, v = i["c_out_mM"], i["c_in_mM"], i["z"], i["Vm_mV"]
    total = ph.free_energy_j_per_mol(v, outside, inside, z, t)
    e = ph.nernst_mv(outside, inside, z, t)
    close(
        case,
        dG_in_kJ_per_mol=total / 1e3,
        dG_out_kJ_per_mol=-total / 1e3,
        chemical_term_kJ_per_mol=-ph.chemical_driving_force_j_per_mol(outside, inside, t) / 1e3,
        electrical_term_kJ_per_mol=ph.electrical_free_energy_j_per_mol(v, z) / 1e3,
        driving_force_mV=ph.driving_force_mv(v, e),
    )


@covers("ussing_flux_ratio")
def _ussing(case: Case) -> None:
    i, t = case["inputs"], celsius(case)
    e = ph.nernst_mv(i["c_out_mM"], i["c_in_mM"], i["z"], t)
    close(case, influx_over_efflux=ph.ussing_flux_ratio(i["Vm_mV"], e, i["z"], t))
    influx, efflux = ph.one_way_flux_densities(
        i["Vm_mV"], 1e-6, i["c_in_mM"], i["c_out_mM"], i["z"], t
    )
    close(case, influx_over_efflux=influx / efflux)


@covers("ghk_current")
def _ghk_current(case: Case) -> None:
    i, t = case["inputs"], celsius(case)
    p = i.get("P_m_per_s", i.get("P_cm_per_s", nan) * 1e-2)
    j = ph.ghk_current_density(i["V_mV"], p, i["c_in_mM"], i["c_out_mM"], i["z"], t)
    if "P_cm_per_s" in i:
        close(case, NEURON_ghk_mA_per_cm2=j * 0.1)
    else:
        close(case, J_A_per_m2=j, J_pA_per_um2=j)


@covers("slope_vs_chord")
def _slope_vs_chord(case: Case) -> None:
    i, t = case["inputs"], celsius(case)
    arguments = (i["V_mV"], i["P_m_per_s"], i["c_in_mM"], i["c_out_mM"], i["z"], t)
    if "chord_S_per_m2" in case["expected"]:
        close(case, chord_S_per_m2=ph.ghk_chord_conductance_s_per_m2(*arguments))
    close(case, slope_S_per_m2=ph.ghk_slope_conductance_s_per_m2(*arguments))


@pytest.mark.parametrize(("z", "inside", "outside"), [(2, "150", "150"), (1, "140", "5")])
def test_slope_at_zero_is_the_analytic_one(z: int, inside: str, outside: str) -> None:
    faraday, gas = Decimal("96485.33212331001"), Decimal("8.31446261815324")
    mean = (Decimal(inside) + Decimal(outside)) / 2
    exact = float(Decimal("1e-6") * z**2 * faraday**2 * mean / (gas * Decimal("298.15")))
    found = ph.ghk_slope_conductance_s_per_m2(0.0, 1e-6, float(inside), float(outside), z, 25.0)
    assert found == pytest.approx(exact, rel=1e-14)
    either_side = [
        ph.ghk_current_density(v, 1e-6, float(inside), float(outside), z, 25.0) for v in (-1, 1)
    ]
    assert (either_side[1] - either_side[0]) / 2e-3 == pytest.approx(exact, rel=1e-9)


@covers("conductance_weighted_Erev")
def _conductance_weighted(case: Case) -> None:
    i = case["inputs"]
    e_rev = ph.conductance_weighted_reversal_mv(i["g_nS"], i["E_mV"])
    close(case, Erev_mV=e_rev)
    if len(i["g_nS"]) == 2:
        ratio = ph.conductance_ratio_from_reversal(e_rev, *i["E_mV"])
        assert ratio == pytest.approx(i["g_nS"][0] / i["g_nS"][1], rel=1e-12)


@covers("ghk_voltage", "erev_divalent")
def _reversal(case: Case) -> None:
    ions = case["inputs"]["ions"]
    arguments = [column(ions, key) for key in ("P_rel", "c_in_mM", "c_out_mM", "z")]
    close(case, Erev_mV=ph.ghk_reversal_mv(*arguments, celsius(case)))
    if case["topic"] == "ghk_voltage":
        close(case, Erev_mV=ph.ghk_voltage_mv(*arguments, celsius(case)))


def invert(case: Case) -> ph.Inversion:
    i = case["inputs"]
    ions = {**i["known"], **i["unknown"]}
    valences = [ion.get("z", 1) for ion in ions.values()]
    arguments = [column(ions, key) for key in ("P_rel", "c_in_mM", "c_out_mM")]
    return ph.invert_ghk(i["Erev_mV"], *arguments, valences, celsius(case), len(ions) - 1)


@covers("invert_mono", "invert_divalent", "invert_anion")
def _inversion(case: Case) -> None:
    found = invert(case)
    assert found.feasible is True
    close(case, P_ratio=found.ratio)
    assert found.slope_per_mv == pytest.approx(case["expected"]["dP_dE_per_mV"], rel=1e-9)


@covers("invert_infeasible")
def _infeasible(case: Case) -> None:
    found = invert(case)
    close(case, P_ratio=found.ratio)
    assert found.feasible is case["expected"]["feasible"]


@covers("biionic_shift")
def _shift(case: Case) -> None:
    t = celsius(case)
    close(case, PX_over_Pref=ph.biionic_ratio_from_shift(case["inputs"]["dErev_mV"], t))


@covers("biionic_shift_from_literature_ratio")
def _shift_back(case: Case) -> None:
    close(case, dErev_mV=ph.shift_from_ratio(case["inputs"]["PX_over_Pref"], celsius(case)))


@covers("identifiability")
def _identifiability(case: Case) -> None:
    i = case["inputs"]
    names = list(i["pipette_mM"])
    found = ph.solve_permeabilities(
        [i["Erev_mV"]],
        list(i["pipette_mM"].values()),
        list(i["bath_mM"].values()),
        [ph.find_ion(name).valence for name in names],
        25.0,
        names=names,
        reference="K",
    ).identifiability
    assert found.rank == case["expected"]["rank"]
    assert found.identifiable is case["expected"]["identifiable"]


@covers("uncertainty")
def _uncertainty(case: Case) -> None:
    sigma = case["inputs"]["sigma_E_mV"]
    if "Erev_mV" not in case["inputs"]:
        close(case, rel_sigma_P=sigma / ph.thermal_voltage_mv(celsius(case)))
        return
    found = invert(case)
    spread = abs(found.slope_per_mv) * sigma
    close(case, P_ratio=found.ratio, sigma_P_linear=spread, rel_sigma=spread / found.ratio)


@covers("q10")
def _q10(case: Case) -> None:
    i = case["inputs"]
    close(case, factor=ph.q10_factor(i["Q10"], i["T1_C"], i["T2_C"]))


@covers("boltzmann")
def _boltzmann(case: Case) -> None:
    i = case["inputs"]
    close(case, p=ph.boltzmann(i["V_mV"], i["Vhalf_mV"], i["k_mV"], i["n"]))
    close(case, **{"z_eff_at_295.15": ph.effective_gating_charge(i["k_mV"], 22.0)})


@covers("viscosity")
def _viscosity(case: Case) -> None:
    i = case["inputs"]
    values = i["i_control_pA"], i["i_viscous_pA"], i["relative_viscosity"]
    if isinstance(values[0], list):
        found = ph.assess_viscosity(*(tuple(value) for value in values))
        close(case, alpha_i=found.alpha, sigma_alpha=found.sigma)
    else:
        close(case, alpha_i=ph.viscosity_exponent(*values), ratio=values[1] / values[0])


@covers("energy")
def _energy(case: Case) -> None:
    i = case["inputs"]
    if "Na_charge_pC" in i:
        charge = i["Na_charge_pC"]
        close(
            case,
            ions=ph.ions_from_charge(charge),
            mol=ph.moles_from_charge(charge),
            ATP_molecules_3Na=ph.atp_from_sodium_charge(charge),
        )
    elif "C_pF" in i:
        close(
            case,
            minimal_Na_ions=ph.minimal_sodium_ions(i["C_pF"], i["dV_mV"]),
            ATP_molecules=ph.action_potential_atp(i["C_pF"], i["dV_mV"], i["excess_factor"]),
        )
    else:
        work = ph.sodium_pump_work_j_per_mol(
            i["Vm_mV"],
            na_outside_mm=i["Na_out"],
            na_inside_mm=i["Na_in"],
            k_outside_mm=i["K_out"],
            k_inside_mm=i["K_in"],
            temperature_c=celsius(case),
        )
        close(case, pump_cycle_work_kJ_per_mol=work / 1e3)


@covers("activity_DHLL", "activity_guntelberg", "activity_BatesGuggenheim", "activity_davies0.3")
def _from_ionic_strength(case: Case) -> None:
    law = {
        "activity_DHLL": ph.limiting_law,
        "activity_guntelberg": ph.guntelberg,
        "activity_BatesGuggenheim": ph.bates_guggenheim,
        "activity_davies0.3": ph.davies,
    }[case["topic"]]
    strength, slope = case["inputs"]["I_mol"] * 1e3, case["inputs"]["A_log10"]
    close(
        case,
        gamma_z1=law(strength, -1, 25.0, slope),
        gamma_z2=law(strength, 2, 25.0, slope),
    )


@covers("activity_mean_literature", "activity_pitzer")
def _single_salt(case: Case) -> None:
    i = case["inputs"]
    cation = i["salt"].removesuffix("2").removesuffix("Cl")
    molality = i["m_mol_kg"] * 1e3
    found = ph.pitzer_mean_activity_coefficient(cation, "Cl", molality, 25.0, i.get("Aphi"))
    close(case, gamma_mean=found)
    if "pitzer_recomputed" in case["expected"]:
        assert found == pytest.approx(case["expected"]["pitzer_recomputed"], rel=1e-9)


@covers("activity_hamer_wu")
def _hamer_wu(case: Case) -> None:
    i = case["inputs"]
    molality = i["m_mol_kg"] * 1e3
    close(case, gamma_mean=ph.hamer_wu_mean_activity_coefficient(i["salt"], molality))


@covers("activity_pitzer_mixed")
def _mixture(case: Case) -> None:
    molal = {name: 1e3 * m for name, m in case["inputs"]["m_mol_kg"].items()}
    result = ph.activity_coefficients(molal, "pitzer", 25.0)
    assert result.convention == "single-ion"
    anion = result.gamma["Cl"]
    for name in case["expected"]:
        if name.startswith("mean_"):
            cation = name.removeprefix("mean_")
            z = ph.find_ion(cation).valence
            mean = ph.mean_activity_coefficient(result.gamma[cation], anion, z, -1)
            close(case, **{name: mean})
        else:
            close(case, **{name: result.gamma[name]})


def from_conductivities(case: Case) -> tuple[list[float], ...]:
    i = case["inputs"]
    names = list(i["lambda_Scm2_per_mol_and_z"])
    conductivity = [i["lambda_Scm2_per_mol_and_z"][name] for name in names]
    return (
        [i["pipette_mM"].get(name, 0.0) for name in names],
        [i["bath_mM"].get(name, 0.0) for name in names],
        [z for _, z in conductivity],
        [value / (abs(z) * 73.5) for value, z in conductivity],
    )


@covers("ljp")
def _junction(case: Case) -> None:
    i, expected, allowed, t = case["inputs"], case["expected"], case["tolerance"], celsius(case)
    arrays = from_conductivities(case)
    by_name = ph.henderson_mv(i["pipette_mM"], i["bath_mM"], t)
    for henderson in (by_name, ph.henderson_from_arrays_mv(*arrays, t)):
        assert henderson == pytest.approx(expected["henderson_mV"], abs=allowed["henderson_abs_mV"])
    stationary = ph.nernst_planck_mv(i["pipette_mM"], i["bath_mM"], t)
    assert stationary == pytest.approx(ph.nernst_planck_from_arrays_mv(*arrays, t), abs=1e-9)
    assert stationary == pytest.approx(
        expected["nernst_planck_mV"], abs=allowed["nernst_planck_abs_mV"]
    )
    if "literature_mV" in expected:
        # the Zn/K/Cl value is LJPcalc's, which solves the Nernst-Planck equations
        model = stationary if "LJPcalc test (stored)" in case["source"] else by_name
        assert model == pytest.approx(expected["literature_mV"], abs=allowed["literature_abs_mV"])


@covers("ljp_correction")
def _corrected(case: Case) -> None:
    i = case["inputs"]
    v = ph.membrane_potential_mv(i["Vcmd_mV"], i["ljp_mV_bath_minus_pipette"], "whole-cell")
    r_s_mv = i["I_pA"] * i["Rs_MOhm"] * 1e-3 * (1 - i["comp_fraction"])
    close(case, Vm_true_mV=v - r_s_mv)


@covers("ljp_bath_change")
def _bath_change(case: Case) -> None:
    i, t = case["inputs"], celsius(case)
    if "pipette_mM" in i:
        zeroed, now, bridge = i["bath_at_zeroing_mM"], i["bath_now_mM"], i["bridge_mM"]
        at_zero = ph.henderson_mv(i["pipette_mM"], zeroed, t)
        shift = ph.bath_change_shift_mv(zeroed, now, t, bridge_mm=bridge)
        close(
            case,
            L_zero_mV=at_zero,
            B_zero_mV=ph.henderson_mv(bridge, zeroed, t),
            B_now_mV=ph.henderson_mv(bridge, now, t),
        )
    else:
        zeroed, now = ({"Cl": i["Cl_at_zeroing_mM"]}, {"Cl": i["Cl_now_mM"]})
        at_zero = i["L_zero_mV"]
        shift = ph.bath_change_shift_mv(zeroed, now, t, electrode="ag_agcl")
    v = ph.membrane_potential_mv(i["Vcmd_mV"], at_zero + shift, "whole-cell")
    close(case, Vm_true_mV=v)
