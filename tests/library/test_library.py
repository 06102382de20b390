"""The library gives the numbers of a run, from files, arrays and neo objects alike."""

from __future__ import annotations

import csv
from pathlib import Path

import neo
import numpy as np
import pytest
import quantities as pq

import permeant
from permeant import (
    fit_iv,
    measure_recording,
    measure_steady_state,
    observe,
    open_recording,
    permeability_ratios,
    to_frame,
    to_model_result,
)
from permeant.errors import PermeantError, RecordingError
from permeant.simulate.example_setup import SOLUTIONS

DATA = Path(__file__).resolve().parents[2] / "data"
GIVEN = {"temperature_c": 22.0, "r_s_mohm": 8.0, "r_s_compensation": 0.6}
"""As in config/recordings.csv."""


def truth(cell: str, recording: str, quantity: str) -> float:
    with (DATA / "truth.csv").open(newline="", encoding="utf-8") as stream:
        return next(
            float(row["value"])
            for row in csv.DictReader(stream)
            if (row["cell"], row["recording"], row["quantity"]) == (cell, recording, quantity)
        )


def test_every_name_can_be_imported_and_no_other() -> None:
    assert [name for name in permeant.__all__ if not hasattr(permeant, name)] == []
    assert set(permeant.__all__) == set(dir(permeant))
    with pytest.raises(AttributeError, match="no attribute 'fit_ivs'"):
        permeant.fit_ivs  # noqa: B018


def test_one_cell_from_files_to_ratios() -> None:
    """The substitution experiment of the example; its truth is in data/truth.csv."""
    seen = []
    for name in ("Na", "Li", "Cs"):
        recording = open_recording(DATA / f"ion-substitution_{name}.abf")
        bath, pipette = SOLUTIONS[f"bath_{name}"], SOLUTIONS["KCl_in"]
        ljp = truth("ion-substitution", name, "ljp_mv")
        ljp += truth("ion-substitution", name, "electrode_shift_mv")
        measured = measure_steady_state(recording, ljp_mv=ljp, **GIVEN)
        fit = fit_iv(measured)
        e_true = truth("ion-substitution", name, "e_rev_mv")
        assert fit.e_rev_low_mv is not None
        assert fit.e_rev_high_mv is not None
        assert fit.e_rev_low_mv < e_true < fit.e_rev_high_mv
        seen.append(observe(fit, inside=pipette, outside=bath, temperature_c=22, recording=name))
    ratios = permeability_ratios(seen, permeant=["Na", "K", "Li", "Cs"], reference="K")
    assert [one.ion for one in ratios] == ["Na", "Li", "Cs"]
    for one in ratios:
        assert one.ratio_low is not None
        assert one.ratio_high is not None
        true = truth("ion-substitution", "", f"P_{one.ion}/P_K")
        assert one.ratio_low < true < one.ratio_high
    frame = to_frame(ratios)
    assert list(frame["ion"]) == ["Na", "Li", "Cs"]
    assert frame["ratio"].dtype == float


def as_neo(name: str = "ohmic.abf") -> neo.Block:
    """The recording as neo objects, current in nA and command in V."""
    recording = open_recording(DATA / name)
    assert recording.command_mv is not None
    block = neo.Block(name="cell")
    for current_pa, command_mv in zip(recording.current_pa, recording.command_mv, strict=True):
        segment = neo.Segment()
        period = recording.info.interval_ms * pq.ms
        segment.analogsignals += [
            neo.AnalogSignal(
                current_pa.astype(float) / 1e3, "nA", sampling_period=period, name="I"
            ),
            neo.AnalogSignal(command_mv.astype(float) / 1e3, "V", sampling_period=period, name="V"),
        ]
        block.segments.append(segment)
    return block


def test_neo_objects_give_what_the_file_gives() -> None:
    """The same samples in other units: only rounding to 32 bits may differ."""
    ours = fit_iv(measure_steady_state(open_recording(DATA / "ohmic.abf"), **GIVEN))
    block = as_neo()
    for source in (block, block.segments):
        recording = open_recording(source)
        assert [one.role for one in recording.info.channels] == ["current", "command"]
        theirs = fit_iv(measure_steady_state(recording, **GIVEN))
        assert theirs.g_ns == pytest.approx(ours.g_ns, rel=2e-3)
        assert theirs.e_rev_mv == pytest.approx(ours.e_rev_mv, abs=0.05)


def test_a_command_may_be_given_as_an_array() -> None:
    block = as_neo()
    command = [s.analogsignals.pop(1).rescale("mV").magnitude.ravel() for s in block.segments]
    unknown = open_recording(block)
    assert [one.check for one in unknown.info.findings] == ["command_unknown"]
    with pytest.raises(RecordingError, match="the command is unknown"):
        measure_steady_state(unknown)
    known = open_recording(block, command_mv=np.array(command))
    assert known.info.command_source == "given"
    assert measure_steady_state(known).family.n_levels == 17


def test_what_neo_objects_cannot_tell_is_refused() -> None:
    block = as_neo()
    block.segments[0].analogsignals.pop(0)
    with pytest.raises(RecordingError, match="a recorded current is needed"):
        open_recording(block)
    block = as_neo()
    with pytest.raises(RecordingError, match="current_channel = 'i' is none of"):
        open_recording(block, current_channel="i")
    block.segments[3].analogsignals[0] = block.segments[3].analogsignals[0][:-5]
    with pytest.raises(RecordingError, match="differ in length"):
        open_recording(block)
    with pytest.raises(RecordingError, match="no analog signals"):
        open_recording(neo.Block())


def test_lmfit_gets_the_same_points() -> None:
    """A straight line: the weighted least squares of numpy, an independent solution."""
    measured = measure_steady_state(open_recording(DATA / "ohmic.abf"), **GIVEN)
    result = to_model_result(measured)
    v_mv = [point.v_membrane_mv for point in measured.points]
    i_pa = [point.i_pa for point in measured.points]
    weights = [1 / point.i_sem_pa for point in measured.points]
    slope, zero = np.polyfit(v_mv, i_pa, 1, w=weights)
    assert result.params["c1"].value == pytest.approx(slope, rel=1e-6)
    assert result.params["c0"].value == pytest.approx(zero, rel=1e-6, abs=1e-6)
    assert "c1" in result.fit_report()
    with pytest.raises(PermeantError, match="degree = 7"):
        to_model_result(measured, degree=7)


def test_points_as_a_frame() -> None:
    measured = measure_steady_state(open_recording(DATA / "ohmic.abf"))
    frame = to_frame(measured)
    assert len(frame) == len(measured.points) == 17
    assert {"v_membrane_mv", "i_pa", "i_sem_pa", "used"} <= set(frame)
    with pytest.raises(PermeantError, match="is no record"):
        to_frame([3])


def test_what_is_not_known_is_refused_with_the_nearest_name() -> None:
    recording = open_recording(DATA / "ohmic.abf")
    with pytest.raises(PermeantError, match="Did you mean 'temperature_c'"):
        measure_recording(recording, temperature=22)
    with pytest.raises(PermeantError, match="settings: corrections"):
        measure_recording(recording, settings={"corrections": {"leek": "none"}})
    with pytest.raises(PermeantError, match="cannot be opened"):
        open_recording(3)
    fit = fit_iv(measure_steady_state(open_recording(DATA / "reversal-outside.abf")))
    with pytest.raises(PermeantError, match="only a measured one can give a ratio"):
        observe(fit, inside={"K": 140}, outside={"K": 5}, temperature_c=22, recording="r")
