"""Synthetic headers and whole synthetic ABF1 files for the tests of this folder."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from permeant.recording.abf_header import AbfHeader, Adc, Dac, Epoch, UserList


def make_epoch(number: int, kind: int = 1, level: float = 0.0, **more: float) -> Epoch:
    values = {"level_step": 0.0, "duration": 100, "duration_step": 0, "period": 0, "width": 0}
    return Epoch(number=number, kind=kind, level=level, **(values | more))  # type: ignore[arg-type]


def make_dac(*epochs: Epoch, number: int = 0, **more: object) -> Dac:
    values: dict[str, object] = {
        "name": f"Cmd {number}",
        "units": "mV",
        "holding": -70.0,
        "enabled": True,
        "source": 1,
        "stays_at_last_level": False,
    }
    return Dac(number=number, epochs=tuple(epochs), **(values | more))  # type: ignore[arg-type]


def make_adc(number: int = 0, name: str = "IN 0", units: str = "pA", **more: object) -> Adc:
    return Adc(number, name, units, 1.0, 0.0, **more)  # type: ignore[arg-type]


def make_header(
    *dacs: Dac, n_samples: int = 6400, adcs: tuple[Adc, ...] = (make_adc(),), **more: object
) -> AbfHeader:
    values: dict[str, object] = {
        "major": 2,
        "version": "2.6",
        "mode": 5,
        "float_samples": False,
        "data_start": 6144,
        "n_values": n_samples * len(adcs) * 10,
        "interval_ms": 0.1,
        "samples_per_episode": n_samples * len(adcs),
        "n_episodes": 10,
        "episodes_per_run": 10,
        "synch": (),
        "synch_unit_us": 0.0,
    }
    return AbfHeader(adcs=adcs, dacs=dacs, **(values | more))  # type: ignore[arg-type]


def make_list(parameter: int, *values: float, dac: int = 0, repeats: bool = False) -> UserList:
    return UserList(dac, parameter, values, repeats, acts=True)


def abf1_bytes(
    sweeps: np.ndarray,
    *,
    names: tuple[str, ...] = ("IN 0",),
    units: tuple[str, ...] = ("pA",),
    levels: tuple[float, float] = (-100.0, 10.0),
    duration: int = 500,
    interval_us: float = 100.0,
    range_units: float = 10.0,
    dac_units: str = "mV",
    holding: float = -70.0,
    comment: str = "",
    mode: int = 5,
) -> bytes:
    """Return an ABF1 file with one stepped epoch; ``sweeps`` is int16 (sweep, sample, channel).

    A stored value v means v * range_units / 32768 in the channel's units.
    """
    n_sweeps, n_samples, n_channels = sweeps.shape
    header = bytearray(6144)

    def put(kind: str, offset: int, *values: object) -> None:
        struct.pack_into(f"<{kind}", header, offset, *values)

    put("4sfh", 0, b"ABF ", 1.83, mode)
    put("ihi", 10, sweeps.size, 0, n_sweeps)
    put("ii", 20, 20240229, 3600)
    put("f", 32, 1.83)
    put("h", 36, 1)
    put("i", 40, 12)
    data = np.ascontiguousarray(sweeps, dtype="<i2").tobytes()
    padded = data + bytes(-len(data) % 512)
    put("ii", 92, 12 + len(padded) // 512, n_sweeps)
    put("h", 120, n_channels)
    put("f", 122, interval_us / n_channels)
    put("f", 130, 0.0)
    put("iii", 138, n_samples * n_channels, 16, n_sweeps)
    put("fii", 244, range_units, 0, 32768)
    put("16h", 378, *range(16))
    put("16h", 410, *range(n_channels), *([-1] * (16 - n_channels)))
    for i in range(16):
        put("10s", 442 + 10 * i, (names[i] if i < n_channels else "").encode("cp1252"))
        put("8s", 602 + 8 * i, (units[i] if i < n_channels else "").encode("cp1252"))
        for offset in (730, 922, 1050):
            put("f", offset + 4 * i, 1.0)
    put("10s", 1306, b"Cmd 0")
    put("8s", 1346, dac_units.encode())
    put("4f", 1394, holding, 0, 0, 0)
    put("hhh", 2296, 1, 0, 1)
    put("h", 2308, 1)
    put("f", 2348, levels[0])
    put("f", 2428, levels[1])
    put("i", 2508, duration)
    put("256s", 4898, b"C:\\protocols/IV.pro")
    put("128s", 5154, comment.encode())
    synch = b"".join(
        struct.pack("<ii", i * n_samples * n_channels, n_samples * n_channels)
        for i in range(n_sweeps)
    )
    return bytes(header) + padded + synch


def write_abf1(folder: Path, sweeps: np.ndarray, name: str = "cell.abf", **more: object) -> Path:
    path = folder / name
    path.write_bytes(abf1_bytes(sweeps, **more))  # type: ignore[arg-type]
    return path


def ohmic_sweeps(n_sweeps: int = 8, n_samples: int = 2000, scatter: float = 20.0) -> np.ndarray:
    """Return currents of an ohmic cell under the default protocol, one channel, as stored."""
    rng = np.random.default_rng(1)
    sweeps = rng.normal(0, scatter, (n_sweeps, n_samples, 1))
    first = n_samples // 64
    for sweep in range(n_sweeps):
        sweeps[sweep, :, 0] += -70 * 30
        sweeps[sweep, first : first + 500, 0] += (-100 + 10 * sweep + 70) * 30
    return sweeps.astype(np.int16)
