"""The samples of an ABF file, read by neo's raw reader.  The only module that imports neo.

neo takes a third of a second to import, so it is imported when the first file is opened.
"""

from __future__ import annotations

import logging
import math
import struct
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.abf2 import has_empty_strings, string_numbers
from permeant.recording.abf_header import (
    EVENTS_VARIABLE,
    GAP_FREE,
    HIGH_SPEED,
    AbfHeader,
)
from permeant.records import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray


CLOCK_OFFSET = {1: 20, 2: 16}
"""Where date and time of acquisition lie, by version of the format."""
CLOCK_DAY = {1: 86_400, 2: 86_400_000}
"""A day in the unit of that time: seconds, milliseconds."""


@dataclass(frozen=True)
class Samples:
    """All samples of a file: (sweeps, samples, channels) as stored, and their scales."""

    raw: NDArray[Any] = field(repr=False)
    gains: tuple[float, ...]
    offsets: tuple[float, ...]
    starts_s: tuple[float, ...]
    findings: tuple[Finding, ...] = ()

    def channel(self, index: int) -> NDArray[np.float32]:
        """Return one channel in its own units."""
        scaled = self.raw[:, :, index].astype(np.float32)
        scaled *= np.float32(self.gains[index])
        if self.offsets[index]:
            scaled += np.float32(self.offsets[index])
        return scaled


def read_samples(path: Path, shown_as: str, data: bytes, header: AbfHeader) -> Samples:
    """Read all sweeps of an ABF file whose bytes are ``data``."""
    _refuse_unreadable(shown_as, header)
    complete, findings = _count_complete(shown_as, data, header)
    odd = _has_odd_clock(data, header) or (header.major == 2 and has_empty_strings(data))
    if complete is None and header.mode != HIGH_SPEED and not odd:
        segments, reader = _read_with_neo(path)
    else:
        with _patched_copy(data, header, complete) as copy:
            segments, reader = _read_with_neo(copy)
    raw, more = _stack_sweeps(shown_as, header, segments)
    signals = reader.header["signal_channels"]
    gains = tuple(float(gain) for gain in signals["gain"])
    if not header.has_command_part or header.data_start < 4608:
        # With a short ABF1 header neo takes samples for the telegraphs' gains.
        gains = tuple(adc.gain for adc in header.adcs) if header.major == 1 else gains
    if header.float_samples:
        gains = (1.0,) * len(signals)
    return Samples(
        raw=raw,
        gains=gains,
        offsets=tuple(float(offset) for offset in signals["offset"]),
        starts_s=_find_starts(header, len(raw), raw.shape[1]),
        findings=(*findings, *more),
    )


def _refuse_unreadable(shown_as: str, header: AbfHeader) -> None:
    if header.mode == EVENTS_VARIABLE:
        raise RecordingError(
            "mode_not_supported",
            f"{shown_as}: recorded as variable-length events (mode 1), which have no common sweep; "
            "episodic, fixed-length and gap-free recordings can be read",
        )
    if header.n_channels < 1:
        raise RecordingError("file_unreadable", f"{shown_as}: the header lists no input channel")
    if not (math.isfinite(header.interval_ms) and header.interval_ms > 0):
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: the header gives {header.interval_ms:g} ms between samples; the file is "
            "damaged: copy it again from its source",
        )
    if header.n_values < header.n_channels:
        raise RecordingError(
            "file_empty", f"{shown_as}: the header is complete, but the file holds no samples"
        )


def _count_complete(
    shown_as: str, data: bytes, header: AbfHeader
) -> tuple[int | None, list[Finding]]:
    """Return how many values can be used where the file is cut off, else ``None``."""
    held = max(len(data) - header.data_start, 0) // header.bytes_per_value
    if held >= header.n_values and not header.tail_cut:
        return None, []
    unit = header.n_channels if header.mode == GAP_FREE else header.samples_per_episode
    complete = min(held, header.n_values) // unit if unit > 0 else 0
    if complete < 1:
        raise RecordingError(
            "file_truncated",
            f"{shown_as}: the file is cut off: its header promises {header.n_values} samples, "
            f"{held} are there, not one complete sweep; copy the file again from its source",
        )
    what = f"the first {complete} complete sweeps" if header.mode != GAP_FREE else "what is there"
    message = (
        f"the file is cut off: its header promises {header.n_values} samples, {held} are there; "
        f"{what} were read"
    )
    if held >= header.n_values:
        message = "the file is cut off behind its samples: the times of sweeps or tags are missing"
    finding = Finding(
        "file_truncated", "warning", message, float(held), float(header.n_values), "samples"
    )
    return complete * unit, [finding]


def _has_odd_clock(data: bytes, header: AbfHeader) -> bool:
    """Whether neo would fail on date or time of acquisition, which it makes a date of anyway."""
    date, time = struct.unpack_from("<2I", data, CLOCK_OFFSET[header.major])
    odd_date = header.acquired is None and date != 0
    return odd_date or bool(time >= CLOCK_DAY[header.major])


