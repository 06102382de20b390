"""Models of whole curves on a page: the table, the curves to be chosen, and the words."""

from __future__ import annotations

import re
from dataclasses import replace

from report_examples import HOSTILE, make_fit, make_recording

from permeant.records import CellResult, Curve, IVFit, ModelFit, ModelParameter, RecordingResult
from permeant.report.iv_figure import iv_figure
from permeant.report.models import model_rows
from permeant.report.pages import cell_page

CURVE = Curve((-80.0, 40.0), (-300.0, 250.0), (), ())
LINE = ModelFit(
    "ohmic", "refuted", HOSTILE, 13, 2, chi2_p=3e-9, aicc=90.0, delta_aicc=80.0, curve=CURVE
)
PORE = ModelFit(
    "ghk",
    "ok",
    n_points=13,
    n_parameters=2,
    chi2_p=0.41,
    delta_aicc=0.0,
    g_ns=2.96,
    g_low_ns=2.93,
    g_high_ns=2.98,
    e_rev_mv=-95.0,
    e_rev_low_mv=-96.0,
    e_rev_high_mv=-94.0,
    e_rev_status="extrapolated",
    best=True,
    parameters=(
        ModelParameter("pa_K", 1e-17, "m³/s", 0.99e-17, 1.01e-17),
        ModelParameter("p_Na/p_K", 0.3, "", None, 0.32),
        ModelParameter("v_half", -20.0, "mV"),
    ),
    curve=CURVE,
)
SAID = "the straight line (p < 0.0001) is refuted; the GHK curve (p = 0.41) describes the points"


def modelled() -> tuple[RecordingResult, IVFit]:
    fit = replace(make_fit(), models=(LINE, PORE), models_verdict=SAID)
    return replace(make_recording(), fit=fit), fit


def test_a_row_says_what_a_model_is_worth() -> None:
    line, pore = model_rows(modelled()[1])
    assert (line.status, line.p, line.g, line.e_rev) == ("refuted", "< 0.0001", "–", "–")
    assert (pore.status, pore.best, pore.p, pore.delta_aicc) == (
        "describes the points",
        True,
        "0.41",
        "0",
    )
    assert pore.e_rev == "−95.0 (−96.0 … −94.0), extrapolated"
    assert pore.parameters[1:] == (
        ("P_Na/P_K", "0.300 (≤ 0.32)", ""),
        ("V_half", "−20.0, no limits", "mV"),
    )


def test_only_the_best_curve_is_shown_from_the_start() -> None:
    figure = iv_figure(modelled()[0], "iv")
    assert figure is not None
    told = {one["name"]: one for one in figure.spec["data"] if one.get("showlegend")}
    assert {name: one["visible"] for name, one in told.items()} == {
        "straight line (refuted)": "legendonly",
        "GHK curve": True,
    }
    assert figure.spec["layout"]["showlegend"] is True
    assert SAID in figure.label
    assert "the best one shown" in figure.caption
    assert all(one["line"]["color"] in figure.spec["dark"] for one in told.values())


def test_the_page_holds_the_table_and_no_markup_of_its_words() -> None:
    page = cell_page(CellResult("c", (modelled()[0],), (), {}, {}))
    assert "Models of the whole curve" in page
    assert "The straight line (p &lt; 0.0001) is refuted" in page
    assert "<script>alert" not in page
    assert re.search(r"P<sub>K</sub> A</td>", page)


def test_without_models_nothing_is_said_of_them() -> None:
    plain = make_recording()
    figure = iv_figure(plain, "iv")
    assert figure is not None
    assert figure.spec["layout"]["showlegend"] is False
    assert "Models of the whole curve" not in cell_page(CellResult("c", (plain,), (), {}, {}))
