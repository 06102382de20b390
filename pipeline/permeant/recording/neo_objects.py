"""The door to neo objects in memory: a Block, or a Segment for each sweep."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from permeant.errors import RecordingError, did_you_mean
from permeant.recording.segmentation import find_segments
from permeant.recording.temperature import settle_temperature, told_in_annotations, told_in_words
from permeant.records import Channel, Finding, Provenance, Recording, RecordingInfo, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PLAUSIBLE_PA = 1e6
_PLAUSIBLE_MV = 1e3


def _is_list(source: Any) -> bool:
    """Whether something is a list of its own or one of neo's."""
    return not isinstance(source, (str, bytes)) and hasattr(source, "__getitem__")


def is_neo(source: Any) -> bool:
    """Whether something is a neo Block, a Segment, or a list of Segments."""
    first = source[0] if _is_list(source) and len(source) else source
    return hasattr(first, "segments") or hasattr(first, "analogsignals")


def open_neo(
    source: Any,
    *,
    current_channel: str | None = None,
    command_channel: str | None = None,
    command_mv: NDArray[Any] | None = None,
    shown_as: str = "",
) -> Recording:
    """Make a Recording of neo objects.

    Parameters
    ----------
    source : neo.Block, neo.Segment or sequence of neo.Segment
        A segment a sweep, all with the same channels and sampling.
    current_channel, command_channel : str, optional
        Names of signals or of their channels; default: the only one in units of current, and
        the only one in units of voltage.
    command_mv : numpy.ndarray, optional
        What was played, in mV, of shape (sweeps, samples) or (samples,), where no signal
        holds it.
    shown_as : str, optional
        How messages name it.

    Returns
    -------
    Recording
        As from a file.  Where the command is unknown a finding ``command_unknown`` says so.

    Raises
    ------
    RecordingError
        Where no current can be told, or the sweeps differ.
    """
    segments = _segments(source)
    name = shown_as or getattr(source, "file_origin", None) or "neo object"
    if not segments or not segments[0].analogsignals:
        raise RecordingError("file_empty", f"{name}: the neo object holds no analog signals")
    listed = [_channels(segment) for segment in segments]
    titles = [one[0] for one in listed[0]]
    current = _choose(name, listed[0], "A", current_channel, "current_channel")
    current_pa, interval_ms = _stack(name, segments, listed, titles[current], "pA", _PLAUSIBLE_PA)
    command, samples = None, command_mv
    if command_mv is None:
        command = _choose(name, listed[0], "V", command_channel, "command_channel", needed=False)
        if command is not None:
            samples, _ = _stack(name, segments, listed, titles[command], "mV", _PLAUSIBLE_MV)
    played = None if samples is None else _as_sweeps(name, samples, current_pa.shape)
    sweeps = None if played is None else find_segments(played, interval_ms)
    temperature_c, told_by = _temperature(source, segments)
    info = RecordingInfo(
        provenance=_provenance(source, name, current_pa),
        channels=_describe(listed[0], current, command),
        interval_ms=interval_ms,
        n_sweeps=current_pa.shape[0],
        n_samples=current_pa.shape[1],
        sweep_starts_s=tuple(float(s.analogsignals[0].t_start.rescale("s")) for s in segments),
        command_source=_source(titles, command, sweeps is not None),
        sweeps=sweeps or tuple(_nothing(current_pa.shape[1]) for _ in segments),
        findings=() if sweeps else (_unknown(played is not None),),
        temperature_c=temperature_c,
        temperature_source=told_by,
    )
    return Recording(info, current_pa, played)


def _temperature(source: Any, segments: Sequence[Any]) -> tuple[float | None, str]:
    objects = [source, *segments]
    told = [
        one
        for each in objects
        for one in told_in_annotations(getattr(each, "annotations", None) or {})
    ]
    words = {
        "description": "; ".join(str(getattr(each, "description", "") or "") for each in objects)
    }
    return settle_temperature([*told, *told_in_words(words)])


def _segments(source: Any) -> list[Any]:
    if hasattr(source, "segments"):
        return list(source.segments)
    return list(source) if _is_list(source) else [source]


def _channels(segment: Any) -> list[tuple[str, str, Any]]:
    """List name, units and samples of every channel; a signal can hold several."""
    found: list[tuple[str, str, Any]] = []
    for number, signal in enumerate(segment.analogsignals):
        names = signal.array_annotations.get("channel_names", ())
        n_channels = signal.shape[1]
        for k in range(n_channels):
            own = str(names[k]) if len(names) == n_channels else ""
            title = own or signal.name or f"signal {number}"
            if not own and n_channels > 1:
                title = f"{title} {k}"
            found.append((title, str(signal.units.dimensionality.string), signal[:, k]))
    return found


