"""The door to NIX files, read by neo's NixIO (which needs nixio)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.command import Wishes
from permeant.recording.contents import Contents
from permeant.recording.neo_signals import Piece, gather_signals
from permeant.recording.series import Choice, choose_series
from permeant.recording.temperature import told_in_annotations


def read_nix(path: Path, shown_as: str, wishes: Wishes) -> Contents:
    """Read one block of a NIX file that neo wrote."""
    if find_spec("nixio") is None:
        raise RecordingError(
            "reader_missing",
            f"{shown_as}: NIX files are read by nixio, which is not installed; install it with: "
            'pip install "permeant[nix]"',
        )
    reader = import_reader()(str(path), "ro")
    try:
        blocks = reader.read_all_blocks()
        offered = [
            (Choice(block.name or f"block {k}", str(k), f"{len(block.segments)} sweeps"), block)
            for k, block in enumerate(blocks, start=1)
            if block.segments
        ]
        choice, block = choose_series(shown_as, offered, wishes.series)
        pieces = [_pieces(segment) for segment in block.segments]
        annotated = [block, *block.segments]
        starts_s = tuple(
            float(segment.analogsignals[0].t_start.rescale("s"))
            for segment in block.segments
            if segment.analogsignals
        )
    finally:
        reader.close()
    interval_ms, signals, findings = gather_signals(shown_as, pieces)
    return Contents(
        format_name="NIX",
        reader="neo",
        interval_ms=interval_ms,
        signals=signals,
        starts_s=starts_s,
        series=choice.name if len(offered) > 1 else "",
        findings=findings,
        temperature=tuple(
            told for said in annotated for told in told_in_annotations(said.annotations)
        ),
        notes=(("description", str(block.description or "")),),
    )


def import_reader() -> Any:
    """Import neo's reader, which takes a third of a second."""
    import nixio  # noqa: F401, PLC0415
    from neo.io import NixIO  # noqa: PLC0415

    return NixIO


def _pieces(segment: Any) -> list[Piece]:
    found = []
    for signal in segment.analogsignals:
        samples = np.asarray(signal.magnitude)
        rate_hz = float(signal.sampling_rate.rescale("Hz"))
        units = str(signal.dimensionality)
        for column in range(samples.shape[1]):
            name = str(signal.name or "") + (f" {column}" if samples.shape[1] > 1 else "")
            found.append(Piece(name, units, rate_hz, samples[:, column]))
    return found
