"""What the corrections changed and where the uncertainty comes from, as a page shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_examples import HOSTILE, make_fit, make_recording, ok_cell, rejected_cell
from test_pages import Page

from permeant.records import CellResult, Contribution, CorrectionEffect, IVFit, RawCurve
from permeant.report import cell_page
from permeant.report.uncertainty import effects_of, uncertainty_of
from permeant.report.wording import percent, signed, signed_digits

POINTS = Contribution("e_rev_mv", "noise and scatter of the points", 0.35, "mV", 0.1091)
JUNCTION = Contribution("e_rev_mv", "junction potential", 1.0, "mV", 0.8909, included=False)
SUPPOSED = Contribution("g_ns", "series resistance, if 10 % off", 1.4, "nS", None, included=False)
OF_G = Contribution("g_ns", "noise and scatter of the points", 0.15, "nS", 1.0)
EFFECTS = (
    CorrectionEffect(
        "junction potential", 4.2, "mV", True, "Henderson", -13.0321, -4.2, 8.2123, 0.0
    ),
    CorrectionEffect("series resistance", None, "MΩ", False, "R_s is not known"),
)


def cell_with(fit: IVFit, *of_ratios: Contribution) -> CellResult:
    recording = make_recording(fit=fit)
    assert recording.measurement is not None
    return replace(ok_cell(), recordings=(recording,), contributions=of_ratios)


def page_of(fit: IVFit, *of_ratios: Contribution) -> Page:
    return Page(cell_page(cell_with(fit, *of_ratios)))


def test_sources_stand_with_their_size_and_whether_they_count() -> None:
    fit = make_fit(contributions=(POINTS, JUNCTION, OF_G, SUPPOSED), effects=EFFECTS)
    page = page_of(fit)
    assert page.row("junction potential") == ["junction potential", "1", "89 %", "no"]
    rows = [row for row in page.cells if row and row[0] == POINTS.source]
    assert [row[1:] for row in rows] == [["0.35", "11 %", "yes"], ["0.15", "100 %", "yes"]]
    assert page.row(SUPPOSED.source)[2:] == ["only supposed", "no"]
    assert {0.35, 1.0, 0.15, 1.4} <= set(page.values)
    widths = [a["style"] for tag, a in page.elements if "width" in (a.get("style") or "")]
    assert widths == ["width:89.1%", "width:10.9%", "width:100.0%"]
    assert "is not in the interval of Erev but beside it" in page.text
    assert "set corrections: sigma_r_s_fraction" in page.text


def test_a_potential_that_was_not_corrected_is_said_to_be_missing() -> None:
    unknown = replace(EFFECTS[0], applied=False, reason="not computed: the sheet names no bath")
    page = page_of(make_fit(contributions=(POINTS,), effects=(unknown,)))
    assert "the sheet names no bath): Erev is off by all of it" in page.text
    assert "sigma_r_s_fraction" not in page.text


def test_corrections_stand_with_what_they_changed() -> None:
    page = page_of(make_fit(effects=EFFECTS))
    junction = page.row("junction potential")
    assert junction[1:5] == ["4.2 mV", "applied", "−13.03 (−4.20)", "8.212 (0)"]
    assert page.row("series resistance")[2:5] == ["not applied", "–", "–"]
    assert page.row("with all that are applied")[3:5] == ["−17.23", "8.212"]


def test_without_a_fit_the_corrections_are_listed_still() -> None:
    recording = make_recording(fit=IVFit.rejected("too few points"))
    listed = effects_of(recording)
    assert [one.correction for one in listed] == ["junction potential", "series resistance", "leak"]
    assert page_of(recording.fit).row("junction potential")[2] == "applied"
    assert effects_of(rejected_cell().recordings[0]) == ()
    assert uncertainty_of(recording.fit) == ()


def test_sources_of_the_ratios_stand_with_the_cell() -> None:
    of_ratio = Contribution("ln(P_Na/P_K)", "temperature", 0.04, "", 1.0)
    page = page_of(make_fit(), of_ratio)
    assert "Where the uncertainty of the ratios comes from" in page.text
    assert page.row("temperature") == ["temperature", "0.04", "100 %", "yes"]


def test_the_points_before_all_corrections_have_a_picture() -> None:
    raw = RawCurve(tuple(float(v) for v in range(9)), tuple(10.0 * v for v in range(9)))
    page = cell_page(cell_with(make_fit(raw=raw, effects=EFFECTS)))
    assert 'id="corrections-1"' in page
    assert "the points as recorded" in page
    assert 'id="corrections-1"' not in cell_page(cell_with(make_fit(effects=EFFECTS)))


def test_hostile_words_stay_words() -> None:
    source = replace(POINTS, source=HOSTILE, unit=HOSTILE)
    effect = replace(EFFECTS[0], correction=HOSTILE, unit=HOSTILE, reason=HOSTILE)
    fit = make_fit(contributions=(source,), effects=(effect,))
    html = cell_page(cell_with(fit, replace(source, quantity=HOSTILE)))
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "alert('x')" in Page(html).text


@pytest.mark.parametrize(
    ("part", "text"),
    [(0.0, "0 %"), (1e-5, "< 0.1 %"), (0.0123, "1.2 %"), (0.5, "50 %"), (0.9999, "> 99 %"),
     (1.0, "100 %")],
)  # fmt: skip
def test_parts_in_percent(part: float, text: str) -> None:
    assert percent(part) == text


def test_changes_have_their_sign() -> None:
    assert [signed(v, 2) for v in (1.0, -1.0, 0.001, 0.0)] == ["+1.00", "−1.00", "0.00", "0.00"]
    assert [signed_digits(v, 2) for v in (3.68, -0.12, 0.0)] == ["+3.7", "−0.12", "0"]
