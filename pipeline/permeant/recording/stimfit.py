"""The door to HDF5 files written by Stimfit.

neo's reader needs a compiled library that no package registry has, so the few tables of the format
are read directly: ``channels`` names the groups of the channels, each holds sections with ``data``
and a ``description`` of the sampling interval in ms and the units.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.contents import Contents, Signal, stack_sweeps, unequal_findings
from permeant.recording.hdf5 import word_of

MOST_CHANNELS = 64


def read_stimfit(file: Any, shown_as: str) -> Contents:
    """Read all channels of an open Stimfit file."""
    names = [word_of(file["channels"][key][()]) for key in sorted(file["channels"], key=_number)]
    signals, intervals, cut = [], set(), []
    for name in names[:MOST_CHANNELS]:
        group = file[name]
        sections = [group[key] for key in sorted(group, key=_number) if key.startswith("section")]
        said = [section["description"][()].reshape(-1)[0] for section in sections]
        units = {word_of(one["yunits"]) for one in said}
        times = {word_of(one["xunits"]) for one in said}
        if len(units) != 1 or times != {"ms"}:
            raise RecordingError(
                "units_missing",
                f"{shown_as}: channel {name!r} has the units {sorted(units)} over {sorted(times)}; "
                "one unit of the samples over ms is needed",
            )
        intervals |= {float(one["dt"]) for one in said}
        raw, found = stack_sweeps(shown_as, [np.asarray(one["data"]) for one in sections])
        cut.append(found)
        signals.append(Signal(name, units.pop(), raw.astype(np.float32)))
    if len(intervals) != 1:
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the sections have {len(intervals)} different sampling intervals; one is "
            "needed",
        )
    return Contents(
        format_name="Stimfit HDF5",
        reader="h5py",
        interval_ms=intervals.pop(),
        signals=tuple(signals),
        findings=unequal_findings(cut),
        notes=tuple(_notes(file)),
    )


def _notes(file: Any) -> Iterator[tuple[str, str]]:
    """Return the texts under ``comment``, a table or a group of texts."""
    said = file.get("comment")
    for key, held in said.items() if hasattr(said, "items") else [("comment", said)]:
        if held is not None and hasattr(held, "dtype"):
            values = np.asarray(held[()]).reshape(-1).tolist()
            words = [one for value in values for one in np.atleast_1d(value).tolist()]
            yield key, " ".join(word_of(one) for one in words)


def _number(key: str) -> tuple[int, str]:
    digits = "".join(letter for letter in key if letter.isdigit())
    return (int(digits) if digits else -1, key)
