"""What a report page needs: everything about a recording, and about a cell."""

from __future__ import annotations

from dataclasses import dataclass, field

from permeant.ratio_records import RatioDetails
from permeant.records.costs import Cost
from permeant.records.findings import Finding, Problem
from permeant.records.inferred import DrivingForce, IVFit, PermeabilityRatio
from permeant.records.limits import Limits
from permeant.records.measured import Contribution, IVPoint, Measurement, Trace
from permeant.records.recordings import RecordingInfo
from permeant.records.sheet import SheetRow, Solution


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
    resting_cost: Cost | None = None
    """What the sodium that leaks in at rest costs, where a resting potential is stated."""
    subtracted_points: tuple[IVPoint, ...] = ()
    """What was fitted, where the points of another recording were subtracted first."""

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Every account of what sodium costs."""
        rest = (self.resting_cost,) if self.resting_cost else ()
        return (*(self.measurement.costs if self.measurement else ()), *rest)

    @property
    def told_without_curve(self) -> bool:
        """Whether there is a result other than a curve: no curve is then no failure."""
        seen = self.measurement
        if seen is None:
            return False
        statuses = (*(one.status for one in seen.noise), *(one.status for one in seen.costs))
        return any(status != "rejected" for status in statuses)


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
    limits: Limits = field(default_factory=Limits)
    """What limits the current: pore or gate, and the charge of the carrier."""
