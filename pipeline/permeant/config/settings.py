"""The settings of a project: all of ``config.yaml`` as one frozen, checked model."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from permeant.config.columns import OptionalColumns, Section, SheetColumns
from permeant.config.sections import (
    Corrections,
    FigureFormats,
    Fit,
    IonEntry,
    Measures,
    Permeability,
    Protocol,
    Quality,
    Report,
    SteadyState,
)

_LONGEST_NAME = 200  # bytes: file systems allow 255, and temporary names are longer
_NO_IONS = ("solution", "note", "absorbed_by")  # the other columns of the solution sheet


def _check_output(value: str) -> str:
    """Keep the generated folder inside the project and its name plain."""
    parts = [part for part in re.split(r"[\\/]", value) if part not in ("", ".")]
    if value.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", value) or ".." in parts:
        msg = "lies outside the project folder; give a folder inside it, e.g. reports"
        raise ValueError(msg)
    if not parts or parts[0].casefold() in ("config", ".git", ".snakemake"):
        msg = "would mix the reports with the project's own files; give another, e.g. reports"
        raise ValueError(msg)
    if value.startswith(("~", "$")):
        msg = f"begins with {value[0]!r}, which is not expanded; give a plain name, e.g. reports"
        raise ValueError(msg)
    if any(part != part.strip() or len(part.encode()) > _LONGEST_NAME for part in parts):
        msg = "has a part that is too long, or begins or ends with a space; give a plain name"
        raise ValueError(msg)
    if bad := re.search(r'[{}*?"<>|:\x00-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]', value):
        msg = f"contains {bad[0]!r}, which a folder here cannot; give a plain name, e.g. reports"
        raise ValueError(msg)
    return "/".join(parts)


def _check_path(value: str) -> str:
    """Refuse an empty path."""
    if not value.strip():
        msg = "is empty; name a file, relative to the project folder"
        raise ValueError(msg)
    return value.strip()


def _check_ion_name(value: str) -> str:
    """Keep ion names to what a column and a table can hold."""
    if not re.fullmatch(r"[^\W\d_][\w.()+-]{0,39}", value) or value.casefold() in _NO_IONS:
        msg = "cannot name an ion; begin with a letter, then letters, digits and + - _ . ( )"
        raise ValueError(msg)
    return value


PathText = Annotated[str, AfterValidator(_check_path)]
IonName = Annotated[str, AfterValidator(_check_ion_name)]


class Settings(Section):
    """How a project is analysed."""

    recordings: PathText = Field(
        default="config/recordings.csv", description="Sheet of recordings, one row a recording."
    )
    solutions: PathText = Field(
        default="config/solutions.csv", description="Sheet of solutions, one row a solution, in mM."
    )
    output: Annotated[str, AfterValidator(_check_output)] = Field(
        default="reports", description="Folder for everything that is generated."
    )
    defaults: OptionalColumns = Field(
        default=OptionalColumns(),
        description="Values for the empty cells of the sheet's optional columns.",
    )
    protocols: dict[str, Protocol] = Field(
        default_factory=dict, description="Command waveforms by name, for files without theirs."
    )
    ions: dict[IonName, IonEntry] = Field(
        default_factory=dict, description="Further ions by name: valence, relative mobility."
    )
    steady_state: SteadyState = Field(
        default=SteadyState(), description="How the window of a steady state is chosen."
    )
    corrections: Corrections = Field(
        default=Corrections(), description="Which corrections are made."
    )
    fit: Fit = Field(default=Fit(), description="How I–V curves are fitted.")
    permeability: Permeability = Field(
        default=Permeability(), description="Which permeability ratios are sought."
    )
    quality: Quality = Field(
        default=Quality(), description="Limits beyond which a finding is raised."
    )
    report: Report = Field(default=Report(), description="What the pages show.")
    measures: Measures = Field(
        default=Measures(),
        description="How tails, peaks, ramps, single channels and noise are measured.",
    )
    figures: FigureFormats = Field(
        default=(),
        description="Figures for papers that are written for every recording: pdf, svg, png. "
        "Empty: none; permeant figure draws one at a time.",
    )
    batch_size: int = Field(default=250, ge=1, le=5000, description="Cells that one job works on.")

    def changed(self) -> dict[str, object]:
        """Return the settings that differ from the defaults, by their full names."""
        return _differences(self, type(self)(), "")


def _differences(mine: BaseModel, default: BaseModel, prefix: str) -> dict[str, object]:
    """Compare two models of one kind, key by key."""
    found: dict[str, object] = {}
    for name in type(mine).model_fields:
        value, standard = getattr(mine, name), getattr(default, name)
        if isinstance(value, BaseModel):
            found |= _differences(value, standard, f"{prefix}{name}.")
        elif value != standard:
            found[prefix + name] = mine.model_dump(mode="json", include={name})[name]
    return found


def sheet_schema() -> dict[str, Any]:
    """Return the JSON schema of a row of the recording sheet."""
    schema = SheetColumns.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def settings_schema() -> dict[str, Any]:
    """Return the JSON schema of ``config.yaml``, made from the same models that check it."""
    schema = Settings.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
