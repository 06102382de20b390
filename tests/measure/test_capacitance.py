"""The capacitance that densities are taken over, or why there is none."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from leaky_cells import GATED, RIG, recorded, without
from recordings_by_hand import sheet_row

from permeant.measure.capacitance import find_capacitance
from permeant.measure.circuit import CellState, read_cell_state
from permeant.measure.membrane_test import SweepCircuit
from permeant.recording import open_recording

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORDINGS = Path(os.environ.get("PERMEANT_RECORDINGS", SHARED / "recordings"))


def real(name: str):
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"{name} is absent: no such file in {RECORDINGS} (set PERMEANT_RECORDINGS)")
    return open_recording(path)


def circuits(*c_pf: float | None, reason: str = "") -> CellState:
    return CellState(
        tuple(
            SweepCircuit(k, c_m_pf=c, c_m_se_pf=0.3 if c else None, reason=reason)
            for k, c in enumerate(c_pf, start=1)
        )
    )


def test_the_sheet_goes_before_the_file_and_the_file_before_the_test():
    recording = recorded(GATED, 0)
    told = replace(recording, info=replace(recording.info, c_m_pf=31.0))
    state = circuits(20.0, 21.0, 22.0)
    assert find_capacitance(told, state, sheet_row(c_m_pf=12.0)).value.c_m_pf == 12.0
    assert find_capacitance(told, state, sheet_row()).value.source.endswith("telegraph")
    by_test = find_capacitance(recording, state, sheet_row()).value
    assert by_test.c_m_pf == 21.0
    # median of three, scatter 1.4826 of it 1.25/√3, and the method's 0.3 pF that they share
    assert by_test.se_pf == pytest.approx(np.hypot(1.25 * 1.4826 / 3**0.5, 0.3))


def test_a_cancelled_transient_tells_none_and_says_so():
    state = circuits(None, None, reason="part of it is cancelled by the amplifier")
    known = find_capacitance(recorded(GATED, 0), state, sheet_row())
    assert known.value is None
    (row,) = known.rows
    assert "cancelled by the amplifier; no densities: write c_m_pf" in row.reason


def test_a_ramp_there_and_back_tells_the_capacitance():
    measured = without(recorded(GATED, 0), sheet_row(r_s_mohm=6.0))
    known = measured.capacitance
    assert known.c_m_pf == pytest.approx(RIG.c_m_pf, abs=max(4 * known.se_pf, 0.2))
    point = measured.points[-1]
    assert point.i_density_pa_per_pf == pytest.approx(point.i_pa / known.c_m_pf)


def test_densities_are_those_of_what_the_leak_leaves():
    measured = without(recorded(GATED, 0), sheet_row(c_m_pf=25.0), leak="ramp")
    point = measured.points[-1]
    assert point.i_density_pa_per_pf == pytest.approx((point.i_pa - point.i_leak_pa) / 25.0)


def test_the_capacitance_of_a_model_cell_from_its_ramps():
    """30.88 ± 0.20 pF after the author of the recording."""
    recording = real("pyabf/model_vc_ramp.abf")
    state = read_cell_state(recording, sheet_row(), 60.0)
    known = find_capacitance(recording, state, sheet_row()).value
    assert known.c_m_pf == pytest.approx(30.88, abs=0.3)
    assert known.source.startswith("from a ramp and its mirror image")


def test_ramps_whose_capacitive_current_was_cancelled_tell_none():
    recording = real("hcn2/20917009.abf")
    state = read_cell_state(recording, sheet_row(), 50.0)
    known = find_capacitance(recording, state, sheet_row())
    assert known.value is None
    assert "cancelled the capacitive current" in known.why_not