@contextmanager
def _patched_copy(data: bytes, header: AbfHeader, n_values: int | None) -> Iterator[Path]:
    """Give neo a copy whose header tells what the file holds: neo refuses cut-off files."""
    copy = bytearray(data)
    if _has_odd_clock(data, header):
        _patch(copy, "<q", CLOCK_OFFSET[header.major], 0)
    if header.major == 1:
        _patch(copy, "<i", 10, header.n_values if n_values is None else n_values)
        _patch(copy, "<h", 8, 3 if header.mode == GAP_FREE else 5)
        if n_values is not None:
            _patch(copy, "<i", 96, 0)
            _patch(copy, "<i", 48, 0)
    else:
        # neo finds the strings by the last empty one; names and units are read without it
        for offset in string_numbers(data):
            _patch(copy, "<I", offset, 0)
        (protocol,) = struct.unpack_from("<I", copy, 76)
        _patch(copy, "<h", protocol * 512, 3 if header.mode == GAP_FREE else 5)
        if n_values is not None:
            _patch(copy, "<q", 76 + 16 * 10 + 8, n_values)
            _patch(copy, "<q", 76 + 16 * 11 + 8, 0)
            _patch(copy, "<q", 76 + 16 * 15 + 8, 0)
    with tempfile.TemporaryDirectory(prefix="permeant-") as folder:
        path = Path(folder) / "recording.abf"
        path.write_bytes(copy)
        yield path


def _patch(data: bytearray, kind: str, offset: int, value: int) -> None:
    struct.pack_into(kind, data, offset, value)


def _read_with_neo(path: Path) -> tuple[list[NDArray[Any]], Any]:
    """Return the samples of every neo segment as (samples, channels), and the reader."""
    from neo.rawio.axonrawio import AxonRawIO  # noqa: PLC0415

    neo_log = logging.getLogger("neo")
    level = neo_log.level
    neo_log.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = AxonRawIO(str(path))
            reader.parse_header()
            segments = [
                np.array(reader.get_analogsignal_chunk(seg_index=i, stream_index=0))
                for i in range(reader.segment_count(0))
            ]
    finally:
        neo_log.setLevel(level)
    return segments, reader


def _stack_sweeps(
    shown_as: str, header: AbfHeader, segments: list[NDArray[Any]]
) -> tuple[NDArray[Any], list[Finding]]:
    if not segments or not any(len(segment) for segment in segments):
        raise RecordingError("file_empty", f"{shown_as}: the file holds no samples")
    if header.mode == GAP_FREE:
        return _join(segments)
    if len(segments) == 1:
        return _split(header, segments[0]), []
    lengths = {len(segment) for segment in segments}
    shortest = min(lengths)
    if len(lengths) == 1:
        return np.stack(segments), []
    if _is_last_broken_off(segments):
        return _drop_last(header, segments)
    if shortest < max(lengths) / 2:
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the sweeps have between {shortest} and {max(lengths)} samples; "
            "sweeps of one length are needed: export the complete ones",
        )
    message = (
        f"the sweeps have between {shortest} and {max(lengths)} samples; all were cut to {shortest}"
    )
    finding = Finding("sweeps_unequal", "warning", message, float(shortest))
    return np.stack([segment[:shortest] for segment in segments]), [finding]


def _is_last_broken_off(segments: list[NDArray[Any]]) -> bool:
    """Whether the last sweep alone has less than half the length of the longest."""
    *others, last = (len(segment) for segment in segments)
    half = max(others) / 2
    return last < half <= min(others)


def _drop_last(
    header: AbfHeader, segments: list[NDArray[Any]]
) -> tuple[NDArray[Any], list[Finding]]:
    """Leave out a last sweep that was broken off: acquisition is often stopped within one."""
    held = len(segments[-1])
    message = (
        f"the last of {len(segments)} sweeps was broken off after {held} samples and is left out"
    )
    raw, findings = _stack_sweeps("", header, segments[:-1])
    return raw, [Finding("sweep_broken_off", "warning", message, float(held)), *findings]


def _split(header: AbfHeader, glued: NDArray[Any]) -> NDArray[Any]:
    """Split the single segment that neo makes of a file without a table of sweeps."""
    length = header.samples_per_episode // header.n_channels
    if length < 1 or len(glued) % length or len(glued) == length:
        return glued[np.newaxis]
    return glued.reshape(-1, length, glued.shape[1])


def _join(segments: list[NDArray[Any]]) -> tuple[NDArray[Any], list[Finding]]:
    if len(segments) == 1:
        return segments[0][np.newaxis], []
    message = f"recording was paused {len(segments) - 1} times; the pieces were joined"
    return np.concatenate(segments)[np.newaxis], [Finding("paused", "warning", message)]


def _find_starts(header: AbfHeader, n_sweeps: int, n_samples: int) -> tuple[float, ...]:
    """Return when each sweep began, from the table of sweeps where it makes sense."""
    length = n_samples * header.interval_ms / 1000
    starts = [start for start, _ in header.synch[:n_sweeps]]
    unit = header.clock_s
    ascending = all(a < b for a, b in pairwise(starts))
    if len(starts) == n_sweeps and starts[0] >= 0 and ascending:
        return tuple(start * unit for start in starts)
    return tuple(index * length for index in range(n_sweeps))
