"""Liquid junction potentials, and the membrane potential behind a command.

V_LJ is V_bath - V_pipette throughout, the sign of Barry & Lynch (1991), J. Membr. Biol.
121:101, doi:10.1007/BF01870526, and Neher (1992), Methods Enzymol. 207:123,
doi:10.1016/0076-6879(92)07008-C.  An electrode zeroed in the bath then shows, after
break-in, V_m = V_command - V_LJ.

A junction potential is no better than 1-2 mV: it needs single-ion quantities, and the two
models here, each exact in its own terms, differ by 0.4 mV for K-gluconate against saline.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from permeant.errors import did_you_mean
from permeant.physics.arguments import (
    ArgumentError,
    FloatOrArray,
    charged,
    finite,
    float_or_array,
    not_negative,
    positive,
)
from permeant.physics.constants import thermal_voltage_mv
from permeant.physics.ions import Ion, find_ion
from permeant.physics.mobilities import MissingMobilityError, junction_arrays
from permeant.physics.nernst_planck import nernst_planck_from_arrays_mv, nernst_planck_mv
from permeant.physics.solutions import composition

__all__ = [
    "SALT_BRIDGE_MM",
    "Configuration",
    "Electrode",
    "MissingMobilityError",
    "bath_change_shift_mv",
    "henderson_from_arrays_mv",
    "henderson_mv",
    "junction_arrays",
    "membrane_potential_mv",
    "nernst_planck_from_arrays_mv",
    "nernst_planck_mv",
]

Configuration = Literal["whole-cell", "outside-out", "inside-out", "cell-attached"]
Electrode = Literal["salt_bridge", "ag_agcl"]

SALT_BRIDGE_MM: Mapping[str, float] = {"K": 3000.0, "Cl": 3000.0}


def henderson_mv(
    pipette_mm: Mapping[str, float],
    bath_mm: Mapping[str, float],
    temperature_c: float,
    extra: Mapping[str, Ion] | None = None,
) -> float:
    """Return the junction potential V_bath - V_pipette of two solutions (Henderson).

    Parameters
    ----------
    pipette_mm, bath_mm : mapping of str to float
        Concentration of each ion (mM).
    temperature_c : float
        Temperature of the recording (°C).
    extra : mapping of str to Ion, optional
        Further ions, which come before the table.

    Returns
    -------
    float
        Junction potential (mV); 0 for identical solutions, independent of ion order.

    Raises
    ------
    MissingMobilityError
        If an ion has no known mobility; all such ions are named.
    UnknownIonError
        If a name is in no table.
    ArgumentError
        If a solution has no ions, or a concentration is negative.

    Notes
    -----
    See :func:`henderson_from_arrays_mv`.
    """
    pipette, bath, valence, mobility = junction_arrays(pipette_mm, bath_mm, extra)
    return float(henderson_from_arrays_mv(pipette, bath, valence, mobility, temperature_c))


def henderson_from_arrays_mv(
    pipette_mm: ArrayLike,
    bath_mm: ArrayLike,
    valences: ArrayLike,
    mobilities: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return the generalised Henderson potential V_bath - V_pipette.

    Parameters
    ----------
    pipette_mm, bath_mm : array_like
        Concentrations (mM), ions on the last axis, shape (..., n).
    valences : array_like
        Signed charge numbers, shape (n,).
    mobilities : array_like
        Generalised mobilities u = lambda/(|z| lambda_K), shape (..., n).
    temperature_c : array_like
        Temperature (°C), shape (...).

    Returns
    -------
    float or ndarray
        Junction potential (mV), shape (...).

    Raises
    ------
    ArgumentError
        If an argument is out of range or one solution conducts nothing.

    Notes
    -----
    V_LJ = (RT/F) [sum z u (b-p)]/[sum z² u (b-p)] ln(sum z² u p / sum z² u b), written with
    d = sum z² u (b-p)/sum z² u p as -(RT/F) [sum z u (b-p)]/[sum z² u p] ln(1+d)/d, which
    stays finite where both solutions conduct alike (d = 0).
    """
    pipette, bath = not_negative("pipette_mm", pipette_mm), not_negative("bath_mm", bath_mm)
    z, u = charged("valences", valences), positive("mobilities", mobilities)
    in_pipette = (z**2 * u * pipette).sum(axis=-1)
    in_bath = (z**2 * u * bath).sum(axis=-1)
    if np.any(in_pipette == 0) or np.any(in_bath == 0):
        raise ArgumentError("pipette_mm or bath_mm has no ions: there is no junction potential")
    numerator = (z * u * (bath - pipette)).sum(axis=-1)
    change = (z**2 * u * (bath - pipette)).sum(axis=-1) / in_pipette
    safe = np.where(change == 0, 1.0, change)
    steepness = np.where(change == 0, 1.0, np.log1p(safe) / safe)
    # "0.0 -" so that identical solutions give 0 and not -0
    return float_or_array(
        0.0 - thermal_voltage_mv(temperature_c) * numerator / in_pipette * steepness
    )


