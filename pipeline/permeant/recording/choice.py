"""Some of a file's sweeps: by number or by the tags that were set while it was recorded."""

from __future__ import annotations

import re
from dataclasses import replace

from permeant.errors import RecordingError, did_you_mean
from permeant.records import Recording, RecordingInfo


def select_sweeps(recording: Recording, choice: str) -> Recording:
    """Return the recording with the chosen sweeps alone; they keep their numbers.

    Parameters
    ----------
    recording : Recording
        A whole file.
    choice : str
        As in the sheet's column ``sweeps``: ``1-10,14``, ``11-``, ``before drug``, ``tag drug``
        or ``tag drug..wash``.

    Raises
    ------
    RecordingError
        If a sweep or a tag does not exist, or nothing is chosen.
    """
    info = recording.info
    chosen = _by_tag(info, choice) if choice[:1].isalpha() else _by_number(info, choice)
    if not chosen:
        raise RecordingError(
            "no_such_sweeps", f"sweeps = {choice} leaves none of the {info.n_sweeps} sweeps"
        )
    return Recording(
        replace(
            info,
            n_sweeps=len(chosen),
            sweep_starts_s=tuple(info.sweep_starts_s[k] for k in chosen),
            sweeps=tuple(info.sweeps[k] for k in chosen),
            sweep_numbers=tuple(info.number_of(k) for k in chosen),
        ),
        recording.current_pa[chosen],
        None if recording.command_mv is None else recording.command_mv[chosen],
    )


def _by_number(info: RecordingInfo, choice: str) -> list[int]:
    chosen: set[int] = set()
    for part in choice.split(","):
        first, dash, last = part.partition("-")
        ends = (int(first), int(last or info.n_sweeps) if dash else int(first))
        highest = max(ends[0], ends[1])
        if highest > info.n_sweeps:
            raise RecordingError(
                "no_such_sweeps",
                f"sweeps = {choice}: there is no sweep {highest}; the file has {info.n_sweeps}",
            )
        chosen.update(range(ends[0] - 1, ends[1]))
    return sorted(chosen)


def _by_tag(info: RecordingInfo, choice: str) -> list[int]:
    """Return the sweeps before a tag, from it to the next, or between two.

    The sweep during which a tag was set belongs to neither side.
    """
    word, _, names = choice.partition(" ")
    first, dots, last = names.partition("..")
    from_s = _time_of(info, first.strip(), choice)
    if word == "before":
        return _within(info, float("-inf"), from_s)
    if dots:
        return _within(info, from_s, _time_of(info, last.strip(), choice))
    later = [tag.time_s for tag in info.tags if tag.time_s > from_s]
    return _within(info, from_s, min(later, default=float("inf")))


def _within(info: RecordingInfo, from_s: float, to_s: float) -> list[int]:
    length_s = info.n_samples * info.interval_ms * 1e-3
    return [
        k
        for k, start_s in enumerate(info.sweep_starts_s)
        if start_s >= from_s and start_s + length_s <= to_s + 1e-9
    ]


def _time_of(info: RecordingInfo, name: str, choice: str) -> float:
    def plain(text: str) -> str:
        return re.sub(r"\s+", " ", text).strip().casefold()

    named = [tag for tag in info.tags if plain(tag.text) == plain(name)]
    if len(named) == 1:
        return named[0].time_s
    if not info.tags:
        raise RecordingError(
            "no_such_tag",
            f"sweeps = {choice}: the file has no tags; name sweeps by number, such as 1-10",
        )
    offered = "; ".join(f"{tag.text} at {tag.time_s:.6g} s" for tag in info.tags)
    if named:
        raise RecordingError(
            "no_such_tag",
            f"sweeps = {choice}: {len(named)} tags are called {name} ({offered}); name sweeps by "
            "number instead",
        )
    near = did_you_mean(name, [tag.text for tag in info.tags])
    raise RecordingError(
        "no_such_tag", f"sweeps = {choice}: no tag is called {name}.{near} Tags: {offered}"
    )
