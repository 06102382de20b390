"""What a page says and draws of single channels."""

from __future__ import annotations

from permeant.records import (
    ChannelLevel,
    ChannelTrace,
    DwellComponent,
    DwellCounts,
    DwellTimes,
    Family,
    IVFit,
    Measurement,
    RecordingResult,
    SheetRow,
    SingleChannel,
)
from permeant.report.channels import view_channels

PATCH = SingleChannel(
    -80.0, -84.0, "ok", n_channels=1, i_unitary_pa=-2.0, i_low_pa=-2.05, i_high_pa=-1.95,
    p_open=0.25, p_open_low=0.2, p_open_high=0.3, n_openings=300, duration_s=5.0,
    signal_to_noise=8.0, noise_pa=0.25, filter_khz=2.0, filter_source="stated", dead_time_ms=0.18,
    levels=(ChannelLevel(1, -2.0, -2.05, -1.95, 0.25),),
    histogram_pa=(-2.0, -1.0, 0.0), histogram_counts=(50, 0, 150),
    trace=ChannelTrace(1.0, (0.0, 0.1, 0.2), (0.1, -2.1, -1.9), (0.0, 0.1, 0.1, 0.2),
                       (0.0, 0.0, -2.0, -2.0)),
)  # fmt: skip
SILENT = SingleChannel(0.0, -4.0, "rejected", "no two levels stand apart", duration_s=5.0)
TIMES = DwellTimes(
    "open", -84.0, "ok", "", 4.0, 3.6, 4.4, 300, 0.18,
    (DwellComponent(1.0, 0.8, 1.2, 0.4, 0.3, 0.5), DwellComponent(6.0, 5.0, 7.0, 0.6, 0.5, 0.7)),
    DwellCounts("open", (0.18, 1.0, 10.0), (100, 200)), (110.0, 190.0),
)  # fmt: skip


def view(*patches, times=()):
    family = Family(1, "levels", ("A",), 0.0, 100.0, -80.0, -80.0, 1)
    measurement = Measurement((family,), family, "", (), (), (), single_channels=tuple(patches))
    row = SheetRow(1, "c", "r", "c.abf", measure="single_channel")
    fit = IVFit.rejected("one voltage", dwell_times=tuple(times))
    return view_channels(RecordingResult(row, None, measurement, fit), "channels-1")


def test_the_sentence_has_current_open_probability_and_evidence():
    sentence = view(PATCH, SILENT, times=(TIMES,)).sentence
    for said in ("−84.0 mV", "−2.00 pA", "300 openings", "5.00 s"):
        assert said in sentence


def test_a_voltage_without_channels_says_why_and_shows_no_number():
    row = view(PATCH, SILENT).rows[1]
    assert row.why == "no two levels stand apart"
    assert (row.current, row.p_open, row.open_ms) == ("–", "–", "–")


def test_components_stand_behind_the_mean():
    (row,) = view(PATCH, times=(TIMES,)).rows
    assert "1.00 ms (40 %), 6.00 ms (60 %)" in row.open_ms


def test_the_picture_has_the_idealisation_the_histogram_and_the_times():
    (picture,) = view(PATCH, times=(TIMES,)).pictures
    axes = {trace.get("xaxis", "x") for trace in picture.spec["data"]}
    assert axes == {"x", "x2", "x3"}
    assert picture.spec["data"][1]["y"] == [0.0, 0.0, -2.0, -2.0]
    assert "NaN" not in picture.json


def test_where_nothing_was_measured_the_sentence_says_so():
    assert view(SILENT).sentence == "No unitary current could be measured."
    assert view(SILENT).pictures == ()
    assert view() is None
