"""What was measured on a recording: points, corrections, shared errors, patches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from permeant.records.costs import Cost
from permeant.records.findings import Finding, Status
from permeant.records.noise import Noise


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
class LevelTimes:
    """Lengths of the sojourns at one level of a patch of several channels.

    They are those entered from the level ``before`` and left to ``after`` (None: the end cut
    them off), counted between edges (true lengths in ms, the lowest is the dead time), stretch
    of the recording by stretch.
    """

    level: int
    before: int
    after: int | None
    edges_ms: tuple[float, ...]
    counts: tuple[tuple[int, ...], ...]


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
    raw_pa: tuple[float, ...] = ()
    """As recorded, where a filter was added."""


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
    level_times: tuple[LevelTimes, ...] = ()
    """In place of ``dwells`` where several channels are open at once."""
    histogram_pa: tuple[float, ...] = ()
    """Middles of the bins of the histogram of all samples, baseline taken off."""
    histogram_counts: tuple[int, ...] = ()
    trace: ChannelTrace | None = None
    independence_p: float | None = None
    """Chance of the shares of the levels, were they those of equal, independent channels."""
    visits_of_one_more: float | None = None
    """Expected visits to a level more, did the patch hold one channel more."""


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
    noise: tuple[Noise, ...] = ()
    """What the noise of many channels tells at each voltage, where it was measured."""
    costs: tuple[Cost, ...] = ()
    """What the charge of a window costs, where it was measured."""
