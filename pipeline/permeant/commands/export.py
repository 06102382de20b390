"""``permeant export``: a cell for other programs and archives."""

from __future__ import annotations

import argparse
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from permeant.account.stored import load_cell
from permeant.commands.progress import progress_line
from permeant.commands.wording import counted
from permeant.config import load_project
from permeant.errors import PermeantError, RecordingError
from permeant.export.nwb import Subject, write_nwb
from permeant.records import Recording
from permeant.workflow.ingest import open_row


def run(arguments: argparse.Namespace) -> int:
    """Write the file, and say what it holds."""
    if find_spec("pynwb") is None:
        raise PermeantError('export needs pynwb; install it with: pip install "permeant[export]"')
    project = load_project(arguments.project)
    cell = load_cell(arguments.project, arguments.cell)
    protocols = project.settings.model_dump(mode="json")["protocols"]
    recordings: dict[str, Recording] = {}
    tell = progress_line("reading")
    for number, one in enumerate(cell.recordings):
        tell(number, len(cell.recordings), one.row.file)
        file = str(arguments.project / one.row.file)
        try:
            recordings[one.row.recording] = open_row(replace(one.row, file=file), protocols)
        except RecordingError as trouble:
            print(f"note: {one.row.recording} is left out: {trouble}")
    tell(0, 0, "")
    path = arguments.out or Path(f"{cell.cell}.nwb")
    subject = Subject(
        arguments.subject or cell.cell, arguments.species, arguments.sex, arguments.age
    )
    write_nwb(
        path,
        cell,
        recordings,
        subject,
        experimenter=arguments.experimenter or (),
        institution=arguments.institution or "",
    )
    if arguments.age is None:
        print("note: archives ask for the subject's age at the recording, as in --age P21D")
    print(f"{path}: {counted(len(recordings), 'recording')} with points, fits and ratios")
    return 0
