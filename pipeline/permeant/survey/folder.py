"""All recordings below a folder: what each holds, and which files are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from permeant.records import RecordingInfo
from permeant.survey.grouping import Placed, Way, condition_of, group_into_cells
from permeant.survey.trial import Trial, identifier, try_recording

_SUFFIX_WORDS = ".abf .dat .nwb .h5 .hdf5 .nix .wcp .axgx .axgd .ibw .pxp .smr .csv .tsv .txt .atf"
SUFFIXES = frozenset(_SUFFIX_WORDS.split())
_PASSED_OVER = frozenset(("config", "reports", "batches", "__pycache__", "node_modules"))
_CURRENT_UNITS = frozenset(("pA", "nA", "uA", "µA", "A"))
_SERIES = re.compile(r"; ([^;()]+?) \(or (\d+(?:\.\d+)*)")
_WANTS_LESS = frozenset(("current_clamp", "no_voltage_family"))


@dataclass(frozen=True)
class Found:
    """A recording that can go into the sheet, and what its file told."""

    file: str
    series: str
    trial: Trial
    cell: str = ""
    recording: str = ""
    condition: str = ""
    why_cell: str = ""
    temperature_c: float | None = None

    @property
    def also(self) -> str:
        """What else the file records: another cell on another channel is a row of its own."""
        others = [
            f"{channel.index} ({channel.name})"
            for channel in (self.info.channels if self.info else ())
            if channel.role == "other" and channel.units in _CURRENT_UNITS
        ]
        return (
            f"also records in pA or nA: channel {', '.join(others)}; if that is another cell, "
            "give it a row with current_channel"
            if others
            else ""
        )

    @property
    def info(self) -> RecordingInfo | None:
        """What the file holds."""
        return self.trial.result.info


@dataclass(frozen=True)
class LeftOut:
    """A file that looked like a recording and is not put into the sheet, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Scan:
    """What a folder holds."""

    found: tuple[Found, ...]
    left_out: tuple[LeftOut, ...]


def list_candidates(folder: Path) -> list[Path]:
    """Return the files below a folder whose names could be those of recordings, in order."""
    return sorted(path for path in _walk(folder) if _suffix(path) in SUFFIXES)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")):
            continue
        if path.is_symlink() and path.is_dir():
            continue  # could lead round in circles
        if path.is_dir():
            if path.name.casefold() not in _PASSED_OVER and not path.name.endswith(".egg-info"):
                yield from _walk(path)
        elif path.is_file():
            yield path


def _suffix(path: Path) -> str:
    suffixes = [suffix.casefold() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def scan_folder(
    folder: Path, way: Way = "auto", tell: Callable[[int, int, str], None] = lambda *_: None
) -> Scan:
    """Open every recording below a folder and put them into cells.

    Parameters
    ----------
    folder : Path
        The project's folder to be.
    way : {'auto', 'file', 'folder'}
        How files are put into cells.
    tell : callable, optional
        Is told of the progress: files done, files in all, the file at hand.

    Returns
    -------
    Scan
        Recordings in the order of their paths, and the files that were left out.
    """
    candidates = list_candidates(folder)
    found: list[Found] = []
    left_out: list[LeftOut] = []
    for number, path in enumerate(candidates):
        name = path.relative_to(folder).as_posix()
        tell(number, len(candidates), name)
        for one in _look_into(path, name):
            (found if isinstance(one, Found) else left_out).append(one)  # type: ignore[arg-type]
    tell(len(candidates), len(candidates), "")
    return Scan(_into_cells(found, way), tuple(left_out))


def _look_into(path: Path, name: str) -> Iterator[Found | LeftOut]:
    trial = try_recording(path, shown_as=name)
    problems = {problem.code: problem.message for problem in trial.result.problems}
    if "series_needed" in problems:
        for series, number in listed_series(problems["series_needed"]):
            inside = try_recording(path, shown_as=name, series=number)
            yield from _judge(name, series, number, inside)
        return
    yield from _judge(name, "", "", trial)


def listed_series(refusal: str) -> list[tuple[str, str]]:
    """Return name and number of the recordings that the refusal of a whole file lists."""
    _, _, listed = refusal.partition("column series: ")
    return [(name.strip(), number) for name, number in _SERIES.findall(f"; {listed}")]


def _judge(name: str, series: str, number: str, trial: Trial) -> Iterator[Found | LeftOut]:
    shown = f"{name} (series {series})" if series else name
    problems = trial.result.problems
    if trial.proposed == "ramp" and trial.result.measurement is None:
        problems = ()  # no steps, but a ramp: another measure will do
    if trial.result.info is None or any(problem.code in _WANTS_LESS for problem in problems):
        said = problems[0].message if problems else "could not be read"
        yield LeftOut(shown, said.removeprefix(f"{name}: "))
        return
    yield Found(name, number, trial, temperature_c=trial.result.info.temperature_c)


def _into_cells(found: Sequence[Found], way: Way) -> tuple[Found, ...]:
    placed = group_into_cells([one.file for one in found], way)
    first = {placed[one.file].cell: number for number, one in reversed(list(enumerate(found)))}
    # in the order recorded: the bath of a cell's first row is where the pipette was zeroed
    found = sorted(found, key=lambda one: (first[placed[one.file].cell], _acquired(one), one.file))
    cells = _ids(placed)
    taken: dict[str, set[str]] = {}
    done = []
    for one in found:
        place = placed[one.file]
        cell = cells[place.cell]
        name = identifier(place.rest or Path(one.file).name.split(".")[0])
        if one.series:
            name = f"{name}-{one.series}"
        used = taken.setdefault(cell, set())
        name = _free(name, used)
        used.add(name.casefold())
        done.append(
            replace(
                one,
                cell=cell,
                recording=name,
                condition=condition_of(place.rest),
                why_cell=place.why,
            )
        )
    return tuple(done)


def _acquired(one: Found) -> str:
    return (one.info.provenance.acquired or "") if one.info else ""


def _ids(placed: dict[str, Placed]) -> dict[str, str]:
    """Return an id for every cell: short where that is clear, with its folders where not."""
    names = list(dict.fromkeys(one.cell for one in placed.values()))
    short = [identifier(name.rsplit("/", 1)[-1]).casefold() for name in names]
    used: set[str] = set()
    ids = {}
    for name in names:
        last = identifier(name.rsplit("/", 1)[-1])
        wanted = last if short.count(last.casefold()) == 1 else identifier(name)
        ids[name] = _free(wanted, used)
        used.add(ids[name].casefold())
    return ids


def _free(name: str, used: set[str]) -> str:
    """Return a name that is not taken, with a number behind it where it is."""
    if name.casefold() not in used:
        return name
    number = 2
    while f"{name}-{number}".casefold() in used:
        number += 1
    return f"{name}-{number}"
