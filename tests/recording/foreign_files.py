"""Minimal, faithful writers of the formats of which no real file is at hand.

Each writes the bytes that the format's description asks for, and none of what a reader could do
without; the layouts are those of the published descriptions (AxoGraph's ReadWrite header, Igor's
technical note 3, CED's SON library, Stimfit's export) and of the readers that take real files.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import h5py
import neo
import numpy as np
import quantities as pq
from pynwb import NWBHDF5IO, NWBFile
from pynwb.icephys import VoltageClampSeries, VoltageClampStimulusSeries

INTERVAL_MS = 0.1
LEVELS_MV = tuple(range(-100, 60, 20))
G_NS, E_REV_MV = 5.0, -10.0


def command_mv(levels=LEVELS_MV, n_samples=2048):
    command = np.full((len(levels), n_samples), -70.0)
    for sweep, level in enumerate(levels):
        command[sweep, 500:1500] = level
    return command


def ohmic_pa(command, noise_pa=2.0, g_ns=G_NS):
    noise = np.random.default_rng(7).normal(0.0, noise_pa, command.shape)
    return g_ns * (command - E_REV_MV) + noise


# ------------------------------------------------------------------------------- WinWCP


def write_winwcp(
    path: Path, current, command, *, statuses=None, kinds=None, vmax=None, places=(0, 1)
) -> Path:
    """Write records of two channels: a text header, then analysis block and samples each."""
    n_records, n_samples = current.shape
    blocks = -(-n_samples * 2 * 2 // 512)
    header = {
        "VER": 9, "CTIME": "01/03/2024 10:00:00", "RTIME": "01/03/2024 10:00:00", "NC": 2,
        "NR": n_records, "NBH": 2, "NBA": 2, "NBD": blocks, "AD": 10, "ADCMAX": 32767,
        "NP": n_samples, "DT": INTERVAL_MS / 1000, "YN0": "Im", "YU0": "pA", "YG0": 0.0005,
        "YO0": places[0], "YN1": "Vm", "YU1": "mV", "YG1": 0.01, "YO1": places[1],
    }  # fmt: skip
    text = "\r\n".join(f"{key}={value}" for key, value in header.items()) + "\r\n"
    data = text.encode("ascii").ljust(1024, b"\0")
    for k in range(n_records):
        volts = 10.0 if vmax is None else vmax[k]
        record = struct.pack(
            "<8s4s3f8f",
            (statuses[k] if statuses else "ACCEPTED").encode(),
            (kinds[k] if kinds else "TEST").encode(),
            1.0, float(k), INTERVAL_MS / 1000, *[volts] * 8,
        )  # fmt: skip
        pair = np.stack([current[k] * 0.0005, command[k] * 0.01], axis=-1) / volts * 32767
        pair = pair[:, list(np.argsort(places))]
        samples = np.zeros(blocks * 256, "<i2")
        samples[: pair.size] = pair.round().astype("<i2").ravel()
        data += record.ljust(1024, b"\0") + samples.tobytes()
    path.write_bytes(data)
    return path


# ----------------------------------------------------------------------------- AxoGraph


def write_axograph_x(path: Path, current, command, *, titles=("Current", "Voltage")) -> Path:
    """Write an AxoGraph X file: a column of times, then current and voltage of each sweep.

    A ``#`` in a title becomes the number of the sweep; only the first voltage is written where
    ``command`` is one sweep.
    """

    def column(title: str, kind: int, n: int, rest: bytes) -> bytes:
        name = title.encode("utf-16-be")
        return struct.pack(">3l", n, kind, len(name)) + name + rest

    n = current.shape[1]
    columns = [column("Time (s)", 9, n, struct.pack(">2d", 0.0, INTERVAL_MS / 1000))]
    for k, pa in enumerate(current):
        stored = (pa * 1e-12 / 2e-14).round().astype(">i2").tobytes()
        title = titles[0].replace("#", str(k + 1)) + " (A)"
        columns.append(column(title, 10, n, struct.pack(">2d", 2e-14, 0.0) + stored))
        if k < len(command):
            stored = (command[k] * 1e-3 / 1e-5).round().astype(">i2").tobytes()
            title = titles[1].replace("#", str(k + 1)) + " (V)"
            columns.append(column(title, 10, n, struct.pack(">2d", 1e-5, 0.0) + stored))
    head = b"axgx" + struct.pack(">2l", 6, len(columns))
    path.write_bytes(head + b"".join(columns))
    return path


def write_axograph_2(path: Path, current, command) -> Path:
    """Write an old AxoGraph file (version 2): Pascal titles, scaled short integers."""

    def column(title: str, n: int, rest: bytes) -> bytes:
        return struct.pack(">l80p", n, title.encode()) + rest

    n = current.shape[1]
    columns = [column("Time (ms)", n, struct.pack(">2f", 0.0, INTERVAL_MS / 1000))]
    for pa, mv in zip(current, command, strict=True):
        columns.append(
            column(
                "Im (pA)", n, struct.pack(">f", 0.1) + (pa / 0.1).round().astype(">i2").tobytes()
            )
        )
        columns.append(
            column(
                "Vm (mV)", n, struct.pack(">f", 0.01) + (mv / 0.01).round().astype(">i2").tobytes()
            )
        )
    path.write_bytes(b"AxGr" + struct.pack(">2H", 2, len(columns)) + b"".join(columns))
    return path


# --------------------------------------------------------------------------------- Igor


def igor_wave(name: str, samples, units: str, *, step=INTERVAL_MS / 1000, time=b"s") -> bytes:
    """Return a version 5 binary wave of doubles, points scaled in seconds unless said."""
    samples = np.asarray(samples, dtype="<f8")
    shape = (*samples.shape, 0, 0, 0)[:4]
    data = samples.tobytes(order="F")
    wave = struct.pack("<3Llhh6sh", 0, 0, 0, samples.size, 4, 0, b"", 1)
    wave += struct.pack("<32slL4l", name.encode(), 0, 0, *shape)
    wave += struct.pack("<8d", step, 1, 1, 1, 0, 0, 0, 0)
    wave += struct.pack("<4s16shh2d", units.encode(), time, 0, 0, 0.0, 0.0)
    wave = wave.ljust(320, b"\0")

    def head(checksum: int) -> bytes:
        return struct.pack("<hhl14l", 5, checksum, 320 + len(data), *[0] * 14)

    total = int(np.frombuffer(head(0) + wave, "<i2").astype(np.int64).sum())
    checksum = (-total) & 0xFFFF
    return head(checksum - 0x10000 if checksum > 0x7FFF else checksum) + wave + data


def write_igor_packed(path: Path, current, command) -> Path:
    """Write a packed experiment with one wave of current and one of voltage a sweep."""
    waves = []
    for k, (pa, mv) in enumerate(zip(current, command, strict=True)):
        waves.append(igor_wave(f"Im_{k}", pa * 1e-12, "A"))
        waves.append(igor_wave(f"Vm_{k}", mv * 1e-3, "V"))
    return pack_igor(path, waves)


def pack_igor(path: Path, waves) -> Path:
    """Write an experiment of waves, each a record of kind 3."""
    path.write_bytes(b"".join(struct.pack("<Hhl", 3, 0, len(wave)) + wave for wave in waves))
    return path


# ------------------------------------------------------------------------------- Spike2


def write_spike2(path: Path, current, command) -> Path:
    """Write a 32-bit SON file: two channels of short integers, a block for each sweep."""
    n_sweeps, n = current.shape
    us = round(INTERVAL_MS * 1000)

    def pascal(text: str, size: int) -> bytes:
        return (bytes([len(text)]) + text.encode()).ljust(size, b"\0")

    header = struct.pack("<h10s8s", 6, b"(C) CED 87", b"PERMEANT")
    header += struct.pack("<hhhihhhhhi", us, 1, 0, 1024, 2, 140, 0, 0, 0, us * 0)
    header += struct.pack("<dBh", 1e-6, 0, 0)
    places = {}
    blocks = b""
    start = 512 + 2 * 140
    size = 20 + 2 * n
    for channel in range(2):
        places[channel] = start + len(blocks)
        for k in range(n_sweeps):
            here = start + len(blocks)
            first, last = k * (n + 1000), k * (n + 1000) + n - 1
            after = here + size if k < n_sweeps - 1 else -1
            scaled = (current[k] / 0.2 if channel == 0 else command[k] / 0.01).round()
            blocks += struct.pack(
                "<4i2h", here - size if k else -1, after, first, last, channel + 1, n
            )
            blocks += scaled.astype("<i2").tobytes()
    data = header.ljust(512, b"\0")
    for channel, (title, units, gain) in enumerate((("Im", "pA", 0.2), ("Vm", "mV", 0.01))):
        one = struct.pack("<h3i6h", 0, 0, places[channel], 0, n_sweeps, 0, 0, 0, size, n)
        one += pascal("", 72) + struct.pack("<2ih", 0, 1, channel) + pascal(title, 10)
        one += struct.pack("<fBb", 1e6 / us, 1, 0)
        one += struct.pack("<2f", gain * 6553.6, 0.0) + pascal(units, 6) + struct.pack("<h", 0)
        data += one.ljust(140, b"\0")
    path.write_bytes(data + blocks)
    return path


# ------------------------------------------------------------------------ Stimfit, NIX, NWB


def write_stimfit(path: Path, current, command, units=("pA", "mV")) -> Path:
    """Write what Stimfit's HDF5 export writes: channels, sections, their descriptions."""
    with h5py.File(path, "w") as file:
        said = np.dtype([("channels", "<i4"), ("date", "S128"), ("time", "S128")])
        file["description"] = np.array([(2, b"2024-03-01", b"10:00:00")], said)
        for k, (name, sweeps) in enumerate((("Im", current), ("Vm", command))):
            file[f"channels/ch{k}"] = np.bytes_(name)
            file[f"{name}/description"] = np.array([(len(sweeps),)], [("n_sections", "<i4")])
            for n, samples in enumerate(sweeps):
                section = f"{name}/section_{n:02}"
                file[f"{section}/data"] = samples.astype("<f4")
                kind = np.dtype([("dt", "<f8"), ("xunits", "S16"), ("yunits", "S16")])
                row = (INTERVAL_MS, b"ms", units[k].encode())
                file[f"{section}/description"] = np.array([row], kind)
    return path


