"""What limits a current: the states of patches, exponents of viscosity, charge against z²."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

CurrentVerdict = Literal["diffusion-limited", "not diffusion-limited", "not to be told"]
GatingVerdict = Literal["slowed", "unchanged", "not to be told"]
LimitVerdict = Literal["diffusion-limited", "gating-limited", "both", "neither", "not to be told"]


@dataclass(frozen=True)
class PatchVoltage:
    """One voltage of one patch in one solution: unitary current, mean open and shut time.

    Errors are standard errors of the natural logarithm; ``None``: not measured.
    """

    v_mv: float
    i_pa: float | None = None
    i_ln_se: float | None = None
    open_ms: float | None = None
    open_ln_se: float | None = None
    n_open: int = 0
    shut_ms: float | None = None
    shut_ln_se: float | None = None
    n_shut: int = 0
    dead_time_ms: float | None = None
    levels_are: str = ""
    why_no_times: str = ""
    n_channels: int | None = None


@dataclass(frozen=True)
class PatchState:
    """What one recording of single channels says of one solution of stated viscosity."""

    cell: str
    recording: str
    condition: str
    configuration: str
    viscosity_ratio: float
    conductivity_ratio: float | None = None
    temperature_c: float | None = None
    bath: str = ""
    pipette: str = ""
    bath_mm: dict[str, float] | None = None
    pipette_mm: dict[str, float] | None = None
    e_rev_mv: float | None = None
    e_rev_se_mv: float | None = None
    voltages: tuple[PatchVoltage, ...] = ()


@dataclass(frozen=True)
class ViscosityPoint:
    """One value over that of the control, with its 95 % interval, for the picture."""

    quantity: Literal["i", "open", "shut"]
    name: str
    v_mv: float | None
    viscosity_ratio: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ViscosityLimit:
    """Two or more viscosities compared: exponents with 95 % intervals, and the verdict.

    ``method`` is ``one patch`` (measured in all solutions), ``patches paired`` (the mean over
    such patches) or ``groups of patches`` (each measured in one solution).  ``alpha_i`` is the
    power with which the unitary current falls, ``alpha_open`` and ``alpha_shut`` those with
    which the mean times grow; ``alpha_conductivity`` is the power of the bulk conductivity that
    the current follows.
    """

    cell: str
    condition: str
    method: Literal["one patch", "patches paired", "groups of patches"]
    verdict: LimitVerdict
    reason: str
    viscosity_low: float
    viscosity_high: float
    conductivity_ratio: float | None = None
    n_cells: int = 1
    recordings: str = ""
    voltages_mv: str = ""
    current: CurrentVerdict = "not to be told"
    current_reason: str = ""
    alpha_i: float | None = None
    alpha_i_low: float | None = None
    alpha_i_high: float | None = None
    alpha_i_sigma: float | None = None
    alpha_conductivity: float | None = None
    alpha_conductivity_low: float | None = None
    alpha_conductivity_high: float | None = None
    gating: GatingVerdict = "not to be told"
    gating_reason: str = ""
    alpha_open: float | None = None
    alpha_open_low: float | None = None
    alpha_open_high: float | None = None
    alpha_open_sigma: float | None = None
    alpha_shut: float | None = None
    alpha_shut_low: float | None = None
    alpha_shut_high: float | None = None
    alpha_shut_sigma: float | None = None
    n_open: int = 0
    n_shut: int = 0
    e_rev_difference_mv: float | None = None
    note: str = ""
    own_sigma: dict[str, float] = field(default_factory=dict)
    """Of each exponent the part of its error that another patch would draw anew."""
    points: tuple[ViscosityPoint, ...] = ()


@dataclass(frozen=True)
class ChargePoint:
    """One point of a curve that the comparison used, with its standard error."""

    recording: str
    v_mv: float
    i_pa: float
    se_pa: float


@dataclass(frozen=True)
class ChargeRatio:
    """The conductance that a divalent ion gives a pore over that of a monovalent one.

    ``expected_ratio`` is what the constant-field equation says at equal permeability;
    ``quotient`` is measured over expected.  ``per_mm_ratio`` is the measured ratio per
    concentration of the carrier, to be held against z² = 4.
    """

    ion: str
    reference_ion: str
    status: Literal["ok", "rejected"]
    reason: str = ""
    measure: str = ""
    recordings: str = ""
    n_recordings: int = 0
    v_min_mv: float | None = None
    v_max_mv: float | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    expected_ratio: float | None = None
    per_mm_ratio: float | None = None
    per_mm_low: float | None = None
    per_mm_high: float | None = None
    quotient: float | None = None
    quotient_low: float | None = None
    quotient_high: float | None = None
    reversal_quotient: float | None = None
    reversal_low: float | None = None
    reversal_high: float | None = None
    meaning: str = ""
    points: tuple[ChargePoint, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What limits the current of a cell's channels, as far as its recordings tell."""

    patches: tuple[PatchState, ...] = ()
    viscosity: tuple[ViscosityLimit, ...] = ()
    charge: tuple[ChargeRatio, ...] = ()
