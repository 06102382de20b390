"""Generated files that were deleted or damaged come back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from runs import Program, add_config, differences, jobs, snapshot, tables_of

from permeant.workflow.batch import read_entries
from permeant.workflow.mend import mend_work, seal_work, sweep_work


def test_a_deleted_page_comes_back_once(program: Program, project: Path) -> None:
    reports = project / "reports"
    before = snapshot(reports / "cells")
    (reports / "cells/cell_00003.html").unlink()
    run = program.permeant("run", project)
    assert run.status == 0
    assert "cell_00003 is gone" in run.said
    after = snapshot(reports / "cells")
    assert differences(before, after) == {"cell_00003.html"}
    assert after["cell_00003.html"][1] == before["cell_00003.html"][1]
    assert program.planned(project) == set()


def test_deleted_files_come_back(program: Program, project: Path) -> None:
    reports = project / "reports"
    before = {name: content for name, (_, content) in snapshot(reports).items()}
    lost = (
        "index.html", "tables/fits.csv", "tables/columns.csv", "batches/fit/0002.jsonl",
        "batches/traces/0001.jsonl", "batches/pages/0003.jsonl",
    )  # fmt: skip
    for name in lost:
        (reports / name).unlink()
    assert program.permeant("run", project).status == 0
    assert all((reports / name).read_bytes() == before[name] for name in lost)
    assert program.planned(project) == set()


def test_damaged_batch_files_are_made_again(program: Program, project: Path) -> None:
    tables = tables_of(project)
    work = project / "reports" / "batches"
    damages = {
        "fit/0001.jsonl": lambda content: b"\x00garbage\xff" + content,
        "measure/0002.jsonl": lambda content: content[: len(content) // 2],
        "ingest/0003.jsonl": lambda content: content[:0],
        "pages/0001.jsonl": lambda content: content.replace(b"{", b"[", 1),
        "traces/0001.jsonl": lambda content: content + b'{"cell": "half a line',
    }
    for name, damage in damages.items():
        (work / name).write_bytes(damage((work / name).read_bytes()))
    run = program.permeant("run", project)
    assert run.status == 0, run.said
    assert "Traceback" not in run.said
    assert all(f"{name} is damaged" in run.said for name in damages), run.said
    assert tables_of(project) == tables
    assert program.planned(project) == set()


def test_without_snakemakes_notes_no_old_number_stands(program: Program, project: Path) -> None:
    shutil.rmtree(project / ".snakemake")
    add_config(project, "fit:\n  min_points: 6\n")
    rules = ["ingest", "measure", "fit", "permeability", "report", "summary"]
    assert program.planned(project) == jobs(rules, "0001", "0002", "0003")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A project with Snakemake's notes and one sealed batch file."""
    notes = tmp_path / ".snakemake" / "metadata"
    notes.mkdir(parents=True)
    (notes / "one").touch()
    batch = tmp_path / "reports" / "batches" / "fit" / "0001.jsonl"
    batch.parent.mkdir(parents=True)
    batch.write_text('{"cell":"c","key":"k","value":{}}\n')
    seal_work(tmp_path / "reports" / "batches")
    return tmp_path


def test_sealed_files_are_not_read(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("permeant.workflow.mend.read_entries", refuse)
    assert mend_work(work, "reports") == []


def test_unsealed_files_that_are_whole_stay(work: Path) -> None:
    (work / "reports/batches/seals.jsonl").write_text("not seals")
    assert mend_work(work, "reports") == []
    assert len(list(read_entries(work / "reports/batches/fit/0001.jsonl"))) == 1


def test_left_overs_are_swept(work: Path) -> None:
    reports = work / "reports"
    left = [
        reports / "batches/fit/0002.jsonl",
        reports / "batches/fit/.0001.jsonl.abc",
        reports / "cells/.c.html.abc",
    ]
    (reports / "cells").mkdir()
    for path in left:
        path.touch()
    sweep_work(reports, {"0001"})
    assert not any(path.exists() for path in left)
    assert (reports / "batches/fit/0001.jsonl").exists()
    assert (reports / "batches/seals.jsonl").exists()
