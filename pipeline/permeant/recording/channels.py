"""What each recorded channel is: current, voltage or something else, and why.

Units alone mislead: channels are labelled ``A`` and hold garbage, hold a copy of another channel,
or are called "Voltage" and hold pA.  So units, names, telegraphs and the samples are looked at
together, and what was decided comes with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from permeant.errors import RecordingError, did_you_mean
from permeant.recording.lines import correlate, fit_line
from permeant.records import Channel, Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from permeant.recording.abf_header import Adc

Kind = Literal["current", "voltage", "other"]

# Factors to pA and mV.
CURRENT_UNITS = {"fa": 1e-3, "pa": 1.0, "na": 1e3, "ua": 1e6, "ma": 1e9, "a": 1e12}
VOLTAGE_UNITS = {"uv": 1e-3, "mv": 1.0, "v": 1e3}

LARGEST_CURRENT_PA = 1e6
SUSPICIOUS_CURRENT_PA = 1e5
COPY_CORRELATION = 0.98
# Two cells under one command correlate as strongly as a copy does, but their noise does not:
# 0.14 in 14o16001 (two cells), 0.84 in 20917001 (a copy).
COPY_NOISE_CORRELATION = 0.5
SAME_SCALE = 0.05
VOLTAGE_NAME = re.compile(r"(?i)volt|(?<![a-z])v_?(m|mon|cmd|pip)?(?![a-z])|command|cmd")


@dataclass(frozen=True)
class Candidate:
    """One recorded channel with what is thought of it so far."""

    index: int
    adc: Adc
    kind: Kind
    scale: float
    thin: NDArray[np.float32] = field(repr=False)
    """Some thousand samples, in pA or mV, to look at."""
    reason: str = ""
    copies: tuple[int, float] | None = None
    """The channel that this one is a copy of, and by which factor it is scaled."""

    @property
    def title(self) -> str:
        """The channel in words."""
        return f"channel {self.index} ({self.adc.name!r}, {self.adc.units or 'no unit'})"

    @property
    def extreme(self) -> float:
        """The largest value, without sign."""
        return float(np.max(np.abs(self.thin), initial=0.0))

    def demoted(self, reason: str) -> Candidate:
        """Return the channel as one of no use, with the reason."""
        return replace(self, kind="other", reason=reason)


def parse_units(units: str) -> tuple[Kind, float]:
    """Return whether units are of a current or a voltage, and the factor to pA or mV."""
    word = units.strip().replace("µ", "u").replace("μ", "u").casefold()
    if word in CURRENT_UNITS:
        return "current", CURRENT_UNITS[word]
    if word in VOLTAGE_UNITS:
        return "voltage", VOLTAGE_UNITS[word]
    return "other", 1.0


def judge_channels(adcs: Sequence[Adc], thin: Sequence[NDArray[np.float32]]) -> list[Candidate]:
    """Say of each channel what it seems to be.

    Parameters
    ----------
    adcs : sequence of Adc
        The channels of the header.
    thin : sequence of numpy.ndarray
        Some samples of each channel in its own units, (sweeps, samples); neighbours in time
        must stay neighbours, since copies are told from relatives by their noise.
    """
    candidates = []
    for index, (adc, samples) in enumerate(zip(adcs, thin, strict=True)):
        kind, scale = parse_units(adc.units)
        reason = "" if kind != "other" else f"neither a current nor a voltage: {adc.units or '?'}"
        candidate = Candidate(index, adc, kind, scale, samples * np.float32(scale), reason)
        candidates.append(_check_scale(candidate))
    return _find_copies(candidates)


def _check_scale(candidate: Candidate) -> Candidate:
    if not np.all(np.isfinite(candidate.thin)):
        return candidate.demoted("holds values that are not numbers")
    if candidate.kind == "current" and candidate.extreme > LARGEST_CURRENT_PA:
        seen = candidate.extreme / candidate.scale
        return candidate.demoted(
            f"implausible scale: values up to {seen:.3g} {candidate.adc.units} are no current of a "
            f"cell (more than {LARGEST_CURRENT_PA / 1e6:g} µA)"
        )
    if candidate.kind == "current" and float(np.ptp(candidate.thin)) == 0.0:
        return candidate.demoted("constant: nothing was connected")
    return candidate


def _find_copies(candidates: list[Candidate]) -> list[Candidate]:
    checked: list[Candidate] = []
    for candidate in candidates:
        original = next((one for one in checked if _is_copy(one, candidate)), None)
        if original is None:
            checked.append(candidate)
            continue
        slope, offset = fit_line(original.thin, candidate.thin)
        copy = candidate.demoted(
            f"a scaled copy of channel {original.index}: about {slope:.3g} × it "
            f"{'+' if offset >= 0 else '−'} {abs(offset):.3g} pA, noise included"
        )
        checked.append(replace(copy, copies=(original.index, slope)))
    return checked


def _is_copy(one: Candidate, other: Candidate) -> bool:
    if one.kind != "current" or other.kind != "current":
        return False
    if abs(correlate(one.thin, other.thin)) < COPY_CORRELATION:
        return False
    return abs(correlate(_noise(one.thin), _noise(other.thin))) > COPY_NOISE_CORRELATION


def _noise(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the changes from sample to sample, the large ones of transients cut."""
    changes = np.diff(samples, axis=-1)
    limit = 3 * 1.4826 * float(np.median(np.abs(changes)))
    return np.clip(changes, -limit, limit)


# ------------------------------------------------------------------------------- choosing