def write_nix(path: Path, current, command) -> Path:
    """Write a block of segments with neo's own writer."""
    block = neo.Block(name="family")
    for pa, mv in zip(current, command, strict=True):
        segment = neo.Segment()
        for name, units, samples in (("Im", "pA", pa), ("Vm", "mV", mv)):
            signal = neo.AnalogSignal(
                samples[:, np.newaxis],
                units=units,
                sampling_rate=1 / INTERVAL_MS * pq.kHz,
                name=name,
            )
            segment.analogsignals.append(signal)
        block.segments.append(segment)
    writer = neo.io.NixIO(str(path), "ow")
    writer.write_block(block)
    writer.close()
    return path


def write_nwb(
    path: Path,
    current,
    command,
    *,
    electrodes=1,
    pairing="table",
    conversion=1e-12,
    compensation=70.0,
) -> Path:
    """Write voltage-clamp series with pynwb; ``pairing`` is table, number or none."""
    file = NWBFile("family", "id", datetime(2024, 3, 1, tzinfo=UTC))
    device = file.create_device("amplifier")
    for e in range(electrodes):
        electrode = file.create_icephys_electrode(
            name=f"electrode_{e}", description="glass", device=device
        )
        rows = []
        for k, (pa, mv) in enumerate(zip(current, command, strict=True)):
            shared = {
                "rate": 1e3 / INTERVAL_MS, "starting_time": 2.0 * k, "electrode": electrode,
                "gain": 1.0, "stimulus_description": "family",
                "sweep_number": np.uint64(k) if pairing == "number" else None,
            }  # fmt: skip
            stimulus = VoltageClampStimulusSeries(
                name=f"played_{e}_{k:02}", data=mv, conversion=1e-3, **shared
            )
            response = VoltageClampSeries(
                name=f"seen_{e}_{k:02}", data=(e + 1) * pa * 1e-12 / conversion,
                conversion=conversion, whole_cell_series_resistance_comp=12e6,
                whole_cell_capacitance_comp=20e-12, resistance_comp_correction=compensation,
                **shared,
            )  # fmt: skip
            if pairing == "table":
                rows.append(
                    file.add_intracellular_recording(
                        electrode=electrode, stimulus=stimulus, response=response
                    )
                )
            else:
                file.add_stimulus(stimulus)
                file.add_acquisition(response)
    with NWBHDF5IO(path, "w") as out:
        out.write(file)
    return path


# --------------------------------------------------------------------------------- text


def write_table(path: Path, names, columns, separator=",", comma=False) -> Path:
    """Write columns under a header; no header where ``names`` is empty."""
    lines = [separator.join(names)] if names else []
    for row in zip(*columns, strict=True):
        text = separator.join(f"{value:.9g}" for value in row)
        lines.append(text.replace(".", ",") if comma else text)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_atf(path: Path, current, command) -> Path:
    """Write an Axon text file: optional header lines, then current and voltage of each sweep."""
    n = current.shape[1]
    names = ['"Time (ms)"']
    columns = [np.arange(n) * INTERVAL_MS]
    for k, (pa, mv) in enumerate(zip(current, command, strict=True), start=1):
        names += [f'"Trace #{k} (pA)"', f'"Trace #{k} (mV)"']
        columns += [pa, mv]
    head = f'ATF\t1.0\n2\t{len(names)}\n"AcquisitionMode=Episodic Stimulation"\n"Comment="\n'
    rows = "\n".join("\t".join(f"{v:.6g}" for v in row) for row in zip(*columns, strict=True))
    path.write_text(head + "\t".join(names) + "\n" + rows + "\n", encoding="utf-8")
    return path