def membrane_potential_mv(
    v_command_mv: ArrayLike,
    ljp_mv: ArrayLike,
    configuration: Configuration,
    v_rest_mv: ArrayLike | None = None,
) -> FloatOrArray:
    """Return the membrane potential behind a command, in the patch configuration at hand.

    Parameters
    ----------
    v_command_mv : array_like
        Command (mV) as the amplifier applies it to the pipette.
    ljp_mv : array_like
        Junction potential V_bath - V_pipette (mV); 0 if the amplifier took it off already.
    configuration : {'whole-cell', 'outside-out', 'inside-out', 'cell-attached'}
        What the pipette is sealed to.
    v_rest_mv : array_like, optional
        Resting potential of the cell (mV); needed, and only used, for cell-attached.

    Returns
    -------
    float or ndarray
        Inside minus outside (mV): V_command - V_LJ for whole-cell and outside-out,
        -(V_command - V_LJ) for inside-out, V_rest - (V_command - V_LJ) for cell-attached.

    Raises
    ------
    ArgumentError
        If the configuration is not one of the four (a perforated patch keeps its junction
        and a Donnan potential at the tip, and cannot be corrected this way), or the
        resting potential of a cell-attached patch is missing.
    """
    applied = finite("v_command_mv", v_command_mv) - finite("ljp_mv", ljp_mv)
    if configuration in ("whole-cell", "outside-out"):
        return float_or_array(applied)
    if configuration == "inside-out":
        return float_or_array(0.0 - applied)
    if configuration != "cell-attached":
        known = get_args(Configuration)
        raise ArgumentError(
            f"configuration = {configuration!r} is none of {', '.join(known)}."
            f"{did_you_mean(configuration, known)}"
        )
    if v_rest_mv is None:
        raise ArgumentError("v_rest_mv is missing: a cell-attached patch has the cell in series")
    return float_or_array(finite("v_rest_mv", v_rest_mv) - applied)


def bath_change_shift_mv(
    zeroed_bath_mm: Mapping[str, float],
    bath_mm: Mapping[str, float],
    temperature_c: float,
    electrode: Electrode = "salt_bridge",
    *,
    bridge_mm: Mapping[str, float] = SALT_BRIDGE_MM,
    extra: Mapping[str, Ion] | None = None,
) -> float:
    """Return what a change of bath after zeroing adds at the reference electrode.

    Parameters
    ----------
    zeroed_bath_mm, bath_mm : mapping of str to float
        The bath in which the pipette was zeroed and the present one (mM of each ion).
    temperature_c : float
        Temperature (°C).
    electrode : {'salt_bridge', 'ag_agcl'}, optional
        Reference electrode: a bridge of fixed composition, or a bare chlorided wire.
    bridge_mm : mapping of str to float, optional
        Filling of the bridge (mM), 3 M KCl by default.
    extra : mapping of str to Ion, optional
        Further ions.

    Returns
    -------
    float
        Shift (mV) to SUBTRACT from the command in addition to the junction potential of
        the pipette in the bath of zeroing: V_m = V_command - L(pipette, zeroed) - shift.

    Raises
    ------
    ArgumentError
        If the electrode is unknown, or a bath for a bare wire has no chloride.
    MissingMobilityError
        If an ion has no known mobility (bridge only).

    Notes
    -----
    Bridge: B(now) - B(zeroed), B = V_bath - V_bridge (Henderson).  Wire:
    -(RT/F) ln(Cl zeroed/Cl now), 58.6 mV a decade at 22 °C; concentrations stand for
    activities.  Neher (1992), doi:10.1016/0076-6879(92)07008-C.
    """
    if electrode == "salt_bridge":
        now = henderson_mv(bridge_mm, bath_mm, temperature_c, extra)
        return now - henderson_mv(bridge_mm, zeroed_bath_mm, temperature_c, extra)
    if electrode != "ag_agcl":
        raise ArgumentError(f"electrode = {electrode!r} is neither 'salt_bridge' nor 'ag_agcl'")
    before, after = (_chloride_mm(bath, extra) for bath in (zeroed_bath_mm, bath_mm))
    return float(thermal_voltage_mv(temperature_c)) * float(np.log(after / before))


def _chloride_mm(bath_mm: Mapping[str, float], extra: Mapping[str, Ion] | None) -> float:
    chloride = composition(bath_mm, extra).get(find_ion("Cl", extra), 0.0)
    if chloride == 0:
        raise ArgumentError("a bath has no chloride: a bare Ag/AgCl electrode is undefined in it")
    return chloride
