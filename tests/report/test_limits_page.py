"""What pages say and draw of pore or gate, and of charge."""

from __future__ import annotations

from dataclasses import replace

from permeant.records import (
    CellResult,
    ChargeRatio,
    Limits,
    ViscosityLimit,
    ViscosityPoint,
)
from permeant.report import cell_page, index_page
from permeant.report.limits import view_all_limits, view_limits
from permeant.report.summary import verdict

POINTS = (
    ViscosityPoint("i", "control", -80.0, 1.0, 1.0, 0.98, 1.02),
    ViscosityPoint("i", "sucrose", -80.0, 2.5, 0.42, 0.41, 0.43),
    ViscosityPoint("open", "sucrose", -80.0, 2.5, 1.02, 0.9, 1.15),
)
LIMIT = ViscosityLimit(
    "c1", "wild type", "one patch", "diffusion-limited", "the unitary current falls", 1.0, 2.5,
    0.45, recordings="control, sucrose", voltages_mv="-80", current="diffusion-limited",
    current_reason="the 95 % interval 0.90 to 1.00 lies above 0.5", alpha_i=0.95, alpha_i_low=0.9,
    alpha_i_high=1.0, alpha_i_sigma=0.025, gating="unchanged",
    gating_reason="open times: the 95 % interval -0.10 to 0.14 lies within 0.2 of zero",
    alpha_open=0.02, alpha_open_low=-0.1, alpha_open_high=0.14, alpha_open_sigma=0.06,
    alpha_shut=0.0, alpha_shut_low=-0.1, alpha_shut_high=0.1, alpha_shut_sigma=0.05,
    n_open=300, n_shut=299, points=POINTS,
)  # fmt: skip
UNTOLD = ViscosityLimit(
    "c2", "", "one patch", "not to be told", "relative viscosity 1.2 is below 1.5", 1.0, 1.2
)
CHARGE = ChargeRatio(
    "Ca", "Na", "ok", recordings="a, b", n_recordings=2, v_min_mv=-100.0, v_max_mv=-60.0, ratio=0.5,
    ratio_low=0.45, ratio_high=0.55, expected_ratio=0.65, per_mm_ratio=3.6, per_mm_low=3.2,
    per_mm_high=4.0, quotient=0.77, quotient_low=0.7, quotient_high=0.85,
    meaning="Ca conducts 0.77 times what z² says",
)  # fmt: skip


def cell(*limits, charge=()):
    return CellResult("c1", (), (), {}, {}, limits=Limits((), tuple(limits), tuple(charge)))


def test_the_page_has_the_verdict_the_powers_and_the_picture():
    page = cell_page(cell(LIMIT))
    assert "Diffusion-limited: the unitary current falls." in page
    assert "(0.90 … 1.00)" in page
    assert "interval −0.10 to 0.14" in page
    assert 'data-figure="limits-1"' in page
    assert "plotly" in page


def test_the_picture_has_both_axes_logarithmic_and_the_line_of_diffusion():
    (figure,) = view_limits((LIMIT,), ()).figures
    layout = figure.spec["layout"]
    assert (layout["xaxis"]["type"], layout["yaxis"]["type"]) == ("log", "log")
    stokes = figure.spec["data"][-1]
    assert stokes["y"] == [1.0, 0.4]  # 1/2.5
    line = figure.spec["data"][1]
    assert line["y"][1] == float(f"{2.5**-0.95:.6g}")
    assert "NaN" not in figure.json


def test_what_is_not_told_says_why_and_draws_nothing():
    view = view_limits((UNTOLD,), ())
    assert view.figures == ()
    page = cell_page(cell(UNTOLD))
    assert "Not to be told: relative viscosity 1.2 is below 1.5." in page


def test_a_cell_without_either_has_no_section():
    assert view_limits((), ()) is None
    assert "Pore or gate" not in cell_page(cell())


def test_the_index_shows_groups_before_patches_and_links_these():
    group = replace(LIMIT, cell="", method="groups of patches", n_cells=8, recordings="a, b")
    page = index_page((), limits=(LIMIT, UNTOLD, group))
    assert page.index("8 patches, one solution each") < page.index('href="cells/c1.html#limits"')
    view = view_all_limits((LIMIT, UNTOLD, group))
    assert [row.name for row in view.rows][1:] == ["c2", "c1"]
    assert len(view.figures) == 1  # patches have theirs on their own page
    assert "Pore or gate" not in index_page(())


def test_charge_stands_in_a_sentence_and_a_table():
    page = cell_page(cell(charge=(CHARGE,)))
    assert "Ca conducts 0.77 times what z² says." in page
    assert "(0.70 … 0.85)" in page
    rejected = ChargeRatio("Ca", "Na", "rejected", "too few voltages")
    assert "Ca / Na: too few voltages." in cell_page(cell(charge=(rejected,)))
    assert "Pore or gate" not in page


def test_the_verdict_of_the_cell_names_what_is_told_only():
    told = verdict(replace(cell(LIMIT, UNTOLD)))
    assert "not to be told" not in told