def choose_current(
    shown_as: str, candidates: Sequence[Candidate], wanted: str | None
) -> tuple[Candidate, list[Finding]]:
    """Choose the channel that holds the current, as asked or the first plausible one."""
    if wanted is not None:
        chosen = find_channel(shown_as, candidates, wanted, "current_channel")
        return _accept_wanted(shown_as, chosen), list(_flag_current(chosen))
    plausible = [candidate for candidate in candidates if candidate.kind == "current"]
    if not plausible:
        raise RecordingError("no_current_channel", _say_no_current(shown_as, candidates))
    # A channel that is called a voltage but holds pA comes last: either label may be wrong.
    plausible.sort(key=lambda candidate: is_named_voltage(candidate.adc.name))
    chosen, *others = plausible
    findings = [*_flag_current(chosen), *_flag_copies(chosen, candidates)]
    rivals = [other for other in others if not is_named_voltage(other.adc.name)]
    if rivals:
        names = ", ".join(other.title for other in rivals)
        message = (
            f"several channels hold plausible, different currents: {chosen.title} was taken, "
            f"not {names}; set current_channel to choose"
        )
        count = float(len(rivals) + 1)
        findings.append(Finding("several_current_channels", "warning", message, value=count))
    return chosen, findings


def _accept_wanted(shown_as: str, chosen: Candidate) -> Candidate:
    kind, _ = parse_units(chosen.adc.units)
    if kind == "current" and not chosen.reason.startswith("implausible"):
        return replace(chosen, kind="current", reason="chosen by current_channel")
    raise RecordingError(
        "no_current_channel",
        f"{shown_as}: current_channel names {chosen.title}, which cannot be used: "
        f"{chosen.reason or 'it holds a voltage'}; allowed are channels in fA, pA, nA, µA, mA or A "
        "with plausible values",
    )


def _flag_current(chosen: Candidate) -> list[Finding]:
    findings = []
    if is_named_voltage(chosen.adc.name):
        message = (
            f"{chosen.title} is named like a voltage but its unit is that of a current; the unit "
            "was believed, check the telegraph or the labels"
        )
        findings.append(Finding("channel_name_contradicts_units", "warning", message))
    if chosen.extreme > SUSPICIOUS_CURRENT_PA:
        message = (
            f"{chosen.title} reaches {chosen.extreme / 1e3:.4g} nA, very much for a patch clamp; "
            "check the gain and unit of the channel"
        )
        findings.append(
            Finding(
                "current_scale", "warning", message, chosen.extreme, SUSPICIOUS_CURRENT_PA, "pA"
            )
        )
    return findings


def _flag_copies(chosen: Candidate, candidates: Sequence[Candidate]) -> list[Finding]:
    """Say where another channel holds the same current at another scale: one of them is wrong."""
    findings = []
    for other in candidates:
        if other.copies is None or other.copies[0] != chosen.index:
            continue
        factor = other.copies[1]
        if abs(factor - 1) <= SAME_SCALE:
            continue
        message = (
            f"{other.title} holds the same current as {chosen.title}, {factor:.3g} times as large: "
            "one of the two scales is wrong, and g with it; the first was taken, set "
            "current_channel to choose"
        )
        findings.append(Finding("scaled_copy", "warning", message, factor))
    return findings


def is_named_voltage(name: str) -> bool:
    """Whether a channel's name is that of a voltage."""
    return VOLTAGE_NAME.search(name) is not None


def find_channel(
    shown_as: str, candidates: Sequence[Candidate], wanted: str, setting: str
) -> Candidate:
    """Find a channel by its name, else by its number counted from 0."""
    word = wanted.strip()
    for candidate in candidates:
        if candidate.adc.name.casefold() == word.casefold():
            return candidate
    if word.isdigit() and int(word) < len(candidates):
        return candidates[int(word)]
    names = [candidate.adc.name for candidate in candidates]
    allowed = ", ".join(f"{name!r} or {index}" for index, name in enumerate(names))
    raise RecordingError(
        "channel_not_found",
        f"{shown_as}: {setting} = {wanted!r} is not in the file; allowed: {allowed}."
        + did_you_mean(word, names),
    )


def _say_no_current(shown_as: str, candidates: Sequence[Candidate]) -> str:
    seen = "; ".join(
        f"{candidate.title}: {candidate.reason or 'a voltage'}" for candidate in candidates
    )
    return (
        f"{shown_as}: no channel holds a plausible current ({seen}); a channel in fA, pA, nA, µA, "
        "mA or A with values of a cell is needed: check unit and gain of the channel"
    )


def describe_channels(
    candidates: Sequence[Candidate], current: int, command: int | None, command_reason: str
) -> tuple[Channel, ...]:
    """Return the channels with their final roles."""
    channels = []
    for candidate in candidates:
        role: Literal["current", "command", "other"] = "other"
        reason = candidate.reason
        if candidate.index == current:
            role, reason = "current", reason or f"first plausible current ({candidate.adc.units})"
        elif candidate.index == command:
            role, reason = "command", command_reason
        elif not reason:
            reason = _say_unused(candidate)
        channels.append(
            Channel(candidate.index, candidate.adc.name, candidate.adc.units, role, reason)
        )
    return tuple(channels)


def _say_unused(candidate: Candidate) -> str:
    if candidate.kind == "voltage":
        return "a voltage, not used"
    if is_named_voltage(candidate.adc.name):
        return "named like a voltage, with the unit of a current: not used"
    return "another current"
