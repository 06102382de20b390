"""What a change reruns: what depends on it, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from runs import (
    ALL_RULES,
    Program,
    add_config,
    differences,
    jobs,
    replace_in,
    sheet,
    snapshot,
    table,
    tables_of,
    write_sheet,
)

BATCHES = ("0001", "0002", "0003")
FROM = {rule: ALL_RULES[number:] for number, rule in enumerate(ALL_RULES)}
"""A rule and those after it."""


def recording(project: Path, cell: int) -> Path:
    return project / "data" / f"cell_{cell:05d}.abf"


def swap_content(project: Path, cell: int, other: int) -> None:
    shutil.copyfile(recording(project, other), recording(project, cell))


def work_of(batch: str, *stages: str) -> set[str]:
    return {f"batches/{stage}/{batch}.jsonl" for stage in stages}


def test_a_second_run_does_nothing(program: Program, project: Path) -> None:
    before = snapshot(project / "reports")
    run = program.snakemake(project)
    assert run.status == 0
    assert "Nothing to be done" in run.said
    assert differences(before, snapshot(project / "reports")) == set()


def test_a_changed_recording_costs_its_own_cell(program: Program, project: Path) -> None:
    before = snapshot(project / "reports")
    swap_content(project, 3, 1)
    assert program.planned(project) == jobs(ALL_RULES, "0002")
    assert program.permeant("run", project).status == 0
    after = snapshot(project / "reports")
    changed = differences(before, after)
    assert {name for name in changed if name.startswith("cells/")} == {"cells/cell_00003.html"}
    assert not {name for name in changed if "/0001." in name or "/0003." in name}
    log = (project / "reports/logs/measure/0002.log").read_text()
    assert "1 cells computed, 1 unchanged" in log
    same = {name for name in changed if before[name][1] == after[name][1]}
    assert "tables/fits.csv" not in same
    results = {row["cell"]: row["g_ns"] for row in table(project, "fits")}
    assert results["cell_00003"] == results["cell_00001"]
    assert "Nothing to be done" in program.snakemake(project).said


def test_a_touched_recording_changes_no_result(program: Program, project: Path) -> None:
    before = snapshot(project / "reports")
    recording(project, 1).touch()
    assert program.planned(project) == jobs(ALL_RULES, "0001")
    assert program.permeant("run", project).status == 0
    after = snapshot(project / "reports")
    assert not {name for name in differences(before, after) if name.startswith("cells/")}
    assert "0 cells computed, 2 unchanged" in (project / "reports/logs/ingest/0001.log").read_text()
    results = {name: content for name, (_, content) in after.items() if "logs/" not in name}
    for name, content in results.items():
        # seals hold time stamps, which are new
        assert name.endswith("seals.jsonl") or content == before[name][1], name


@pytest.mark.parametrize(
    "age_s", [-1000, 0], ids=["replaced by an older file", "of the same age, longer"]
)
def test_a_changed_recording_is_seen_whatever_its_time_stamp(
    program: Program, project: Path, age_s: int
) -> None:
    path = recording(project, 5)
    former = path.stat()
    path.write_bytes(path.read_bytes() + b"\0" * 512)
    os.utime(path, ns=(former.st_atime_ns, former.st_mtime_ns + age_s * 10**9))
    assert program.planned(project) == jobs(ALL_RULES, "0003")


def test_a_recording_that_goes_and_comes_back(program: Program, project: Path) -> None:
    tables = tables_of(project)
    moved = recording(project, 4).rename(project / "elsewhere.abf")
    run = program.permeant("run", project)
    assert run.status == 0, run.said
    assert [row["code"] for row in table(project, "problems") if row["cell"] == "cell_00004"] == [
        "file_missing"
    ]
    moved.rename(recording(project, 4))
    assert program.permeant("run", project).status == 0
    assert tables_of(project) == tables


def set_column(column: str, value: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        rows = sheet(project)
        rows[0][column] = value
        write_sheet(project, rows)

    return change


def set_config(text: str) -> Callable[[Path], None]:
    return lambda project: add_config(project, text)


def insert_row(project: Path) -> None:
    shutil.copyfile(recording(project, 1), project / "data" / "new.abf")
    rows = sheet(project)
    write_sheet(project, [{**rows[0], "cell": "a_new_one", "file": "data/new.abf"}, *rows])


def reorder_rows(project: Path) -> None:
    write_sheet(project, sheet(project)[::-1])


def change_solution(project: Path) -> None:
    # only the K-selective cell 3, in batch 0002, was recorded in bath_Na_K
    replace_in(
        project / "config/solutions.csv", "bath_Na_K,5,2,144,0,5,140", "bath_Na_K,6,2,144,0,5,139"
    )


def add_solution(project: Path) -> None:
    path = project / "config" / "solutions.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, "spare" + lines[-1][lines[-1].index(",") :]]) + "\n")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            set_config("steady_state:\n  max_fraction: 0.4\n"),
            jobs(FROM["measure"], *BATCHES),
            id="steady_state",
        ),
        pytest.param(
            set_config("quality:\n  r_s_limit_mohm: 5\n"),
            jobs(FROM["measure"], *BATCHES),
            id="quality",
        ),
        pytest.param(set_config("fit:\n  min_points: 5\n"), jobs(FROM["fit"], *BATCHES), id="fit"),
        pytest.param(
            lambda project: replace_in(
                project / "config/config.yaml", "  reference: K\n", "  reference: K\n  seed: 1\n"
            ),
            jobs(FROM["permeability"], *BATCHES),
            id="permeability",
        ),
        pytest.param(
            set_config("report:\n  title: Another\n"), jobs(FROM["report"], *BATCHES), id="title"
        ),
        pytest.param(set_config("# a remark\n"), set(), id="a comment in config.yaml"),
        pytest.param(set_column("condition", "drug"), jobs(FROM["report"], "0001"), id="condition"),
        pytest.param(
            set_column("note", "fine cell"),
            jobs(["fit", "permeability", "report", "summary"], "0001"),
            id="note",
        ),
        pytest.param(
            set_column("r_s_mohm", "9"), jobs(FROM["measure"], "0001"), id="series resistance"
        ),
        pytest.param(set_column("exclude", "yes"), jobs(FROM["fit"], "0001"), id="exclude"),
        pytest.param(insert_row, jobs(ALL_RULES, "0003"), id="a row on top"),
        pytest.param(reorder_rows, set(), id="order of the rows"),
        pytest.param(change_solution, jobs(FROM["measure"], "0002"), id="a solution"),
        pytest.param(add_solution, set(), id="a solution that nobody uses"),
    ],
)
def test_a_change_reruns_what_depends_on_it(
    program: Program, project: Path, change: Callable[[Path], None], expected: set[str]
) -> None:
    change(project)
    assert program.planned(project) == expected


def test_a_removed_row_takes_its_page_along(program: Program, project: Path) -> None:
    before = snapshot(project / "reports")
    rows = [row for row in sheet(project) if row["cell"] not in {"cell_00002", "cell_00005"}]
    write_sheet(project, rows)
    assert program.planned(project) == jobs(ALL_RULES, "0001")
    assert program.permeant("run", project).status == 0
    reports = project / "reports"
    pages = {path.stem for path in (reports / "cells").iterdir()}
    assert pages == {"cell_00001", "cell_00003", "cell_00004"}
    assert {row["cell"] for row in table(project, "fits")} == pages
    assert not list(reports.glob("batches/*/0003.jsonl"))
    changed = differences(before, snapshot(reports))
    assert not {name for name in changed if "/0002." in name or "cell_00001" in name}
    assert "Nothing to be done" in program.snakemake(project).said


def test_a_new_cell_leaves_the_others_alone(program: Program, project: Path) -> None:
    before = snapshot(project / "reports")
    insert_row(project)
    assert program.permeant("run", project).status == 0
    after = snapshot(project / "reports")
    changed = differences(before, after)
    assert {name for name in changed if name.startswith("cells/")} == {"cells/a_new_one.html"}
    assert not {name for name in changed if "/0001." in name or "/0002." in name}
    assert "1 cells computed, 1 unchanged" in (project / "reports/logs/fit/0003.log").read_text()
    assert program.planned(project) == set()
