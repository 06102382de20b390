"""What WinWCP says of its records that neo's reader passes over.

neo takes the amplification of the last record for all of them, and records that the experimenter
rejected, or that the program recorded for leak subtraction, as sweeps like the others.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path

from permeant.errors import RecordingError
from permeant.recording.abf_scale import is_gain_step
from permeant.records import Finding

SECTOR = 512
RECORD_HEADER = 1024
_RECORD = struct.Struct("<8s4s3f8f")


def check_winwcp(
    path: Path, shown_as: str
) -> tuple[set[int], dict[int, list[float]], list[int], tuple[Finding, ...]]:
    """Read the header of a file and of its records.

    Returns
    -------
    set of int
        The records that are sweeps of the cell, counted from 0.
    dict of int to list of float
        The gain of every channel in each record, in units over counts.
    list of int
        Where the samples of each channel stand among those taken at once.
    tuple of Finding
        What was left out.

    Raises
    ------
    RecordingError
        Where the file holds no record, or contradicts itself.
    """
    with path.open("rb") as stream:
        said = _header(stream.read(RECORD_HEADER), shown_as)
        n_records, n_channels = _number(said, "NR", shown_as), _number(said, "NC", shown_as)
        if n_records < 1:
            raise RecordingError(
                "file_empty",
                f"{shown_as}: the header is complete, but the file holds no records (NR=0): "
                "nothing was recorded into it",
            )
        blocks = _number(said, "NBD", shown_as)
        stride = SECTOR * blocks + RECORD_HEADER
        size = path.stat().st_size
        if not 1 <= n_channels <= 128 or blocks < 1 or said.get("NBA") != "2":
            raise RecordingError(
                "file_unreadable",
                f"{shown_as}: the header speaks of {n_channels} channels, {blocks} blocks of "
                f"samples and {said.get('NBA')} of results in a record, which is no WinWCP file "
                "that can be read",
            )
        _refuse_other_layout(shown_as, said)
        if RECORD_HEADER + n_records * stride > size:
            raise RecordingError(
                "file_truncated",
                f"{shown_as}: the file is cut off: its header promises {n_records} records of "
                f"{stride} bytes, {size} bytes are there; copy it again from its source",
            )
        records = []
        for number in range(n_records):
            stream.seek(RECORD_HEADER + number * stride)
            records.append(_RECORD.unpack(stream.read(_RECORD.size)))
    places = [_number(said, f"YO{k}", shown_as) for k in range(n_channels)]
    if sorted(places) != list(range(n_channels)):
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: the header puts the samples of {n_channels} channels at the places "
            f"{', '.join(map(str, places))} (YO), where each must have one of its own; the file is "
            "damaged: copy it again from its source",
        )
    keep, gains, findings = _judge(shown_as, said, n_channels, records)
    return keep, gains, places, findings


def read_remark(path: Path) -> str:
    """Return what the experimenter wrote about a file; the header has no field for more."""
    with path.open("rb") as stream:
        return _header(stream.read(RECORD_HEADER), str(path)).get("ID", "")


def _refuse_other_layout(shown_as: str, said: dict[str, str]) -> None:
    """Refuse a header of another length than neo takes it to have: all samples would be shifted."""
    version, size = said["VER"], said.get("NBH", "1024")
    if version == "9" and size in {"1024", "2"}:  # in bytes, or in sectors of 512
        return
    raise RecordingError(
        "mode_not_supported",
        f"{shown_as}: a WinWCP file of version {version} with a header of {size} (NBH), which the "
        "reader (neo) does not know; open it in a newer WinWCP and save it, or export it as text",
    )


def _header(head: bytes, shown_as: str) -> dict[str, str]:
    text = head.decode("ascii", errors="replace")
    said = dict(line.split("=", 1) for line in text.replace("\r", "\n").split("\n") if "=" in line)
    if "VER" not in said:
        raise RecordingError("file_unreadable", f"{shown_as}: the WinWCP header has no version")
    return {key.strip(): value.strip() for key, value in said.items()}


def _number(said: dict[str, str], key: str, shown_as: str) -> int:
    try:
        return int(said[key])
    except (KeyError, ValueError):
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: the header gives {key} = {said.get(key, 'nothing')!r}, a whole number is "
            "needed; the file is damaged: copy it again from its source",
        ) from None


def _float(said: dict[str, str], key: str) -> float:
    try:
        return float(said[key].replace(",", "."))
    except (KeyError, ValueError):
        return math.nan


def _is_range(whole: float, volt: float) -> bool:
    """Whether a record's input range is the header's, divided by the step of a gain switch."""
    return not whole > 0 or (volt != 0 and is_gain_step(whole / volt))


def _judge(
    shown_as: str, said: dict[str, str], n_channels: int, records: list[tuple[object, ...]]
) -> tuple[set[int], dict[int, list[float]], tuple[Finding, ...]]:
    most = _float(said, "ADCMAX")
    scales = [_float(said, f"YG{k}") for k in range(n_channels)]
    findings = []
    keep, gains = set(), {}
    odd: set[float] = set()
    intervals = set()
    for number, record in enumerate(records):
        status, kind = (bytes(part).strip(b"\0 ") for part in record[:2])  # type: ignore[call-overload]
        volts = [float(value) for value in record[5 : 5 + n_channels]]  # type: ignore[arg-type]
        odd |= {volt for volt in volts if not _is_range(_float(said, "AD"), volt)}
        gains[number] = [
            volt / most / scale if most and scale else math.nan
            for volt, scale in zip(volts, scales, strict=False)
        ]
        if not all(math.isfinite(gain) and gain for gain in gains[number]):
            raise RecordingError(
                "file_unreadable",
                f"{shown_as}: record {number + 1} has no amplification that makes sense; the file "
                "is damaged: copy it again from its source",
            )
        if status.upper() != b"REJECTED" and kind.upper() != b"LEAK":
            keep.add(number)
            intervals.add(round(float(record[4]), 9))  # type: ignore[arg-type]
    left = len(records) - len(keep)
    if left:
        message = (
            f"{left} of {len(records)} records were rejected in WinWCP, or are its leak records, "
            "and are left out"
        )
        findings.append(Finding("records_left_out", "warning", message, float(left)))
    if odd:
        listed = ", ".join(f"{one:.7g}" for one in sorted(odd)[:5])
        message = (
            f"the records give input ranges of {listed} V, the header one of {said['AD']} V, which "
            "no switch of an amplifier makes of each other: the file may be damaged, and then "
            "currents or voltages are wrong by a factor"
        )
        findings.append(Finding("scale_doubtful", "warning", message))
    if len(intervals) > 1:
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the records have {len(intervals)} different sampling intervals "
            f"({', '.join(f'{1e3 * one:g} ms' for one in sorted(intervals)[:5])}); one is needed",
        )
    said_ms, seen_ms = 1e3 * _float(said, "DT"), 1e3 * next(iter(intervals), math.nan)
    if abs(said_ms - seen_ms) > 1e-3 * max(abs(said_ms), abs(seen_ms)):
        message = (
            f"the records were sampled every {seen_ms:g} ms, the header says {said_ms:g} ms; the "
            "records were believed: check the times"
        )
        findings.append(Finding("interval_doubtful", "warning", message, seen_ms, unit="ms"))
    return keep, gains, tuple(findings)
