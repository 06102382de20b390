"""The sweeps of an NWB file: which series are currents, and what was played under each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.hdf5 import word_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESPONSE, STIMULUS = "VoltageClampSeries", "VoltageClampStimulusSeries"
OTHER_CLAMPS = {"CurrentClampSeries", "IZeroClampSeries"}
TABLE = "general/intracellular_ephys/intracellular_recordings"
SEQUENCES = "general/intracellular_ephys/sequential_recordings"
SIMULTANEOUS = "general/intracellular_ephys/simultaneous_recordings"
UNITS = {"A": {"amperes", "ampere", "amps", "a"}, "V": {"volts", "volt", "v"}}
SAME_START_S = 1e-3
"""Starts that lie less apart are one start, written at two moments."""
MOST_SWEEPS = 20_000


@dataclass(frozen=True)
class Series:
    """Where a series lies, which part of it, and when and how fast it was sampled."""

    path: str
    rate_hz: float
    start_s: float
    first: int = 0
    count: int = -1


@dataclass(frozen=True)
class Sweep:
    """One response with its electrode, its stimulus, and the group that it belongs to."""

    response: Series
    electrode: str
    group: str
    stimulus_name: str
    stimulus: Series | None = None
    number: int = -1


def list_sweeps(file: Any, shown_as: str) -> list[Sweep]:
    """List the voltage-clamp sweeps of an open file, in their order in time.

    Raises
    ------
    RecordingError
        Where there is none.
    """
    kinds = {name: _type(series) for name, series in _groups(file, "acquisition").items()}
    if RESPONSE not in kinds.values():
        clamped = sorted(set(kinds.values()) & OTHER_CLAMPS)
        if clamped:
            raise RecordingError(
                "current_clamp",
                f"{shown_as}: a current-clamp recording (the file holds {', '.join(clamped)} and "
                f"no {RESPONSE}); voltage clamp is needed, where the command is a voltage and a "
                "current is recorded",
            )
        raise RecordingError(
            "no_current_channel",
            f"{shown_as}: the file holds no {RESPONSE}; it has "
            f"{', '.join(sorted(set(filter(None, kinds.values())))) or 'no series'} in acquisition",
        )
    by_table = _by_table(file)
    sweeps = by_table or _by_number(file, [n for n, kind in kinds.items() if kind == RESPONSE])
    return sorted(sweeps[:MOST_SWEEPS], key=_in_time)


def _in_time(sweep: Sweep) -> tuple[float, int, list[tuple[str, int]]]:
    """Sort by start, then by sweep number, then by name with its numbers as numbers."""
    parts = re.findall(r"(\D*)(\d*)", sweep.response.path)
    named = [(letters, int(digits or 0)) for letters, digits in parts]
    return sweep.response.start_s, sweep.number, named


def _groups(file: Any, folder: str) -> dict[str, Any]:
    if folder not in file:
        return {}
    return {name: file[folder][name] for name in sorted(file[folder])}


def _type(series: Any) -> str:
    return word_of(series.attrs.get("neurodata_type", ""))


def _describe(series: Any, first: int = 0, count: int = -1) -> Series:
    """Return rate and start of a series, from its rate or its time stamps."""
    if "starting_time" in series:
        start = series["starting_time"]
        rate_hz = float(start.attrs["rate"])
        return Series(series.name, rate_hz, float(start[()]) + first / rate_hz, first, count)
    times = np.asarray(series["timestamps"][:], dtype=np.float64)
    steps = np.diff(times)
    typical = float(np.median(steps)) if len(steps) else 0.0
    if typical <= 0 or float(np.max(np.abs(steps - typical))) > 0.5 * typical:
        raise RecordingError(
            "times_uneven",
            f"the time stamps of {series.name} are not evenly spaced; sweeps of one sampling rate "
            "are needed",
        )
    interval_s = float(times[-1] - times[0]) / (len(times) - 1)
    return Series(series.name, 1.0 / interval_s, float(times[0]), first, count)


def read_values(file: Any, series: Series, unit: str) -> NDArray[np.float64]:
    """Return the values of a series in A or V: data times conversion, plus offset.

    What an acquisition program put behind the last sample that it took (not a number) is cut off.
    """
    data = file[series.path]["data"]
    said = word_of(data.attrs.get("unit", "")).casefold()
    if said not in UNITS[unit]:
        raise RecordingError(
            "units_missing",
            f"{series.path} is in {said or 'no unit'}; NWB asks for amperes of a response and "
            "volts of a stimulus, with a conversion factor: repair the file",
        )
    if data.ndim != 1:
        raise RecordingError(
            "sweeps_unequal", f"{series.path} has {data.ndim} dimensions, a sweep has one"
        )
    stop = len(data) if series.count < 0 else series.first + series.count
    raw = np.asarray(data[series.first : stop], dtype=np.float64)
    conversion = float(data.attrs.get("conversion", 1.0))
    values: NDArray[np.float64] = raw * conversion + float(data.attrs.get("offset", 0.0))
    taken = np.flatnonzero(~np.isnan(values))
    return values[: int(taken[-1]) + 1] if len(taken) else values


def shift_of(response: Series, stimulus: Series, n_samples: int) -> int:
    """Return how many samples the stimulus begins behind its response.

    0 where they have different clocks: files often start all stimuli, or all responses, at 0, and
    a stimulus that ends before its response begins was not played at that time.
    """
    late_s = stimulus.start_s - response.start_s
    late = round(late_s * response.rate_hz)
    if abs(late_s) < SAME_START_S or 0.0 in {stimulus.start_s, response.start_s}:
        return 0
    return late if abs(late) < n_samples else 0


def _electrode(series: Any) -> str:
    if "electrode" not in series:
        return "electrode"
    link = series.get("electrode", getlink=True)
    # an electrode is linked to, and its name is that of what the link leads to
    return str(getattr(link, "path", series["electrode"].name)).rsplit("/", 1)[-1]


def _stimulus_name(series: Any) -> str:
    name = word_of(series.attrs.get("stimulus_description", ""))
    return "" if name in {"N/A", "NA"} else name[:200]


# ------------------------------------------------------------------------------ the tables


def _by_table(file: Any) -> list[Sweep]:
    """Return the pairs that the table of intracellular recordings lists; none without it."""
    if TABLE not in file:
        return []
    table = file[TABLE]
    responses, stimuli = table["responses/response"], table["stimuli/stimulus"]
    groups = _sequence_names(file, len(responses))
    sweeps = []
    for row, (response, stimulus) in enumerate(zip(responses[:], stimuli[:], strict=True)):
        found = _referred(file, response)
        if found is None or _type(file[found.path]) != RESPONSE:
            continue
        series = file[found.path]
        played = _referred(file, stimulus)
        if played is not None and _type(file[played.path]) != STIMULUS:
            played = None
        name = _stimulus_name(series)
        group = groups.get(row) or name
        sweeps.append(Sweep(found, _electrode(series), group, name, played, row))
    return sweeps


def _referred(file: Any, reference: Any) -> Series | None:
    """Return the part of a series that a row of the table refers to; ``None`` for no part."""
    first, count, target = int(reference[0]), int(reference[1]), reference[2]
    if first < 0 or count <= 0 or not target:
        return None
    series = file[target]
    if first + count > len(series["data"]):
        raise RecordingError(
            "file_unreadable",
            f"the table of recordings refers to samples {first} to {first + count} of "
            f"{series.name}, which has {len(series['data'])}",
        )
    return _describe(series, first, count)


def _sequence_names(file: Any, n_rows: int) -> dict[int, str]:
    """Name each row of the table by the sequence that it belongs to, where there are such."""
    if SEQUENCES not in file or SIMULTANEOUS not in file:
        return {}
    sequences, simultaneous = file[SEQUENCES], file[SIMULTANEOUS]
    types = [word_of(value) for value in sequences["stimulus_type"][:]]
    of_sequence = _ragged(sequences, "simultaneous_recordings")
    of_simultaneous = _ragged(simultaneous, "recordings")
    names: dict[int, str] = {}
    for number, (kind, members) in enumerate(zip(types, of_sequence, strict=True), start=1):
        name = kind if types.count(kind) == 1 else f"{kind} {number}"
        for member in members:
            for row in of_simultaneous[member] if 0 <= member < len(of_simultaneous) else []:
                if 0 <= row < n_rows:
                    names[row] = name
    return names


def _ragged(table: Any, column: str) -> list[list[int]]:
    values = [int(value) for value in table[column][:]]
    ends = [int(value) for value in table[f"{column}_index"][:]]
    return [values[start:stop] for start, stop in zip([0, *ends[:-1]], ends, strict=True)]


# -------------------------------------------------------------------------- sweep numbers


def _by_number(file: Any, names: list[str]) -> list[Sweep]:
    """Pair responses and stimuli that share sweep number and electrode."""
    stimuli: dict[tuple[int, str], list[Any]] = {}
    for series in _groups(file, "stimulus/presentation").values():
        number = _sweep_number(series)
        if _type(series) == STIMULUS and number is not None:
            stimuli.setdefault((number, _electrode(series)), []).append(series)
    sweeps = []
    for name in names:
        series = file["acquisition"][name]
        number, electrode = _sweep_number(series), _electrode(series)
        matches = stimuli.get((number, electrode), []) if number is not None else []
        played = _describe(matches[0]) if len(matches) == 1 else None
        said = _stimulus_name(series)
        order = -1 if number is None else number
        sweeps.append(Sweep(_describe(series), electrode, said, said, played, order))
    return sweeps


def _sweep_number(series: Any) -> int | None:
    value = series.attrs.get("sweep_number")
    if value is None and "sweep_number" in series:
        value = series["sweep_number"][()]
    return None if value is None else int(value)
