"""Which files make a cell: by words in names and folders, and never by a guess."""

from __future__ import annotations

import pytest

from permeant.survey.grouping import condition_of, group_into_cells


def cells(*files: str, way: str = "auto") -> list[str]:
    return [one.cell for one in group_into_cells(files, way).values()]  # type: ignore[arg-type]


def test_names_that_end_in_ions_or_conditions_make_one_cell() -> None:
    placed = group_into_cells(["d/x_Na.abf", "d/x_Li.abf", "d/x_Na-wash.abf"])
    assert {one.cell for one in placed.values()} == {"d/x"}
    assert [one.rest for one in placed.values()] == ["Na", "Li", "Na-wash"]
    assert [condition_of(one.rest) for one in placed.values()] == ["Na", "Li", "Na-wash"]


def test_consecutive_numbers_of_a_day_are_not_one_cell() -> None:
    """Acquisition programs number the files of a day; nothing in that says which cell it was."""
    assert cells("171116sh_0011.abf", "171116sh_0012.abf") == ["171116sh_0011", "171116sh_0012"]


def test_one_file_with_a_condition_stays_itself() -> None:
    assert cells("x_Na.abf", "y.abf") == ["x_Na", "y"]


@pytest.mark.parametrize("word", ["cell3", "c3", "Cell_03", "neuron-12", "patch 2"])
def test_a_word_for_a_cell_in_the_name_counts(word: str) -> None:
    files = (f"day1/{word}_iv.abf", f"day1/{word}_tails.abf")
    assert cells(*files) == [f"day1/{word}"] * 2


def test_the_same_word_in_two_folders_is_two_cells() -> None:
    assert len(set(cells("day1/cell1_iv.abf", "day2/cell1_iv.abf"))) == 2


def test_a_folder_named_as_a_cell_counts() -> None:
    assert cells("day1/cell1/0001.abf", "day1/cell1/0002.abf") == ["day1/cell1"] * 2


def test_abc3_is_no_word_for_a_cell() -> None:
    assert cells("abc3_iv.abf", "abc3_x.abf") == ["abc3_iv", "abc3_x"]


def test_the_ways_that_are_asked_for() -> None:
    files = ("a/x_Na.abf", "a/x_Li.abf", "top.abf")
    assert cells(*files, way="file") == ["x_Na", "x_Li", "top"]
    assert cells(*files, way="folder") == ["a", "a", "top"]
