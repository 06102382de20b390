"""What travels between the rooms: plain, frozen records.

Every stage takes records and gives records, so each can run alone in a notebook and each
can be written to disk as it stands.  Units are in the names; ``None`` means "not known",
never a floor or a NaN.  Voltages are inside minus outside, outward current is positive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from permeant.ratio_records import RatioDetails

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Severity = Literal["info", "warning", "error"]
Status = Literal["ok", "rejected"]
ModelStatus = Literal["ok", "refuted", "rejected"]
ReversalStatus = Literal["measured", "extrapolated", "none"]
RatioStatus = Literal["ok", "bound", "rejected"]


@dataclass(frozen=True)
class Finding:
    """Something a reader should know: what was checked, what was seen, what it means."""

    check: str
    severity: Severity
    message: str
    value: float | None = None
    limit: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Problem:
    """Why a recording could not be read, measured or fitted, in words."""

    stage: str
    code: str
    message: str


# --------------------------------------------------------------------- what the user wrote


@dataclass(frozen=True)
class SheetRow:
    """One row of ``config/recordings.csv``, checked, with the defaults filled in."""

    line: int
    cell: str
    recording: str
    file: str
    pipette: str | None = None
    bath: str | None = None
    temperature_c: float | None = None
    condition: str = ""
    measure: Literal["steady", "instantaneous", "peak", "ramp", "single_channel"] = "steady"
    epoch: str | None = None
    window_start_ms: float | None = None
    window_end_ms: float | None = None
    current_channel: str | None = None
    command_channel: str | None = None
    command_offset_mv: float | None = None
    protocol: str | None = None
    configuration: Literal["whole-cell", "outside-out", "inside-out", "cell-attached"] = (
        "whole-cell"
    )
    r_s_mohm: float | None = None
    r_s_compensation: float | None = None
    c_m_pf: float | None = None
    ljp_mv: float | None = None
    ljp_applied: bool = False
    zeroed_in: str | None = None
    subtract: str | None = None
    exclude: bool = False
    note: str = ""
    leak: Literal["none", "ramp", "range"] | None = None
    sweeps: str | None = None
    series: str | None = None
    text_columns: str | None = None

    @property
    def controls(self) -> tuple[str, ...]:
        """The recordings that are subtracted from this one: none, one, or before and after."""
        return tuple((self.subtract or "").split(";")) if self.subtract else ()


@dataclass(frozen=True)
class Solution:
    """A solution: its name and the free concentration of each ion in mM."""

    name: str
    ions_mm: dict[str, float]


# --------------------------------------------------------------- what the file really holds


@dataclass(frozen=True)
class Provenance:
    """Where the samples come from."""

    file: str
    sha256: str
    size_bytes: int
    reader: str
    reader_version: str
    format: str
    acquired: str | None = None
    protocol: str = ""
    comment: str = ""
    simulated: bool = False


@dataclass(frozen=True)
class Channel:
    """One recorded channel and what it was taken for, with the reason."""

    index: int
    name: str
    units: str
    role: Literal["current", "command", "other"]
    reason: str = ""


@dataclass(frozen=True)
class Segment:
    """A stretch of one sweep over which the command is constant or moves linearly.

    ``start`` and ``stop`` are sample numbers (half open); sample i of n of a ramp is at
    ``start_mv + (stop_mv - start_mv) (i + 1) / n``.  ``epoch`` is the letter of the
    file's epoch table (``A`` … ``J``), ``before`` or ``after`` for the holding stretches
    around the table, or ``1``, ``2`` … counted along the sweep when the stretches were
    found in a recorded command.
    """

    epoch: str
    start: int
    stop: int
    start_mv: float
    stop_mv: float

    @property
    def is_step(self) -> bool:
        """Whether the command stands still."""
        return self.start_mv == self.stop_mv


@dataclass(frozen=True)
class OnlineLeak:
    """What a file says of a leak subtraction that was on while it was recorded.

    ``kind`` is ``P/N`` (``n`` pulses of the size 1/N, of ``polarity`` 1 or -1) or
    ``resistive``.  ``of_this_channel`` says whether the current that was taken is the one it
    was made for; ``None`` where the header does not tell.
    """

    kind: Literal["P/N", "resistive"]
    n_pulses: int | None = None
    polarity: int | None = None
    of_this_channel: bool | None = None

    @property
    def title(self) -> str:
        """The subtraction in words: ``P/4``."""
        return f"P/{self.n_pulses}" if self.kind == "P/N" and self.n_pulses else self.kind


@dataclass(frozen=True)
class Tag:
    """A remark that was set during the recording, on the clock of ``sweep_starts_s``."""

    time_s: float
    text: str


@dataclass(frozen=True)
class RecordingInfo:
    """All that is known of a recording except its samples."""

    provenance: Provenance
    channels: tuple[Channel, ...]
    interval_ms: float
    n_sweeps: int
    n_samples: int
    sweep_starts_s: tuple[float, ...]
    command_source: str
    sweeps: tuple[tuple[Segment, ...], ...]
    """The command, sweep by sweep; the segments of a sweep cover it without gaps."""
    findings: tuple[Finding, ...] = ()
    r_s_mohm: float | None = None
    c_m_pf: float | None = None
    online_leak: OnlineLeak | None = None
    tags: tuple[Tag, ...] = ()
    sweep_numbers: tuple[int, ...] = ()
    """The numbers in the file (from 1) of the sweeps, where a row takes only some of them."""
    r_s_compensation: float | None = None
    """Fraction (0–1) of the series resistance that the amplifier says it corrected for."""
    ljp_applied_mv: float | None = None
    """Junction potential that the acquisition took off already; ``None`` or 0: none."""
    series: str = ""
    """Which of several series of the file this is; empty where it holds one recording."""

    def number_of(self, sweep: int) -> int:
        """Return the number in the file, from 1, of a sweep counted from 0."""
        return self.sweep_numbers[sweep] if self.sweep_numbers else sweep + 1

    def index_of(self, number: int) -> int:
        """Return the place, from 0, of the sweep that has a number in the file."""
        return self.sweep_numbers.index(number) if self.sweep_numbers else number - 1


@dataclass(frozen=True)
class Recording:
    """A recording: what is known of it, and its samples.

    ``current_pa`` is (sweeps, samples) in pA; ``command_mv`` is the recorded command of the
    same shape in mV, or ``None`` where the command was rebuilt from the header alone.
    """

    info: RecordingInfo
    current_pa: NDArray[np.float32] = field(repr=False)
    command_mv: NDArray[np.float32] | None = field(default=None, repr=False)


# ------------------------------------------------------------------------ what was measured


@dataclass(frozen=True)
class Family:
    """A stretch of the protocol that can give a current–voltage curve.

    ``number`` counts the families of a recording from 1 in the order in which they are
    played; ``kind`` is ``family`` when the level changes from sweep to sweep and ``levels``
    when a fixed set of levels is visited in every sweep (a membrane test); a ``ramp`` goes
    through all voltages.
    """

    number: int
    kind: Literal["family", "levels", "ramp"]
    epochs: tuple[str, ...]
    start_ms: float
    end_ms: float
    v_min_mv: float
    v_max_mv: float
    n_levels: int

    @property
    def title(self) -> str:
        """The family in words, as messages and pages print it."""
        epochs = self.epochs
        if len(epochs) > 6:
            epochs = (*epochs[:2], "…", epochs[-1])
        return (
            f"family {self.number} (epoch {', '.join(epochs)}, "
            f"{self.start_ms:.0f}–{self.end_ms:.0f} ms, "
            f"{self.v_min_mv:g} to {self.v_max_mv:g} mV, "
            f"{'a ramp' if self.kind == 'ramp' else f'{self.n_levels} levels'})"
        )


@dataclass(frozen=True)
class IVPoint:
    """The current at one voltage: a mean over a window, with its standard error.

    ``sweep`` and ``level`` count from 1.  ``v_membrane_mv`` is the command after all
    corrections.  ``used`` says whether the fit may see the point, ``reason`` why not.
    ``i_pa`` is the whole current; ``i_leak_pa`` is what the fit takes off it as leak, and
    ``i_leak_sem_pa`` the part of its error that this point does not share with the others.
    """

    sweep: int
    level: int
    v_command_mv: float
    v_membrane_mv: float
    i_pa: float
    i_sem_pa: float
    n_effective: float
    drift_pa_per_ms: float
    window_start_ms: float
    window_end_ms: float
    used: bool = True
    reason: str = ""
    i_leak_pa: float | None = None
    i_leak_sem_pa: float | None = None
    i_density_pa_per_pf: float | None = None


@dataclass(frozen=True)
class Capacitance:
    """Capacitance of the membrane with its standard error, as far as known, and its source."""

    c_m_pf: float
    se_pf: float | None
    source: str


@dataclass(frozen=True)
class Correction:
    """One correction of the membrane voltage or the current, and what it changed.

    ``v_mv`` and ``i_pa`` say how far it moved each point of the measurement, used or not;
    empty: not at all.
    """

    name: str
    value: float | None
    unit: str
    applied: bool
    reason: str
    v_mv: tuple[float, ...] = ()
    i_pa: tuple[float, ...] = ()


@dataclass(frozen=True)
class Trace:
    """One sweep, thinned for a picture so that no peak is lost; times from its start."""

    sweep: int
    time_ms: tuple[float, ...]
    current_pa: tuple[float, ...]
    command_time_ms: tuple[float, ...]
    command_mv: tuple[float, ...]


@dataclass(frozen=True)
class StepStart:
    """The first moments of one step, and the curve by which its start was found.

    Times in ms from the start of the sweep; ``start_ms`` is the start of the step, ``read_ms``
    and ``read_pa`` are where the current was read, as the amplifier shows it.
    """

    sweep: int
    start_ms: float
    read_ms: float
    read_pa: float
    time_ms: tuple[float, ...]
    current_pa: tuple[float, ...]
    curve_time_ms: tuple[float, ...]
    curve_pa: tuple[float, ...]


@dataclass(frozen=True)
class SharedError:
    """An error that moves all points of a curve together.

    ``v_mv`` and ``i_pa`` say, point by point (of all points of the measurement, used or not),
    how far one standard error of the source moves voltage and current; empty: not at all.
    ``scope`` is ``recording`` where every recording draws its own (its series resistance, its
    leak, its drift): such an error belongs to the intervals of that recording.  It is ``rig``
    where all recordings share it (the junction potential): such an error is shown beside the
    intervals, enters ratios and groups once, and is never divided by the number of cells.
    ``supposed`` is what an error of a usual size would do where nobody stated one: it is shown
    and enters nothing.
    """

    source: str
    scope: Literal["recording", "rig", "supposed"]
    v_mv: tuple[float, ...] = ()
    i_pa: tuple[float, ...] = ()


@dataclass(frozen=True)
class Contribution:
    """How much one source of error adds to the standard error of one quantity.

    ``share`` is its part of the variance of all sources of that quantity, ``None`` where the
    error is only supposed; ``included`` says whether the interval that is given for the quantity
    holds it.
    """

    quantity: str
    source: str
    sigma: float
    unit: str
    share: float | None
    included: bool = True


@dataclass(frozen=True)
class SweepTest:
    """What the membrane test of one sweep tells, with standard errors; None: cannot be told.

    ``sweep`` counts from 1; ``r_input_mohm`` is R_s and R_m together.
    """

    sweep: int
    r_s_mohm: float | None = None
    r_s_se_mohm: float | None = None
    r_m_mohm: float | None = None
    r_m_se_mohm: float | None = None
    r_input_mohm: float | None = None
    r_input_se_mohm: float | None = None
    c_m_pf: float | None = None
    c_m_se_pf: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class DwellCounts:
    """Lengths of open or shut times, counted between edges; the lowest edge is the dead time.

    Edges are true lengths in ms: what a filter and thresholds made of them is undone.
    ``censored_ms`` are times that the end of a recording or of a sweep cut off.
    """

    kind: Literal["open", "shut"]
    edges_ms: tuple[float, ...]
    counts: tuple[int, ...]
    censored_ms: tuple[float, ...] = ()


@dataclass(frozen=True)
class ChannelLevel:
    """One open level of a patch, with 95 % interval: its current over the shut level.

    ``share`` is the part of the time that the patch spends there.
    """

    level: int
    i_pa: float | None
    i_low_pa: float | None
    i_high_pa: float | None
    share: float


@dataclass(frozen=True)
class ChannelTrace:
    """A stretch of a patch's current beside its idealisation, ready to be drawn.

    ``start_s`` is where it begins; ``ideal_ms`` and ``ideal_pa`` are the corners of the steps.
    """

    start_s: float
    time_ms: tuple[float, ...]
    current_pa: tuple[float, ...]
    ideal_ms: tuple[float, ...]
    ideal_pa: tuple[float, ...]


@dataclass(frozen=True)
class SingleChannel:
    """What a patch shows at one voltage; currents outward positive, intervals 95 %.

    ``n_channels`` is the largest number seen open at once.  ``levels_are`` says whether several
    levels are equal channels or sublevels of one.
    """

    v_command_mv: float
    v_membrane_mv: float
    status: Status
    reason: str = ""
    n_channels: int | None = None
    levels_are: Literal["channels", "sublevels", ""] = ""
    i_unitary_pa: float | None = None
    i_low_pa: float | None = None
    i_high_pa: float | None = None
    p_open: float | None = None
    p_open_low: float | None = None
    p_open_high: float | None = None
    n_openings: int | None = None
    duration_s: float = 0.0
    signal_to_noise: float | None = None
    noise_pa: float | None = None
    added_filter_khz: float | None = None
    filter_khz: float | None = None
    filter_source: str = ""
    dead_time_ms: float | None = None
    levels: tuple[ChannelLevel, ...] = ()
    dwells: tuple[DwellCounts, ...] = ()
    histogram_pa: tuple[float, ...] = ()
    """Middles of the bins of the histogram of all samples, baseline taken off."""
    histogram_counts: tuple[int, ...] = ()
    trace: ChannelTrace | None = None


@dataclass(frozen=True)
class DwellComponent:
    """One exponential of a distribution of open or shut times, with 95 % intervals."""

    tau_ms: float
    tau_low_ms: float
    tau_high_ms: float
    area: float
    area_low: float | None = None
    area_high: float | None = None


@dataclass(frozen=True)
class DwellTimes:
    """Open or shut times of one channel at one voltage, corrected for what the dead time hides."""

    kind: Literal["open", "shut"]
    v_membrane_mv: float
    status: Status
    reason: str = ""
    mean_ms: float | None = None
    mean_low_ms: float | None = None
    mean_high_ms: float | None = None
    n_events: int = 0
    dead_time_ms: float | None = None
    components: tuple[DwellComponent, ...] = ()
    counts: DwellCounts | None = None
    expected: tuple[float, ...] = ()
    """Counts that the fit expects between the same edges."""


@dataclass(frozen=True)
class Measurement:
    """What was measured on one recording."""

    families: tuple[Family, ...]
    family: Family
    window_reason: str
    points: tuple[IVPoint, ...]
    corrections: tuple[Correction, ...]
    findings: tuple[Finding, ...]
    holding_mv: float | None = None
    """Membrane voltage at holding, where every sweep starts from the same level."""
    shared_errors: tuple[SharedError, ...] = ()
    capacitance: Capacitance | None = None
    starts: tuple[StepStart, ...] = ()
    wander: tuple[SharedError, ...] = ()
    """What the points' standard errors already hold and neighbouring sweeps have in common."""
    membrane_tests: tuple[SweepTest, ...] = ()
    single_channels: tuple[SingleChannel, ...] = ()
    """What a patch shows at each voltage, where single channels were measured."""


