"""What is subtracted from another recording shows the leak, and speaks for no ratio."""

from __future__ import annotations

from dataclasses import replace

import pytest

from permeant.config.sections import Fit, Permeability
from permeant.records import (
    Correction,
    Family,
    IVFit,
    IVPoint,
    Measurement,
    Provenance,
    RecordingInfo,
    RecordingResult,
    SharedError,
    SheetRow,
    Solution,
)
from permeant.workflow.controls import as_control, check_surroundings, points_to_fit, shared_errors
from permeant.workflow.curve_models import Conditions
from permeant.workflow.fit import fit_cell
from permeant.workflow.permeability import cell_ratios
from permeant.workflow.plan import VISIBLE_COLUMNS
from permeant.workflow.report import add_fitted_points
from permeant.workflow.results import Fitted, Ingested, Measured

SOLUTIONS = {
    "in": Solution("in", {"K": 150.0, "Cl": 150.0}),
    "out": Solution("out", {"Na": 150.0, "Cl": 150.0}),
}
SETTINGS = Permeability(permeant=("K", "Na"), reference="K").model_dump()


def make_row(recording: str, **more: object) -> SheetRow:
    known = {"pipette": "in", "bath": "out", "temperature_c": 22.0}
    return SheetRow(2, "c1", recording, f"data/{recording}.abf", **{**known, **more})  # type: ignore[arg-type]


def measured(e_rev_mv: float) -> Fitted:
    fit = IVFit(status="ok", g_ns=2.0, e_rev_mv=e_rev_mv, e_rev_status="measured")
    return Fitted(replace(fit, e_rev_low_mv=e_rev_mv - 0.2, e_rev_high_mv=e_rev_mv + 0.2))


def test_the_reversal_of_a_control_feeds_no_ratio() -> None:
    """P_Na/P_K = exp(-30.62 F / RT) = 0.3 from the subtracted curve, whatever the leak does."""
    rows = [make_row("blocked"), make_row("whole", subtract="blocked")]
    fitted = {"blocked": measured(0.0), "whole": measured(-30.62)}
    (ratio,) = cell_ratios(rows, fitted, SOLUTIONS, SETTINGS, {}).ratios
    assert (ratio.status, ratio.n_recordings) == ("ok", 1)
    assert ratio.ratio == pytest.approx(0.300, abs=0.001)


def test_the_rule_sees_which_recordings_are_controls() -> None:
    assert {"subtract", "exclude"} <= set(VISIBLE_COLUMNS["permeability"])


def test_a_control_alone_is_refused_as_what_it_is() -> None:
    rows = [make_row("blocked"), make_row("whole", subtract="blocked")]
    fitted = {"blocked": measured(0.0), "whole": Fitted(IVFit.rejected("no step"))}
    (ratio,) = cell_ratios(rows, fitted, SOLUTIONS, SETTINGS, {}).ratios
    assert (ratio.status, ratio.ratio) == ("rejected", None)
    assert "blocked: is the control that whole subtracts" in ratio.reason


def test_a_control_of_an_excluded_recording_speaks_for_itself() -> None:
    rows = [make_row("blocked"), make_row("whole", subtract="blocked", exclude=True)]
    fitted = {"blocked": measured(0.0), "whole": Fitted(IVFit.rejected("excluded"))}
    (ratio,) = cell_ratios(rows, fitted, SOLUTIONS, SETTINGS, {}).ratios
    assert ratio.ratio == pytest.approx(1.0, abs=0.01)


def test_a_page_gets_the_points_that_were_fitted() -> None:
    def measure(row: SheetRow, i_pa: float) -> RecordingResult:
        point = IVPoint(1, 1, -80.0, -80.0, i_pa, 1.0, 10.0, 0.0, 0.0, 1.0)
        family = Family(1, "family", ("B",), 0.0, 1.0, -80.0, -80.0, 1)
        seen = Measurement((family,), family, "", (point,), (), ())
        return RecordingResult(row, None, seen, IVFit("ok"))

    blocked = measure(make_row("blocked"), -30.0)
    whole = measure(make_row("whole", subtract="blocked"), -100.0)
    plain, subtracted = add_fitted_points((blocked, whole))
    assert plain.subtracted_points == ()
    assert [point.i_pa for point in subtracted.subtracted_points] == [-70.0]
    assert subtracted.measurement == whole.measurement


