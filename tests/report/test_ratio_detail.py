"""The section behind the ratios: shifts, drift, what each error adds, conventions, two lenses."""

from __future__ import annotations

import re
from dataclasses import replace

from report_examples import HOSTILE, ok_cell

from permeant.ratio_records import (
    ConventionRatio,
    Lens,
    RatioDetails,
    ReferenceDrift,
    ReversalShift,
)
from permeant.records import CellResult, Contribution
from permeant.report import cell_page
from permeant.report.ratio_detail import ratio_detail


def detailed_cell(name: str = "li") -> CellResult:
    cell = ok_cell()
    first = replace(cell.ratios[0], ln_sd_own=0.01, ln_sd_shared=0.04)
    return replace(
        cell,
        ratios=(first, *cell.ratios[1:]),
        contributions=(
            Contribution("ln(P_Na/P_K)", "junction potential", 0.04, "", 0.941),
            Contribution("ln(P_Na/P_K)", "reversal potentials", 0.01, "", 0.059),
            Contribution("ln(P_Ca/P_K)", "temperature", 0.01, "", 1.0),
        ),
        ratio_details=RatioDetails(
            shifts=(ReversalShift(name, "Li 150", "Na 150", -12.5, 0.7, -10.4, -11.0, -9.8),),
            drift=ReferenceDrift("Na 150", "na", "wash", 1.4, 1.1, 1.7, True, {"Na": 0.33}),
            conventions=(
                ConventionRatio("Na", "K", "none", "concentrations", "ok", "", 0.31, 0.28, 0.35,
                                chosen=True),
                ConventionRatio("Na", "K", "pitzer", "single-ion activities, Pitzer", "rejected",
                                "no Pitzer parameters for K-HEPES"),
            ),
            lenses=(Lens(name, "Na 150", "Na", "K", -17.2, 60.0, 0.3, 0.5, 0.4, 0.6, 0.5, 0.7,
                         "g_Na/g_K is 1.7 times P_Na/P_K"),),
        ),
    )  # fmt: skip


def test_everything_is_on_the_page() -> None:
    html = cell_page(detailed_cell())
    text = re.sub(r"<[^>]+>", "", html)
    assert "Behind the permeability ratios" in text
    assert "Shift of the reversal against Na 150" in text
    assert "−10.4 (−11.0 … −9.8)" in text
    assert "94 % of this interval is the junction potential" in text
    assert "± 1.0 % is this cell’s own, ± 4.0 % is shared" in text
    assert "its Erev moved by 1.4 mV (1.1 … 1.7)" in text
    assert "Without that: PNa/PK 0.330" in text
    assert "Pitzer cannot be had: no Pitzer parameters for K-HEPES" in text
    assert "gNa/gK is 1.7 times PNa/PK" in text


def test_bars_are_as_long_as_the_shares() -> None:
    html = cell_page(detailed_cell())
    widths = [float(found) for found in re.findall(r'class="s\d" style="width:([\d.]+)%"', html)]
    # the bar of a ratio that was rejected is left out
    assert widths == [94.1, 5.9]


def test_no_section_where_nothing_was_found() -> None:
    cell = ok_cell()
    rejected = tuple(replace(one, status="rejected", ratio=None) for one in cell.ratios)
    assert ratio_detail(replace(cell, ratios=rejected)) is None
    assert "Behind the permeability ratios" not in cell_page(replace(cell, ratios=rejected))


def test_hostile_names_stay_text() -> None:
    html = cell_page(detailed_cell(HOSTILE))
    assert "<img src=x" not in html
    assert "<script>alert" not in html
