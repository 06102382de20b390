"""``permeant init``: a project of a folder of recordings."""

from __future__ import annotations

import argparse
import json
from itertools import groupby
from textwrap import shorten

from permeant.commands.progress import progress_line
from permeant.commands.wording import counted, typed
from permeant.survey.draft import refuse_existing, write_draft
from permeant.survey.folder import Found, Scan, scan_folder

MOST_NAMED = 6
MOST_LETTERS = 170


def run(arguments: argparse.Namespace) -> int:
    """Scan, write, and say what was found and what comes next."""
    folder = arguments.folder
    refuse_existing(folder)
    scan = scan_folder(folder, arguments.cells, progress_line("reading"))
    written = write_draft(folder, scan)
    if arguments.json:
        print(json.dumps(_plain(scan), indent=2, ensure_ascii=False))
        return 0
    for cell, members in groupby(scan.found, key=lambda one: one.cell):
        _tell_cell(cell, list(members))
    _tell_left_out(scan)
    cells = len({one.cell for one in scan.found})
    recordings = counted(len(scan.found), "recording")
    print(f"\n{recordings} of {counted(cells, 'cell')}. Written:")
    for path in written:
        print(f"  {path}")
    print(_missing(scan))
    print(
        "\nMore of one file, and all of a reason that is cut here: permeant inspect FILE\n"
        "Is a recording in the wrong cell? Change the column cell of recordings.csv, or move "
        "config away and use --cells file or --cells folder.\n"
        "Next, now or when the files say more (what is there already can be run):\n"
        f"  permeant check {typed(folder)}\n"
        f"  permeant run {typed(folder)}"
    )
    return 0


def _tell_cell(cell: str, members: list[Found]) -> None:
    print(f"{cell}  ({members[0].why_cell})")
    for one in members:
        info = one.info
        says = [
            info.provenance.protocol if info else "",
            f"condition {one.condition}" if one.condition else "",
            "" if one.temperature_c is None else f"{one.temperature_c:g} °C",
            f"measure = {one.trial.proposed}: {_brief(one.trial.why)}"
            if one.trial.proposed
            else "",
            one.also,
        ]
        told = "; ".join(word for word in says if word)
        print(f"  {one.recording}: {one.file}{f' ({told})' if told else ''}")


def _tell_left_out(scan: Scan) -> None:
    """Say what is not in the sheet, files with one reason together."""
    by_reason: dict[str, list[str]] = {}
    for one in scan.left_out:
        by_reason.setdefault(_brief(one.reason), []).append(one.file)
    if by_reason:
        print(f"\n{counted(len(scan.left_out), 'file')} not in the sheet:")
    for reason, files in by_reason.items():
        print(f"  {reason}")
        for file in files[:MOST_NAMED]:
            print(f"    {file}")
        if len(files) > MOST_NAMED:
            print(f"    and {len(files) - MOST_NAMED} more")


def _brief(text: str) -> str:
    """Return a reason in a line, cut between words; permeant inspect tells the whole of it."""
    return shorten(" ".join(text.split()), MOST_LETTERS, placeholder=" …")


def _missing(scan: Scan) -> str:
    lacks = ["solutions (pipette and bath; solutions.csv)"]
    if any(one.temperature_c is None for one in scan.found):
        lacks.append("temperature (temperature_c)")
    lacks.append("series resistance (r_s_mohm), where no sweep has a membrane test")
    return (
        "What no file tells, and only you know: " + ", ".join(lacks) + ". Without them the "
        "results say what they lack. config.yaml says where each goes."
    )


def _plain(scan: Scan) -> dict[str, object]:
    return {
        "recordings": [
            {
                "cell": one.cell,
                "recording": one.recording,
                "file": one.file,
                "series": one.series or None,
                "condition": one.condition,
                "temperature_c": one.temperature_c,
                "measure": one.trial.proposed or "steady",
                "why_cell": one.why_cell,
            }
            for one in scan.found
        ],
        "left_out": [{"file": one.file, "reason": one.reason} for one in scan.left_out],
    }
