"""The tables: a row for everything that went wrong, and names that read back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from permeant.records import (
    CellResult,
    Contribution,
    CorrectionEffect,
    IVFit,
    ModelFit,
    ModelParameter,
    Problem,
    RecordingResult,
    SheetRow,
)
from permeant.tables import TABLES, cell_rows, join_tables, read_table, write_tables, write_text

FITTED = IVFit(status="ok", g_ns=2.0, e_rev_mv=-30.0, e_rev_status="measured")


def make_cell(
    fit: IVFit, *problems: Problem, cell: str = "c1", exclude: bool = False
) -> CellResult:
    row = SheetRow(line=2, cell=cell, recording="r1", file="data/r1.abf", exclude=exclude)
    return CellResult(cell, (RecordingResult(row, None, None, fit, problems=problems),), (), {}, {})


@pytest.mark.parametrize(
    ("fit", "code", "message"),
    [
        (IVFit.rejected("2 usable points"), "not_fitted", "2 usable points"),
        (
            replace(FITTED, e_rev_status="extrapolated", e_rev_reason="outside -80 to -40 mV"),
            "reversal_not_measured",
            "outside -80 to -40 mV",
        ),
        (
            replace(FITTED, e_rev_mv=None, e_rev_status="none", e_rev_reason="flat"),
            "reversal_not_measured",
            "flat",
        ),
    ],
)
def test_what_a_sound_recording_does_not_give_is_a_problem(
    fit: IVFit, code: str, message: str
) -> None:
    assert cell_rows(make_cell(fit))["problems"] == [("c1", "r1", "fit", code, message)]
    assert cell_rows(make_cell(fit, exclude=True))["problems"] == []


def test_a_problem_stands_alone_and_a_good_recording_has_none() -> None:
    problem = Problem("ingest", "file_empty", "0 bytes")
    rejected = make_cell(IVFit.rejected("0 bytes"), problem)
    assert cell_rows(rejected)["problems"] == [("c1", "r1", "ingest", "file_empty", "0 bytes")]
    assert cell_rows(make_cell(FITTED))["problems"] == []


@pytest.mark.parametrize("name", ["NA", "nan", "null", "None"])
def test_a_cell_named_like_a_missing_value_reads_back(tmp_path: Path, name: str) -> None:
    write_tables(tmp_path, [make_cell(FITTED, cell=name), make_cell(IVFit.rejected("no"))])
    fits = read_table(tmp_path, "fits")
    assert list(fits["cell"]) == [name, "c1"]
    assert list(fits["condition"]) == ["", ""]
    assert fits["g_ns"].isna().tolist() == [False, True]


def test_no_number_is_a_negative_zero() -> None:
    assert write_text(-0.0) == "0"


def test_a_rejected_row_has_a_reason_and_no_number(tmp_path: Path) -> None:
    fit = IVFit.rejected("too few", n_points=2, v_min_mv=-80.0)
    write_tables(tmp_path, [make_cell(fit)])
    (row,) = read_table(tmp_path, "fits").to_dict("records")
    assert (row["status"], row["reason"], row["e_rev_status"]) == ("rejected", "too few", "none")
    numbers = [c.name for c in TABLES["fits"] if c.unit or c.name in ("n_points", "chi2_p")]
    assert all(row[name] != row[name] for name in numbers)  # NaN


def test_corrections_and_sources_of_uncertainty_have_their_rows(tmp_path: Path) -> None:
    effect = CorrectionEffect("leak", 0.5, "nS", True, "stated", -25.0, -5.0, 2.5, -0.5)
    unsaid = CorrectionEffect("junction potential", None, "mV", False, "switched off")
    sources = (
        Contribution("g_ns", "points", 0.1, "nS", 1.0),
        Contribution("g_ns", "resistance, if 10 % off", 0.2, "nS", None, included=False),
    )
    of_ratio = Contribution("ln(P_Na/P_K)", "junction potential", 0.04, "", 1.0)
    cell = make_cell(replace(FITTED, effects=(effect, unsaid), contributions=sources))
    write_tables(tmp_path, [replace(cell, contributions=(of_ratio,))])
    leak, junction = read_table(tmp_path, "corrections").to_dict("records")
    assert (leak["recording"], leak["applied"], leak["e_rev_change_mv"]) == ("r1", "yes", -5.0)
    assert (junction["applied"], junction["reason"]) == ("no", "switched off")
    assert np.isnan(junction["g_without_ns"])
    rows = (tmp_path / "uncertainty.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert rows == [
        "c1,r1,g_ns,points,0.1,nS,1,yes",
        'c1,r1,g_ns,"resistance, if 10 % off",0.2,nS,,no',
        "c1,,ln(P_Na/P_K),junction potential,0.04,,1,yes",
    ]


def test_models_have_a_row_each_and_their_parameters_one_each() -> None:
    line = ModelFit("ohmic", "refuted", "refuted by the points", 13, 2, chi2_p=1e-9)
    e_rev = ModelParameter("e_rev", -30.0, "mV", -31.0, None)
    gated = ModelFit("gated_ohmic", "ok", n_points=13, best=True, parameters=(e_rev,))
    rows = cell_rows(make_cell(replace(FITTED, models=(line, gated))))
    names = [column.name for column in TABLES["models"]]
    first, second = (dict(zip(names, row, strict=True)) for row in rows["models"])
    assert (first["model"], first["status"], first["g_ns"]) == ("ohmic", "refuted", None)
    assert (second["model"], second["best"]) == ("gated_ohmic", True)
    assert rows["model_parameters"] == [
        ["c1", "r1", "gated_ohmic", "e_rev", -30.0, -31.0, None, "mV"]
    ]


def test_tables_appear_whole_or_not_at_all(tmp_path: Path) -> None:
    """A run that ends within the summary leaves the tables of the run before it."""
    join_tables(tmp_path, [{"problems": "c1,r1,ingest,code,before\n"}])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def texts() -> Iterator[dict[str, str]]:
        yield {"problems": "c1,r1,ingest,code,after\n"}
        now = {path.name: path.read_bytes() for path in tmp_path.glob("[!.]*")}
        assert now == before
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        join_tables(tmp_path, texts())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    join_tables(tmp_path, [])
    assert b"before" not in (tmp_path / "problems.csv").read_bytes()
