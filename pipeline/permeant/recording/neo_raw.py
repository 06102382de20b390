"""The door to what neo's raw readers read: WinWCP, AxoGraph and Spike2 (.smr)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.contents import Contents
from permeant.recording.files import Format
from permeant.recording.neo_signals import Piece, gather_signals
from permeant.records import Finding


def read_neo_raw(path: Path, known: Format, shown_as: str) -> Contents:
    """Read all sweeps of a file with neo's raw reader of its format."""
    keep: set[int] | None = None
    gains: dict[int, list[float]] = {}
    findings: tuple[Finding, ...] = ()
    if known.door == "winwcp":
        from permeant.recording.winwcp import check_winwcp  # noqa: PLC0415

        keep, gains, findings = check_winwcp(path, shown_as)
    elif known.door == "spike2":
        from permeant.recording.spike2 import check_spike2  # noqa: PLC0415

        check_spike2(path, shown_as)
    logging.getLogger("neo").setLevel(logging.CRITICAL)
    reader = import_reader(known.door)(str(path))
    reader.parse_header()
    numbers = list(range(reader.segment_count(0)))
    if keep is not None:
        numbers = [number for number in numbers if number in keep]
    pieces = [_pieces(reader, number) for number in numbers]
    if known.door == "winwcp":
        pieces = [
            [piece._replace(gain=gains[number][k]) for k, piece in enumerate(of_sweep)]
            for number, of_sweep in zip(numbers, pieces, strict=True)
        ]
    if known.door == "axograph" and len(pieces) == 1:
        pieces, side_by_side = _unfold(pieces[0])
        findings = (*findings, *side_by_side)
    interval_ms, signals, found = gather_signals(shown_as, pieces)
    said = reader.raw_annotations["blocks"][0]
    acquired = said.get("rec_datetime")
    return Contents(
        format_name=known.title,
        reader="neo",
        interval_ms=interval_ms,
        signals=signals,
        starts_s=tuple(float(reader.segment_t_start(0, number)) for number in numbers),
        acquired=acquired.isoformat(timespec="milliseconds") if acquired else None,
        comment=str(said.get("comment") or "").strip()[:2000],
        findings=(*findings, *found),
        notes=tuple(_notes(known.door, reader, path)),
    )


def _notes(door: str, reader: Any, path: Path) -> Iterator[tuple[str, str]]:
    """Return what the experimenter wrote; none of these formats has a field for temperature."""
    if door == "winwcp":
        from permeant.recording.winwcp import read_remark  # noqa: PLC0415

        yield "identification", read_remark(path)
    elif door == "axograph":
        yield "notes", str(reader.raw_annotations["blocks"][0].get("notes") or "")
    elif door == "spike2":
        from permeant.recording.spike2 import read_comments  # noqa: PLC0415

        yield from read_comments(path)


def import_reader(door: str) -> Any:
    """Import neo's raw reader of a format."""
    if door == "winwcp":
        from neo.rawio.winwcprawio import WinWcpRawIO  # noqa: PLC0415

        return WinWcpRawIO
    if door == "axograph":
        from neo.rawio.axographrawio import AxographRawIO  # noqa: PLC0415

        return AxographRawIO
    from neo.rawio.spike2rawio import Spike2RawIO  # noqa: PLC0415

    return Spike2RawIO


def _unfold(columns: list[Piece]) -> tuple[list[list[Piece]], tuple[Finding, ...]]:
    """Make sweeps of columns that lie side by side under the same names, again and again."""
    names = list(dict.fromkeys((one.name, one.units) for one in columns))
    by_name = [[one for one in columns if (one.name, one.units) == name] for name in names]
    counts = {len(members) for members in by_name}
    if len(counts) != 1 or counts == {1}:
        return [columns], ()
    message = f"columns of the same name side by side were taken for {max(counts)} sweeps"
    finding = Finding("columns_are_sweeps", "info", message, float(max(counts)))
    return [list(sweep) for sweep in zip(*by_name, strict=True)], (finding,)


def _pieces(reader: Any, segment: int) -> list[Piece]:
    """Return all channels of one sweep, in the order of the file."""
    channels = reader.header["signal_channels"]
    order = [str(channel["id"]) for channel in channels]
    found: list[tuple[int, Piece]] = []
    for stream, said in enumerate(reader.header["signal_streams"]):
        samples = np.asarray(
            reader.get_analogsignal_chunk(block_index=0, seg_index=segment, stream_index=stream)
        )
        members = channels[channels["stream_id"] == said["id"]]
        for column, one in enumerate(members):
            piece = Piece(
                str(one["name"]).strip() or f"channel {one['id']}",
                str(one["units"]).strip(),
                float(one["sampling_rate"]),
                samples[:, column],
                float(one["gain"]),
                float(one["offset"]),
            )
            found.append((order.index(str(one["id"])), piece))
    if not found:
        raise RecordingError("file_empty", "the file holds no continuous channel")
    return [piece for _, piece in sorted(found, key=lambda entry: entry[0])]
