"""Mistakes of the user are told together, in words, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from runs import Program, Run, add_config, replace_in, sheet, write_sheet

EXPECTED = (
    "config/config.yaml",
    "max_fracton",
    "max_fraction",
    "config/solutions.csv",
    "config/recordings.csv row 2",
    "295",
    "row 3",
    "bath_Naa",
    "bath_Na",
)


@pytest.fixture
def mistaken(fresh: Path) -> Path:
    add_config(fresh, "steady_state:\n  max_fracton: 0.4\n")
    replace_in(fresh / "config/solutions.csv", "bath_Na,0,", "bath_Na,-4,")
    rows = sheet(fresh)
    rows[0]["temperature_c"] = "295"
    rows[1]["bath"] = "bath_Naa"
    write_sheet(fresh, rows)
    return fresh


def told(run: Run, project: Path) -> None:
    assert all(word in run.said for word in EXPECTED), run.said
    assert "4 mistakes in the project; nothing was run:" in run.said
    assert "Traceback" not in run.said
    assert not (project / "reports").exists()


def test_snakemake_tells_all_mistakes(program: Program, mistaken: Path) -> None:
    run = program.snakemake(mistaken)
    assert run.status not in (0, None)
    told(run, mistaken)


@pytest.mark.parametrize("command", ["run", "check"])
def test_permeant_tells_all_mistakes(program: Program, mistaken: Path, command: str) -> None:
    run = program.permeant(command, mistaken)
    assert run.status == 2
    told(run, mistaken)


def test_a_folder_that_is_none(program: Program, tmp_path: Path) -> None:
    for command in ("run", "check"):
        run = program.permeant(command, tmp_path / "nowhere")
        assert run.status == 2
        assert "is not a folder" in run.said
        assert "Traceback" not in run.said


def test_a_folder_without_a_sheet(program: Program, tmp_path: Path) -> None:
    run = program.permeant("run", tmp_path)
    assert run.status == 2
    assert "recordings.csv" in run.said
    assert list(tmp_path.iterdir()) == []


def test_a_sound_project_is_checked(program: Program, fresh: Path) -> None:
    (fresh / "data/cell_00002.abf").unlink()
    run = program.permeant("check", fresh)
    assert run.status == 0
    assert "5 recordings of 5 cells, no mistakes" in run.said
    assert "data/cell_00002.abf (cell cell_00002) is not there" in run.said
    assert not (fresh / "reports").exists()
