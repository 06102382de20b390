"""What a file really holds: its channels, command and samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from permeant.records.findings import Finding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Provenance:
    """Where the samples come from."""

    file: str
    sha256: str
    size_bytes: int
    reader: str
    reader_version: str
    format: str
    acquired: str | None = None
    protocol: str = ""
    comment: str = ""
    simulated: bool = False


@dataclass(frozen=True)
class Channel:
    """One recorded channel and what it was taken for, with the reason."""

    index: int
    name: str
    units: str
    role: Literal["current", "command", "other"]
    reason: str = ""


@dataclass(frozen=True)
class Segment:
    """A stretch of one sweep over which the command is constant or moves linearly.

    ``start`` and ``stop`` are sample numbers (half open); sample i of n of a ramp is at
    ``start_mv + (stop_mv - start_mv) (i + 1) / n``.  ``epoch`` is the letter of the
    file's epoch table (``A`` … ``J``), ``before`` or ``after`` for the holding stretches
    around the table, or ``1``, ``2`` … counted along the sweep when the stretches were
    found in a recorded command.
    """

    epoch: str
    start: int
    stop: int
    start_mv: float
    stop_mv: float

    @property
    def is_step(self) -> bool:
        """Whether the command stands still."""
        return self.start_mv == self.stop_mv


@dataclass(frozen=True)
class OnlineLeak:
    """What a file says of a leak subtraction that was on while it was recorded.

    ``kind`` is ``P/N`` (``n`` pulses of the size 1/N, of ``polarity`` 1 or -1) or
    ``resistive``.  ``of_this_channel`` says whether the current that was taken is the one it
    was made for; ``None`` where the header does not tell.
    """

    kind: Literal["P/N", "resistive"]
    n_pulses: int | None = None
    polarity: int | None = None
    of_this_channel: bool | None = None

    @property
    def title(self) -> str:
        """The subtraction in words: ``P/4``."""
        return f"P/{self.n_pulses}" if self.kind == "P/N" and self.n_pulses else self.kind


@dataclass(frozen=True)
class Tag:
    """A remark that was set during the recording, on the clock of ``sweep_starts_s``."""

    time_s: float
    text: str


@dataclass(frozen=True)
class RecordingInfo:
    """All that is known of a recording except its samples."""

    provenance: Provenance
    channels: tuple[Channel, ...]
    interval_ms: float
    n_sweeps: int
    n_samples: int
    sweep_starts_s: tuple[float, ...]
    command_source: str
    sweeps: tuple[tuple[Segment, ...], ...]
    """The command, sweep by sweep; the segments of a sweep cover it without gaps."""
    findings: tuple[Finding, ...] = ()
    r_s_mohm: float | None = None
    c_m_pf: float | None = None
    online_leak: OnlineLeak | None = None
    tags: tuple[Tag, ...] = ()
    sweep_numbers: tuple[int, ...] = ()
    """The numbers in the file (from 1) of the sweeps, where a row takes only some of them."""
    r_s_compensation: float | None = None
    """Fraction (0–1) of the series resistance that the amplifier says it corrected for."""
    ljp_applied_mv: float | None = None
    """Junction potential that the acquisition took off already; ``None`` or 0: none."""
    series: str = ""
    """Which of several series of the file this is; empty where it holds one recording."""
    temperature_c: float | None = None
    """What the file says; a run takes the sheet's, ``permeant init`` writes this one into it."""
    temperature_source: str = ""
    """What tells the temperature, or how the file contradicts itself."""

    def number_of(self, sweep: int) -> int:
        """Return the number in the file, from 1, of a sweep counted from 0."""
        return self.sweep_numbers[sweep] if self.sweep_numbers else sweep + 1

    def index_of(self, number: int) -> int:
        """Return the place, from 0, of the sweep that has a number in the file."""
        return self.sweep_numbers.index(number) if self.sweep_numbers else number - 1


@dataclass(frozen=True)
class Recording:
    """A recording: what is known of it, and its samples.

    ``current_pa`` is (sweeps, samples) in pA; ``command_mv`` is the recorded command of the
    same shape in mV, or ``None`` where the command was rebuilt from the header alone.
    """

    info: RecordingInfo
    current_pa: NDArray[np.float32] = field(repr=False)
    command_mv: NDArray[np.float32] | None = field(default=None, repr=False)