# ------------------------------------------------------------------------- what was inferred


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
    efflux.
    """

    ion: str
    valence: int
    e_nernst_mv: float | None
    v_mv: float | None
    driving_force_mv: float | None
    delta_g_j_per_mol: float | None
    flux_ratio: float | None


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


# ------------------------------------------------------------------ what a report page needs


@dataclass(frozen=True)
class RecordingResult:
    """Everything about one row of the sheet, whatever happened to it."""

    row: SheetRow
    info: RecordingInfo | None
    measurement: Measurement | None
    fit: IVFit
    driving_forces: tuple[DrivingForce, ...] = ()
    problems: tuple[Problem, ...] = ()
    pipette: Solution | None = None
    bath: Solution | None = None
    traces: tuple[Trace, ...] = ()
    """The sweeps, kept even where nothing could be measured on them."""
    subtracted_points: tuple[IVPoint, ...] = ()
    """What was fitted, where the points of another recording were subtracted first."""


@dataclass(frozen=True)
class CellResult:
    """Everything about one cell: what its page shows and its rows in the tables."""

    cell: str
    recordings: tuple[RecordingResult, ...]
    ratios: tuple[PermeabilityRatio, ...]
    settings: dict[str, object]
    """Settings that differ from the defaults, by their full name."""
    versions: dict[str, str]
    findings: tuple[Finding, ...] = ()
    notice: str = ""
    """What the project wants said on top of every page."""
    contributions: tuple[Contribution, ...] = ()
    """What each source of error adds to the quantities of the cell as a whole."""
    ratio_details: RatioDetails = field(default_factory=RatioDetails)
