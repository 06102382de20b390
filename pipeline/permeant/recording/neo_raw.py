"""The door to what neo's raw readers read: WinWCP, AxoGraph and Spike2 (.smr)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.channels import parse_units
from permeant.recording.contents import Contents, doubt_one_command
from permeant.recording.files import Format
from permeant.recording.neo_signals import Piece, gather_signals
from permeant.recording.sweep_names import match_order, split_channels
from permeant.records import Finding


def read_neo_raw(path: Path, known: Format, shown_as: str) -> Contents:
    """Read all sweeps of a file with neo's raw reader of its format."""
    keep: set[int] | None = None
    gains: dict[int, list[float]] = {}
    places: list[int] = []
    findings: tuple[Finding, ...] = ()
    if known.door == "winwcp":
        from permeant.recording.winwcp import check_winwcp  # noqa: PLC0415

        keep, gains, places, findings = check_winwcp(path, shown_as)
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
            [
                piece._replace(gain=gains[number][k], raw=of_sweep[places[k]].raw)
                for k, piece in enumerate(of_sweep)
            ]
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
    """Make sweeps of columns side by side whose names are alike, or alike but for a number."""
    groups: list[list[Piece]] = []
    for units in dict.fromkeys(one.units for one in columns):
        same = [one for one in columns if one.units == units]
        split = split_channels([one.name for one in same])
        groups += [[same[k] for k in members] for members in split]
    groups.sort(key=lambda group: next(k for k, one in enumerate(columns) if one is group[0]))
    n_sweeps = max(map(len, groups))
    currents = [one for one in groups if parse_units(one[0].units)[0] == "current"]
    if n_sweeps == 1 or not currents or any(len(one) != n_sweeps for one in currents):
        return [columns], ()
    message = f"columns of the same name side by side were taken for {n_sweeps} sweeps"
    findings = [Finding("columns_are_sweeps", "info", message, float(n_sweeps))]
    for k, group in enumerate(groups):
        if len(group) == n_sweeps > 1 and group is not currents[0]:
            order = match_order([one.name for one in currents[0]], [one.name for one in group])
            groups[k] = [group[at] for at in order]
        elif len(group) == 1 and parse_units(group[0].units)[0] == "voltage":
            groups[k] = group * n_sweeps
            findings += doubt_one_command(np.stack([one.raw for one in currents[0]]))
    kept = [
        [one._replace(name=group[0].name) for one in group]
        for group in groups
        if len(group) == n_sweeps
    ]
    return [list(sweep) for sweep in zip(*kept, strict=True)], tuple(findings)


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
