"""Which of the recordings of a file is meant, where it holds several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from permeant.errors import RecordingError, did_you_mean

T = TypeVar("T")
MOST_LISTED = 30


class Choice(NamedTuple):
    """One recording of a file: its name, its number, and what it holds in words."""

    name: str
    number: str
    holds: str = ""

    @property
    def title(self) -> str:
        """The recording as messages list it."""
        return f"{self.name} (or {self.number}{f'; {self.holds}' if self.holds else ''})"


def choose_series(
    shown_as: str, offered: Sequence[tuple[Choice, T]], wanted: str | None
) -> tuple[Choice, T]:
    """Take the recording that the sheet names, or the only one.

    Parameters
    ----------
    shown_as : str
        How messages name the file.
    offered : sequence of (Choice, anything)
        What the file holds.
    wanted : str or None
        The sheet's ``series``: a name, the part of it behind the last ``/`` where that is
        unique, or a number.

    Raises
    ------
    RecordingError
        Where the file holds none, several and none is named, or none of that name.
    """
    if not offered:
        raise RecordingError("file_empty", f"{shown_as}: the file holds no recorded sweeps")
    names = [choice.name for choice, _ in offered]
    listed = "; ".join(choice.title for choice, _ in offered[:MOST_LISTED])
    if len(offered) > MOST_LISTED:
        listed += f"; and {len(offered) - MOST_LISTED} more"
    if wanted is None:
        if len(offered) == 1:
            return offered[0]
        raise RecordingError(
            "series_needed",
            f"{shown_as}: the file holds {len(offered)} recordings; choose one in the column "
            f"series: {listed}",
        )
    word = wanted.strip().casefold()
    found = (
        [one for one in offered if one[0].number == word]
        or [one for one in offered if one[0].name.casefold() == word]
        or [one for one in offered if one[0].name.casefold().rsplit("/", 1)[-1] == word]
    )
    if len(found) == 1:
        return found[0]
    if found:
        same = "; ".join(choice.title for choice, _ in found)
        raise RecordingError(
            "series_not_found",
            f"{shown_as}: series = {wanted!r} names {len(found)} recordings: {same}; write the "
            "number of the one that is meant",
        )
    raise RecordingError(
        "series_not_found",
        f"{shown_as}: series = {wanted!r} is not in the file; it holds {listed}."
        + did_you_mean(wanted, names),
    )
