"""What was inferred: fits, models, driving forces, ratios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from permeant.records.findings import Finding, ModelStatus, RatioStatus, ReversalStatus, Status
from permeant.records.measured import Contribution, DwellTimes


@dataclass(frozen=True)
class CorrectionEffect:
    """A correction, and g and E_rev as they would be without this one alone.

    Changes are with minus without; empty where nothing was corrected or nothing can be said.
    """

    correction: str
    value: float | None
    unit: str
    applied: bool
    reason: str
    e_rev_without_mv: float | None = None
    e_rev_change_mv: float | None = None
    g_without_ns: float | None = None
    g_change_ns: float | None = None


@dataclass(frozen=True)
class RawCurve:
    """The points of a curve before every correction, in the order of the points."""

    v_mv: tuple[float, ...]
    i_pa: tuple[float, ...]


@dataclass(frozen=True)
class Curve:
    """A fitted curve with its 95 % band, ready to be drawn."""

    v_mv: tuple[float, ...]
    i_pa: tuple[float, ...]
    i_low_pa: tuple[float, ...]
    i_high_pa: tuple[float, ...]


@dataclass(frozen=True)
class PointResidual:
    """How far a point that was used lies off the two fitted curves, current minus curve.

    ``off_reversal_pa`` is None for a point beyond the curve that gives E_rev.
    """

    sweep: int
    v_membrane_mv: float
    i_sem_pa: float
    off_line_pa: float
    off_reversal_pa: float | None


@dataclass(frozen=True)
class ModelParameter:
    """One parameter of a model with its 95 % interval; None for an end that is open."""

    name: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ModelFit:
    """How well one model describes the points of a recording, and what it then says.

    ``ok``: the points do not refute it; ``refuted``: they do, and its numbers are left out;
    ``rejected``: it could not be fitted.  ``g_ns`` is the slope conductance at ``e_rev_mv``,
    which there is the chord conductance too; of a gated model that of the open gate.
    """

    model: str
    status: ModelStatus
    reason: str = ""
    n_points: int = 0
    n_parameters: int = 0
    chi2_p: float | None = None
    aicc: float | None = None
    delta_aicc: float | None = None
    runs_p: float | None = None
    g_ns: float | None = None
    g_low_ns: float | None = None
    g_high_ns: float | None = None
    e_rev_mv: float | None = None
    e_rev_low_mv: float | None = None
    e_rev_high_mv: float | None = None
    e_rev_status: Literal["inside", "extrapolated", "none"] = "none"
    best: bool = False
    parameters: tuple[ModelParameter, ...] = ()
    curve: Curve | None = None
    """The curve without a band."""


@dataclass(frozen=True)
class IVFit:
    """Conductance and reversal potential of one recording, with 95 % intervals."""

    status: Status
    reason: str = ""
    model: str = ""
    g_ns: float | None = None
    g_low_ns: float | None = None
    g_high_ns: float | None = None
    e_rev_mv: float | None = None
    e_rev_low_mv: float | None = None
    e_rev_high_mv: float | None = None
    e_rev_status: ReversalStatus = "none"
    n_points: int = 0
    v_min_mv: float | None = None
    v_max_mv: float | None = None
    chi2_p: float | None = None
    rectification: float | None = None
    g_at_reversal_ns: float | None = None
    g_at_reversal_low_ns: float | None = None
    g_at_reversal_high_ns: float | None = None
    e_rev_reason: str = ""
    line_e_rev_mv: float | None = None
    """Where the straight line that gives g crosses zero within the tested voltages."""
    line_e_rev_low_mv: float | None = None
    line_e_rev_high_mv: float | None = None
    curve: Curve | None = None
    """The straight line that gives g."""
    reversal_curve: Curve | None = None
    """The curve through the points around the crossing that gives E_rev."""
    findings: tuple[Finding, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    c_m_pf: float | None = None
    c_m_source: str = ""
    g_density_ns_per_pf: float | None = None
    g_density_low_ns_per_pf: float | None = None
    g_density_high_ns_per_pf: float | None = None
    effects: tuple[CorrectionEffect, ...] = ()
    raw: RawCurve | None = None
    models: tuple[ModelFit, ...] = ()
    models_verdict: str = ""
    """What the models say about the points, in a sentence."""
    residuals: tuple[PointResidual, ...] = ()
    dwell_times: tuple[DwellTimes, ...] = ()

    @classmethod
    def rejected(cls, reason: str, **known: object) -> IVFit:
        """Say in words why there is no fit."""
        return cls(status="rejected", reason=reason, **known)  # type: ignore[arg-type]


@dataclass(frozen=True)
class DrivingForce:
    """Nernst potential and driving force of one ion at one voltage.

    ``delta_g_j_per_mol`` is the free energy of entering the cell, ``flux_ratio`` influx over
    efflux; ``at`` says which voltage ``v_mv`` is, and where it comes from.
    """

    ion: str
    valence: int
    e_nernst_mv: float | None
    v_mv: float | None
    driving_force_mv: float | None
    delta_g_j_per_mol: float | None
    flux_ratio: float | None
    at: str = ""


@dataclass(frozen=True)
class PermeabilityRatio:
    """P of ``ion`` over P of ``reference_ion`` of one cell, with its 95 % interval."""

    ion: str
    reference_ion: str
    status: RatioStatus
    reason: str = ""
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    method: str = ""
    n_recordings: int = 0
    activities: str = "none"
    ln_sd_own: float | None = None
    """Standard deviation of ln(ratio) that another cell would draw anew."""
    ln_sd_shared: float | None = None
    """The part that all cells of a rig share: junction potential, temperature, solutions."""
