"""Verdicts, findings and problems: how trouble travels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
