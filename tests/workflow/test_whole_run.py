"""The whole graph from empty, on a folder and on files with every kind of name and trouble."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from runs import CONTRACT, Program, Run, header, read_csv, sheet, table, write_sheet

from permeant.simulate.batch import plan_batch, simulate_batch
from permeant.simulate.example_setup import SOLUTIONS
from permeant.simulate.project import write_recordings
from permeant.simulate.protocol import Epoch

TROUBLE = {
    "missing": "file_missing",
    "empty": "file_empty",
    "random": "file_foreign",
    "folder": "file_missing",
    "cut": "file_",
    "flat": "no_",
    "pipe": "file_unreadable",
}
"""Cells with one recording that gives nothing, and how the code of the problem begins."""

ODD_FILES = (
    "with a space.abf",
    "braces {x} {{y}} {batch}.abf",
    "quotes ' and \" and `.abf",
    "#hash %percent $HOME &.abf",
    "Zelle-Ω-細胞.abf",
    "-leading-dash.abf",
    "star*[0-9]?.abf",
)


def write_flat(folder: Path) -> None:
    """A recording that stays at holding: nothing to make a current–voltage curve of."""
    plan = plan_batch(1, 7)[0]
    epoch = Epoch(level_mv=plan.protocol.holding_mv, duration_samples=4000)
    protocol = replace(plan.protocol, epochs=(epoch,), n_sweeps=3)
    write_recordings(folder, [replace(plan, cell="flat", protocol=protocol)], SOLUTIONS)


def make_troubled(project: Path) -> None:
    """Turn simulated cells into a sheet where nearly every row has something odd."""
    simulate_batch(project, 3)
    config = project / "config" / "config.yaml"
    config.write_text("batch_size: 6\n" + config.read_text())
    data, rows = project / "data", sheet(project)
    good = data / "cell_00001.abf"
    odd = []
    for number, name in enumerate(ODD_FILES):
        shutil.copyfile(good, data / name)
        odd.append({**rows[0], "cell": f"a.b-c_{number}", "file": f"data/{name}"})
    outside = project.parent / "outside.abf"
    shutil.copyfile(good, outside)
    (data / "link.abf").symlink_to(outside)
    odd.append({**rows[0], "cell": "absolute", "file": str(outside)})
    odd.append({**rows[0], "cell": "linked", "file": "data/link.abf"})
    (data / "empty.abf").touch()
    (data / "random.abf").write_bytes(bytes(range(256)) * 40)
    (data / "folder.abf").mkdir()
    os.mkfifo(data / "pipe.abf")
    (data / "cut.abf").write_bytes(good.read_bytes()[:3000])
    write_flat(data)
    bad = [{**rows[0], "cell": name, "file": f"data/{name}.abf"} for name in TROUBLE]
    hostile = '<script>alert("1")</script>\nsecond line, {x}'
    rows[0] |= {"condition": 'a "quoted", <b>', "note": hostile}
    rows[1] |= {"exclude": "yes", "note": "lost the seal"}
    rows[2] |= {"recording": "first"}
    again = {**rows[2], "recording": "second", "file": "data/nowhere.abf"}
    write_sheet(project, [*rows, again, *odd, *bad])


@pytest.fixture(scope="module")
def troubled(program: Program, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    project = tmp_path_factory.mktemp("folder") / "a project {x} für 'cells' #1"
    make_troubled(project)
    return project, program.permeant("run", project)


def test_the_run_goes_through(troubled: tuple[Path, Run]) -> None:
    _, run = troubled
    assert run.status == 0, run.said
    assert "Traceback" not in run.said


def test_a_finished_project_has_every_output(finished: Path) -> None:
    reports = finished / "reports"
    assert (reports / "index.html").is_file()
    for name, columns in CONTRACT.items():
        expected = columns.split()
        assert header(finished, name)[: len(expected)] == expected
    cells = {row["cell"] for row in sheet(finished)}
    assert {path.stem for path in (reports / "cells").glob("*.html")} == cells
    assert all(row["status"] == "ok" for row in table(finished, "fits"))
    assert table(finished, "permeability")
    assert table(finished, "driving_forces")
    assert table(finished, "problems") == []


def test_a_reader_gets_the_conductance_again_from_the_points(finished: Path) -> None:
    """An ordinary line, as of a spreadsheet; the fit weighs the points, whose errors are alike."""
    points = [row for row in table(finished, "iv_points") if row["used"] == "yes"]
    fits = [row for row in table(finished, "fits") if row["status"] == "ok"]
    assert fits
    for fit in fits:
        own = [row for row in points if row["cell"] == fit["cell"]]
        slope, _ = np.polyfit(
            [float(row["v_membrane_mv"]) for row in own], [float(row["i_pa"]) for row in own], 1
        )
        assert slope == pytest.approx(float(fit["g_ns"]), rel=0.01)


def test_every_column_is_described(finished: Path) -> None:
    described = {(row["table"], row["column"]) for row in table(finished, "columns")}
    names = {path.stem for path in (finished / "reports" / "tables").glob("*.csv")}
    assert set(CONTRACT) <= names
    written = {(name, column) for name in names - {"columns"} for column in header(finished, name)}
    assert described == written
    assert all(row["description"] for row in table(finished, "columns"))


def test_every_row_of_the_sheet_has_its_fit(troubled: tuple[Path, Run]) -> None:
    project, _ = troubled
    rows, fits = sheet(project), table(project, "fits")
    assert len(fits) == len(rows)
    assert sorted(row["cell"] for row in fits) == sorted(row["cell"] for row in rows)
    for fit in fits:
        assert fit["status"] in {"ok", "rejected"}
        if fit["status"] == "rejected":
            assert fit["reason"]
            assert fit["g_ns"] == fit["e_rev_mv"] == fit["e_rev_low_mv"] == ""


def test_every_cell_has_a_page_and_is_in_the_index(troubled: tuple[Path, Run]) -> None:
    project, _ = troubled
    cells = {row["cell"] for row in sheet(project)}
    assert {path.stem for path in (project / "reports/cells").iterdir()} == cells
    index = (project / "reports/index.html").read_text(encoding="utf-8")
    assert all(f"cells/{cell}.html" in index for cell in cells)


@pytest.mark.parametrize("cell", TROUBLE)
def test_problems_say_why(troubled: tuple[Path, Run], cell: str) -> None:
    project, _ = troubled
    problems = [row for row in table(project, "problems") if row["cell"] == cell]
    assert len(problems) == 1
    assert problems[0]["code"].startswith(TROUBLE[cell])
    assert problems[0]["code"] != "internal_error"
    assert f"data/{cell}.abf" in problems[0]["message"] or problems[0]["stage"] != "ingest"
    fit = next(row for row in table(project, "fits") if row["cell"] == cell)
    assert fit["status"] == "rejected"
    page = (project / f"reports/cells/{cell}.html").read_text(encoding="utf-8")
    assert "No result" in page


def test_nothing_else_is_a_problem(troubled: tuple[Path, Run]) -> None:
    project, _ = troubled
    seen = {(row["cell"], row["recording"]) for row in table(project, "problems")}
    assert {cell for cell, _ in seen} == {*TROUBLE, "cell_00003"}
    assert ("cell_00003", "second") in seen


def test_one_bad_recording_leaves_its_cell_the_others(troubled: tuple[Path, Run]) -> None:
    project, _ = troubled
    fits = [row for row in table(project, "fits") if row["cell"] == "cell_00003"]
    assert [(row["recording"], row["status"]) for row in fits] == [
        ("first", "ok"),
        ("second", "rejected"),
    ]


def test_an_excluded_row_stays_visible(troubled: tuple[Path, Run]) -> None:
    project, _ = troubled
    fit = next(row for row in table(project, "fits") if row["cell"] == "cell_00002")
    assert fit["status"] == "rejected"
    assert fit["reason"] == "excluded in the sheet: lost the seal"


def test_names_of_files_do_not_matter(troubled: tuple[Path, Run]) -> None:
    project, _ = troubled
    fits = {row["cell"]: row for row in table(project, "fits")}
    known = fits["cell_00001"]
    odd = ["absolute", "linked", *(f"a.b-c_{n}" for n in range(len(ODD_FILES)))]
    assert {(fits[cell]["g_ns"], fits[cell]["e_rev_mv"]) for cell in odd} == {
        (known["g_ns"], known["e_rev_mv"])
    }


def test_what_the_sheet_says_does_not_run_in_a_page(troubled: tuple[Path, Run]) -> None:
    project, _ = troubled
    page = (project / "reports/cells/cell_00001.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    for path in (project / "reports/tables").iterdir():
        assert all(None not in row and None not in row.values() for row in read_csv(path))


def test_a_second_run_of_it_does_nothing(program: Program, troubled: tuple[Path, Run]) -> None:
    project, _ = troubled
    assert program.planned(project) == set()


def test_the_end_says_where_and_how_many(program: Program, troubled: tuple[Path, Run]) -> None:
    project, run = troubled
    last = run.said.splitlines()[-1]
    cells = len({row["cell"] for row in sheet(project)})
    assert last.startswith(f"{cells} cells: ")
    assert last.endswith(f"see {project / 'reports' / 'index.html'}")
    assert len(run.said.splitlines()) < 30
    again = program.permeant("run", project)
    assert again.said.splitlines() == ["nothing to be done: all reports are up to date", last]


def test_a_change_of_a_file_with_braces_is_seen(
    program: Program, troubled: tuple[Path, Run], tmp_path: Path
) -> None:
    fifos = shutil.ignore_patterns("pipe.abf")
    project = Path(shutil.copytree(troubled[0], tmp_path / "copy", symlinks=True, ignore=fifos))
    (project / "data" / ODD_FILES[1]).touch()
    assert {job for job in program.planned(project) if "ingest" in job} == {"ingest/0001"}
