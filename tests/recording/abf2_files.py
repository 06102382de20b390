"""A writer of ABF2 files by the published layout of their sections, and the command it means.

Offsets are those of the header of pCLAMP 10; what no test needs is zero.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

BLOCK = 512
VOLTS, BITS = 10.0, 32768
PROTOCOL, ADC, DAC, EPOCH, EPOCH_PER_DAC, USER_LIST, STRINGS, DATA, TAG, SYNCH = (
    0, 1, 2, 3, 5, 6, 9, 10, 11, 15,
)  # fmt: skip
STEP, RAMP = 1, 2


@dataclass(frozen=True)
class Input:
    """One recorded channel: samples in its units, (sweeps, samples), and its amplification."""

    samples: np.ndarray
    name: str = "IN 0"
    units: str = "pA"
    number: int = 0
    volts_per_unit: float = 0.0005
    gain: float = 1.0
    offset: float = 0.0
    signal_offset: float = 0.0
    telegraph: float = 0.0

    def counts(self) -> np.ndarray:
        gain = self.volts_per_unit * self.gain * (self.telegraph or 1.0)
        volts = (self.samples - self.offset + self.signal_offset) * gain
        return np.round(volts / VOLTS * BITS).clip(-BITS, BITS - 1).astype("<i2")


@dataclass(frozen=True)
class Epoch:
    """A row of an epoch table: level and duration, and what each sweep adds to them."""

    kind: int
    level: float
    level_step: float = 0.0
    duration: int = 0
    duration_step: int = 0


@dataclass(frozen=True)
class Output:
    """One output channel with its epochs and, perhaps, a user list (parameter, text)."""

    epochs: tuple[Epoch, ...]
    number: int = 0
    holding: float = -70.0
    units: str = "mV"
    enabled: bool = True
    stays: bool = False
    user_list: tuple[int, str] | None = None


@dataclass
class _Strings:
    items: list[str] = field(default_factory=lambda: ["Clampex", "C:\\protocols\\family.pro"])

    def number(self, text: str) -> int:
        self.items.append(text)
        return len(self.items)

    def dump(self) -> bytes:
        pool = b"\0".join(text.encode("cp1252") for text in self.items) + b"\0"
        longest = max(map(len, self.items))
        return (
            struct.pack("<4s10i", b"SSCH", 1, len(self.items), longest, len(pool), *[0] * 6) + pool
        )


def write_abf2(
    path: Path,
    inputs: list[Input],
    outputs: list[Output],
    *,
    interval_us: float = 100.0,
    starts_s: list[float] | None = None,
    tags: tuple[tuple[float, str], ...] = (),
    synch_unit_us: float = 0.0,
    floats: bool = False,
) -> Path:
    """Write an episodic file."""
    n_sweeps, n_samples = inputs[0].samples.shape
    n_channels = len(inputs)
    strings = _Strings()
    unit_us = synch_unit_us or interval_us / n_channels
    starts = starts_s or [k * n_samples * interval_us / 1e6 for k in range(n_sweeps)]
    sections = {
        PROTOCOL: [_protocol(n_sweeps, n_samples * n_channels, interval_us, synch_unit_us)],
        ADC: [_adc(one, strings) for one in inputs],
        DAC: [_dac(one, strings) for one in outputs],
        EPOCH_PER_DAC: [row for one in outputs for row in _epochs(one)],
        USER_LIST: [_list(one, strings) for one in outputs if one.user_list],
        TAG: [
            struct.pack("<i56s2h", round(1e6 * at / unit_us), text.encode("cp1252"), 1, 0)
            for at, text in tags
        ],
        SYNCH: [
            struct.pack("<2i", round(1e6 * start / unit_us), n_samples * n_channels)
            for start in starts
        ],
    }  # fmt: skip
    columns = [one.samples.astype("<f4") if floats else one.counts() for one in inputs]
    flat = np.stack(columns, axis=-1).reshape(-1)
    sections[DATA] = [flat.tobytes()]
    sections[STRINGS] = [strings.dump()]
    head = bytearray(BLOCK)
    struct.pack_into("<4s4BI", head, 0, b"ABF2", 0, 0, 6, 2, BLOCK)
    struct.pack_into("<3I", head, 12, n_sweeps, 20240301, 36_000_000)
    struct.pack_into("<2h", head, 28, 1, floats)
    struct.pack_into("<I", head, 72, 2)
    body = b""
    for index, entries in sorted(sections.items()):
        if not entries:
            continue
        size, count = len(entries[0]), len(entries)
        if index == DATA:
            size, count = flat.itemsize, flat.size
        struct.pack_into("<2Iq", head, 76 + 16 * index, 1 + len(body) // BLOCK, size, count)
        joined = b"".join(entries)
        body += joined + bytes(-len(joined) % BLOCK)
    path.write_bytes(bytes(head) + body)
    return path


def _protocol(n_sweeps: int, per_episode: int, interval_us: float, synch_unit_us: float) -> bytes:
    data = bytearray(BLOCK)
    struct.pack_into("<hf", data, 0, 5, interval_us)
    struct.pack_into("<f", data, 14, synch_unit_us)
    struct.pack_into("<3i", data, 22, per_episode, 0, n_sweeps)
    struct.pack_into("<2f2i", data, 110, VOLTS, VOLTS, BITS, BITS)
    return bytes(data)


def _adc(one: Input, strings: _Strings) -> bytes:
    data = bytearray(128)
    struct.pack_into("<2h", data, 0, one.number, one.telegraph > 0)
    struct.pack_into("<f", data, 6, one.telegraph)
    struct.pack_into("<f", data, 28, 1.0)
    struct.pack_into("<4f", data, 40, one.volts_per_unit, one.offset, one.gain, one.signal_offset)
    struct.pack_into("<2i", data, 74, strings.number(one.name), strings.number(one.units))
    return bytes(data)


def _dac(one: Output, strings: _Strings) -> bytes:
    data = bytearray(256)
    struct.pack_into("<h", data, 0, one.number)
    struct.pack_into("<f", data, 12, one.holding)
    name = strings.number(f"Cmd {one.number}")
    struct.pack_into("<2i", data, 24, name, strings.number(one.units))
    struct.pack_into("<3h", data, 40, one.enabled, 1, one.stays)
    return bytes(data)


def _list(one: Output, strings: _Strings) -> bytes:
    parameter, text = one.user_list
    row = struct.pack("<4hi", one.number, 0, parameter, 0, strings.number(text))
    return row.ljust(64, b"\0")


def _epochs(one: Output) -> list[bytes]:
    rows = []
    for k, epoch in enumerate(one.epochs):
        levels = (epoch.level, epoch.level_step)
        times = (epoch.duration, epoch.duration_step, 0, 0)
        row = struct.pack("<3h2f4i", k, one.number, epoch.kind, *levels, *times)
        rows.append(row.ljust(48, b"\0"))
    return rows


def played(output: Output, n_sweeps: int, n_samples: int, lists=None) -> np.ndarray:
    """Draw what an output means: holding for a 64th of the sweep, the epochs, holding."""
    drawn = np.full((n_sweeps, n_samples), output.holding)
    last = output.holding
    for sweep in range(n_sweeps):
        level = last if output.stays else output.holding
        at = n_samples // 64
        drawn[sweep, :at] = level
        for k, epoch in enumerate(output.epochs):
            target = epoch.level + sweep * epoch.level_step
            n = epoch.duration + sweep * epoch.duration_step
            kind, values = (lists or {}).get(k, ("", ()))
            target = values[sweep] if kind == "level" else target
            n = values[sweep] if kind == "duration" else n
            way = np.arange(1, n + 1) / n if epoch.kind == RAMP else np.ones(n)
            drawn[sweep, at : at + n] = level + (target - level) * way
            level, at = target, at + n
        drawn[sweep, at:] = level if output.stays else output.holding
        last = level
    return drawn
