"""From the command to the membrane voltage: signs, and every correction once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings_by_hand import (
    CORRECTIONS,
    family_sweeps,
    info,
    measure,
    ohmic,
    sheet_row,
    solutions,
)

from permeant.errors import RecordingError
from permeant.infer.iv import fit_iv
from permeant.measure.corrections import VoltageCorrection, voltage_correction
from permeant.physics.junction import henderson_mv
from permeant.records import Correction, Recording, SheetRow

PIPETTE = {"K": 140.0, "gluconate": 140.0, "Na": 10.0, "Cl": 10.0}
BATH = {"Na": 150.0, "Cl": 150.0}
DILUTE = {"Na": 15.0, "Cl": 15.0}
SOLUTIONS = solutions(
    pip=PIPETTE, bath=BATH, dilute=DILUTE, no_cl={"Na": 150.0, "gluconate": 150.0}
)


def row(**more: object) -> SheetRow:
    return sheet_row(**({"pipette": "pip", "bath": "bath", "temperature_c": 22.0} | more))


def correct(sheet: SheetRow, r_s_of_file: float | None = None, **more: object) -> VoltageCorrection:
    given: dict[str, object] = {k: v for k, v in CORRECTIONS.items() if "leak" not in k}
    return voltage_correction(
        sheet,
        SOLUTIONS,
        r_s_of_file_mohm=r_s_of_file,
        extra_ions={},
        **(given | more),  # type: ignore[arg-type]
    )


def named(found: VoltageCorrection, name: str) -> Correction:
    (one,) = [one for one in found.corrections if one.name.startswith(name)]
    return one


def test_junction_potential_given_with_series_resistance() -> None:
    """Truth T209."""
    found = correct(row(ljp_mv=14.0, r_s_mohm=10.0, r_s_compensation=0.6))
    assert found.membrane_mv(-60.0, -500.0) == pytest.approx(-72.0, abs=1e-9)


@pytest.mark.parametrize(
    ("g", "e", "command", "r_s", "compensation", "i", "v"),
    [
        (50.0, 0.0, -80.0, 10.0, 0.0, -2666.66666666667, -53.3333333333333),
        (50.0, 0.0, -80.0, 10.0, 0.7, -3478.26086956522, -69.5652173913043),
        (5.0, -90.0, 40.0, 15.0, 0.0, 604.651162790698, 30.9302325581395),
    ],
    ids=["T119", "T120", "T121"],
)
def test_series_resistance(
    g: float, e: float, command: float, r_s: float, compensation: float, i: float, v: float
) -> None:
    found = correct(row(ljp_applied=True, r_s_mohm=r_s, r_s_compensation=compensation))
    membrane = found.membrane_mv(command, i)
    assert membrane == pytest.approx(v, rel=1e-9)
    assert i / (membrane - e) == pytest.approx(g, rel=1e-9)


def test_junction_potential_is_computed_once_and_subtracted() -> None:
    found = correct(row())
    ljp = henderson_mv(PIPETTE, BATH, 22.0)
    assert ljp == pytest.approx(15.9, abs=0.2)
    assert found.membrane_mv(-60.0, 0.0) == pytest.approx(-60.0 - ljp)
    assert named(found, "junction").value == pytest.approx(ljp)


@pytest.mark.parametrize(
    ("sheet", "setting", "why"),
    [
        ({"ljp_applied": True}, "henderson", "amplifier already corrected"),
        ({}, "none", "switched off"),
        ({"bath": None}, "henderson", "names no bath"),
        (
            {"temperature_c": None, "pipette": None},
            "henderson",
            "names no pipette and no temperature_c",
        ),
    ],
)
def test_no_second_correction_and_none_from_nothing(
    sheet: dict[str, object], setting: str, why: str
) -> None:
    found = correct(row(**sheet), junction_potential=setting)
    assert found.membrane_mv(-60.0, 0.0) == -60.0
    assert not named(found, "junction").applied
    assert why in named(found, "junction").reason
    missing = "names no" in why
    assert any("junction potential" in f.message for f in found.findings) == missing


def test_the_sheet_overrides_the_computed_potential() -> None:
    found = correct(row(ljp_mv=-3.0))
    assert found.membrane_mv(0.0, 0.0) == 3.0
    assert "sheet" in named(found, "junction").reason


def test_bath_change_over_a_salt_bridge() -> None:
    """Truth T210, with this program's mobilities in place of the case's."""
    found = correct(row(bath="dilute", zeroed_in="bath"))
    assert found.membrane_mv(-60.0, 0.0) == pytest.approx(-74.2617, abs=0.2)
    assert named(found, "reference").value == pytest.approx(-2.4976 + 0.8416, abs=0.1)


def test_bath_change_with_a_bare_wire() -> None:
    """Truth T211."""
    sheet = row(bath="dilute", zeroed_in="bath", ljp_applied=True)
    found = correct(sheet, reference_electrode="ag_agcl")
    assert found.membrane_mv(-60.0, 0.0) == pytest.approx(-1.43591460854099, abs=1e-8)


def test_a_wire_without_chloride_is_said_to_be_unknown() -> None:
    found = correct(row(bath="no_cl", zeroed_in="bath"), reference_electrode="ag_agcl")
    assert not named(found, "reference").applied
    assert "no chloride" in named(found, "reference").reason
    assert any("reference_electrode" in finding.check for finding in found.findings)


def test_no_shift_without_a_bath_change() -> None:
    assert len(correct(row(zeroed_in="bath")).corrections) == 2


@pytest.mark.parametrize("configuration", ["inside-out", "cell-attached"])
def test_a_pipette_outside_turns_voltage_and_current(configuration: str) -> None:
    found = correct(row(configuration=configuration, ljp_mv=4.0, r_s_mohm=10.0))
    assert found.sign == -1
    assert found.membrane_mv(-60.0, -200.0) == pytest.approx(62.0)
    recording = ohmic(info(family_sweeps()), 2.0, -20.0, 0.5)
    fit = fit_iv(measure(recording, row(configuration=configuration, ljp_applied=True)).points)
    assert fit.g_ns == pytest.approx(2.0, abs=0.01)
    assert fit.e_rev_mv == pytest.approx(20.0, abs=0.2)


def test_series_resistance_from_the_file_and_switched_off() -> None:
    sheet = row(ljp_applied=True)
    assert correct(sheet, 8.0).membrane_mv(0.0, 1000.0) == -8.0
    assert "settings in the file" in named(correct(sheet, 8.0), "series").reason
    assert correct(sheet, 8.0, series_resistance=False).membrane_mv(0.0, 1000.0) == 0.0
    assert "unknown" in named(correct(sheet), "series").reason


@given(st.floats(0, 60), st.floats(0, 1), st.floats(-20, 20))
def test_a_whole_recording_is_corrected_point_by_point(
    r_s: float, compensation: float, ljp: float
) -> None:
    """The circuit solved for its steady state, then measured: the membrane's own g and E."""
    g, e = 4.0, -30.0
    left = r_s * (1.0 - compensation) * 1e-3
    known = info(family_sweeps(levels=(-80.0, -50.0, -20.0, 10.0, 40.0), step=200))
    recording = ohmic(known, 1.0, 0.0)
    command = recording.current_pa.astype(float)
    current = (g * (command - ljp - e) / (1.0 + g * left)).astype(np.float32)
    sheet = row(r_s_mohm=r_s, r_s_compensation=compensation, ljp_mv=ljp)
    for point in measure(Recording(known, current), sheet).points:
        assert point.i_pa == pytest.approx(g * (point.v_membrane_mv - e), abs=1e-3)