def test_errors_of_controls_are_carried_by_their_share() -> None:
    """A leak error of 4 pA in each of two controls that count half moves the difference by 2."""

    def seen(i_pa: float) -> Measurement:
        point = IVPoint(1, 1, -80.0, -80.0, i_pa, 1.0, 10.0, 0.0, 0.0, 1.0)
        family = Family(1, "family", ("B",), 0.0, 1.0, -80.0, -80.0, 1)
        error = SharedError("leak line", "recording", i_pa=(4.0,))
        return Measurement((family,), family, "", (point,), (), (), shared_errors=(error,))

    known = {"before": seen(-20.0), "whole": seen(-100.0), "wash": seen(-40.0)}
    row = make_row("whole", subtract="before;wash")
    difference, controls = points_to_fit(row, {}, known)
    assert difference.points[0].i_pa == -70.0
    assert difference.corrections[0].i_pa == (30.0,)
    own, *carried = shared_errors(row, difference, controls, known)
    assert own.i_pa == (4.0,)
    assert [one.i_pa for one in carried] == [(-2.0,), (-2.0,)]
    assert [one.source for one in carried] == ["leak line of before", "leak line of wash"]


def test_a_control_in_another_bath_is_told() -> None:
    rows = {"blocked": make_row("blocked", bath="other"), "whole": make_row("whole")}
    row = make_row("whole", subtract="blocked")
    finding = check_surroundings(row, rows)
    assert finding is not None
    assert "in another bath (other) than this recording (out)" in finding.message
    assert check_surroundings(row, {"blocked": make_row("blocked")}) is None


def test_points_are_placed_in_time_by_the_files() -> None:
    """The file began at 12:00:00; sweep 2 began 5 s later, its window 0.25 s after that."""
    source = Provenance("a.abf", "", 0, "", "", "ABF 2.6", acquired="2024-05-01T12:00:00.000")
    info = RecordingInfo(source, (), 0.1, 2, 10, (0.0, 5.0), "", ())
    points = tuple(IVPoint(k, 1, -80.0, -80.0, 0.0, 1.0, 10.0, 0.0, 250.0, 260.0) for k in (1, 2))
    family = Family(1, "family", ("B",), 0.0, 1.0, -80.0, -80.0, 1)
    control = as_control("a", info, Measurement((family,), family, "", points, (), ()))
    assert control.times_s is not None
    first, second = control.times_s
    assert second - first == 5.0
    assert first % 60 == 0.25
    assert as_control("a", None, Measurement((family,), family, "", points, (), ())).times_s is None


def curve_of(g_ns: float, e_rev_mv: float, ljp_mv: float = 0.0) -> Measured:
    """A straight curve at eight voltages, corrected for a junction potential."""
    family = Family(1, "family", ("B",), 0.0, 1.0, -80.0, 60.0, 8)
    points = tuple(
        IVPoint(k, 1, v, v - ljp_mv, g_ns * (v - ljp_mv - e_rev_mv), 0.1, 10.0, 0.0, 0.0, 1.0)
        for k, v in enumerate(range(-80, 61, 20), 1)
    )
    junction = Correction("junction potential", ljp_mv, "mV", True, "", v_mv=(-ljp_mv,) * 8)
    return Measured(Measurement((family,), family, "", points, (junction,), ()))


def test_the_fit_says_what_the_control_and_the_junction_potential_did() -> None:
    """5 nS at -20 mV less 1 nS at 0 mV: 4 nS at -25 mV; 3 mV of junction potential."""
    rows = [make_row("blocked"), make_row("whole", subtract="blocked")]
    measured = {"blocked": curve_of(1.0, 0.0, 3.0), "whole": curve_of(5.0, -20.0, 3.0)}
    ingested = {row.recording: Ingested(None) for row in rows}
    settings = Fit().model_dump()
    given = Conditions((), {}, {}, {})
    fitted = fit_cell(rows, ingested, measured, settings, 1.5, given=given, say=print)
    fit = fitted["whole"].fit
    assert fit.e_rev_mv == pytest.approx(-25.0, abs=1e-6)
    junction, control = fit.effects
    assert junction.e_rev_change_mv == pytest.approx(-3.0)
    assert junction.g_change_ns == 0.0
    assert control.e_rev_without_mv == pytest.approx(-20.0, abs=1e-6)
    assert control.g_change_ns == pytest.approx(-1.0)
    (told,) = [one for one in fit.contributions if one.source == "junction potential"]
    assert (told.quantity, told.included) == ("e_rev_mv", False)
    assert told.sigma == pytest.approx(1.5)
