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
    assert done.returncode == 0, done.stdout + done.stderr
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
        assert float(row["ratio_low"]) < truth[name] < float(row["ratio_high"])
        assert f"{truth[name]:g}" in text


def test_the_how_to_commands_run(tmp_path: Path) -> None:
    assert follow("how-to.md", tmp_path) == commands_in("how-to.md") > 0


@pytest.mark.parametrize("page", ["tutorial.md", "how-to.md", "index.md", "contributing.md"])
def test_pages_are_in_the_site(page: str) -> None:
    assert page in (ROOT / "pipeline" / "mkdocs.yml").read_text(encoding="utf-8")
