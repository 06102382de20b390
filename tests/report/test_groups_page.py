"""The section on groups of the batch's page: for one cell, for hundreds, with gaps."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from report_examples import HOSTILE, ok_cell

from permeant.cohort import GroupValue, Member, PairedDifference, SelectivitySequence
from permeant.report import GroupsSection, index_page, summarise_cell
from permeant.report.groups import ROWS_SHOWN, view_groups


def make_group(n_cells: int = 3, **more: Any) -> GroupValue:
    members = tuple(Member(f"c{k}", -20.0 - 0.01 * (k % 7), -20.5, -19.5) for k in range(n_cells))
    known = GroupValue(
        "control", "bath_Na", "KCl_in", "steady", "e_rev_mv", n_cells,
        mean=-20.0, sd_between=0.5, low=-21.0, high=-19.0, sigma_shared=1.0, low_total=-22.3,
        high_total=-17.7, unit="mV", sd_beyond_error=0.4, members=members,
    )  # fmt: skip
    return replace(known, **more)


ALONE = make_group(
    1, sd_between=None, low=None, high=None, low_total=None, high_total=None,
    sd_beyond_error=None, reason="one cell: no scatter between cells, so no interval",
)  # fmt: skip
RATIO = make_group(
    quantity="P_Na/P_K", ion="Na", reference_ion="K", unit="", activities="davies", mean=0.5,
    low=0.4, high=0.6, low_total=0.3, high_total=0.8,
    members=(Member("c1", 0.45, 0.4, 0.5), Member("c2", 0.55, None, None)),
    temperature_low_c=22.0, temperature_high_c=22.0,
)  # fmt: skip
SEQUENCE = SelectivitySequence(
    "control", "b", "p", "steady", "K", "none", 3, "K >= Rb > Cs > Na > Li", "IV", "III, IV", "n"
)
PAIR = PairedDifference(
    "control", "b", "drug", "b", "p", "steady", "g_ns", 4,
    mean=-50.0, sd=10.0, low=-60.0, high=-40.0, unit="%",
)  # fmt: skip


def page_of(*groups: GroupValue, **more: Any) -> str:
    summaries = [summarise_cell(ok_cell())]
    return index_page(summaries, groups=GroupsSection(groups, **more))


def figures_of(page: str) -> list[dict[str, Any]]:
    found = re.findall(r'<script type="application/json" data-figure="[^"]+">(.*?)</script>', page)
    return [json.loads(text) for text in found]


def points_of(figure: dict[str, Any]) -> int:
    return sum(len(trace["customdata"]) for trace in figure["data"] if "customdata" in trace)


@pytest.mark.parametrize("n_cells", [2, 3, 400])
def test_every_cell_is_drawn_and_leads_to_its_page(n_cells: int) -> None:
    page = page_of(make_group(n_cells))
    (figure,) = figures_of(page)
    assert points_of(figure) == n_cells
    assert 'data-pages="cells/"' in page
    assert "assets/plotly.min.js" in page


def test_one_cell_has_a_line_in_the_table_and_no_picture() -> None:
    page = page_of(ALONE)
    assert figures_of(page) == []
    assert "plotly" not in page
    assert "one cell: no scatter between cells" in page


def test_a_cell_alone_among_groups_has_a_point_and_no_interval() -> None:
    (figure,) = figures_of(page_of(ALONE, replace(ALONE, condition="other")))
    assert points_of(figure) == 2
    assert [trace["x"] for trace in figure["data"]][:3] == [[], [], []]


def test_what_several_cells_tell_comes_first() -> None:
    alone = replace(ALONE, measure="instantaneous")
    view = view_groups(GroupsSection((alone, make_group())))
    assert view is not None
    assert [one.several for one in view.quantities] == [True, False]


def test_the_numbers_are_told_in_words_as_well() -> None:
    view = view_groups(GroupsSection((make_group(), RATIO)))
    assert view is not None
    reversal, ratio = view.quantities
    assert reversal.figure is not None
    assert "control, 3 cells" not in reversal.figure.label
    assert "control: −20.0 mV (−21.0 … −19.0), 3 cells" in reversal.figure.label
    (row,) = reversal.rows
    assert (row.mean, row.total) == ("−20.0 (−21.0 … −19.0)", "−22 … −18")
    assert ratio.ratios
    assert ratio.rows[0].note == "22 °C; activities: davies"


def test_ratios_are_drawn_on_a_logarithmic_axis_around_one() -> None:
    (figure,) = figures_of(page_of(RATIO))
    axis = figure["layout"]["xaxis"]
    assert axis["type"] == "log"
    assert axis["range"][1] > 0.0
    assert axis["ticktext"] == ["0.5", "1"]


def test_without_a_value_there_is_no_section_and_no_plotting_library() -> None:
    empty = make_group(0, mean=None, reason="none of 2 cells gave a value", members=())
    for page in (page_of(), page_of(empty), index_page([summarise_cell(ok_cell())])):
        assert 'id="groups"' not in page
        assert "plotly" not in page


def test_a_group_without_a_value_beside_others_keeps_its_line() -> None:
    empty = make_group(
        0, condition="drug", mean=None, reason="none of 2 cells gave a value", members=()
    )
    assert "none of 2 cells gave a value" in page_of(make_group(), empty)


def test_the_interval_of_two_cells_does_not_dwarf_the_others() -> None:
    two = make_group(2, condition="drug", low=-400.0, high=360.0)
    (figure,) = figures_of(page_of(make_group(), two))
    low, high = figure["layout"]["xaxis"]["range"]
    assert -25.0 < low < high < -15.0


def test_sequences_and_changes_within_cells() -> None:
    page = page_of(make_group(), pairs=(PAIR,), sequences=(SEQUENCE,))
    assert "K ≥ Rb &gt; Cs &gt; Na &gt; Li" in page
    assert "Eisenman IV by the means; allowed: III, IV" in page
    assert "control → drug" in page
    assert "−50 % " in page.replace("</span>", "").replace('<span class="whole">', "")


def test_hundreds_of_groups_leave_most_to_the_table() -> None:
    many = [make_group(condition=f"g{k:03d}") for k in range(200)]
    view = view_groups(GroupsSection(many))
    assert view is not None
    (one,) = view.quantities
    assert (len(one.rows), one.n_more) == (ROWS_SHOWN, 200 - ROWS_SHOWN)
    assert one.figure is not None
    assert "The largest 40 of 200 groups" in one.figure.caption


def test_hostile_names_stay_text() -> None:
    group = make_group(condition=HOSTILE, bath=HOSTILE)
    page = page_of(group, pairs=(replace(PAIR, condition_a=HOSTILE),))
    assert "<img src=x" not in page
    assert page.count("<script>alert") == 0
    assert len(figures_of(page)) == 1
