"""What travels between the rooms: plain, frozen records.

Every stage takes records and gives records, so each can run alone in a notebook and each
can be written to disk as it stands.  Units are in the names; ``None`` means "not known",
never a floor or a NaN.  Voltages are inside minus outside, outward current is positive.
"""

from __future__ import annotations

from permeant.records.findings import (
    Finding,
    ModelStatus,
    Problem,
    RatioStatus,
    ReversalStatus,
    Severity,
    Status,
)
from permeant.records.inferred import (
    CorrectionEffect,
    Curve,
    DrivingForce,
    IVFit,
    ModelFit,
    ModelParameter,
    PermeabilityRatio,
    PointResidual,
    RawCurve,
)
from permeant.records.measured import (
    Capacitance,
    ChannelLevel,
    ChannelTrace,
    Contribution,
    Correction,
    DwellComponent,
    DwellCounts,
    DwellTimes,
    Family,
    IVPoint,
    Measurement,
    SharedError,
    SingleChannel,
    StepStart,
    SweepTest,
    Trace,
)
from permeant.records.recordings import (
    Channel,
    OnlineLeak,
    Provenance,
    Recording,
    RecordingInfo,
    Segment,
    Tag,
)
from permeant.records.results import (
    CellResult,
    RecordingResult,
)
from permeant.records.sheet import (
    SheetRow,
    Solution,
)

__all__ = [
    "Capacitance",
    "CellResult",
    "Channel",
    "ChannelLevel",
    "ChannelTrace",
    "Contribution",
    "Correction",
    "CorrectionEffect",
    "Curve",
    "DrivingForce",
    "DwellComponent",
    "DwellCounts",
    "DwellTimes",
    "Family",
    "Finding",
    "IVFit",
    "IVPoint",
    "Measurement",
    "ModelFit",
    "ModelParameter",
    "ModelStatus",
    "OnlineLeak",
    "PermeabilityRatio",
    "PointResidual",
    "Problem",
    "Provenance",
    "RatioStatus",
    "RawCurve",
    "Recording",
    "RecordingInfo",
    "RecordingResult",
    "ReversalStatus",
    "Segment",
    "Severity",
    "SharedError",
    "SheetRow",
    "SingleChannel",
    "Solution",
    "Status",
    "StepStart",
    "SweepTest",
    "Tag",
    "Trace",
]
