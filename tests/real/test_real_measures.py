"""Tails, peaks and ramps of real recordings, and what is proposed for them.

The expected numbers of the HCN2 tails are those of the recordings' README.  They come from
straight lines through the tails above -60 mV (``fit_min_mv`` and ``line_e_rev_mv`` here); the
tails bend (more conductance inward than outward), so such a line crosses zero 4 to 6 mV above
the tails themselves, whose crossing lies between two neighbouring points, at -25 and -10 mV.
Both are held here.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from permeant.config import Settings
from permeant.infer.iv import fit_iv
from permeant.infer.shared import include_shared_errors
from permeant.measure import measure_recording
from permeant.measure.leak_ramp import find_leak_ramp, fit_leak_ramp
from permeant.recording import open_recording
from permeant.recording.choice import select_sweeps
from permeant.records import IVFit, Measurement, Recording, SheetRow
from permeant.tables import read_table

REPOSITORY = Path(__file__).resolve().parents[2]
RECORDINGS = Path(
    os.environ.get("PERMEANT_RECORDINGS", REPOSITORY.parent / "shared" / "recordings")
)
SETTINGS = Settings().model_dump(mode="json")
LINE = {name: value for name, value in SETTINGS["fit"].items() if name != "models"}

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(),
    reason=f"the real recordings are absent: no folder {RECORDINGS} (set PERMEANT_RECORDINGS)",
)


def measured(file: str, measure: str = "steady", sweeps: str | None = None) -> Measurement:
    recording = open_recording(RECORDINGS / file)
    if sweeps:
        recording = select_sweeps(recording, sweeps)
    return measure_one(recording, measure)


def measure_one(recording: Recording, measure: str) -> Measurement:
    return measure_recording(
        recording,
        SheetRow(line=2, cell="c", recording="r", file="f", measure=measure),  # type: ignore[arg-type]
        {},
        steady_state=SETTINGS["steady_state"],
        corrections=SETTINGS["corrections"],
        quality=SETTINGS["quality"],
        extra_ions={},
        measures=SETTINGS["measures"],
    )


def fitted(measurement: Measurement) -> IVFit:
    fit = fit_iv(measurement.points, **LINE)
    return include_shared_errors(fit, measurement.points, measurement.shared_errors)


def proposals(measurement: Measurement) -> list[str]:
    return [f.message for f in measurement.findings if f.check == "measure_proposed"]


def without_leak(file: str) -> tuple[np.ndarray, np.ndarray]:
    """Voltages in rising order and tails without the leak of their sweep's ramp."""
    recording = open_recording(RECORDINGS / file)
    ramp = find_leak_ramp(recording.info)
    assert ramp is not None
    leaks = fit_leak_ramp(recording.current_pa, ramp, recording.info.interval_ms)
    leak_of = {leak.sweep: leak for leak in leaks}
    points = sorted(
        measure_one(recording, "instantaneous").points, key=lambda point: point.v_command_mv
    )
    v_mv = np.array([point.v_command_mv for point in points])
    i_pa = [p.i_pa - leak_of[p.sweep].current_pa(p.v_command_mv) for p in points]
    return v_mv, np.array(i_pa)


@pytest.mark.parametrize(
    ("file", "line_mv", "crossing_mv"),
    [
        ("hcn2/20917009.abf", -17.2, -21.0),
        ("hcn2/20d10001.abf", -16.4, -21.0),
        ("hcn2/21416007.abf", -13.1, -18.7),
    ],
)
def test_tails_without_leak_reverse_where_hand_measurement_says(file, line_mv, crossing_mv):
    v_mv, i_pa = without_leak(file)
    # a line through the points above -60 mV gives the README's number for all three cells
    near = v_mv > -60.0
    slope, level = np.polyfit(v_mv[near], i_pa[near], 1)
    assert -level / slope == pytest.approx(line_mv, abs=1.0)
    # by hand: the mean from 5 to 6.5 ms after the step, interpolated between its neighbours
    k = int(np.flatnonzero((i_pa[:-1] < 0) & (i_pa[1:] >= 0))[0])
    zero_mv = v_mv[k] - i_pa[k] * (v_mv[k + 1] - v_mv[k]) / (i_pa[k + 1] - i_pa[k])
    assert zero_mv == pytest.approx(crossing_mv, abs=1.0)


