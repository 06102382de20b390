"""A first project for a folder of recordings: the three files, with what the headers told."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from textwrap import shorten

from permeant.errors import PermeantError
from permeant.survey.folder import Found, Scan

FILES = ("config/recordings.csv", "config/solutions.csv", "config/config.yaml")
_ALWAYS = ("cell", "recording", "file", "pipette", "bath", "temperature_c", "condition")
_MOST_LISTED = 40
_IONS = ("Na", "K", "Li", "Cs", "NMDG", "Mg", "Ca", "Cl", "gluconate", "HEPES")


def write_draft(folder: Path, scan: Scan) -> list[Path]:
    """Write the configuration of a new project.

    Parameters
    ----------
    folder : Path
        The project's folder.
    scan : Scan
        What was found in it.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    PermeantError
        If one of them is there already (nothing is then written), or nothing was found.
    """
    refuse_existing(folder)
    if not scan.found:
        raise PermeantError(
            f"{folder}: no recording was found below this folder, so there is nothing to begin "
            "with; name the folder that holds the recordings"
        )
    texts = dict(zip(FILES, (_sheet(scan), _solutions(), _settings(scan)), strict=True))
    written = []
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="") as out:  # never over another
            out.write(text)
        written.append(path)
    return written


def refuse_existing(folder: Path) -> None:
    """Raise where a file of the project is there already."""
    if not folder.is_dir():
        raise PermeantError(f"{folder} is not a folder; name the folder that holds the recordings")
    there = [name for name in FILES if (folder / name).exists()]
    if there:
        raise PermeantError(
            f"{folder} is a project already ({', '.join(there)}); nothing was written. To begin "
            "anew, move its config folder away; to look for mistakes in it: permeant check "
            f"{folder}"
        )


def _sheet(scan: Scan) -> str:
    rows = [_row(one) for one in scan.found]
    names = dict.fromkeys((*_ALWAYS, *(name for row in rows for name in row)))
    used = [name for name in names if name in _ALWAYS or any(row.get(name) for row in rows)]
    used.sort(key=lambda name: name == "note")  # free text last
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(used)
    writer.writerows([row.get(name, "") for name in used] for row in rows)
    return text.getvalue()


def _row(one: Found) -> dict[str, str]:
    row = {
        "cell": one.cell,
        "recording": one.recording,
        "file": one.file,
        "condition": one.condition,
    }
    if one.temperature_c is not None:
        row["temperature_c"] = f"{one.temperature_c:g}"
    if one.series:
        row["series"] = one.series
    if one.trial.proposed:
        row["measure"] = one.trial.proposed
    row["note"] = _note(one)
    return row


def _note(one: Found) -> str:
    """Return what the header says for people: protocol and comment, and what stands against it."""
    said = []
    if one.info is not None:
        source = one.info.provenance
        said += [f"protocol {source.protocol}" if source.protocol else "", source.comment]
        if one.info.temperature_source:
            said.append(f"temperature: {one.info.temperature_source}")
    said.append(one.also)
    if one.trial.result.problems and not one.trial.proposed:
        said.append(f"cannot be analysed yet: {one.trial.result.problems[0].code}")
    return "; ".join(" ".join(text.split()) for text in said if text)


def _solutions() -> str:
    """Only the header: concentrations are in no recording, and none are invented."""
    return ",".join(("solution", *_IONS)) + "\n"


def _settings(scan: Scan) -> str:
    told = Counter(one.temperature_c for one in scan.found)
    missing = told.pop(None, 0)
    if not missing:
        temperature = "  # every row of the sheet has one, as the files tell it (column note)"
    elif told:
        temperature = f"  # {missing} of {len(scan.found)} rows have none; write yours here"
    else:
        temperature = "  # MISSING: no file tells it. Write yours, in °C, and take the # away"
    left = "".join(
        f"#   {one.file}: {_brief(one.reason)}\n" for one in scan.left_out[:_MOST_LISTED]
    )
    if len(scan.left_out) > _MOST_LISTED:
        left += f"#   and {len(scan.left_out) - _MOST_LISTED} more\n"
    return _TEMPLATE.format(
        n_recordings=len(scan.found),
        n_cells=len({one.cell for one in scan.found}),
        temperature=temperature,
        left=f"#\n# Not in the sheet, and why:\n{left}" if left else "",
    )


def _brief(reason: str) -> str:
    return shorten(" ".join(reason.split()), 160, placeholder=" …")


_TEMPLATE = """\
# How the recordings are analysed. Every key has a default, so this file may stay as it is; a key
# that is not known is refused with the nearest one that is. All paths count from the folder that
# holds config/.
#
# recordings.csv lists {n_recordings} recordings of {n_cells} cells, as folders and names suggest.
# Check the column cell: recordings of one cell must share it, others must not.
{left}recordings: config/recordings.csv
solutions: config/solutions.csv
output: reports

# What holds for every row of the sheet that does not say otherwise.
defaults:
{temperature}
  # temperature_c: 22
  # MISSING: which solutions were in pipette and bath; names of rows in solutions.csv. Without
  # them no junction potential is corrected and no permeability ratio is found; conductances and
  # reversals are, and the pages say what they lack.
  # pipette: my_internal
  # bath: my_external
  # Series resistance (MΩ) and the fraction that the amplifier corrected; where a sweep has a
  # membrane test, or the file tells, they are found.
  # r_s_mohm: 8
  # r_s_compensation: 0.7

corrections:
  junction_potential: henderson
  series_resistance: true
  leak: none

# MISSING: for permeability ratios, the ions that may pass and the one that ratios are over.
# permeability:
#   permeant: [Na, K]
#   reference: K
"""
