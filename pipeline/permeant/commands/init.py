"""``permeant init``: a project of a folder of recordings."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from itertools import groupby

from permeant.survey.draft import refuse_existing, write_draft
from permeant.survey.folder import Found, Scan, scan_folder


def run(arguments: argparse.Namespace) -> int:
    """Scan, write, and say what was found and what comes next."""
    folder = arguments.folder
    refuse_existing(folder)
    scan = scan_folder(folder, arguments.cells, _progress())
    written = write_draft(folder, scan)
    if arguments.json:
        print(json.dumps(_plain(scan), indent=2, ensure_ascii=False))
        return 0
    for cell, members in groupby(scan.found, key=lambda one: one.cell):
        _tell_cell(cell, list(members))
    if scan.left_out:
        print(f"\n{len(scan.left_out)} files are not in the sheet:")
    for one in scan.left_out:
        print(f"  {one.file}: {one.reason if len(one.reason) < 200 else one.reason[:199] + '…'}")
    cells = len({one.cell for one in scan.found})
    print(f"\n{len(scan.found)} recordings of {cells} cells. Written:")
    for path in written:
        print(f"  {path}")
    print(_missing(scan))
    print(
        "\nIs a recording in the wrong cell? Change the column cell of recordings.csv, or move "
        "config away and use --cells file or --cells folder.\n"
        "Next, now or when the files say more (what is there already can be run):\n"
        f"  permeant check {folder}\n"
        f"  permeant run {folder}"
    )
    return 0


def _progress() -> Callable[[int, int, str], None]:
    """Return what shows progress on a terminal; elsewhere it would only fill a log."""
    if not sys.stderr.isatty():
        return lambda *_: None

    def tell(done: int, total: int, name: str) -> None:
        text = f"reading {done + 1} of {total}: {name}"[:100] if name else ""
        print(f"\r{text:<100}", end="\r", file=sys.stderr, flush=True)

    return tell


def _tell_cell(cell: str, members: list[Found]) -> None:
    print(f"{cell}  ({members[0].why_cell})")
    for one in members:
        info = one.info
        says = [
            info.provenance.protocol if info else "",
            f"condition {one.condition}" if one.condition else "",
            "" if one.temperature_c is None else f"{one.temperature_c:g} °C",
            f"measure = {one.trial.proposed}: {one.trial.why}" if one.trial.proposed else "",
        ]
        told = "; ".join(word for word in says if word)
        print(f"  {one.recording}: {one.file}{f' ({told})' if told else ''}")


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
