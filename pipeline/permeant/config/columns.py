"""The columns of the recording sheet, each declared once: type, bounds, meaning.

The optional columns are at the same time the keys of ``defaults:`` in ``config.yaml``, so a
value is held to the same rule wherever it was written.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

_RANGE = re.compile(r"0*([1-9][0-9]{0,6})(?:\s*(-)\s*(?:0*([1-9][0-9]{0,6}))?)?")
_TAG = re.compile(r"(tag|before)\s+(.+)", re.IGNORECASE)
_NO_SWEEPS = (
    "is no choice of sweeps; write numbers and ranges (1-10,14 or 11-), or name tags of the file: "
    "before drug; tag drug (up to the next tag); tag drug..wash"
)
_NUMBER_OF_FAMILY = re.compile(r"0*([1-9][0-9]{0,3})")


class Section(BaseModel):
    """A frozen group of checked values; unknown names are refused, empty ones mean default."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_means_default(cls, data: Any) -> Any:
        """Read ``key:`` with nothing behind it as if the key were absent."""
        if data is None:
            return {}
        if not isinstance(data, dict):
            return data
        return {k: v for k, v in data.items() if v is not None or k not in cls.model_fields}


def _read_epoch(value: object) -> object:
    """Give the number of a family without leading zeros, or an epoch's capital letter."""
    text = str(value).strip() if isinstance(value, (str, int)) and value is not True else ""
    if number := _NUMBER_OF_FAMILY.fullmatch(text):
        return number[1]
    if re.fullmatch(r"[A-Ja-j]", text):
        return text.upper()
    msg = (
        "is neither a whole number from 1 (which stepped family, the first is 1) nor a letter "
        "A–J (a row of the file's epoch table)"
    )
    raise ValueError(msg)


def _read_channel(value: object) -> object:
    """Give the name of a channel, or its index as text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _read_series(value: object) -> object:
    """Give the name or number of a series; a spreadsheet or YAML makes 1.2 a number."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if is_number else value


def _fold_case(value: object) -> object:
    """Ignore the capitals that spreadsheets add by themselves."""
    return value.strip().casefold() if isinstance(value, str) else value