@pytest.mark.parametrize(
    ("file", "line_mv", "crossing_mv"),
    [
        ("20917009", -17.2, -21.0),
        ("20d10001", -16.4, -21.0),
        ("21416007", -13.1, -18.7),
    ],
)
def test_the_sheets_range_gives_the_line_of_the_hand_measurement(
    file, line_mv, crossing_mv, tmp_path, run_project
):
    (tmp_path / "config").mkdir()
    (tmp_path / "data").symlink_to(RECORDINGS, target_is_directory=True)
    (tmp_path / "config" / "recordings.csv").write_text(
        f"cell,file,measure,leak,fit_min_mv\nhcn,data/hcn2/{file}.abf,instantaneous,ramp,-60\n"
    )
    fit = read_table(run_project(tmp_path) / "tables", "fits").iloc[0]
    assert fit.line_e_rev_mv == pytest.approx(line_mv, abs=1.0)
    assert fit.line_e_rev_low_mv < line_mv < fit.line_e_rev_high_mv
    assert fit.e_rev_mv == pytest.approx(crossing_mv, abs=1.0)
    assert fit.v_min_mv > -60.0


def test_tails_have_the_conductance_that_hand_measurement_gives():
    fit = fitted(measured("hcn2/20917009.abf", "instantaneous"))
    # README: 8.2 nS, of a line that leaves out the curvature; 8.8 at 5 ms by the same line
    assert fit.g_at_reversal_ns == pytest.approx(8.2, rel=0.05)
    assert fit.e_rev_status == "measured"


def test_tails_without_a_leak_ramp_reverse_near_minus_20():
    fit = fitted(measured("hcn2/20117008.abf", "instantaneous"))
    assert fit.e_rev_low_mv is not None
    assert fit.e_rev_high_mv is not None
    assert fit.e_rev_mv == pytest.approx(-20.0, abs=2.0)


def test_the_user_list_orders_the_tails_of_21416007():
    points = measured("hcn2/21416007.abf", "instantaneous").points
    order = np.argsort([point.v_command_mv for point in points])
    assert np.all(np.diff(np.array([point.i_pa for point in points])[order]) > 0)


@pytest.mark.parametrize("file", ["20917009", "20d10001", "21416007", "20117008", "19d16004"])
def test_tails_are_proposed_for_deactivation_families(file):
    assert "deactivates during the step" in proposals(measured(f"hcn2/{file}.abf"))[0]


@pytest.mark.parametrize(
    "file",
    [
        "pyabf/model_vc_step.abf",
        "pyabf/171116sh_0011.abf",
        "pyabf/171116sh_0012.abf",
        "pyabf/171116sh_0013.abf",
        "pyabf/14o16001_vc_pair_step.abf",
        "pyabf/18702001-step.abf",
        "electrophysiology_jl/24622008.abf",
        "hcn2/20910005.abf",
        "hcn2/20910002.abf",
        "hcn2/21521000.abf",
    ],
)
def test_nothing_is_proposed_where_the_steady_state_is_what_there_is(file):
    assert proposals(measured(file)) == []


def test_sodium_current_is_measured_at_its_peak():
    assert "measure: peak" in proposals(measured("myokit/abf-v2.abf"))[0]
    peaks = measured("myokit/abf-v2.abf", "peak")
    by_level = {point.v_command_mv: point for point in peaks.points}
    # the samples around the largest inward current of each sweep, read off by hand
    for level_mv, i_pa in ((-40.0, -690.0), (-30.0, -1460.0), (-20.0, -1575.0), (0.0, -1220.0)):
        point = by_level[level_mv]
        assert point.i_pa == pytest.approx(i_pa, abs=2 * point.i_sem_pa + 10.0)
    fit = fitted(peaks)
    assert fit.e_rev_status == "measured"
    assert fit.e_rev_low_mv is not None
    assert fit.e_rev_high_mv is not None
    # by hand: at 0.8 ms, sweeps at 40 and 50 mV are at -225 and +30 pA, with some transient
    assert fit.e_rev_low_mv < 48.0 < fit.e_rev_high_mv


