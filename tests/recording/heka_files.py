"""A writer of PatchMaster bundles, after HEKA's published descriptions of the records (version 9).

It knows one group, series of sweeps of traces, stimuli of channels of segments, and the amplifier's
state; every field that it does not name is zero.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

PULSED = (544, 128, 1408, 160, 408)
STIMULUS = (584, 248, 400, 80)
AMPLIFIER = 472
"""Where the state of the amplifier lies within a series."""
FORMATS = {"i2": 0, "i4": 1, "f4": 2, "f8": 3}
CONSTANT, RAMP, SINE = 0, 1, 3
INCREASE, DECREASE, ALTERNATE = 0, 1, 4
VC, CC, ANY = 1, 2, 0


class Record:
    """One record of a tree: fields by offset, and the records below it."""

    def __init__(self, size: int, order: str) -> None:
        self.data = bytearray(size)
        self.order = order
        self.below: list[Record] = []

    def put(self, kind: str, offset: int, *values) -> None:
        struct.pack_into(self.order + kind, self.data, offset, *values)

    def text(self, offset: int, text: str) -> None:
        self.put(f"{len(text)}s", offset, text.encode())

    def add(self, size: int) -> Record:
        self.below.append(Record(size, self.order))
        return self.below[-1]

    def dump(self) -> bytes:
        count = struct.pack(self.order + "i", len(self.below))
        return bytes(self.data) + count + b"".join(one.dump() for one in self.below)


def segment(duration_s, level_v=None, step_v=0.0, *, kind=CONSTANT, mode=INCREASE, stored=1):
    """Describe a segment of a stimulus; without a level it is at the holding potential."""
    return {
        "t": duration_s, "v": level_v, "dv": step_v, "kind": kind, "mode": mode, "stored": stored,
    }  # fmt: skip


def output(*segments, mode=VC, unit="V", holding_v=-0.07, relative=False, standard=True):
    """Describe an output channel of a stimulus."""
    return {
        "segments": segments, "mode": mode, "unit": unit, "holding": holding_v,
        "relative": relative, "standard": standard,
    }  # fmt: skip


def trace(label, samples, unit="A", scale=1e-13, kind="i2"):
    """Describe a trace of one sweep; ``samples`` in units of ``unit``."""
    stored = np.asarray(samples) / scale
    return label, unit, scale, kind, stored.round() if kind[0] == "i" else stored


def series(label, outputs, sweeps, *, interval_s=1e-4, stimulus_interval_s=None, **amplifier):
    """Describe a series; ``amplifier``: g_series (S), c_slow (F), fraction, ljp (V)."""
    return {
        "label": label, "outputs": outputs, "sweeps": sweeps, "interval": interval_s,
        "stimulus_interval": stimulus_interval_s or interval_s, "amplifier": amplifier,
    }  # fmt: skip


def write_heka(path: Path, *all_series, order="<", version="v2x90.2, 22-Nov-2016") -> Path:
    """Write a bundle of the samples, the tree of recordings and the tree of stimuli."""
    data = bytearray(256)
    pulsed, stimuli = Record(PULSED[0], order), Record(STIMULUS[0], order)
    group = pulsed.add(PULSED[1])
    group.text(4, "E-1")
    for number, one in enumerate(all_series):
        _add_stimulus(stimuli.add(STIMULUS[1]), one)
        _add_series(group.add(PULSED[2]), one, number, data)
    items = [(256, len(data) - 256, b".dat")]
    magic = b"eerT" if order == "<" else b"Tree"
    for ending, sizes, root in ((b".pul", PULSED, pulsed), (b".pgf", STIMULUS, stimuli)):
        tree = magic + struct.pack(f"{order}i{len(sizes)}i", len(sizes), *sizes) + root.dump()
        items.append((len(data), len(tree), ending))
        data += tree
    head = struct.pack(
        f"{order}8s32sdi?11x", b"DAT2", version.encode(), 1e9, len(items), order == "<"
    )
    head += b"".join(struct.pack(order + "ii8s", *item) for item in items)
    data[:256] = head.ljust(256, b"\0")
    path.write_bytes(bytes(data))
    return path


def _add_stimulus(record: Record, one) -> None:
    record.text(4, one["label"])
    record.put("d", 112, one["stimulus_interval"])
    record.put("i", 144, len(one["sweeps"]))
    for channel in one["outputs"]:
        below = record.add(STIMULUS[2])
        below.put("B", 25, channel["mode"])
        below.text(40, channel["unit"])
        below.put("d", 48, channel["holding"])
        below.put("2B", 76, channel["standard"], channel["relative"])
        for part in channel["segments"]:
            at = below.add(STIMULUS[3])
            at.put("4B", 4, part["kind"], part["stored"], part["mode"], INCREASE)
            at.put("d", 8, part["v"] or 0.0)
            at.put("i", 16, part["v"] is None)
            at.put("2d", 20, 1.0, part["dv"])
            at.put("d", 36, part["t"])
            at.put("2d", 48, 1.0, 0.0)


def _add_series(record: Record, one, number: int, data: bytearray) -> None:
    state = one["amplifier"]
    record.text(4, one["label"])
    record.put("i", 124, AMPLIFIER)
    record.put("d", 136, 1e9 + 1000.0 * number)
    record.put("d", AMPLIFIER + 40, state.get("fraction", 0.0))
    record.put("d", AMPLIFIER + 80, state.get("c_slow", 0.0))
    record.put("d", AMPLIFIER + 88, state.get("g_series", 0.0))
    record.put("d", AMPLIFIER + 136, state.get("ljp", 0.0))
    record.put("2B", AMPLIFIER + 240, state.get("fraction", 0.0) > 0, state.get("c_slow", 0.0) > 0)
    for k, traces in enumerate(one["sweeps"]):
        sweep = record.add(PULSED[3])
        sweep.put("i", 40, number + 1)
        sweep.put("d", 48, 1e9 + 1000.0 * number + 2.0 * k)
        for label, unit, scale, kind, stored in traces:
            at = sweep.add(PULSED[4])
            at.text(4, label)
            at.put("2i", 40, len(data), len(stored))
            at.put("B", 70, FORMATS[kind])
            at.put("d", 72, scale)
            at.text(96, unit)
            at.put("d", 104, one["interval"])
            at.text(120, "s")
            at.put("2d", 176, state.get("c_slow", 0.0), state.get("g_series", 0.0))
            data += np.asarray(stored).astype(record.order + kind).tobytes()
