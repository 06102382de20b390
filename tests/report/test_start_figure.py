"""The picture of the first moments of steps, and where it stands on the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_examples import make_recording, ok_cell

from permeant.records import RecordingResult, StepStart, Tag
from permeant.report import facts, wording
from permeant.report.pages import cell_page
from permeant.report.start_figure import MOST_STEPS, start_figure


def with_starts(n: int, measure: str = "instantaneous") -> RecordingResult:
    recording = make_recording()
    assert recording.measurement is not None
    starts = tuple(
        StepStart(
            sweep=k + 1,
            start_ms=100.0,
            read_ms=100.5,
            read_pa=10.0 * k,
            time_ms=(99.0, 100.0, 101.0, 110.0),
            current_pa=(0.0, 900.0, 10.0 * k, 9.0 * k),
            curve_time_ms=(100.5, 105.0, 110.0),
            curve_pa=(10.0 * k, 9.5 * k, 9.0 * k),
        )
        for k in range(n)
    )
    return replace(
        recording,
        row=replace(recording.row, measure=measure),  # type: ignore[arg-type]
        measurement=replace(recording.measurement, starts=starts),
    )


def test_samples_curve_and_reading_are_drawn_from_the_start_of_the_step() -> None:
    figure = start_figure(with_starts(3), "s")
    assert figure is not None
    samples, curve, ring = figure.spec["data"][6:9]
    assert samples["x"] == [-1.0, 0.0, 1.0, 10.0]
    assert curve["x"] == [0.5, 5.0, 10.0]
    assert curve["line"]["dash"] == "dash"
    assert (ring["x"], ring["y"]) == ([0.5], [20.0])
    assert ring["meta"] == {"sweep": 3}
    # the transient of 900 pA does not set the axis
    assert figure.spec["layout"]["yaxis"]["range"][1] < 100.0


def test_no_picture_where_nothing_was_read_at_a_start() -> None:
    assert start_figure(make_recording(), "s") is None


def test_many_steps_are_thinned_and_that_is_said() -> None:
    figure = start_figure(with_starts(100), "s")
    assert figure is not None
    assert len(figure.spec["data"]) == 3 * MOST_STEPS
    assert figure.caption.startswith(f"{MOST_STEPS} of 100 steps.")


@pytest.mark.parametrize(
    ("measure", "title"), [("instantaneous", "Start of the steps"), ("peak", "Peaks")]
)
def test_the_page_has_the_picture_under_its_heading(measure: str, title: str) -> None:
    page = cell_page(replace(ok_cell(), recordings=(with_starts(3, measure),)))
    assert f"<h3>{title}</h3>" in page
    assert 'data-figure="starts-1"' in page
    assert "starts-1" not in cell_page(ok_cell())


def test_tags_and_the_sweeps_that_were_taken_are_told() -> None:
    recording = make_recording()
    assert recording.info is not None
    info = replace(recording.info, tags=(Tag(12.5, "drug"),), sweep_numbers=(1, 2, 3, 7))
    told = dict(facts.file_facts(replace(recording, info=info)))
    assert told["tags"] == "drug at 12.5 s"
    assert told["sweeps taken"] == "1–3, 7"
    assert wording.ranges([]) == ""
    row = dict(facts.sheet_facts(replace(recording.row, sweeps="1-3,7")))
    assert row["sweeps taken"] == "1-3,7"
