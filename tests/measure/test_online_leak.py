"""P/N while recording: what can no longer be corrected, and that it is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from leaky_cells import GATED, recorded, without
from recordings_by_hand import sheet_row

from permeant.records import OnlineLeak, Recording

ROW = sheet_row(r_s_mohm=6.0)


def subtracted(online: OnlineLeak) -> Recording:
    recording = recorded(GATED, 0)
    return replace(recording, info=replace(recording.info, online_leak=online))


def test_without_the_whole_current_no_series_resistance():
    measured = without(subtracted(OnlineLeak("P/N", 4, 1, True)), ROW)
    for point in measured.points:
        assert point.v_membrane_mv == pytest.approx(point.v_command_mv)
    rows = {row.name: row for row in measured.corrections}
    assert not rows["series resistance"].applied
    assert "it needs the whole current" in rows["series resistance"].reason
    assert rows["leak"].reason == "made by the acquisition program: P/4"
    (finding,) = [one for one in measured.findings if one.check == "online_leak"]
    assert finding.severity == "warning"
    assert "noise 2.24 times larger" in finding.message  # √(1 + 4)
    assert "removes the channel itself" in finding.message


def test_a_second_subtraction_is_refused():
    measured = without(subtracted(OnlineLeak("P/N", 4, 1, None)), ROW, leak="ramp")
    assert not any(point.used for point in measured.points)
    assert any("the leak is gone already" in one.message for one in measured.findings)


def test_samples_that_were_stored_raw_are_treated_as_such():
    plain = without(recorded(GATED, 0), ROW, leak="ramp")
    raw = without(subtracted(OnlineLeak("P/N", 4, 1, True)), ROW, leak="ramp", online_leak="raw")
    assert raw.points == plain.points
    assert "online_leak" in {one.check for one in raw.findings}


def test_a_subtraction_for_another_channel_changes_nothing():
    plain = without(recorded(GATED, 0), ROW)
    assert without(subtracted(OnlineLeak("P/N", 4, 1, False)), ROW) == plain
