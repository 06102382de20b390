"""Arrows at rest say where the resting potential is from; points before and after corrections."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_examples import make_recording
from test_figures import unpacked

from permeant.records import (
    CorrectionEffect,
    DrivingForce,
    RawCurve,
    RecordingResult,
    SheetRow,
    Solution,
)
from permeant.report.correction_figure import correction_figure
from permeant.report.force_figure import force_figure
from permeant.workflow.permeability import row_driving_forces

INSIDE = Solution("pip", {"K": 140.0, "Na": 10.0})
OUTSIDE = Solution("bath", {"K": 5.0, "Na": 140.0})
ROW = SheetRow(0, "c", "r", "f", pipette="pip", bath="bath", temperature_c=22.0)


def at_places(**row: object) -> RecordingResult:
    resting = row.pop("resting", {})
    recording = make_recording()
    forces = row_driving_forces(
        replace(ROW, **row),  # type: ignore[arg-type]
        recording.fit,
        -70.0,
        {"pip": INSIDE, "bath": OUTSIDE},
        {},
        resting=resting,  # type: ignore[arg-type]
    )
    return replace(recording, driving_forces=forces)


def places(recording: RecordingResult) -> dict[str, float]:
    return {one.at: one.v_mv for one in recording.driving_forces if one.v_mv is not None}


def test_rest_is_never_guessed() -> None:
    recording = at_places()
    assert set(places(recording)) == {"holding", "reversal"}
    figure = force_figure(recording, "f")
    assert figure is not None
    assert "nobody stated the resting potential" in figure.caption


def test_rest_of_the_sheet_wins_over_an_estimate() -> None:
    recording = at_places(v_rest_mv=-66.0, resting={"K": 1.0, "Na": 0.04})
    assert places(recording)["rest (from the sheet)"] == -66.0
    assert len(places(recording)) == 3
    figure = force_figure(recording, "f")
    assert figure is not None
    names = [a["text"] for a in figure.spec["layout"]["annotations"] if a["text"]]
    assert "rest −66.0 mV" in names
    arrows = [a for a in figure.spec["layout"]["annotations"] if a.get("showarrow")]
    assert len(arrows) == 2 * 3
    assert {a["ax"] for a in arrows} == {-70.0, recording.fit.e_rev_mv, -66.0}
    assert "v_rest_mv of the sheet" in figure.caption


def test_an_estimate_states_what_it_assumes() -> None:
    recording = at_places(resting={"K": 1.0, "Na": 0.04})
    (at,) = [at for at in places(recording) if at.startswith("rest")]
    assert "P_K : P_Na = 1 : 0.04" in at
    figure = force_figure(recording, "f")
    assert figure is not None
    assert "Rest is an estimate, not measured" in figure.caption
    assert "P_K : P_Na = 1 : 0.04" in figure.caption


def test_holding_and_rest_at_one_voltage_keep_their_own_arrows() -> None:
    recording = at_places(v_rest_mv=-70.0)
    figure = force_figure(recording, "f")
    assert figure is not None
    names = [a["text"] for a in figure.spec["layout"]["annotations"] if a["text"]]
    assert {"holding −70.0 mV", "rest −70.0 mV"} <= set(names)


def with_corrections() -> RecordingResult:
    recording = make_recording()
    assert recording.measurement is not None
    points = recording.measurement.points
    raw = RawCurve(tuple(p.v_command_mv for p in points), tuple(p.i_pa - 10.0 for p in points))
    effects = (
        CorrectionEffect("junction potential", 4.2, "mV", True, "", -13.0, 4.2, 8.2, 0.0),
        CorrectionEffect("leak", None, "nS", False, "none asked for"),
    )
    return replace(recording, fit=replace(recording.fit, raw=raw, effects=effects))


def test_every_used_point_is_drawn_before_and_after() -> None:
    recording = with_corrections()
    figure = correction_figure(recording, "c")
    assert figure is not None
    assert recording.measurement is not None
    used = [p for p in recording.measurement.points if p.used]
    drawn = {trace["name"]: trace for trace in figure.spec["data"]}
    assert unpacked(drawn["corrected"]["x"]) == pytest.approx([p.v_membrane_mv for p in used])
    assert unpacked(drawn["as recorded"]["x"]) == pytest.approx([p.v_command_mv for p in used])
    before = unpacked(drawn["as recorded"]["y"])
    assert before == pytest.approx([p.i_pa - 10.0 for p in used], rel=1e-6)
    assert drawn["E<sub>rev</sub> without junction potential"]["x"] == [-13.0]
    assert drawn["E<sub>rev</sub>"]["x"] == [recording.fit.e_rev_mv]
    assert "voltages moved by −4.2 to −4.2 mV" in figure.label
    assert "currents by +10.0 to +10.0 pA" in figure.label
    assert "leak" not in figure.caption


def test_without_an_applied_correction_there_is_no_picture() -> None:
    recording = with_corrections()
    effects = tuple(replace(one, applied=False) for one in recording.fit.effects)
    none = replace(recording, fit=replace(recording.fit, effects=effects))
    assert correction_figure(none, "c") is None
    assert correction_figure(make_recording(), "c") is None


def test_a_force_without_its_place_is_still_drawn() -> None:
    """Results that a former version left behind have none."""
    one = DrivingForce("K", 1, -85.0, -70.0, 15.0, None, None)
    assert force_figure(replace(make_recording(), driving_forces=(one,)), "f") is not None