def test_a_junction_potential_is_not_taken_off_twice() -> None:
    # the file says that the acquisition took 12 mV off: nothing is computed on top of it
    sheet = row()
    computed = named(correct(sheet), "junction").value
    assert computed is not None
    assert abs(computed) > 5
    on_line = correct(sheet, ljp_applied_mv=12.0)
    assert on_line.membrane_mv(-60.0, 0.0) == -60.0
    assert "12 mV off on line" in named(on_line, "junction").reason
    with pytest.raises(RecordingError, match="twice") as caught:
        correct(row(ljp_mv=12.0), ljp_applied_mv=12.0)
    assert caught.value.code == "ljp_twice"
    # a file that took nothing off is corrected as ever
    assert named(correct(sheet, ljp_applied_mv=0.0), "junction").value == computed


def test_compensation_of_the_file_is_used_where_the_sheet_says_nothing() -> None:
    sheet = row(ljp_applied=True)
    by_file = correct(sheet, 10.0, compensation_of_file=0.7)
    # V = V_command - I R_s (1 - 0.7), 1000 pA over 10 MΩ
    assert by_file.membrane_mv(0.0, 1000.0) == pytest.approx(-3.0)
    assert "70 % compensated (by the file)" in named(by_file, "series").reason
    by_sheet = correct(row(ljp_applied=True, r_s_compensation=0.5), 10.0, compensation_of_file=0.7)
    assert by_sheet.membrane_mv(0.0, 1000.0) == pytest.approx(-5.0)
    assert "(the file says 70 %)" in named(by_sheet, "series").reason
