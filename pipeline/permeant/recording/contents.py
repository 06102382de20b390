"""What a file of any format holds, before anybody says which channel is what.

A door fills these records; :mod:`.assemble` makes a Recording of them, the same way for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from permeant.errors import RecordingError
from permeant.records import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from permeant.recording.command import Command
    from permeant.recording.temperature import Told


APART = 0.1
"""Sweeps under one command that scatter by more than this share of the current's span."""


@dataclass(frozen=True)
class Signal:
    """One recorded channel: all its sweeps, and what the file says of its amplifier.

    ``samples`` is (sweeps, samples) in ``units``; ``raw`` holds the same as the digitizer gave
    it, where the file keeps that.  ``mode`` is 0 for voltage clamp, 1 for current clamp.
    ``command`` is what the file describes as played under this channel.
    """

    name: str
    units: str
    samples: NDArray[np.float32] = field(repr=False)
    raw: NDArray[Any] | None = field(default=None, repr=False)
    mode: int | None = None
    r_s_mohm: float | None = None
    c_m_pf: float | None = None
    r_s_compensation: float | None = None
    ljp_applied_mv: float | None = None
    command: Command | None = None
    command_is_holding: bool = False
    """Whether the description is no more than a holding level."""


@dataclass(frozen=True)
class Contents:
    """Everything that a door found in a file."""

    format_name: str
    reader: str
    interval_ms: float
    signals: tuple[Signal, ...]
    starts_s: tuple[float, ...] = ()
    series: str = ""
    acquired: str | None = None
    protocol: str = ""
    comment: str = ""
    current_is_chosen: bool = False
    """Whether the door followed ``current_channel`` already, and gives that channel alone."""
    findings: tuple[Finding, ...] = ()
    temperature: tuple[Told, ...] = ()
    """What fields made for it say."""
    notes: tuple[tuple[str, str], ...] = ()
    """Further texts of the file that may tell the temperature: what each is, and the text."""


def stack_sweeps(
    shown_as: str, sweeps: Sequence[NDArray[Any]]
) -> tuple[NDArray[Any], tuple[Finding, ...]]:
    """Make one array of the sweeps of a channel.

    Parameters
    ----------
    shown_as : str
        How messages name the file.
    sweeps : sequence of numpy.ndarray
        The samples of each sweep.

    Returns
    -------
    numpy.ndarray
        (sweeps, samples); a last sweep that was broken off is left out, others that differ by
        less than half are cut to the shortest.
    tuple of Finding
        What was left out.

    Raises
    ------
    RecordingError
        Where there is nothing, or the sweeps have no length in common.
    """
    lengths = [len(sweep) for sweep in sweeps]
    if not lengths or max(lengths) < 2:
        raise RecordingError("file_empty", f"{shown_as}: the file holds no samples")
    if len(lengths) > 1 and lengths[-1] < max(lengths[:-1]) / 2 <= min(lengths[:-1]):
        raw, findings = stack_sweeps(shown_as, sweeps[:-1])
        message = (
            f"the last of {len(sweeps)} sweeps was broken off after {lengths[-1]} samples and is "
            "left out"
        )
        held = float(lengths[-1])
        return raw, (Finding("sweep_broken_off", "warning", message, held), *findings)
    shortest = min(lengths)
    if shortest == max(lengths):
        return np.stack(sweeps), ()
    if shortest < max(lengths) / 2:
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the sweeps have between {shortest} and {max(lengths)} samples; "
            "sweeps of one length are needed: choose them, or export the complete ones",
        )
    message = (
        f"the sweeps have between {shortest} and {max(lengths)} samples; all were cut to {shortest}"
    )
    finding = Finding("sweeps_unequal", "warning", message, float(shortest))
    return np.stack([sweep[:shortest] for sweep in sweeps]), (finding,)


def doubt_one_command(sweeps: NDArray[Any]) -> tuple[Finding, ...]:
    """Say where sweeps differ so much that one command can hardly be that of all.

    Parameters
    ----------
    sweeps : numpy.ndarray
        The current, (sweeps, samples); every so many samples are enough.
    """
    low, high = np.percentile(sweeps, [1, 99])
    # where they differ most: a step may last for a small part of the sweep
    apart = float(np.percentile(np.std(sweeps, axis=0), 90))
    share = apart / float(high - low) if high > low else 0.0
    if not share > APART:
        return ()
    message = (
        f"one voltage stands for {len(sweeps)} sweeps, whose currents differ by {100 * share:.0f} "
        "% of their whole span at the same time: the command of one sweep may have been exported "
        "alone; export that of every sweep, or name a protocol"
    )
    return (Finding("one_command_for_all", "warning", message, 100 * share, 100 * APART, "%"),)


def unequal_findings(found: Sequence[tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """Return what the channels of a file say alike, once."""
    return tuple(dict.fromkeys(finding for findings in found for finding in findings))
