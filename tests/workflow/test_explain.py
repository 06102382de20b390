"""A cell of a finished run, explained: every number of its tables, in words."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from permeant.cli import main


def rows_of(project: Path, table: str, cell: str) -> list[dict[str, str]]:
    with (project / "reports" / "tables" / f"{table}.csv").open(newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["cell"] == cell]


def test_the_numbers_are_those_of_the_tables(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (finished / "reports" / "tables" / "permeability.csv").open(newline="") as stream:
        ratio = next(row for row in csv.DictReader(stream) if row["status"] == "ok")
    cell = ratio["cell"]
    assert main(["explain", cell, "--project", str(finished)]) == 0
    said = capsys.readouterr().out
    name = f"P_{ratio['ion']}/P_{ratio['reference_ion']}"
    assert f"{name} = {float(ratio['ratio']):.4g} ({float(ratio['ratio_low']):.4g}" in said
    for fit in rows_of(finished, "fits", cell):
        assert f"g = {float(fit['g_ns']):.4g} nS" in said
        if fit["e_rev_status"] == "measured":
            assert f"E_rev = {float(fit['e_rev_mv']):.4g} mV" in said
    points = rows_of(finished, "iv_points", cell)
    used = [point for point in points if point["used"] == "yes"]
    assert f"{len(used)} of {len(points)} used" in said


def test_as_json(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (finished / "reports" / "tables" / "fits.csv").open(newline="") as stream:
        cell = next(csv.DictReader(stream))["cell"]
    assert main(["explain", cell, "--project", str(finished), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cell"] == cell


def test_what_is_not_there_is_said(
    finished: Path, fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "no-such-cell", "--project", str(finished)]) == 2
    assert "has no cell 'no-such-cell'" in capsys.readouterr().err
    with (finished / "reports" / "tables" / "fits.csv").open(newline="") as stream:
        cell = next(csv.DictReader(stream))["cell"]
    assert main(["explain", cell, "--project", str(fresh)]) == 2
    assert "permeant run" in capsys.readouterr().err


def test_a_run_is_the_same_as_itself(finished: Path, project: Path) -> None:
    assert main(["compare", str(finished), str(project)]) == 0
    table = project / "reports" / "tables" / "fits.csv"
    table.write_text(table.read_text().replace(",ok,", ",rejected,", 1))
    assert main(["compare", str(finished), str(project)]) == 1
