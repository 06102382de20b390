"""Voltage clamp or current clamp: what the file says about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.abf_header import TELEGRAPH_MODES
from permeant.recording.channels import Candidate, parse_units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from permeant.recording.abf_header import AbfHeader, Dac


def refuse_current_clamp(
    shown_as: str, header: AbfHeader, candidates: Sequence[Candidate], wanted: str | None
) -> None:
    """Raise where the recording is a current clamp, with all that speaks for it.

    The labels of the channels are not enough: amplifiers are switched over without changing them.
    """
    # Channels of the same or another cell may be in another mode; the sheet can choose.
    judged = [one for one in candidates if wanted is None or _is(one, wanted)] or list(candidates)
    first = next((one for one in judged if one.kind == "current"), judged[0])
    evidence = _telegraph_evidence(first) + _output_evidence(header, first)
    decisive = bool(evidence) and first.adc.mode != 0
    if first.kind != "current":
        evidence += _channel_evidence(judged)
        decisive = decisive or len(evidence) > 0
    if not decisive:
        return
    if looks_like_spikes(first.thin):
        evidence.append(f"the samples of {first.title} look like action potentials")
    raise RecordingError(
        "current_clamp",
        f"{shown_as}: a current-clamp recording ({'; '.join(evidence)}); voltage clamp is needed, "
        "where the command is a voltage and a current is recorded",
    )


def _is(candidate: Candidate, wanted: str) -> bool:
    return wanted.strip().casefold() in {candidate.adc.name.casefold(), str(candidate.index)}


def _telegraph_evidence(candidate: Candidate) -> list[str]:
    mode = candidate.adc.mode
    if mode not in {1, 2}:
        return []
    return [f"the amplifier's telegraph says {TELEGRAPH_MODES[mode]} on {candidate.title}"]


def _output_evidence(header: AbfHeader, candidate: Candidate) -> list[str]:
    """Return what speaks for a current as command: the output channel that was played."""
    played = [dac for dac in header.dacs if dac.plays]
    own = [dac for dac in played if dac.number == candidate.adc.number] or played
    if not own or any(parse_units(dac.units)[0] == "voltage" for dac in own):
        return []
    return [_say_output(dac) for dac in own if parse_units(dac.units)[0] == "current"]


def _say_output(dac: Dac) -> str:
    return f"output channel {dac.number} ({dac.name!r}) plays a command in {dac.units}"


def _channel_evidence(candidates: Sequence[Candidate]) -> list[str]:
    if any(candidate.kind == "current" for candidate in candidates):
        return []
    potentials = [one for one in candidates if one.kind == "voltage"]
    return [f"{one.title} holds a voltage and no channel a plausible current" for one in potentials]


def looks_like_spikes(samples: NDArray[np.float32]) -> bool:
    """Whether samples look like a membrane potential with action potentials, at any scale.

    Brief, one-sided, and much larger than the scatter around the level between them.
    """
    middle = float(np.median(samples))
    scatter = 1.4826 * float(np.median(np.abs(samples - middle)))
    upward, downward = float(np.max(samples)) - middle, middle - float(np.min(samples))
    brief = float(np.mean(samples > middle + upward / 2)) < 0.02
    return brief and upward > 20 * scatter and upward > 5 * downward
