"""The door to Igor waves (.ibw) and packed experiments (.pxp), read by igor2.

neo's reader takes no other unit of time than s, while many programs scale their waves in ms.  A
wave has a unit and a scale of its points; waves without the unit of a current or a voltage are no
channels.  In a packed experiment, waves of one unit whose names differ by a number are the sweeps
of one channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.channels import parse_units
from permeant.recording.command import Wishes
from permeant.recording.contents import Contents
from permeant.recording.neo_signals import Piece, gather_signals
from permeant.recording.sweep_names import match_order, split_channels
from permeant.recording.text_columns import TIME_MS


def read_igor(path: Path, shown_as: str, wishes: Wishes) -> Contents:
    """Read the waves of an Igor file."""
    packed = path.suffix.casefold() == ".pxp"
    waves = [wave for wave in _load(path, packed) if wave["wData"] is not None]
    pieces = [piece for wave in waves for piece in _pieces(shown_as, wave, packed)]
    currents, voltages = (
        _channels([one for one in pieces if parse_units(one.units)[0] == kind], packed)
        for kind in ("current", "voltage")
    )
    if not currents:
        seen = ", ".join(
            dict.fromkeys(f"{one.name!r} in {one.units or 'no unit'}" for one in pieces[:8])
        )
        raise RecordingError(
            "no_current_channel",
            f"{shown_as}: no wave has the unit of a current ({seen or 'no waves'}); set the "
            "units of the waves in Igor (SetScale d), or export the sweeps as text with units in "
            "their names",
        )
    channels = _put_together(shown_as, currents, voltages, wishes.current_channel)
    segments = [
        [channel[k]._replace(name=channel[0].name) for channel in channels]
        for k in range(len(channels[0]))
    ]
    interval_ms, signals, findings = gather_signals(shown_as, segments)
    notes = dict.fromkeys(_text(wave.get("note") or b"") for wave in waves)
    return Contents(
        format_name="Igor packed experiment" if packed else "Igor binary wave",
        reader="igor2",
        interval_ms=interval_ms,
        signals=signals,
        findings=findings,
        notes=tuple((f"note of wave {k}", text) for k, text in enumerate(notes, start=1)),
    )


def import_reader() -> tuple[Any, Any]:
    """Import the readers of waves and of packed experiments."""
    import igor2.binarywave  # noqa: PLC0415
    import igor2.packed  # noqa: PLC0415

    return igor2.binarywave, igor2.packed


def _load(path: Path, packed: bool) -> list[Any]:
    """Return the waves of a file, in its order."""
    waves, experiments = import_reader()
    if not packed:
        return [waves.load(str(path))["wave"]]
    found: list[Any] = []
    records, _ = experiments.load(str(path))
    for record in records:
        wave = getattr(record, "wave", None)
        if wave is not None:
            found.append(wave["wave"])
    return found


def _pieces(shown_as: str, wave: Any, packed: bool) -> list[Piece]:
    """Return the columns of a wave: one, or the sweeps of a wave of two dimensions."""
    samples = np.asarray(wave["wData"])
    if samples.ndim > 2 or samples.dtype.kind not in "iuf" or len(samples) < 2:
        return []
    if packed and samples.ndim == 2 and samples.shape[1] != 1:
        return []
    header = wave["wave_header"]
    name, units = _text(header["bname"]), _text(header["dataUnits"])
    step, time_units = _time_scale(header)
    to_ms = TIME_MS.get(time_units.replace("µ", "u").casefold() or "s")
    if to_ms is None:
        if parse_units(units)[0] == "other":
            return []
        raise RecordingError(
            "units_missing",
            f"{shown_as}: the points of wave {name!r} are scaled in {time_units!r}, no unit of "
            "time; set it in Igor (SetScale x in s)",
        )
    rate_hz = 1e3 / (step * to_ms) if step > 0 else float("nan")
    columns = samples.reshape(len(samples), -1).astype(np.float64)
    return [Piece(name, units, rate_hz, column) for column in columns.T]


def _time_scale(header: Any) -> tuple[float, str]:
    """Return the distance of two points and its unit, in both versions of the header."""
    if "dimUnits" in header:
        return float(header["sfA"][0]), _text(header["dimUnits"][0])
    return float(header["hsA"]), _text(header["xUnits"])


def _text(raw: Any) -> str:
    """Return text that is stored as bytes, whole or letter by letter."""
    joined = raw if isinstance(raw, bytes) else b"".join(np.asarray(raw).ravel().tolist())
    text = joined.split(b"\0")[0]
    try:
        return text.decode("utf-8").strip()
    except UnicodeDecodeError:
        return text.decode("mac-roman").strip()


# ---------------------------------------------------------------------------------- channels


def _channels(pieces: Sequence[Piece], packed: bool) -> list[list[Piece]]:
    """Put the sweeps of each channel together; the columns of one wave are sweeps."""
    if not packed:
        return [list(pieces)] if pieces else []
    groups: list[list[Piece]] = []
    for units in dict.fromkeys(one.units for one in pieces):
        same = [one for one in pieces if one.units == units]
        split = split_channels([one.name for one in same])
        groups += [[same[k] for k in members] for members in split]
    return groups


def _put_together(
    shown_as: str,
    currents: list[list[Piece]],
    voltages: list[list[Piece]],
    wanted: str | None,
) -> list[list[Piece]]:
    """Return the channels, the voltage of a cell behind its current, sweeps in one order."""
    if wanted is not None:
        word = wanted.strip().casefold()
        named = [k for k, one in enumerate(currents) if word in {w.name.casefold() for w in one}]
        if len(named) == 1 and len(voltages) == len(currents):
            voltages = [voltages[named[0]]]
        currents = [currents[k] for k in named] or currents
    lengths = {len(one) for one in (*currents, *voltages)}
    if len(lengths) > 1:
        told = ", ".join(
            f"{len(one)} in {one[0].units} such as {one[0].name!r}"
            for one in (*currents, *voltages)[:8]
        )
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the experiment holds different numbers of waves of each channel "
            f"({told}); keep the waves of one recording, or name a wave in current_channel",
        )
    if len(voltages) != len(currents):
        return [*currents, *(_in_order(currents[0], one) for one in voltages)]
    return [
        one for pa, mv in zip(currents, voltages, strict=True) for one in (pa, _in_order(pa, mv))
    ]


def _in_order(current: Sequence[Piece], voltage: Sequence[Piece]) -> list[Piece]:
    """Put voltages into the order of the currents of the same numbers."""
    order = match_order([one.name for one in current], [one.name for one in voltage])
    return [voltage[k] for k in order]
