"""Figures for papers written by a run, and Snakemake's own report."""

from __future__ import annotations

import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from runs import (
    ALL_RULES,
    Program,
    Run,
    add_config,
    differences,
    jobs,
    make_project,
    replace_in,
    sheet,
    snapshot,
    tables_of,
    write_sheet,
)

from permeant.config import Settings
from permeant.tables import TABLES
from permeant.workflow.figure_names import figure_files

pytest.importorskip("matplotlib")

CELLS = ("cell_00001", "cell_00002", "cell_00003")
ASKED = "figures: [svg, pdf]\n"


@pytest.fixture(scope="module")
def drawn(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of three cells, of which the last has two recordings and cannot be read."""
    project = make_project(tmp_path_factory.mktemp("drawn") / "project", 3)
    rows = sheet(project)
    again = {**rows[2], "recording": "again", "file": "data/absent.abf"}
    rows[2]["recording"] = "first"
    (project / rows[2]["file"]).write_bytes(b"ABF2 and no more")
    write_sheet(project, [*rows, again])
    add_config(project, ASKED)
    run = program.permeant("run", project)
    assert run.status == 0, run.said
    return project


def figures_of(project: Path) -> set[str]:
    folder = project / "reports" / "figures"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


EXPECTED = {
    f"{stem}.{ending}"
    for stem in (
        "cell_00001/iv_cell_00001",
        "cell_00002/iv_cell_00002",
        "cell_00003/iv_again",
        "cell_00003/iv_first",
        "cell_00003/iv",
    )
    for ending in ("svg", "pdf")
}


def test_every_recording_has_its_figures(drawn: Path) -> None:
    assert figures_of(drawn) == EXPECTED
    folder = drawn / "reports" / "figures"
    good = (folder / "cell_00001/iv_cell_00001.svg").read_text(encoding="utf-8")
    assert "V (mV)" in good
    lost = (folder / "cell_00003/iv_again.svg").read_text(encoding="utf-8")
    assert "V (mV)" not in lost
    words = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", lost))
    assert "again has no points to draw: data/absent.abf" in words


def test_a_run_without_the_key_knows_nothing_of_figures(finished: Path) -> None:
    assert not (finished / "reports" / "figures").exists()
    assert Settings().figures == ()


def test_figures_follow_what_changes(program: Program, drawn: Path) -> None:
    """One project through all changes, since each run costs seconds."""
    assert program.planned(drawn) == set()
    reports = drawn / "reports"
    before = snapshot(reports)

    lost = reports / "figures/cell_00002/iv_cell_00002.pdf"
    content = lost.read_bytes()
    lost.unlink()
    assert program.planned(drawn) == jobs(["figures"], "0001")
    assert program.permeant("run", drawn).status == 0
    assert lost.read_bytes() == content
    after = snapshot(reports)
    touched = differences(before, after)
    assert {name for name in touched if name.startswith(("cells/", "tables/"))} == set()
    drawn_before = {name: before[name][1] for name in before if name.startswith("figures/")}
    assert drawn_before == {name: after[name][1] for name in drawn_before}
    logs = (reports / "logs/figures/0001.log").read_text(encoding="utf-8")
    assert "1 cells computed" in logs

    pages = snapshot(reports / "cells")
    replace_in(drawn / "config/config.yaml", ASKED, "figures: svg\n")
    write_sheet(drawn, [row for row in sheet(drawn) if row["recording"] != "again"])
    own = reports / "figures/cell_00001/notes.txt"
    own.write_text("mine")
    assert program.permeant("run", drawn).status == 0
    expected = {name for name in EXPECTED if name.endswith("svg") and "again" not in name}
    assert figures_of(drawn) == (expected - {"cell_00003/iv.svg"}) | {"cell_00001/notes.txt"}

    replace_in(drawn / "config/config.yaml", "figures: svg\n", "")
    assert program.planned(drawn) == jobs(["summary"], "0001")
    assert program.permeant("run", drawn).status == 0
    assert figures_of(drawn) == {"cell_00001/notes.txt"}, "figures that nobody keeps up to date"
    unchanged = {"cell_00001.html", "cell_00002.html"}
    assert differences(pages, snapshot(reports / "cells")) & unchanged == set()


def test_names_of_figures_cannot_meet() -> None:
    @dataclass
    class Row:
        cell: str
        recording: str
        exclude: bool = False

    cells = (
        [Row("a", "b_c"), Row("a", "b")],
        [Row("a_b", "c"), Row("a_b", "x", exclude=True)],
        [Row("a_b_c", "iv")],
    )
    files = [name for rows in cells for name in figure_files(rows, ["svg"])]  # type: ignore[arg-type]
    assert len(set(files)) == len(files) == 5


@dataclass(frozen=True)
class Offline(Program):
    """The program on a computer whose every way to the internet ends at a closed door."""

    @property
    def environment(self) -> dict[str, str]:
        closed = "http://127.0.0.1:9"
        doors = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        return {**os.environ, **super().environment, **dict.fromkeys(doors, closed)}


def report(program: Program, project: Path, target: Path) -> Run:
    return Offline(program.folder).snakemake(project, "--report", str(target))


def test_snakemakes_report_holds_figures_and_tables(
    program: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = make_project(tmp_path_factory.mktemp("told") / "project", 2)
    add_config(project, "figures: [svg]\n")
    assert program.permeant("run", project).status == 0
    target = project / "out.html"
    run = report(program, project, target)
    assert run.status == 0, run.said
    page = target.read_text(encoding="utf-8")
    for table in (*TABLES, "columns"):
        assert f'"{table}.csv"' in page
    assert '"Tables"' in page
    assert "Current\\u2013voltage curves" in page
    assert "95 % band" in page, "the caption of the figures"
    assert "outward current is positive" in page
    for cell in CELLS[:2]:
        assert f'"iv_{cell}.svg"' in page

    packed = project / "out.zip"
    assert report(program, project, packed).status == 0
    with zipfile.ZipFile(packed) as files:
        held = {Path(name).name: files.read(name) for name in files.namelist()}
    there = project / "reports" / "figures" / CELLS[0] / f"iv_{CELLS[0]}.svg"
    assert held[there.name] == there.read_bytes()
    assert held["fits.csv"] == tables_of(project)["fits.csv"]


def test_a_run_without_figures_has_a_report_too(
    program: Program, project: Path, tmp_path: Path
) -> None:
    run = report(program, project, tmp_path / "out.html")
    assert run.status == 0, run.said
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert '"fits.csv"' in page
    assert "iv_cell" not in page
    assert program.planned(project) == set(), "making a report changes nothing"
    assert ALL_RULES[-1] == "summary"
