from __future__ import annotations

import json
from array import array
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest
from report_examples import (
    HOSTILE,
    bare_cell,
    baths_cell,
    hostile_cell,
    make_measurement,
    make_recording,
    make_traces,
    rejected_cell,
)

from permeant.records import DrivingForce, Finding, IVFit
from permeant.report.colours import sweep_colours
from permeant.report.iv_figure import all_iv_figure, iv_figure
from permeant.report.nernst_labels import nernst_labels
from permeant.report.trace_figure import merge_windows, trace_figure


def unpacked(values: Any) -> list[float]:
    if isinstance(values, dict):
        assert values["dtype"] == "f4"
        return list(array("f", b64decode(values["bdata"])))
    return list(values)


def test_traces_hold_every_sample_and_the_window() -> None:
    recording = make_recording()
    assert recording.measurement is not None
    figure = trace_figure(recording, "t")
    assert figure is not None
    traces = recording.traces
    data = figure.spec["data"]
    assert len(data) == 2 * len(traces)
    for drawn, trace in zip(data, traces, strict=False):
        assert unpacked(drawn["y"]) == pytest.approx(trace.current_pa, rel=1e-6)
        assert unpacked(drawn["x"]) == pytest.approx(trace.time_ms, rel=1e-6)
    assert unpacked(data[-1]["y"]) == list(traces[-1].command_mv)
    layout = figure.spec["layout"]
    assert [(s["x0"], s["x1"]) for s in layout["shapes"]] == [(402.5, 597.5)]
    assert layout["xaxis"]["title"]["text"] == "time in the sweep (ms)"
    assert layout["yaxis"]["title"]["text"] == "current (pA)"
    assert layout["yaxis2"]["title"]["text"] == "command (mV)"
    assert "402.5–597.5 ms" in figure.label


def test_transients_do_not_hide_the_window() -> None:
    figure = trace_figure(make_recording(), "t")
    assert figure is not None
    low, high = figure.spec["layout"]["yaxis"]["range"]
    assert -1500 < low < -620
    assert 650 < high < 1500
    assert "double-click" in figure.caption


def test_many_sweeps_are_thinned_and_that_is_said() -> None:
    figure = trace_figure(make_recording(traces=make_traces(sweeps=100, samples=50)), "t")
    assert figure is not None
    assert len(figure.spec["data"]) == 80
    assert figure.caption.startswith("40 of 100 sweeps, sweeps 1 (dark) to 100 (bright)")


def test_no_picture_without_samples_or_points() -> None:
    recording = rejected_cell().recordings[0]
    assert trace_figure(recording, "t") is None
    assert iv_figure(recording, "i") is None
    assert trace_figure(bare_cell().recordings[0], "t") is None


def test_touching_windows_become_one() -> None:
    points = make_measurement().points[:4]
    ends = [(0.0, 10.0), (10.0, 20.0), (30.0, 40.0), (5.0, 12.0)]
    moved = [
        replace(p, window_start_ms=a, window_end_ms=b)
        for p, (a, b) in zip(points, ends, strict=True)
    ]
    assert merge_windows(moved) == [(0.0, 20.0), (30.0, 40.0)]


def test_iv_shows_points_curves_reversal_and_ions() -> None:
    recording = make_recording()
    assert recording.measurement is not None
    figure = iv_figure(recording, "i", "t")
    assert figure is not None
    by_name = {trace["name"]: trace for trace in figure.spec["data"]}
    used = [p for p in recording.measurement.points if p.used]
    drawn = by_name["used"]
    assert unpacked(drawn["x"]) == pytest.approx([p.v_membrane_mv for p in used], rel=1e-6)
    assert unpacked(drawn["y"]) == pytest.approx([p.i_pa for p in used], rel=1e-6)
    errors = unpacked(drawn["error_y"]["array"])
    assert errors == pytest.approx([p.i_sem_pa for p in used], rel=1e-6)
    assert by_name["not used"]["marker"]["symbol"] == "circle-open"
    assert by_name["not used"]["text"] == ["not steady: drift 0.0123 pA/ms"]
    assert {"curve for g", "curve for E_rev"} <= set(by_name)
    assert by_name["E_rev"]["x"] == [recording.fit.e_rev_mv]
    assert by_name["E_rev"]["marker"]["symbol"] == "diamond"
    layout = figure.spec["layout"]
    texts = [a["text"] for a in layout["annotations"]]
    assert {"E<sub>K</sub>", "E<sub>Na</sub>", "E<sub>Cl</sub>"} <= set(texts)
    assert "E<sub>Ca</sub> 124 →" in texts
    assert not any("gluconate" in text for text in texts)
    assert layout["xaxis"]["title"]["text"] == "membrane voltage, inside − outside (mV)"
    assert layout["yaxis"]["title"]["text"] == "steady-state current (pA)"
    assert "9 points from −104 to 55.8 mV, 1 of them not used" in figure.label


