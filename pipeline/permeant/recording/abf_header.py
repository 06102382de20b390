"""What an ABF header says: plain records, filled by :mod:`.abf1` and :mod:`.abf2`.

neo reads the samples; these records hold what it leaves out or gets wrong: the epoch tables of
every output channel (DAC) in both versions of the format, user lists, and the telegraphs.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

EPOCH_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
EPISODIC, HIGH_SPEED, GAP_FREE, EVENTS_VARIABLE, EVENTS_FIXED = 5, 4, 3, 1, 2
SOURCE_NONE, SOURCE_EPOCHS, SOURCE_FILE = 0, 1, 2
LEAK_KINDS = {1: "P/N", 2: "resistive"}
# What a user list varies: the number of the first epoch's parameter; 10 epochs each.
LEVEL, DURATION, TRAIN_PERIOD, PULSE_WIDTH = 21, 31, 41, 51
TELEGRAPH_MODES = {0: "voltage clamp", 1: "current clamp", 2: "I = 0"}


@dataclass(frozen=True)
class Epoch:
    """One row of an epoch table; times in samples of one channel."""

    number: int
    kind: int
    level: float
    level_step: float
    duration: int
    duration_step: int
    period: int = 0
    width: int = 0

    @property
    def letter(self) -> str:
        """The letter under which the acquisition program shows the epoch."""
        return EPOCH_LETTERS[self.number % 26]


@dataclass(frozen=True)
class UserList:
    """Values that replace one parameter of the protocol, sweep by sweep."""

    dac: int
    parameter: int
    values: tuple[float, ...]
    repeats: bool
    acts: bool


@dataclass(frozen=True)
class LeakHeader:
    """The leak subtraction that was on for an output channel: type, pulses, whose current.

    ``kind`` is 1 for P/N and 2 for a resistive one.  Neither version of the format says
    whether the samples were stored before or after the subtraction.
    """

    kind: int
    n_pulses: int
    polarity: int
    adc: int

    @classmethod
    def read(cls, kind: int, n_pulses: int, polarity: int, adc: int) -> LeakHeader | None:
        """Return what the fields say; nothing where it was off."""
        return cls(kind, n_pulses, polarity, adc) if kind in LEAK_KINDS else None


@dataclass(frozen=True)
class Dac:
    """One output channel and its waveform."""

    number: int
    name: str
    units: str
    holding: float
    enabled: bool
    source: int
    stays_at_last_level: bool
    epochs: tuple[Epoch, ...] = ()
    conditioning: bool = False
    post_train_level: float | None = None
    leak: LeakHeader | None = None

    @property
    def plays(self) -> bool:
        """Whether the waveform of this channel was switched on."""
        return self.enabled and self.source != SOURCE_NONE


@dataclass(frozen=True)
class Adc:
    """One recorded channel, in the order in which the samples are interleaved."""

    number: int
    name: str
    units: str
    gain: float
    offset: float
    telegraph: bool = False
    mode: int | None = None
    stage_gains: tuple[float, ...] = ()
    """What the amplifier and the digitizer multiplied by: steps of a switch, not calibrations."""
    c_m_pf: float | None = None
    r_s_mohm: float | None = None


@dataclass(frozen=True)
class AbfHeader:
    """The parts of an ABF header that this package uses."""

    major: int
    version: str
    mode: int
    float_samples: bool
    data_start: int
    n_values: int
    interval_ms: float
    samples_per_episode: int
    n_episodes: int
    episodes_per_run: int
    synch: tuple[tuple[int, int], ...]
    synch_unit_us: float
    adcs: tuple[Adc, ...]
    dacs: tuple[Dac, ...]
    user_lists: tuple[UserList, ...] = ()
    active_dac: int = 0
    alternates: bool = False
    clampex_file: bool = False
    split_clock: bool = False
    has_command_part: bool = True
    tail_cut: bool = False
    acquired: str | None = None
    protocol: str = ""
    comment: str = ""
    adc_range_v: float = 10.0
    adc_counts: int = 32768
    """The digitizer: its input range, and into how many counts it cuts that."""
    tags: tuple[tuple[int, str], ...] = ()
    """Time, in the unit of ``synch``, and text of the remarks set while recording."""

    @property
    def clock_s(self) -> float:
        """The unit in which ``synch`` and ``tags`` count time, in s."""
        unit = self.synch_unit_us / 1e6
        return unit if unit > 0 else self.interval_ms / 1000 / self.n_channels

    @property
    def n_channels(self) -> int:
        """How many channels are interleaved."""
        return len(self.adcs)

    @property
    def bytes_per_value(self) -> int:
        """Size of one sample on disk."""
        return 4 if self.float_samples else 2


def decode_text(raw: bytes) -> str:
    """Return header text: UTF-8 where it is, else the Windows code page, NUL padding cut."""
    raw = raw.split(b"\0")[0].strip()
    try:
        return _undo_double_encoding(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _undo_double_encoding(text: str) -> str:
    """Repair UTF-8 that a program took for Windows text and encoded again (``Ã©`` for ``é``)."""
    if not re.search("[ÃÂ][\u0080-\u00bf]", text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def protocol_name(path: str) -> str:
    """Return the protocol's name without folder and extension, whatever the slashes."""
    name = re.split(r"[\\/]", path.strip())[-1]
    name = re.sub(r"\.(pro|dat)$", "", name, flags=re.IGNORECASE)
    return "" if name.casefold() == "(untitled)" else name


def iso_time(date: int, seconds: float) -> str | None:
    """Return the start of acquisition, or ``None`` where the date cannot be one.

    Old files pack the date as YYMMDD; a recording cannot be in the future, so the century is
    the latest one that is past.
    """
    year, month, day = date // 10000, date // 100 % 100, date % 100
    if date > 0 and year < 100:
        year += 2000 if year <= datetime.datetime.now(tz=datetime.UTC).year - 2000 else 1900
    try:
        start = datetime.datetime(year, month, day) + datetime.timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
    return start.isoformat(timespec="milliseconds")


def list_values(text: str) -> tuple[float, ...]:
    """Return the numbers of a user list, separated by commas or blanks."""
    values = []
    for word in re.split(r"[,;\s]+", text.strip()):
        try:
            values.append(float(word))
        except ValueError:
            continue
    return tuple(values)
