"""A command that the user describes, for files that do not carry theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from permeant.errors import RecordingError
from permeant.records import Recording, Segment


def protocol_segments(
    protocol: Mapping[str, Any], sweep: int, n_samples: int, interval_ms: float
) -> tuple[Segment, ...]:
    """Lay out one sweep of a described protocol.

    Parameters
    ----------
    protocol : mapping
        An entry of the section ``protocols`` of the configuration: ``holding_mv`` and
        ``epochs`` with type, level, duration and what is added to them in each sweep.
    sweep : int
        The sweep, counted from 0.
    n_samples : int
        Samples in a sweep; what the epochs leave is at holding.
    interval_ms : float
        Sampling interval in ms.

    Returns
    -------
    tuple of Segment
        The command without gaps; epochs are lettered A, B, … in the order described.

    Raises
    ------
    RecordingError
        If the epochs last longer than the sweep.
    """
    holding_mv = float(protocol["holding_mv"])
    level_mv, time_ms = holding_mv, 0.0
    segments: list[Segment] = []
    for number, epoch in enumerate(protocol["epochs"]):
        start = round(time_ms / interval_ms)
        time_ms += max(0.0, epoch["duration_ms"] + sweep * epoch["duration_step_ms"])
        stop = round(time_ms / interval_ms)
        before_mv, level_mv = level_mv, epoch["level_mv"] + sweep * epoch["level_step_mv"]
        if stop > start:
            from_mv = before_mv if epoch["type"] == "ramp" else level_mv
            letter = chr(ord("A") + number) if number < 26 else str(number + 1)
            segments.append(Segment(letter, start, stop, from_mv, level_mv))
    end = segments[-1].stop if segments else 0
    if end > n_samples + 1:
        raise RecordingError(
            "protocol_too_long",
            f"the protocol lasts {end * interval_ms:g} ms in sweep {sweep + 1}, the recorded sweep "
            f"{n_samples * interval_ms:g} ms; check duration_ms of its epochs",
        )
    if end > n_samples:
        segments[-1] = replace(segments[-1], stop=n_samples)
    elif end < n_samples:
        segments.append(Segment("after", end, n_samples, holding_mv, holding_mv))
    return tuple(segments)


def apply_protocol(recording: Recording, name: str, protocol: Mapping[str, Any]) -> Recording:
    """Give a recording the command that the configuration describes under ``name``."""
    info = recording.info
    sweeps: Sequence[tuple[Segment, ...]] = [
        protocol_segments(protocol, sweep, info.n_samples, info.interval_ms)
        for sweep in range(info.n_sweeps)
    ]
    findings = tuple(f for f in info.findings if f.check != "command_unknown")
    return replace(
        recording,
        info=replace(
            info,
            sweeps=tuple(sweeps),
            command_source=f"described as protocol {name} in the configuration",
            findings=findings,
        ),
    )
