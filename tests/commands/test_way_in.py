"""The commands of the way in, each from the line that is typed to what it leaves behind."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from permeant.cli import main
from permeant.config import load_project
from permeant.config.settings import Settings
from permeant.simulate.described import DEFAULTS

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A folder of recordings and other files, as such folders are."""
    folder = tmp_path / "study"
    (folder / "day 1").mkdir(parents=True)
    for name in ("ion-substitution_Na", "ion-substitution_Li", "ohmic", "broken-file"):
        shutil.copy2(DATA / f"{name}.abf", folder / "day 1")
    (folder / "day 1" / "notes.docx").write_bytes(b"PK\x03\x04")
    (folder / "empty.abf").write_bytes(b"")
    return folder


def sheet(folder: Path) -> list[dict[str, str]]:
    with (folder / "config" / "recordings.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_init_makes_a_project_without_mistakes(
    recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(recordings)]) == 0
    said = capsys.readouterr().out
    assert f"permeant run {recordings}" in said
    assert "2 files not in the sheet" in said
    rows = sheet(recordings)
    assert [(row["cell"], row["recording"], row["condition"]) for row in rows] == [
        ("ion-substitution", "Na", "Na"),  # recorded before the one in Li
        ("ion-substitution", "Li", "Li"),
        ("ohmic", "ohmic", ""),
    ]
    assert all((recordings / row["file"]).is_file() for row in rows)
    project = load_project(recordings)
    assert len(project.rows) == 3
    assert project.settings == Settings()
    assert main(["check", str(recordings)]) == 0
    assert "no mistakes" in capsys.readouterr().out


def test_init_says_what_it_left_out_also_in_the_settings(recordings: Path) -> None:
    assert main(["init", str(recordings)]) == 0
    text = (recordings / "config" / "config.yaml").read_text(encoding="utf-8")
    assert "#   day 1/broken-file.abf: the file is cut off" in text
    assert "#   empty.abf: the file is empty" in text


def test_init_never_overwrites(recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = recordings / "config" / "config.yaml"
    mine.parent.mkdir()
    mine.write_text("batch_size: 7\n")
    assert main(["init", str(recordings)]) == 2
    assert "is a project already (config/config.yaml); nothing was written" in (
        capsys.readouterr().err
    )
    assert mine.read_text() == "batch_size: 7\n"
    assert not (recordings / "config" / "recordings.csv").exists()


def test_init_of_nothing_writes_nothing(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path)]) == 2
    assert main(["init", str(tmp_path / "absent")]) == 2
    assert not list(tmp_path.iterdir())