def test_iv_without_a_fit() -> None:
    figure = iv_figure(replace(make_recording(), fit=IVFit.rejected("too noisy")), "i")
    assert figure is not None
    assert [trace["name"] for trace in figure.spec["data"]] == ["used", "not used"]
    assert "too noisy" in figure.label


def test_an_extrapolated_reversal_is_hollow() -> None:
    figure = iv_figure(baths_cell().recordings[2], "i")
    assert figure is not None
    mark = figure.spec["data"][-1]
    assert mark["marker"]["symbol"] == "diamond-open"
    assert "extrapolated" in mark["hovertemplate"]


def test_all_curves_of_a_cell() -> None:
    figure = all_iv_figure(baths_cell().recordings, "all")
    assert figure is not None
    names = [trace["name"] for trace in figure.spec["data"] if trace["showlegend"]]
    assert names == ["nacl (NaCl 150)", "kcl (KCl 150)", "nmdg (NMDG 150)"]
    assert all_iv_figure(baths_cell().recordings[:1], "all") is None


def test_labels_do_not_stand_on_one_another() -> None:
    close = {"Na": 20.0, "Li": 21.0, "K": 22.0, "Cl": -60.0}
    shapes, labels, rows = nernst_labels(close, (-100.0, 100.0))
    assert len(shapes) == 4
    assert rows == 3
    heights = {label["text"]: label["yshift"] for label in labels}
    assert len({heights[f"E<sub>{ion}</sub>"] for ion in ("Na", "Li", "K")}) == 3
    _, outside, _ = nernst_labels({"Ca": 130.0, "K": -140.0}, (-100.0, 100.0))
    assert [label["text"] for label in outside] == ["← E<sub>K</sub> −140", "E<sub>Ca</sub> 130 →"]


def test_one_label_an_ion_whatever_the_number_of_voltages() -> None:
    forces = tuple(DrivingForce("K", 1, -85.0, v, v + 85.0, None, None) for v in (-70.0, 0.0))
    figure = iv_figure(replace(make_recording(), driving_forces=forces), "i")
    assert figure is not None
    texts = [a["text"] for a in figure.spec["layout"]["annotations"]]
    assert texts == ["E<sub>K</sub>", "E<sub>rev</sub>"]


def test_json_is_valid_and_cannot_leave_its_script() -> None:
    cell = hostile_cell()
    figures = [
        all_iv_figure(cell.recordings, "a"),
        iv_figure(cell.recordings[0], "i"),
        trace_figure(cell.recordings[0], "t"),
    ]
    for figure in figures:
        assert figure is not None
        assert json.loads(figure.json) == figure.spec
        assert "<" not in figure.json
        assert "\u2028" not in figure.json
        for text in _texts(figure.spec["data"]):
            assert "<script" not in text
            assert "<img" not in text
            assert HOSTILE not in text


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else []


def test_numbers_that_json_cannot_hold_are_left_out() -> None:
    recording = make_recording()
    assert recording.measurement is not None
    points = tuple(replace(p, i_sem_pa=float("nan")) for p in recording.measurement.points)
    figure = iv_figure(
        replace(recording, measurement=replace(recording.measurement, points=points)), "i"
    )
    assert figure is not None
    assert "NaN" not in figure.json


def test_sweep_colours_run_from_dark_to_bright() -> None:
    assert len(set(sweep_colours(40))) == 40
    assert len(sweep_colours(1)) == 1
    assert sweep_colours(5)[0][0] == "#440154"


def test_an_unknown_command_is_not_drawn() -> None:
    recording = make_recording()
    assert recording.info is not None
    unknown = Finding("command_unknown", "error", "the command is unknown")
    blind = replace(recording, info=replace(recording.info, findings=(unknown,)))
    known_figure, blind_figure = trace_figure(recording, "t"), trace_figure(blind, "t")
    assert known_figure is not None
    assert blind_figure is not None
    assert "yaxis2" in known_figure.spec["layout"]
    assert "yaxis2" not in blind_figure.spec["layout"]
    assert len(blind_figure.spec["data"]) == len(recording.traces)


def test_the_curve_shows_the_points_after_subtraction() -> None:
    recording = make_recording()
    assert recording.measurement is not None
    fitted = tuple(replace(p, i_pa=p.i_pa - 50) for p in recording.measurement.points)
    row = replace(recording.row, subtract="blocked")
    figure = iv_figure(replace(recording, row=row, subtracted_points=fitted), "i")
    assert figure is not None
    drawn = [list(unpacked(t["y"])) for t in figure.spec["data"] if "error_y" in t]
    used = [p.i_pa for p in fitted if p.used]
    assert any(shown == pytest.approx(used, rel=1e-5) for shown in drawn)
    assert "after subtraction of blocked" in figure.caption
