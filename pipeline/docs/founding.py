"""The numbers of the founding examples, each computed by the library."""

from __future__ import annotations

import numpy as np

from permeant import physics as ph

#: Name: inside mM, outside mM, valence; as the founding text gives them.
K, NA, CA, CL = (140.0, 5.0, 1), (15.0, 145.0, 1), (1e-4, 2.0, 2), (10.0, 110.0, -1)
WARM_C, ROOM_C = 37.0, 25.0

#: The rounded equilibrium potentials that the text mixes (mV).
TEXT_NA_MV, TEXT_K_MV = 60.0, -90.0
REST_MV = -65.0
PERMEABILITY_M_PER_S = 1e-6
SYMMETRIC_MM = 150.0

#: Permeabilities of a resting membrane relative to K+, squid axon (Hodgkin & Katz 1949).
RESTING = {"K": 1.0, "Na": 0.04, "Cl": 0.45}


def nernst(ion: tuple[float, float, int], celsius: float) -> float:
    """Return the equilibrium potential of one of the ions above (mV)."""
    inside, outside, z = ion
    return float(ph.nernst_mv(outside, inside, z, celsius))


def numbers() -> dict[str, float]:
    """Return every number of the page by the name under which its template asks for it."""
    found: dict[str, float] = {
        "decade_37": float(ph.thermal_voltage_mv(WARM_C) * np.log(10)),
    }
    for name, ion in {"k": K, "na": NA, "ca": CA, "cl": CL}.items():
        found[f"e_{name}_25"] = nernst(ion, ROOM_C)
        found[f"e_{name}_37"] = nernst(ion, WARM_C)
    found |= _forces() | _rectification() | _mixtures() | _charge() | _rest()
    return found


def _forces() -> dict[str, float]:
    found: dict[str, float] = {}
    for name, ion in {"k": K, "na": NA, "ca": CA}.items():
        inside, outside, z = ion
        e = nernst(ion, WARM_C)
        chemical = ph.chemical_driving_force_j_per_mol(outside, inside, WARM_C)
        electrical = ph.electrical_free_energy_j_per_mol(REST_MV, z)
        total = ph.free_energy_j_per_mol(REST_MV, outside, inside, z, WARM_C)
        found |= {
            f"chemical_{name}_kj": chemical / 1e3,
            f"electrical_{name}_kj": electrical / 1e3,
            f"total_{name}_kj": total / 1e3,
            f"force_{name}": ph.driving_force_mv(REST_MV, e),
            f"flux_{name}": ph.ussing_flux_ratio(REST_MV, e, z, WARM_C),
        }
    e = nernst(K, WARM_C)
    found["flux_k_single_file"] = ph.ussing_flux_ratio(REST_MV, e, 1, WARM_C, 2.5)
    influx, efflux = ph.one_way_flux_densities(e, 1e-8, K[0], K[1], 1, WARM_C)
    found |= {"influx_at_e": influx * 1e9, "efflux_at_e": efflux * 1e9}
    return found


def _rectification() -> dict[str, float]:
    inside, outside, z = K
    arguments = PERMEABILITY_M_PER_S, inside, outside, z, ROOM_C
    e = nernst(K, ROOM_C)
    return {
        "slope_at_e": ph.ghk_slope_conductance_s_per_m2(e, *arguments),
        "chord_at_e": ph.ghk_chord_conductance_s_per_m2(e, *arguments),
        "slope_at_0": ph.ghk_slope_conductance_s_per_m2(0.0, *arguments),
        "chord_at_0": ph.ghk_chord_conductance_s_per_m2(0.0, *arguments),
        "slope_outward": ph.symmetric_conductance_s_per_m2(PERMEABILITY_M_PER_S, inside, z, ROOM_C),
        "slope_inward": ph.symmetric_conductance_s_per_m2(PERMEABILITY_M_PER_S, outside, z, ROOM_C),
    }


def _mixtures() -> dict[str, float]:
    text = np.array([TEXT_NA_MV, TEXT_K_MV])
    exact = np.array([nernst(NA, WARM_C), nernst(K, WARM_C)])
    inside, outside = [NA[0], K[0]], [NA[1], K[1]]
    ghk = ph.ghk_reversal_mv([1.0, 1.0], inside, outside, [1, 1], WARM_C)
    chord = ph.ghk_chord_conductance_s_per_m2(
        ghk, 1e-8, np.array(inside), np.array(outside), 1, WARM_C
    )
    return {
        "equal": ph.conductance_weighted_reversal_mv([1.0, 1.0], text),
        "three_to_one": ph.conductance_weighted_reversal_mv([3.0, 1.0], text),
        "ratio_from_three_to_one": ph.conductance_ratio_from_reversal(22.5, *text),
        "ratio_from_zero": ph.conductance_ratio_from_reversal(0.0, *text),
        "equal_exact": ph.conductance_weighted_reversal_mv([1.0, 1.0], exact),
        "ghk_equal": ghk,
        "chord_ratio": float(chord[0] / chord[1]),
        "chord_weighted": ph.conductance_weighted_reversal_mv(chord, exact),
    }


def _charge() -> dict[str, float]:
    one, two = (
        ph.symmetric_conductance_s_per_m2(PERMEABILITY_M_PER_S, SYMMETRIC_MM, z, ROOM_C)
        for z in (1, 2)
    )
    return {"g_z1": one, "g_z2": two, "g_ratio": two / one}


def _rest() -> dict[str, float]:
    ions = {"K": K, "Na": NA, "Cl": CL}
    p = np.array([RESTING[name] for name in ions])
    inside, outside, z = (np.array([ion[k] for ion in ions.values()]) for k in range(3))
    e = ph.ghk_reversal_mv(p, inside, outside, z, WARM_C)
    shares = p * ph.ghk_current_per_permeability(e, inside, outside, z, WARM_C)
    shares = shares / np.abs(shares).max()
    work = ph.sodium_pump_work_j_per_mol(
        e,
        na_outside_mm=NA[1],
        na_inside_mm=NA[0],
        k_outside_mm=K[1],
        k_inside_mm=K[0],
        temperature_c=WARM_C,
    )
    found = {f"share_{name.lower()}": float(s) for name, s in zip(ions, shares, strict=True)}
    forces = e - np.array([nernst(ion, WARM_C) for ion in ions.values()])
    found |= {f"rest_force_{n.lower()}": float(f) for n, f in zip(ions, forces, strict=True)}
    more = ph.ghk_reversal_mv([1.0, 20.0, 0.45], inside, outside, z, WARM_C)
    return {
        **found,
        "rest": e,
        "peak": more,
        "pump_kj": work / 1e3,
        "leak_atp": ph.atp_per_second_at_rest(-5.0) / 1e6,
    }
