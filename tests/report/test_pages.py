from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from report_examples import HOSTILE, all_cells, baths_cell, hostile_cell, ok_cell, rejected_cell

from permeant.records import CellResult, Problem
from permeant.report import CellSummary, cell_page, index_page, summarise_cell, write_assets

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    """What a test wants to know of a page; fails on tags that do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.cells: list[list[str]] = []
        self.values: list[float] = []
        self.feed(html)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in {"td", "th"}:
            self.cells[-1].append("")
        if tag == "data":
            self.values.append(float(dict(attrs)["value"] or "nan"))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.stack):
            self.text += data
            if self.cells and {"td", "th"} & set(self.stack):
                self.cells[-1][-1] += data

    def row(self, head: str) -> list[str]:
        return next(row for row in self.cells if row and row[0].strip() == head)


@pytest.mark.parametrize("cell", all_cells(), ids=lambda cell: cell.cell)
def test_every_cell_has_a_sound_page(cell: CellResult) -> None:
    html = cell_page(cell)
    page = Page(html)
    levels = [int(tag[1]) for tag, _ in page.elements if tag in {"h1", "h2", "h3", "h4"}]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.elements:
        if "aria-labelledby" in attributes:
            assert attributes["aria-labelledby"] in ids, tag
        for name in ("src", "href"):
            assert "//" not in (attributes.get(name) or ""), attributes
    assert "None" not in page.text
    assert "nan" not in page.text.split()
    assert cell_page(cell) == html


def test_numbers_on_the_page_are_those_of_the_records() -> None:
    cell = ok_cell()
    page = Page(cell_page(cell))
    fit = cell.recordings[0].fit
    assert page.row("r1")[4:7] == ["8.2 (7.9 … 8.5)", "−17.2 (−18.0 … −16.5)", "measured"]
    assert {fit.g_ns, fit.e_rev_mv, cell.ratios[0].ratio} <= set(page.values)
    assert page.row("PNa/PK")[2] == "0.31 (0.28 … 0.35)"
    assert cell.recordings[0].measurement is not None
    point = cell.recordings[0].measurement.points[0]
    row = page.row("1")
    assert row[2:4] == ["−100.00", "−104.20"]
    assert float(row[4].replace("−", "-")) == pytest.approx(point.i_pa, abs=0.005)
    potassium = page.row("K")
    assert potassium[:4] == ["K", "+1", "140", "4"]
    for wanted in ("Simulated data", "9f2c" * 16, "neo 0.14.6", "IN 0", "quality.r_s_limit_mohm"):
        assert wanted in page.text


def test_a_page_without_a_recording_says_why() -> None:
    page = Page(cell_page(rejected_cell()))
    assert "an ABF2 header needs 6144" in page.text
    assert "plotly" not in cell_page(rejected_cell())
    assert "Simulated" not in page.text


def test_hostile_words_stay_words() -> None:
    html = cell_page(hostile_cell(), title=HOSTILE) + index_page(
        [summarise_cell(hostile_cell())], title=HOSTILE, problems=[Problem("x", "y", HOSTILE)]
    )
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "alert(&#39;x&#39;)" in html
    page = Page(cell_page(hostile_cell()))
    assert "alert('x')" in page.text
    assert not any(tag == "img" for tag, _ in page.elements)


def test_words_that_utf8_cannot_hold_do_not_stop_a_page() -> None:
    recording = ok_cell().recordings[0]
    odd = replace(recording, row=replace(recording.row, note="bad \udcff byte"))
    page = cell_page(replace(ok_cell(), recordings=(odd,))).encode()
    assert b"byte" in page
    assert page.rstrip().endswith(b"</html>")


def test_plotly_is_beside_the_page_or_in_it() -> None:
    assert '<script src="../assets/plotly.min.js">' in cell_page(ok_cell())
    whole = cell_page(ok_cell(), self_contained=True)
    assert len(whole) > 3_000_000
    assert not [a for tag, a in Page(whole).elements if tag == "script" and "src" in a]


def test_usual_pages_are_small() -> None:
    assert len(cell_page(ok_cell()).encode()) < 400_000


def test_index_puts_problems_first() -> None:
    html = index_page([summarise_cell(cell) for cell in all_cells()], title="Example")
    page = Page(html)
    rows = [row[0] for row in page.cells if row and row[0].startswith("c")]
    assert rows[:6] == ["cell", "c3_broken", "c4", "c1", "c2_baths", "c5_bare"]
    assert page.row("c1")[4:7] == [
        "8.2 (7.9 … 8.5)",
        "−17.2 (−18.0 … −16.5)",
        "PNa/PK = 0.31 (0.28 … 0.35)",
    ]
    assert ("a", {"href": "cells/c1.html"}) in page.elements
    assert ("a", {"href": "tables/fits.csv"}) in page.elements
    assert "4 cells were written by permeant" in page.text or "3 cells were" in page.text
    assert page.row("control") == ["control", "2", "2"]


def test_index_of_nothing() -> None:
    page = Page(index_page([], title="Empty", settings={"fit.x": [1.5, True]}, run={"a": "b"}))
    assert "0 cells from 0 recordings" in page.text
    assert "1.5, yes" in page.text


def test_index_of_ten_thousand_cells_shows_the_first_and_holds_all() -> None:
    one = summarise_cell(ok_cell())
    many = [replace(one, cell=f"c{k:05d}") for k in range(10_000)]
    html = index_page(many, title="Many")
    assert len(html) < 15_000_000
    assert html.count('class="beyond"') == 9_800


def test_assets_are_written_once(tmp_path: Path) -> None:
    written = write_assets(tmp_path / "assets")
    assert [path.name for path in written] == ["plotly.min.js"]
    before = written[0].stat().st_mtime_ns
    assert write_assets(tmp_path / "assets") == []
    assert written[0].stat().st_mtime_ns == before
    written[0].write_text("broken")
    assert write_assets(tmp_path / "assets") == written
    assert [path.name for path in (tmp_path / "assets").iterdir()] == ["plotly.min.js"]


def test_summaries_are_plain() -> None:
    summary = summarise_cell(baths_cell())
    assert isinstance(summary, CellSummary)
    assert hash(summary) == hash(summarise_cell(baths_cell()))


def test_assets_written_by_many_at_once_come_out_whole(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: write_assets(tmp_path / "assets"), range(16)))
    assert [path.name for path in (tmp_path / "assets").iterdir()] == ["plotly.min.js"]
    assert write_assets(tmp_path / "assets") == []
