"""The door to Igor waves (.ibw) and packed experiments (.pxp), read by neo's IgorIO.

A wave has a unit and a scale of its points; waves without both are refused.  In a packed
experiment, waves of one length and unit are the sweeps of one channel, in the order of the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.channels import parse_units
from permeant.recording.contents import Contents
from permeant.recording.neo_signals import Piece, gather_signals


def read_igor(path: Path, shown_as: str) -> Contents:
    """Read the waves of an Igor file."""
    packed = path.suffix.casefold() == ".pxp"
    reader = import_reader()(str(_lower(path)))
    waves = reader.read_segment().analogsignals
    channels: dict[str, list[Piece]] = {}
    for wave in waves:
        _add_wave(channels, wave, packed)
    notes = dict.fromkeys(_note(wave) for wave in waves)
    usable = {
        units: pieces for units, pieces in channels.items() if parse_units(units)[0] != "other"
    }
    if not any(parse_units(units)[0] == "current" for units in usable):
        seen = ", ".join(
            f"{pieces[0].name!r} in {units or 'no unit'}"
            for units, pieces in sorted(channels.items())[:8]
        )
        raise RecordingError(
            "no_current_channel",
            f"{shown_as}: no wave has the unit of a current ({seen or 'no waves'}); set the "
            "units of the waves in Igor (SetScale d), or export the sweeps as text with units in "
            "their names",
        )
    lengths = {units: len(pieces) for units, pieces in usable.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{n} in {units}" for units, n in sorted(lengths.items()))
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the experiment holds different numbers of waves of each unit ({told}); "
            "keep the waves of one recording",
        )
    ordered = sorted(usable.values(), key=lambda pieces: parse_units(pieces[0].units)[0])
    segments = [
        [pieces[k]._replace(name=pieces[0].name) for pieces in ordered]
        for k in range(next(iter(lengths.values())))
    ]
    interval_ms, signals, findings = gather_signals(shown_as, segments)
    return Contents(
        format_name="Igor packed experiment" if packed else "Igor binary wave",
        reader="neo",
        interval_ms=interval_ms,
        signals=signals,
        findings=findings,
        notes=tuple((f"note of wave {k}", text) for k, text in enumerate(notes, start=1)),
    )


def _note(wave: Any) -> str:
    note = wave.annotations.get("note", "")
    return note.decode("latin-1") if isinstance(note, bytes) else str(note)


def import_reader() -> Any:
    """Import neo's reader, which takes a third of a second."""
    import igor2.binarywave  # noqa: PLC0415
    import igor2.packed  # noqa: F401, PLC0415
    from neo.io import IgorIO  # noqa: PLC0415

    return IgorIO


def _lower(path: Path) -> Path:
    """Return the path as neo takes it: it knows endings in small letters only."""
    if path.suffix in {".ibw", ".pxp"}:
        return path
    raise RecordingError(
        "format_not_supported",
        f"{path.name}: write the ending of the name in small letters (.ibw, .pxp)",
    )


def _add_wave(channels: dict[str, list[Piece]], wave: Any, packed: bool) -> None:
    samples = np.asarray(wave.magnitude, dtype=np.float64)
    units = str(wave.dimensionality)
    if samples.ndim > 2 or (packed and samples.ndim != 1 and samples.shape[1] != 1):
        return
    rate_hz = float(wave.sampling_rate.rescale("Hz"))
    samples = samples.reshape(len(samples), -1)
    for column in range(samples.shape[1]):
        piece = Piece(str(wave.name), units, rate_hz, samples[:, column])
        channels.setdefault(units, []).append(piece)
