"""Figures for papers hold the points of the record, and come out the same every time."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from report_examples import make_recording, rejected_cell

from permeant.errors import PermeantError
from permeant.report.paper_figure import FORMATS, write_iv_figure

STARTS = {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}


@pytest.mark.parametrize("ending", FORMATS)
def test_a_figure_is_the_same_every_time(tmp_path: Path, ending: str) -> None:
    pytest.importorskip("matplotlib")
    one, two = tmp_path / f"one.{ending}", tmp_path / f"two.{ending}"
    write_iv_figure(make_recording(), one)
    write_iv_figure(make_recording(), two)
    assert one.read_bytes().startswith(STARTS[ending])
    assert one.read_bytes() == two.read_bytes()


def test_every_used_point_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    recording = make_recording()
    write_iv_figure(recording, tmp_path / "iv.svg")
    svg = (tmp_path / "iv.svg").read_text()
    assert recording.measurement is not None
    used = [p for p in recording.measurement.points if p.used]
    black = re.findall(r"<use [^>]*fill: #000000|<use [^>]*stroke: #000000", svg)
    assert "font-size: 8px" in svg
    assert len(black) >= len(used) == 8
    assert "V (mV)" in svg
    assert "I (pA)" in svg


def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    lost = rejected_cell().recordings[0]
    with pytest.raises(PermeantError, match="truncated"):
        write_iv_figure(lost, tmp_path / "iv.pdf")
    bare = replace(make_recording(), measurement=None)
    with pytest.raises(PermeantError, match="nothing was measured"):
        write_iv_figure(bare, tmp_path / "iv.pdf")