def _read_sweeps(value: object) -> object:
    """Give a choice of sweeps in one way of writing, or say what is allowed."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError(_NO_SWEEPS)
    text = " ".join(str(value).split())
    if tag := _TAG.fullmatch(text):
        if not tag[2].strip(" ."):
            raise ValueError(_NO_SWEEPS)
        return f"{tag[1].casefold()} {tag[2].strip()}"
    parts = [part.strip() for part in re.sub("[–—−]", "-", text).replace(";", ",").split(",")]
    read = [_RANGE.fullmatch(part) for part in parts]
    if not all(read):
        raise ValueError(_NO_SWEEPS)
    for part in read:
        if part and part[3] and int(part[3]) < int(part[1]):
            msg = f"goes backwards in {part[0]!r}; write the lower number first"
            raise ValueError(msg)
    return ",".join("".join(group or "" for group in part.groups()) for part in read if part)


_TEXT_OR_NUMBER = WithJsonSchema({"type": ["string", "integer"]})
Epoch = Annotated[str, BeforeValidator(_read_epoch), _TEXT_OR_NUMBER]
Channel = Annotated[str, BeforeValidator(_read_channel), _TEXT_OR_NUMBER]
SweepChoice = Annotated[str, BeforeValidator(_read_sweeps), _TEXT_OR_NUMBER]
Series = Annotated[str, BeforeValidator(_read_series), _TEXT_OR_NUMBER]
Measure = Annotated[
    Literal["steady", "instantaneous", "peak", "ramp", "single_channel", "noise", "charge"],
    BeforeValidator(_fold_case),
]
Configuration = Annotated[
    Literal["whole-cell", "outside-out", "inside-out", "cell-attached"],
    BeforeValidator(_fold_case),
]


class OptionalColumns(Section):
    """Columns that a sheet may leave out or empty; ``defaults:`` fills the empty cells."""

    pipette: str | None = Field(
        default=None,
        min_length=1,
        description="Solution in the pipette: a name in the solution sheet.",
    )
    bath: str | None = Field(
        default=None,
        min_length=1,
        description="Solution in the bath: a name in the solution sheet.",
    )
    temperature_c: float | None = Field(
        default=None,
        ge=-5,
        le=60,
        description="Temperature of the bath during the recording, in °C.",
    )
    condition: str = Field(
        default="", description="Group label (genotype, drug, bath) for statistics and colours."
    )
    measure: Measure = Field(
        default="steady",
        description=(
            "What is measured: the steady state of a step, the instantaneous (tail) current "
            "after it began, its peak, a ramp, the single channels of a patch, the noise of "
            "many channels over repeated sweeps, or the charge of a window and what it costs."
        ),
    )
    epoch: Epoch | None = Field(
        default=None,
        description=(
            "Which stepped stretch: a number counts the stepped families of the recording from "
            "1, a letter A–J names a row of the file's epoch table. Default: found from the data."
        ),
    )
    window_start_ms: float | None = Field(
        default=None,
        ge=0,
        le=1e7,
        description="Start of the window, in ms from the start of the sweep. Default: found.",
    )
    window_end_ms: float | None = Field(
        default=None,
        gt=0,
        le=1e7,
        description="End of the window, in ms from the start of the sweep. Default: found.",
    )
    current_channel: Channel | None = Field(
        default=None, description="Name or index of the channel that holds the current."
    )
    command_channel: Channel | None = Field(
        default=None, description="Name or index of the channel that holds the command voltage."
    )
    command_offset_mv: float | None = Field(
        default=None,
        ge=-500,
        le=500,
        description="Amplifier holding in mV, to be added when the command is relative to it.",
    )
    protocol: str | None = Field(
        default=None,
        min_length=1,
        description="Entry of protocols: in config.yaml, for a file without its command.",
    )
    configuration: Configuration = Field(
        default="whole-cell", description="Configuration of the patch."
    )
    r_s_mohm: float | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="Series resistance in MΩ. Default: from a membrane test.",
    )
    r_s_compensation: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Fraction (0–1) of the series resistance that the correction circuit removed.",
    )
    c_m_pf: float | None = Field(
        default=None,
        gt=0,
        le=100_000,
        description="Capacitance in pF. Default: from a membrane test.",
    )
    ljp_mv: float | None = Field(
        default=None,
        ge=-100,
        le=100,
        description="Liquid junction potential V_bath − V_pipette in mV; replaces the computed.",
    )
    ljp_applied: bool = Field(
        default=False,
        description="Whether the amplifier already corrected for the junction potential.",
    )
    zeroed_in: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "Solution in which the pipette was zeroed. Default: the bath of the cell's first row."
        ),
    )
    subtract: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "Recording of the same cell whose I–V is subtracted (blocker, agonist-free), or two, "
            "before;after, between which it is interpolated in time."
        ),
    )
    exclude: bool = Field(
        default=False, description="Whether the row is kept visible but out of the fits."
    )
    note: str = Field(default="", description="Free text, shown in the report.")
    leak: Annotated[Literal["none", "ramp", "range"], BeforeValidator(_fold_case)] | None = Field(
        default=None,
        description="Leak subtraction of this recording. Default: corrections: leak.",
    )
    sweeps: SweepChoice | None = Field(
        default=None,
        description=(
            "Which sweeps of the file the row takes: numbers and ranges (1-10,14; 11- to the end), "
            "or tags of the file: before drug; tag drug (to the next tag); tag drug..wash. "
            "Default: all."
        ),
    )
    series: Series | None = Field(
        default=None,
        description=(
            "Which recording of a file that holds several (HEKA group/series, NWB sequence): its "
            "name or its number."
        ),
    )
    text_columns: str | None = Field(
        default=None,
        min_length=1,
        max_length=2000,
        description=(
            "What the columns of a text table hold, where its header does not say so with units: "
            "time_ms current_pA*10 command_mV*10."
        ),
    )
    fit_min_mv: float | None = Field(
        default=None,
        ge=-1000,
        le=1000,
        description="Lowest membrane voltage in mV whose points are fitted. Default: all.",
    )
    fit_max_mv: float | None = Field(
        default=None,
        ge=-1000,
        le=1000,
        description="Highest membrane voltage in mV whose points are fitted. Default: all.",
    )
    viscosity_ratio: float | None = Field(
        default=None,
        ge=0.1,
        le=100,
        description=(
            "Viscosity of the recording's solution over that of the control (1: the control). "
            "Single channels in two viscosities are compared: does the pore or the gate limit?"
        ),
    )
    conductivity_ratio: float | None = Field(
        default=None,
        ge=0.01,
        le=10,
        description=(
            "Measured bulk conductivity of that solution over that of the control. Without it "
            "the comparison rests on the viscosity alone."
        ),
    )
    v_rest_mv: float | None = Field(
        default=None,
        ge=-150,
        le=100,
        description=(
            "Resting potential of the cell, inside − outside, corrected for the junction "
            "potential, in mV; driving forces are given at it as well, and what the cell costs."
        ),
    )
    sodium_fraction: float | None = Field(
        default=None,
        gt=0,
        le=10,
        description=(
            "For measure = charge: part of the charge that sodium carries (1 for a current that a "
            "sodium channel blocker took away; above 1 where another ion leaves meanwhile)."
        ),
    )
    g_na_ns: float | None = Field(
        default=None,
        gt=0,
        le=1e4,
        description=(
            "Sodium conductance at rest, in nS. Default: the permeability of the curve's GHK fit."
        ),
    )


class SheetColumns(OptionalColumns):
    """All columns of the recording sheet."""

    cell: str = Field(description="Id of the cell: letters, digits and . _ - only.")
    file: str = Field(description="Path of the recording, relative to the project folder.")
    recording: str | None = Field(
        default=None, description="Id of the recording within the cell. Default: the file's stem."
    )


NUMBER_COLUMNS = frozenset(
    name for name, f in SheetColumns.model_fields.items() if "float" in str(f.annotation)
)
YES_NO_COLUMNS = frozenset(
    name for name, f in SheetColumns.model_fields.items() if f.annotation is bool
)
