"""The sections of ``config.yaml`` that steer the analysis: keys, bounds, defaults, meaning."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from permeant.config.columns import Section


def _refuse_bool(value: object) -> object:
    """Keep ``yes`` and ``no`` from passing as the numbers 1 and 0."""
    if isinstance(value, bool):
        msg = "is not a number"
        raise ValueError(msg)
    return value


def _name_the_ways(value: object) -> object:
    """Say which leak corrections there are to those who ask for one by another name."""
    if isinstance(value, str) and value in ("linear", "pn", "p/n", "subtract"):
        msg = (
            "is none of the ways: 'ramp' takes the leak from the leak ramp in each sweep, 'range' "
            "from the points within leak_range_mv (P/N is made while recording; the sheet's "
            "column subtract takes the I–V of one recording from another)"
        )
        raise ValueError(msg)
    return value


def _read_figures(value: object) -> object:
    """Take one format for a list of one, and say which formats there are."""
    if value is None or value is False:
        return ()
    wanted = [value] if isinstance(value, str) else value
    if not isinstance(wanted, list | tuple):
        msg = f"is not a list of formats; write some of {', '.join(_FORMATS)}: figures: [svg, pdf]"
        raise ValueError(msg)
    if wrong := [one for one in wanted if one not in _FORMATS]:
        held = "is none" if isinstance(value, str) else f"holds {wrong[0]!r}, which is none"
        msg = f"{held} of {', '.join(_FORMATS)}; write figures: [svg, pdf]"
        raise ValueError(msg)
    if wanted and find_spec("matplotlib") is None:
        msg = 'needs matplotlib, which is not installed: pip install "permeant[figures]"'
        raise ValueError(msg)
    return tuple(dict.fromkeys(wanted))


_FORMATS = ("pdf", "svg", "png")
FigureFormats = Annotated[
    tuple[Literal["pdf", "svg", "png"], ...], Field(strict=False), BeforeValidator(_read_figures)
]
LeakEnd = Annotated[float, Field(ge=-300, le=300), BeforeValidator(_refuse_bool)]
IVModel = Literal["ohmic", "ghk", "gated_ohmic", "gated_ghk"]
Strings = Annotated[tuple[str, ...], Field(strict=False)]


class SteadyState(Section):
    """How the window of a steady state is chosen."""

    mains_hz: Annotated[Literal[50, 60, 0], BeforeValidator(_refuse_bool)] = Field(
        default=50,
        description="Mains frequency in Hz; windows hold whole cycles of it. 0: ignore it.",
    )
    guard_ms: float = Field(
        default=0.5, ge=0, le=1000, description="End of a step that is left out, in ms."
    )
    min_window_ms: float = Field(
        default=5.0,
        gt=0,
        le=100_000,
        description="Shortest window, in ms, whatever the step's length.",
    )
    max_fraction: float = Field(
        default=0.5, gt=0, le=1, description="Longest window, as a fraction of the step."
    )
    min_fraction: float = Field(
        default=0.1, gt=0, le=1, description="Shortest window, as a fraction of the step."
    )
    drift_limit_fraction: float = Field(
        default=0.02,
        gt=0,
        le=1,
        description="Change over the window (at least the step's last quarter) still steady, "
        "as a fraction of the current.",
    )

    @model_validator(mode="after")
    def _fractions_in_order(self) -> SteadyState:
        if self.min_fraction > self.max_fraction:
            msg = (
                f"min_fraction = {self.min_fraction:g} is above max_fraction = "
                f"{self.max_fraction:g}; the shortest window cannot be longer than the longest"
            )
            raise ValueError(msg)
        return self


class Measures(Section):
    """How what is not a steady state is measured."""

    tail_delay_ms: float | None = Field(
        default=None,
        gt=0,
        le=10_000,
        description="Start of a step that instantaneous currents leave out, in ms. Default: found.",
    )
    tail_extrapolated: bool = Field(
        default=True,
        description="Whether instantaneous currents are followed back to the start of the step; "
        "no: read at the end of the delay.",
    )
    peak_delay_ms: float | None = Field(
        default=None,
        gt=0,
        le=10_000,
        description="Start of a step in which no peak is looked for, in ms. Default: found.",
    )
    ramp_bin_mv: float | None = Field(
        default=None,
        gt=0,
        le=100,
        description="Width of the points of a ramp, in mV. Default: 5, at least 8 points.",
    )
    channel_filter_khz: float | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="-3 dB frequency of the amplifier's low-pass filter, in kHz, from which the "
        "dead time of single channels follows. Default: measured on the transitions.",
    )
    channel_direction: Literal["auto", "inward", "outward"] = Field(
        default="auto",
        description="Which way current flows through the open single channels, across the "
        "membrane. auto: the level nearer to zero current is the shut one.",
    )
    noise_delay_ms: float = Field(
        default=1.0,
        ge=0,
        le=10_000,
        description="Start of a step that noise analysis leaves out, in ms: the charging of the "
        "membrane.",
    )
    noise_zero: Literal["before", "end"] = Field(
        default="before",
        description="Where all channels are shut, for noise analysis: before the step, or in the "
        "last tenth of the window. Its current is the zero, its variance the background.",
    )
    noise_reversal_mv: float | None = Field(
        default=None,
        ge=-300,
        le=300,
        description="Reversal potential of the channel, in mV, from which noise analysis gives the "
        "unitary chord conductance. Default: none, and no conductance.",
    )
    noise_open_probability: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Open probability in the window, for noise analysis of a current that stands "
        "still there. Default: not known, and of the unitary current only a limit is told.",
    )


class Corrections(Section):
    """Which corrections of voltage and current are made."""

    junction_potential: Literal["henderson", "none"] = Field(
        default="henderson", description="How the liquid junction potential is computed, if at all."
    )
    reference_electrode: Literal["salt_bridge", "ag_agcl", "none"] = Field(
        default="salt_bridge",
        description="Reference electrode; its shift on a bath change is corrected.",
    )
    series_resistance: bool = Field(
        default=True,
        description="Whether the voltage drop over the series resistance is taken off.",
    )
    sigma_r_s_fraction: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Standard error of a series resistance from sheet or file, as a fraction of "
        "it before compensation. Not given: intervals take it as exact, and the page shows what "
        "10 % would change. A membrane test brings its own.",
    )
    leak: Annotated[Literal["none", "ramp", "range"], BeforeValidator(_name_the_ways)] = Field(
        default="none",
        description="Leak subtraction, for channels that close: none, from the leak ramp in each "
        "sweep, or from the points within leak_range_mv.",
    )
    leak_range_mv: Annotated[tuple[LeakEnd, LeakEnd], Field(strict=False)] | None = Field(
        default=None,
        description="Membrane voltages, in mV, at which the channels are closed: [low, high].",
    )
    leak_of_ungated: bool = Field(
        default=False,
        description="Whether a leak is taken off even where it looks like the channel itself.",
    )
    online_leak: Literal["subtracted", "raw"] = Field(
        default="subtracted",
        description="What the samples are where a file says that P/N was on: with the leak "
        "subtracted, or raw.",
    )

    @model_validator(mode="after")
    def _range_in_order(self) -> Corrections:
        if self.leak == "range" and self.leak_range_mv is None:
            msg = (
                "leak = range needs leak_range_mv, the voltages at which the channels are closed, "
                "e.g. leak_range_mv: [-110, -80]"
            )
            raise ValueError(msg)
        if self.leak_range_mv and self.leak_range_mv[0] >= self.leak_range_mv[1]:
            low, high = self.leak_range_mv
            msg = f"leak_range_mv = [{low:g}, {high:g}] does not rise; write the lower end first"
            raise ValueError(msg)
        return self


class Fit(Section):
    """How current–voltage curves are fitted."""

    min_points: int = Field(default=4, ge=3, le=1000, description="Fewest points that are fitted.")
    min_levels: int = Field(
        default=2, ge=2, le=1000, description="Fewest different voltages to fit."
    )
    reversal_span_mv: float = Field(
        default=30.0,
        gt=0,
        le=200,
        description="How near to zero current, in mV, points are for an extrapolated reversal.",
    )
    models: Annotated[tuple[IVModel, ...], Field(strict=False)] = Field(
        default=("ohmic", "ghk", "gated_ohmic", "gated_ghk"),
        description="Models held against each curve: ohmic, ghk, gated_ohmic, gated_ghk.",
    )


class Permeability(Section):
    """Which permeability ratios are sought, and from what."""

    permeant: Strings = Field(
        default=(), description="Ions that pass the channel, e.g. [Na, K, Cs]."
    )
    reference: str | None = Field(
        default=None,
        description="The ion over whose permeability the ratios are given; one of permeant.",
    )
    fixed: dict[str, Annotated[float, Field(ge=0, le=1e6)]] = Field(
        default_factory=dict,
        description="Ratios to the reference that are not fitted: ion: ratio.",
    )
    activities: Literal["none", "davies", "pitzer"] = Field(
        default="none", description="Model of activity coefficients; none: concentrations."
    )
    activity_substitutes: dict[str, str] = Field(
        default_factory=dict,
        description="For pitzer: ions without parameters and the ion whose parameters stand in "
        "for them, ion: other (HEPES: Cl); said beside every ratio.",
    )
    draws: int = Field(
        default=10_000, ge=1000, le=10_000_000, description="Monte Carlo draws behind an interval."
    )
    seed: int = Field(default=0, ge=0, le=2**32 - 1, description="Seed of the Monte Carlo draws.")
    sigma_ljp_mv: float = Field(
        default=1.0, ge=0, le=50, description="Standard error of the junction potential, in mV."
    )
    sigma_temperature_c: float = Field(
        default=0.5, ge=0, le=20, description="Standard error of the temperature, in °C."
    )
    sigma_concentration_fraction: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="Standard error of concentrations, as a fraction of them.",
    )
    resting_permeabilities: dict[str, Annotated[float, Field(ge=0, le=1e6)]] = Field(
        default_factory=dict,
        description="Relative permeabilities of the membrane at rest, ion: number, from which the "
        "resting potential is estimated (GHK) where the sheet has no v_rest_mv. Empty: no "
        "estimate.",
    )
    sigma_bath_change_fraction: float = Field(
        default=0.2,
        ge=0,
        le=10,
        description="Standard error of the reference electrode's shift after a bath change, as a "
        "fraction of sigma_ljp_mv.",
    )
    sigma_viscosity_fraction: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="Standard error of viscosity_ratio and conductivity_ratio of the sheet, as a "
        "fraction of them; all cells share it.",
    )


class Quality(Section):
    """Limits beyond which a finding is raised."""

    r_s_limit_mohm: float = Field(
        default=20.0, gt=0, le=1000, description="Series resistance, in MΩ."
    )
    r_s_change_fraction: float = Field(
        default=0.2,
        gt=0,
        le=10,
        description="Change of the series resistance, as a fraction of it.",
    )
    voltage_error_limit_mv: float = Field(
        default=10.0, gt=0, le=200, description="Voltage error over the series resistance, in mV."
    )
    holding_drift_limit_pa: float = Field(
        default=100.0, gt=0, le=1e6, description="Drift of the holding current, in pA."
    )
    run_down_limit_fraction: float = Field(
        default=0.1,
        gt=0,
        le=10,
        description="Change of the conductance over the sweeps, as a fraction of it.",
    )
    leak_conductance_limit_ns: float = Field(
        default=5.0, gt=0, le=1e4, description="Leak conductance, in nS."
    )
    noise_limit_pa: float = Field(
        default=50.0, gt=0, le=1e5, description="Noise (root mean square) in pA."
    )


class Report(Section):
    """What the pages show."""

    max_trace_points: int = Field(
        default=800, ge=100, le=1_000_000, description="Samples drawn of each sweep, at most."
    )
    self_contained: bool = Field(
        default=False,
        description="Whether each page holds the plotting library (5 MB a page), to be mailed.",
    )
    title: str = Field(
        default="", max_length=200, description="Title of the batch; empty: the folder's."
    )
    notice: str = Field(
        default="", max_length=500, description="A sentence that stands on top of every page."
    )


class IonEntry(Section):
    """An ion that the program does not know, or knows differently."""

    valence: int = Field(ge=-3, le=3, description="Charge number, with its sign; not 0.")
    relative_mobility: float | None = Field(
        default=None,
        gt=0,
        le=20,
        description="Mobility over that of K⁺, for the junction potential.",
    )

    @model_validator(mode="after")
    def _charged(self) -> IonEntry:
        if self.valence == 0:
            msg = "valence = 0 is no ion; uncharged substances are left out"
            raise ValueError(msg)
        return self


class Epoch(Section):
    """One epoch of a protocol: a step or a ramp."""

    type: Literal["step", "ramp"] = Field(
        default="step",
        description="step: jump to the level; ramp: move to it from the level before.",
    )
    level_mv: float = Field(ge=-1000, le=1000, description="Level in the first sweep, in mV.")
    level_step_mv: float = Field(
        default=0.0,
        ge=-1000,
        le=1000,
        description="What is added to the level in each sweep, in mV.",
    )
    duration_ms: float = Field(gt=0, le=1e7, description="Duration in the first sweep, in ms.")
    duration_step_ms: float = Field(
        default=0.0,
        ge=-1e7,
        le=1e7,
        description="What is added to the duration in each sweep, in ms.",
    )


class Protocol(Section):
    """A command waveform for files that do not carry their own."""

    holding_mv: float = Field(ge=-1000, le=1000, description="Voltage before and after, in mV.")
    epochs: Annotated[tuple[Epoch, ...], Field(strict=False, min_length=1, max_length=100)] = Field(
        description="The epochs in the order in which they are played."
    )