def test_init_as_json(recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(recordings), "--cells", "file", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [one["cell"] for one in said["recordings"]] == [row["cell"] for row in sheet(recordings)]
    assert len({one["cell"] for one in said["recordings"]}) == 3
    assert {one["file"] for one in said["left_out"]} == {"empty.abf", "day 1/broken-file.abf"}


def test_a_temperature_in_a_comment_is_taken(tmp_path: Path) -> None:
    """The simulator's own comment stands in both places where ABF1 keeps one."""
    raw = (DATA / "ohmic.abf").read_bytes()
    old = b"simulated by permeant (cell ohmic)"
    assert old in raw
    new = b"simulated by permeant, 31.5 C".ljust(len(old))
    (tmp_path / "a.abf").write_bytes(raw.replace(old, new))
    assert main(["init", str(tmp_path)]) == 0
    assert [row["temperature_c"] for row in sheet(tmp_path)] == ["31.5"]


def test_inspect_tells_by_its_status_whether_there_is_something_to_measure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["inspect", str(DATA / "ohmic.abf"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_sweeps"] == 17
    assert main(["inspect", str(DATA / "broken-file.abf")]) == 1


def test_inspect_makes_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert main(["inspect", str(DATA / "ohmic.abf"), "--page", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "inspected, not part of a run" in text
    assert "Plotly" in text


def test_simulate_writes_what_it_was_told(tmp_path: Path) -> None:
    description = tmp_path / "cells.yaml"
    description.write_text(
        "cells: 2\nseed: 3\nscatter: 0\nratios: {K: 1, Na: 0.5}\nbaths: [bath_Na, bath_Na_K]\n"
        "rig: {white_pa: 1}\nprotocol: {first_mv: -80}\n"
    )
    folder = tmp_path / "demo"
    assert main(["simulate", str(folder), "--describe", str(description)]) == 0
    assert len(load_project(folder).rows) == 4
    truth = (folder / "data" / "truth.csv").read_text()
    assert truth.count("P_Na/P_K,0.5,") == 2
    assert main(["simulate", str(folder)]) == 2  # never over another


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cell: 2\n", "cell is not known; allowed are cells, seed"),
        ("cells: 0\n", "cells = 0 is not a whole number from 1 to 10000"),
        ("rig: {r_s: 3}\n", "rig.r_s is not known"),
        ("ratios: {Na: 2}\n", "with K: 1"),
        ("pipette: CsCl\n", "'CsCl' is no solution"),
        ("seed: a\n", "seed = 'a' is not a whole number"),
    ],
)
def test_simulate_refuses_in_words(
    text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "d.yaml").write_text(text)
    assert main(["simulate", str(tmp_path / "x"), "--describe", str(tmp_path / "d.yaml")]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_every_default_of_a_description_is_allowed(tmp_path: Path) -> None:
    from permeant.simulate.described import write_described  # noqa: PLC0415

    plans = write_described(tmp_path / "a", {**DEFAULTS, "cells": 1})
    assert [plan.cell for plan in plans] == ["cell_001"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert "permeant" in capsys.readouterr().out


def test_every_command_has_examples_and_says_its_exit_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in (
        "init",
        "inspect",
        "explain",
        "compare",
        "open",
        "simulate",
        "completion",
        "schema",
    ):
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
        said = capsys.readouterr().out
        assert f"  permeant {name}" in said
        assert "exit status: 0" in said


def test_a_reader_that_leaves_early_is_no_fault() -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "permeant.cli", "inspect", str(DATA / "ohmic.abf"), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    said = program.stderr.read()
    program.stderr.close()
    program.wait()
    assert "Traceback" not in said


COMMANDS = (
    "init", "inspect", "check", "run", "open", "explain", "compare", "figure", "export", "simulate",
    "schema", "completion", "nernst", "forces", "ghk", "ljp", "activity", "ratio", "design",
    "energy",
)  # fmt: skip


def said_by(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    try:
        status = main(words)
    except SystemExit as ended:
        status = int(str(ended.code))
    out, err = capsys.readouterr()
    return status, out, err


def test_every_command_is_known_here(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said_by(["--help"], capsys)
    listed = re.findall(r"^    (\S+)", out, re.MULTILINE)
    assert listed == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_examples_that_can_be_typed(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each example is taken by the parser; ``help COMMAND`` says the same as ``--help``."""
    from permeant.cli import command_parser  # noqa: PLC0415

    status, out, err = said_by([name, "--help"], capsys)
    assert (status, err) == (0, "")
    assert "exit status: 0" in out
    assert said_by(["help", name], capsys) == (0, out, "")
    examples = re.findall(rf"^  permeant ({name}\b.*)$", out.replace("\\\n", ""), re.MULTILINE)
    assert examples
    for example in examples:
        words = shlex.split(re.split(r"  +(?=[a-z])", example)[0].split(" -- ")[0])
        words = words[: words.index(">")] if ">" in words else words
        assert command_parser().parse_args(words).command == name


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("inspekt x", "'inspekt' is no COMMAND. Did you mean 'inspect'?"),
        ("chek", "'chek' is no COMMAND. Did you mean 'check'"),
        ("inspect x --mesure ramp", "'--mesure' is no option here. Did you mean '--measure'?"),
        ("figure c iw", "'iw' is no WHAT."),
        ("schema confg", "'confg' is no FILE. Did you mean 'config'?"),
        ("energy pumpp", "'pumpp' is no QUESTION. Did you mean 'pump'?"),
        ("check a b", "'b' is one word too many"),
        ("nernst Kk --in 140 --out 5", "unknown ion 'Kk'. Did you mean 'K'?"),
        ("inspect", "the following arguments are required: file"),
        ("check absent", "absent is not a folder"),
    ],
)
def test_a_mistake_is_answered_in_a_sentence_with_the_nearest_word(
    line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = said_by(line.split(), capsys)
    assert (status, out) == (2, "")
    assert told in err
    assert "usage:" not in err


def test_without_a_word_the_way_in_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = said_by([], capsys)
    assert status == 2
    assert err.index("permeant init FOLDER") < err.index("permeant run FOLDER")


def test_inspecting_what_is_not_there_names_what_is(
    recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = said_by(["inspect", str(recordings / "day 1" / "omic.abf")], capsys)
    assert status == 2
    assert "Did you mean 'ohmic.abf'?" in err
    status, _, err = said_by(["inspect", str(recordings)], capsys)
    assert status == 2
    assert f"permeant init {recordings}" in err


def test_a_folder_without_a_project_is_told_how_to_begin(
    recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = said_by(["check", str(recordings)], capsys)
    assert status == 2
    assert "permeant init FOLDER" in err


def test_check_tells_doubts_and_speaks_json(
    recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(recordings)]) == 0
    (recordings / "day 1" / "ohmic.abf").unlink()
    capsys.readouterr()
    status, out, _ = said_by(["check", str(recordings), "--json"], capsys)
    found = json.loads(out)
    assert (status, found["mistakes"], found["n_recordings"], found["n_cells"]) == (0, [], 3, 2)
    assert any("ohmic.abf (cell ohmic) is not there" in note for note in found["notes"])
    assert any(
        note.startswith("3 of 3 recordings without temperature_c") for note in found["notes"]
    )
    path = recordings / "config" / "recordings.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("temperature_c", "temprature_c"))
    status, out, _ = said_by(["check", str(recordings), "--json"], capsys)
    assert status == 2
    assert "Did you mean 'temperature_c'" in json.loads(out)["mistakes"][0]


def test_inspect_offers_what_the_sheet_takes() -> None:
    from permeant.commands import register  # noqa: PLC0415
    from permeant.records import SheetRow  # noqa: PLC0415

    takes = get_type_hints(SheetRow)
    assert get_args(takes["measure"]) == register._MEASURES
    assert set(get_args(takes["configuration"])) == set(register._CONFIGURATIONS)


def test_inspect_is_told_what_the_columns_of_a_table_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{k * 0.1:.1f},{(-50 if 100 <= k < 500 else -70)},{k % 7}" for k in range(1000)]
    (tmp_path / "cell.csv").write_text("a,b,c\n" + "\n".join(rows), encoding="utf-8")
    status, out, _ = said_by(["inspect", str(tmp_path / "cell.csv")], capsys)
    assert status == 1
    assert "text_columns" in out
    words = ["--text-columns", "time_ms command_mV current_pA", "--json"]
    _, out, _ = said_by(["inspect", str(tmp_path / "cell.csv"), *words], capsys)
    roles = {one["name"]: one["role"] for one in json.loads(out)["channels"]}
    assert roles == {"c": "current", "b": "command"}


def test_names_that_no_page_could_have_become_some_that_it_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Windows keeps AUX for a device, and a name longer than the ids of the sheet is cut."""
    for name in ("aux", "x" * 120 + "a", "x" * 120 + "b", "é 1", "-5 mV"):
        shutil.copy2(DATA / "ohmic.abf", tmp_path / f"{name}.abf")
    assert main(["init", str(tmp_path), "--cells", "file"]) == 0
    cells = [row["cell"] for row in sheet(tmp_path)]
    assert len({cell.casefold() for cell in cells}) == 5
    assert "_aux" in cells
    assert main(["check", str(tmp_path)]) == 0
    assert "no mistakes" in capsys.readouterr().out


def test_a_folder_with_a_blank_can_be_copied_into_the_next_command(
    recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = recordings / "day 1"
    assert main(["init", str(folder)]) == 0
    said = capsys.readouterr().out
    (line,) = [line for line in said.splitlines() if line.startswith("  permeant check")]
    assert main(shlex.split(line.strip())[1:]) == 0