def test_ramp_of_the_pressure_recording():
    measurement = measured("pyabf/DM1_0002.abf", "ramp")
    fit = fitted(measurement)
    assert fit.g_ns == pytest.approx(0.245, rel=0.1)
    assert fit.e_rev_mv is not None
    assert 2.0 <= fit.e_rev_mv <= 4.0
    said = next(f.message for f in measurement.findings if f.check == "ramp_sweeps")
    assert "7 sweeps" in said
    assert "measure: ramp" in proposals(measured("pyabf/DM1_0002.abf"))[0]


def test_ramp_pair_of_the_model_cell():
    measurement = measured("pyabf/model_vc_ramp.abf", "ramp")
    fit = fitted(measurement)
    # the author's capacitance is 30.88 ± 0.20 pF, the step recording of the same cell 1.960 nS
    capacitance = next(f for f in measurement.findings if f.check == "ramp_capacitance")
    assert capacitance.value == pytest.approx(30.88, abs=0.4)
    assert fit.g_ns == pytest.approx(1.960, rel=0.01)


def test_slow_ramps_of_gating_channels_say_so():
    measurement = measured("hcn2/20d10010.abf", "ramp")
    assert any(f.check == "ramp_hysteresis" for f in measurement.findings)


def test_sweeps_of_a_row_keep_the_numbers_of_the_file():
    points = measured("hcn2/20917009.abf", "instantaneous", sweeps="3-6,9-10").points
    assert [point.sweep for point in points] == [3, 4, 5, 6, 9, 10]
    assert [point.v_command_mv for point in points] == [-55, -40, -25, -10, 35, 50]


def test_measures_and_sweeps_of_the_sheet_reach_tables_and_pages(tmp_path, run_project):
    (tmp_path / "config").mkdir()
    (tmp_path / "data").symlink_to(RECORDINGS, target_is_directory=True)
    (tmp_path / "config" / "recordings.csv").write_text(
        "cell,recording,file,measure,sweeps,leak\n"
        "hcn,tails,data/hcn2/20917009.abf,instantaneous,,\n"
        "hcn,no-leak,data/hcn2/20917009.abf,instantaneous,,ramp\n"
        'hcn,some,data/hcn2/20917009.abf,instantaneous,"2-8,10",\n'
        "hcn,too-many,data/hcn2/20917009.abf,instantaneous,9-12,\n"
        "sodium,,data/myokit/abf-v2.abf,peak,,\n"
        "pressure,,data/pyabf/DM1_0002.abf,ramp,,\n"
    )
    reports = run_project(tmp_path)
    fits = read_table(reports / "tables", "fits").set_index(["cell", "recording"])
    assert fits.measure.tolist() == ["instantaneous"] * 4 + ["ramp", "peak"]
    assert fits.status["hcn"].to_dict() == {
        "no-leak": "ok", "some": "ok", "tails": "ok", "too-many": "rejected"
    }  # fmt: skip
    # the leak of 1.05 nS at -13.7 mV comes off the tails, which then reverse farther from it
    tails, no_leak = fits.loc["hcn", "tails"], fits.loc["hcn", "no-leak"]
    assert tails.g_ns - no_leak.g_ns == pytest.approx(1.05, abs=0.1)
    assert no_leak.e_rev_mv == pytest.approx(-21.4, abs=1.0)
    assert no_leak.e_rev_mv < tails.e_rev_mv
    assert "there is no sweep 12" in fits.reason["hcn", "too-many"]
    points = read_table(reports / "tables", "iv_points")
    some = points[(points.cell == "hcn") & (points.recording == "some")]
    assert some.sweep.tolist() == [2, 3, 4, 5, 6, 7, 8, 10]
    page = (reports / "cells" / "hcn.html").read_text()
    assert "Start of the steps" in page
    assert "2–8, 10" in page
