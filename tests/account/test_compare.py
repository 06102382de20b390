"""What changed between two runs: tables by hand, so that each difference is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from permeant.account.compare import compare_runs, in_words
from permeant.errors import PermeantError

FITS = "cell,recording,condition,status,g_ns,e_rev_mv\n"


def tables(folder: Path, rows: str, **more: str) -> Path:
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "fits.csv").write_text(FITS + rows)
    for name, text in more.items():
        (folder / "tables" / f"{name}.csv").write_text(text)
    return folder


def test_what_is_the_same_is_not_told(tmp_path: Path) -> None:
    one = tables(tmp_path / "a", "c1,r1,x,ok,5.123456,-10\n")
    other = tables(tmp_path / "b", "c1,r1,x,ok,5.123457,-10.0\n")
    assert compare_runs(one, other) == []
    assert in_words([], 10) == "no difference in any table"
    assert len(compare_runs(one, other, relative=1e-8)) == 1


def test_every_kind_of_difference_is_told_once(tmp_path: Path) -> None:
    one = tables(tmp_path / "a", "c1,r1,x,ok,5,-10\nc2,r1,x,ok,5,\nc3,r1,x,ok,1,1\n")
    other = tables(tmp_path / "b", "c1,r1,y,ok,5.5,-10\nc2,r1,x,ok,5,3\nc4,r1,x,ok,1,1\n")
    changes = compare_runs(one, other)
    assert [(c.key[0], c.kind, c.column, c.before, c.after) for c in changes] == [
        ("c1", "changed", "condition", "x", "y"),
        ("c1", "changed", "g_ns", "5", "5.5"),
        ("c2", "changed", "e_rev_mv", "", "3"),
        ("c3", "removed", "", "", ""),
        ("c4", "added", "", "", ""),
    ]
    said = in_words(changes, 3)
    assert "5 differences, in 4 cells:" in said
    assert "fits: c1 / r1: g_ns 5 → 5.5 (+0.5, +10 %)" in said
    assert "e_rev_mv empty → 3" in said
    assert "and 2 more (--all shows them)" in said


def test_rows_of_one_name_are_counted(tmp_path: Path) -> None:
    head = "cell,recording,check,severity,message\n"
    one = tables(tmp_path / "a", "", quality=head + "c1,r,n,info,a\nc1,r,n,info,b\n")
    other = tables(tmp_path / "b", "", quality=head + "c1,r,n,info,a\nc1,r,n,info,c\n")
    (change,) = compare_runs(one, other)
    assert (change.column, change.before, change.after) == ("message", "b", "c")


def test_results_come_before_details(tmp_path: Path) -> None:
    points = "cell,recording,sweep,i_pa\nc1,r1,1,{}\n"
    one = tables(tmp_path / "a", "c1,r1,x,ok,5,1\n", iv_points=points.format(1))
    other = tables(tmp_path / "b", "c1,r1,x,ok,6,1\n", iv_points=points.format(2))
    assert [change.table for change in compare_runs(one, other)] == ["fits", "iv_points"]


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PermeantError, match="holds no tables of a run"):
        compare_runs(tmp_path, tmp_path)
