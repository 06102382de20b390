"""What every way of measuring hands on: one mean a point, and how it came about."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from permeant.measure.window import StepMean
from permeant.records import Finding, Measurement, RecordingInfo, SharedError, StepStart

_SWEEPS = re.compile(r"\b(sweeps? )(\d+(?: (?:to|and) \d+)?)\b")
_NUMBER = re.compile(r"\d+")


class Seen(NamedTuple):
    """The points of a curve before any correction, and what is to be said of them."""

    means: list[StepMean]
    window_reason: str
    findings: tuple[Finding, ...] = ()
    starts: tuple[StepStart, ...] = ()
    shared_errors: tuple[SharedError, ...] = ()


def number_as_in_file(measurement: Measurement, info: RecordingInfo) -> Measurement:
    """Give points, pictures and remarks the sweep numbers of the file, if only some were taken."""
    if not info.sweep_numbers:
        return measurement

    def renamed(text: str) -> str:
        return _SWEEPS.sub(
            lambda found: found[1] + _NUMBER.sub(lambda n: in_file(int(n[0])), found[2]), text
        )

    def in_file(number: int) -> str:
        return str(info.number_of(number - 1)) if 0 < number <= info.n_sweeps else str(number)

    return replace(
        measurement,
        points=tuple(
            replace(point, sweep=info.number_of(point.sweep - 1), reason=renamed(point.reason))
            for point in measurement.points
        ),
        starts=tuple(
            replace(start, sweep=info.number_of(start.sweep - 1)) for start in measurement.starts
        ),
        membrane_tests=tuple(
            replace(one, sweep=info.number_of(one.sweep - 1)) for one in measurement.membrane_tests
        ),
        findings=tuple(
            replace(finding, message=renamed(finding.message)) for finding in measurement.findings
        ),
    )
