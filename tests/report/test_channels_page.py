"""What a page says and draws of single channels."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
from permeant.report.channels import unitary_text, view_channels

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


def test_the_pictures_are_a_trace_amplitudes_and_times():
    (at,) = view(PATCH, times=(TIMES,)).voltages
    names = [line["name"] for line in at.trace.spec["data"]]
    assert names == ["behind all filters", "idealised"]  # no filter was added
    assert at.trace.spec["data"][1]["y"] == [0.0, 0.0, -2.0, -2.0]
    amplitudes, times = at.below
    assert "−2.00 pA" in amplitudes.caption
    assert "1.00 ms (40 %), 6.00 ms (60 %)" in times.caption
    assert all("NaN" not in picture.json for picture in (at.trace, *at.below))


def test_where_a_filter_was_added_the_recorded_current_is_drawn_as_well():
    trace = replace(PATCH.trace, raw_pa=(0.4, -2.6, -1.5))
    patch = replace(PATCH, added_filter_khz=0.9, trace=trace)
    (at,) = view(patch).voltages
    assert next(line["name"] for line in at.trace.spec["data"]) == "as recorded"
    assert "0.900 kHz" in at.trace.caption


def test_the_fitted_levels_hold_all_samples_under_their_curves():
    (at,) = view(PATCH).voltages
    levels = at.below[0].spec["data"][1:]
    # bins of 1 pA are wider than the noise: the height in the middle is count/(sqrt(2 pi) 0.25)
    assert max(levels[0]["y"]) == pytest.approx(200 * 0.75 / (2.5066 * 0.25), rel=1e-3)
    assert max(levels[1]["y"]) == pytest.approx(200 * 0.25 / (2.5066 * 0.25), rel=1e-3)


def test_one_voltage_heads_the_page_with_its_unitary_current():
    family = Family(1, "levels", ("A",), 0.0, 100.0, -80.0, -80.0, 1)
    measurement = Measurement((family,), family, "", (), (), (), single_channels=(PATCH,))
    row = SheetRow(1, "c", "r", "c.abf", measure="single_channel")
    said = unitary_text(RecordingResult(row, None, measurement, IVFit.rejected("one voltage")))
    assert said.startswith("Unitary current −2.00 pA")
    assert said.endswith("no conductance: one voltage")


def test_where_nothing_was_measured_the_sentence_says_so():
    assert view(SILENT).sentence == "No unitary current could be measured."
    assert view(SILENT).pictures == ()
    assert view() is None
