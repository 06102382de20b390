"""From pieces of signals, segment by segment, to channels with all their sweeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.channels import parse_units
from permeant.recording.contents import Signal, stack_sweeps, unequal_findings
from permeant.records import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAME_RATE = 1e-5


class Piece(NamedTuple):
    """One channel in one sweep: samples as stored, and what makes units of them."""

    name: str
    units: str
    rate_hz: float
    raw: NDArray[Any]
    gain: float = 1.0
    offset: float = 0.0


def gather_signals(
    shown_as: str, segments: Sequence[Sequence[Piece]]
) -> tuple[float, tuple[Signal, ...], tuple[Finding, ...]]:
    """Join the pieces of each channel over the sweeps.

    Parameters
    ----------
    shown_as : str
        How messages name the file.
    segments : sequence of sequences of Piece
        The channels of each sweep, in the same order.

    Returns
    -------
    float
        Sampling interval in ms.
    tuple of Signal
        Those channels that were sampled like the first one with the unit of a current.
    tuple of Finding
        What was left out.
    """
    counts = {len(pieces) for pieces in segments}
    if not segments or counts == {0}:
        raise RecordingError("file_empty", f"{shown_as}: the file holds no recorded sweeps")
    if len(counts) > 1:
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the sweeps have between {min(counts)} and {max(counts)} channels; the "
            "same channels in every sweep are needed",
        )
    channels = list(zip(*segments, strict=True))
    leading = next((one for one in channels if _is_current(one[0])), channels[0])
    alike = [one for one in channels if _sampled_alike(one, leading)]
    findings = [
        Finding(
            "channel_left_out",
            "info",
            f"channel {one[0].name!r} was sampled at another rate than the current and is not used",
        )
        for one in channels
        if not _sampled_alike(one, leading)
    ]
    signals, cut = [], []
    for pieces in alike:
        signal, found = _join(shown_as, pieces)
        signals.append(signal)
        cut.append(found)
    rate_hz = leading[0].rate_hz
    interval_ms = float(f"{1e3 / rate_hz:.7g}") if rate_hz > 0 else float("nan")
    return interval_ms, tuple(signals), (*findings, *unequal_findings(cut))


def _is_current(piece: Piece) -> bool:
    return parse_units(piece.units)[0] == "current"


def _sampled_alike(one: Sequence[Piece], other: Sequence[Piece]) -> bool:
    return all(
        abs(a.rate_hz - b.rate_hz) <= SAME_RATE * abs(b.rate_hz) and len(a.raw) == len(b.raw)
        for a, b in zip(one, other, strict=True)
    )


def _join(shown_as: str, pieces: Sequence[Piece]) -> tuple[Signal, tuple[Finding, ...]]:
    first = pieces[0]
    if any((one.name, one.units) != (first.name, first.units) for one in pieces):
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: channel {first.name!r} has another name or unit in other sweeps",
        )
    raw, found = stack_sweeps(shown_as, [one.raw for one in pieces])
    gains = np.array([one.gain for one in pieces[: len(raw)]])[:, np.newaxis]
    offsets = np.array([one.offset for one in pieces[: len(raw)]])[:, np.newaxis]
    samples = (raw * gains + offsets).astype(np.float32)
    same = bool(np.all(gains == gains[0]))
    return Signal(first.name, first.units, samples, raw=raw if same else None), found
