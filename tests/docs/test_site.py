"""The site is built without a warning, and the commands of its pages do what the pages say."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "pipeline" / "docs"
_STEP = re.compile(r"(?:`(config/[\w.]+)`:\n\n)?```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def call(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=cwd, capture_output=True, text=True, timeout=240, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "pipeline") + os.pathsep
             + os.environ.get("PYTHONPATH", "")},
    )  # fmt: skip
    # comparing ends with 1 where it found differences, as the page says it does
    expected = 1 if command[:2] == ("permeant.cli", "compare") and "--help" not in command else 0
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    said = call(
        "mkdocs", "build", "--strict", "-q", "-f", ROOT / "pipeline" / "mkdocs.yml",
        "-d", tmp_path / "site", cwd=tmp_path,
    )  # fmt: skip
    assert "WARNING" not in said
    pages = {path.stem for path in (tmp_path / "site").glob("*.html")}
    assert {path.stem for path in DOCS.glob("*.md")} <= pages
    assert "<table>" in (tmp_path / "site" / "reference-tables.html").read_text(encoding="utf-8")


def follow(page: str, folder: Path) -> int:
    """Do what a page says: write its files, run its commands, look for what it shows.

    Returns how many commands were run.
    """
    steps = _STEP.findall((DOCS / page).read_text(encoding="utf-8"))
    commands = 0
    for name, kind, text in steps:
        if name:
            (folder / name).write_text(text, encoding="utf-8")
        elif kind == "console":
            first, *shown = text.rstrip("\n").split("\n")
            words = shlex.split(first.removeprefix("$ permeant "))
            assert first.startswith("$ permeant ")
            said = call("permeant.cli", *words, cwd=folder).splitlines()
            for line in shown:
                assert any(line.rstrip() in one for one in said), (line, said)
            commands += 1
    return commands


def commands_in(page: str) -> int:
    """Count the commands that a page tells the reader to type."""
    return (DOCS / page).read_text(encoding="utf-8").count("\n$ permeant ")


def test_the_tutorial_goes_as_it_says(tmp_path: Path) -> None:
    """What was put in: data/truth.csv."""
    (tmp_path / "data").mkdir()
    for path in (ROOT / "data").glob("ion-substitution_*.abf"):
        shutil.copy2(path, tmp_path / "data")
    assert follow("tutorial.md", tmp_path) == commands_in("tutorial.md") > 0
    with (ROOT / "data" / "truth.csv").open(newline="", encoding="utf-8") as stream:
        truth = {
            row["quantity"]: float(row["value"])
            for row in csv.DictReader(stream)
            if row["cell"] == "ion-substitution" and not row["recording"]
        }
    with (tmp_path / "reports" / "tables" / "permeability.csv").open(newline="") as stream:
        found = {f"P_{row['ion']}/P_K": row for row in csv.DictReader(stream)}
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    assert set(found) == {"P_Na/P_K", "P_Li/P_K", "P_Cs/P_K"}
    for name, row in found.items():
        low, middle, high = (float(row[key]) for key in ("ratio_low", "ratio", "ratio_high"))
        assert low < truth[name] < high
        ion = row["ion"]
        assert f"| {ion} | {middle:.2f} | {low:.2f}–{high:.2f} | {truth[name]:g} |" in text
    _the_words_around_the_numbers(tmp_path)
    _the_pictures(tmp_path)


def _the_words_around_the_numbers(project: Path) -> None:
    """What the tutorial says of lithium and caesium, the wash and the correction."""
    fits = {
        row["recording"]: float(row["e_rev_mv"]) for row in rows_of(project / "reports", "fits")
    }
    assert round(fits["Na"] - fits["Li"]) == 8
    assert round(fits["Cs"] - fits["Na"]) == 5
    assert (f"{fits['Na-wash']:.2f}", f"{fits['Na']:.2f}") == ("-1.84", "-1.85")
    with_and_without = (
        [float(row["ratio"]) for row in rows_of(project / folder, "permeability")]
        for folder in ("reports", "reports-uncorrected")
    )
    assert {round(100 * (b / a - 1)) for a, b in zip(*with_and_without, strict=True)} == {19}
    assert (project / "figure-1.svg").is_file()


def rows_of(reports: Path, name: str) -> list[dict[str, str]]:
    with (reports / "tables" / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _the_pictures(project: Path) -> None:
    """To draw them again: python pipeline/docs/walk.py PROJECT."""
    sys.path.insert(0, str(DOCS))
    try:
        import build  # noqa: PLC0415  (lies in the documentation's folder)
        import walk  # noqa: PLC0415
    finally:
        sys.path.remove(str(DOCS))
    drawn = walk.draw_all(project, project / "drawn")
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    assert {path.stem for path in (DOCS / "walk").iterdir()} == set(drawn)
    for name, path in drawn.items():
        there = DOCS / "walk" / f"{name}.svg"
        assert f"(walk/{name}.svg)" in text
        assert there.stat().st_size < 60_000
        assert build.structure(there) == build.structure(path)


def test_the_how_to_commands_run(tmp_path: Path) -> None:
    assert follow("how-to.md", tmp_path) == commands_in("how-to.md") > 0


@pytest.mark.parametrize("page", ["tutorial.md", "how-to.md", "index.md", "contributing.md"])
def test_pages_are_in_the_site(page: str) -> None:
    assert page in (ROOT / "pipeline" / "mkdocs.yml").read_text(encoding="utf-8")