def _choose(
    shown_as: str,
    channels: Sequence[tuple[str, str, Any]],
    unit: str,
    wanted: str | None,
    column: str,
    *,
    needed: bool = True,
) -> Any:
    titles = [title for title, _, _ in channels]
    fitting = [
        k
        for k, one in enumerate(channels)
        if one[2].units.simplified.dimensionality == _quantity(unit)
    ]
    if wanted is not None:
        named = [k for k, title in enumerate(titles) if title == wanted]
        if len(named) == 1 and named[0] in fitting:
            return named[0]
        raise RecordingError(
            "channel_unknown",
            f"{shown_as}: {column} = {wanted!r} is none of the channels in units of {unit}: "
            f"{', '.join(titles[k] for k in fitting) or 'there is none'}."
            f"{did_you_mean(wanted, titles)}",
        )
    if len(fitting) == 1:
        return fitting[0]
    if not fitting and not needed:
        return None
    said = ", ".join(f"{title} ({units})" for title, units, _ in channels)
    raise RecordingError(
        "channel_needed",
        f"{shown_as}: {len(fitting)} channels are in units of {unit} ({said}); "
        + (f"name one as {column}" if fitting else "a recorded current is needed"),
    )


def _quantity(unit: str) -> Any:
    import quantities as pq  # noqa: PLC0415  (comes with neo)

    return {"A": pq.A, "V": pq.V}[unit].simplified.dimensionality


def _is_in(signal: Any, unit: str) -> bool:
    """Whether a signal is of the kind of a unit, pA or mV."""
    return bool(signal.units.simplified.dimensionality == _quantity(unit[-1]))


def _stack(  # noqa: PLR0917 - what is stacked, and how it must be
    shown_as: str,
    segments: Sequence[Any],
    listed: Sequence[Sequence[tuple[str, str, Any]]],
    title: str,
    unit: str,
    limit: float,
) -> tuple[NDArray[np.float32], float]:
    """Return one channel of all sweeps in a unit, and the time between samples in ms."""
    rows, intervals = [], set()
    for channels in listed:
        same = [signal for name, _, signal in channels if name == title]
        if not same:  # formats in which every series has a name of its own
            same = [signal for _, _, signal in channels if _is_in(signal, unit)]
        if len(same) != 1:
            raise RecordingError(
                "sweeps_unequal", f"{shown_as}: not every segment has one channel {title!r}"
            )
        rows.append(np.asarray(same[0].rescale(unit).magnitude, dtype=np.float32).ravel())
        intervals.add(round(float(same[0].sampling_period.rescale("ms")), 9))
    if len({row.size for row in rows}) > 1 or len(intervals) > 1:
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the {len(segments)} segments differ in length or sampling; take those "
            "of one protocol",
        )
    stacked = np.stack(rows)
    if not np.isfinite(stacked).all() or float(np.abs(stacked).max()) > limit:
        raise RecordingError(
            "implausible_scale",
            f"{shown_as}: {title} holds values that are no numbers or beyond {limit:g} {unit}; "
            "check the units of the signal",
        )
    return stacked, intervals.pop()


def _as_sweeps(shown_as: str, samples: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    played = np.asarray(samples, dtype=np.float32)
    if played.ndim == 1 and played.size == shape[1]:
        played = np.tile(played, (shape[0], 1))
    if played.shape != shape:
        raise RecordingError(
            "command_shape",
            f"{shown_as}: the command has shape {played.shape}, the current {shape}; one value a "
            "sample is needed, for one sweep or for all",
        )
    return played


def _describe(
    channels: Sequence[tuple[str, str, Any]], current: int, command: int | None
) -> tuple[Channel, ...]:
    why = {current: "in units of current", command: "in units of voltage"}
    return tuple(
        Channel(
            k,
            title,
            units,
            "current" if k == current else "command" if k == command else "other",
            why.get(k, ""),
        )
        for k, (title, units, _) in enumerate(channels)
    )


def _provenance(source: Any, name: str, current_pa: NDArray[np.float32]) -> Provenance:
    """Describe the object; the digest is that of the current as it was taken."""
    made = getattr(source, "rec_datetime", None)
    return Provenance(
        file=name,
        sha256=hashlib.sha256(np.ascontiguousarray(current_pa).tobytes()).hexdigest(),
        size_bytes=int(current_pa.nbytes),
        reader="neo",
        reader_version=version("neo"),
        format=f"neo {type(source).__name__}",
        acquired=made.isoformat(timespec="milliseconds") if made else None,
        comment=str(getattr(source, "description", None) or ""),
    )


def _source(titles: Sequence[str], command: int | None, known: bool) -> str:
    if not known:
        return "unknown"
    return "given" if command is None else f"recorded in channel {command} ({titles[command]!r})"


def _nothing(n_samples: int) -> tuple[Segment, ...]:
    return (Segment("before", 0, n_samples, 0.0, 0.0),)


def _unknown(seen: bool) -> Finding:
    why = "it shows neither steps nor ramps" if seen else "no signal in units of voltage holds it"
    return Finding(
        "command_unknown",
        "error",
        f"the command is unknown: {why}; give it as command_mv, or apply a protocol",
    )
