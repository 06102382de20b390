from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from cells_by_hand import FIT, HALF, make_cell, make_fit, make_recording

from permeant.cohort import CellValue
from permeant.infer.repeats import cell_ratios, cell_values, of_the_channel
from permeant.records import CellResult, IVFit, PermeabilityRatio, RecordingResult, SheetRow


def reversal(cell: CellResult, condition: str = "control") -> CellValue:
    found = [v for v in cell_values(cell) if (v.quantity, v.condition) == ("e_rev_mv", condition)]
    assert len(found) == 1
    return found[0]


def test_a_single_recording_stands_as_it_is() -> None:
    by_name = {value.quantity: value for value in cell_values(make_cell(make_recording("r1")))}
    assert set(by_name) == {"g_ns", "e_rev_mv", "g_at_reversal_ns"}
    value = by_name["e_rev_mv"]
    assert (value.value, value.low, value.high) == (-20.0, -20.5, -19.5)
    assert (value.n_recordings, value.recordings, value.unit) == (1, "r1", "mV")


def test_repeats_give_their_mean_with_students_interval() -> None:
    """-20, -21 and -25: mean -22, s = sqrt(7), t(2) = 4.303 from the tables."""
    cell = make_cell(*(make_recording(f"r{k}", make_fit(e)) for k, e in enumerate((-20, -21, -25))))
    value = reversal(cell)
    assert value.value == pytest.approx(-22.0)
    assert value.high == pytest.approx(-22.0 + 4.303 * math.sqrt(7 / 3), abs=2e-3)
    assert value.sd_between == pytest.approx(math.sqrt(7))
    assert value.recordings == "r0, r1, r2"


def test_repeats_that_agree_by_chance_are_not_surer_than_their_errors() -> None:
    cell = make_cell(*(make_recording(name, make_fit(-20.0, 0.4)) for name in ("r1", "r2")))
    value = reversal(cell)
    assert value.high == pytest.approx(-20.0 + HALF * 0.4 / math.sqrt(2))


def test_only_what_was_measured_on_the_channel_counts() -> None:
    extrapolated = make_fit(-60.0, e_rev_status="extrapolated")
    cell = make_cell(
        make_recording("good", subtract="leak"),
        make_recording("out", make_fit(-30.0), exclude=True),
        make_recording("lost", IVFit.rejected("2 usable points")),
        make_recording("beyond", extrapolated),
        make_recording("leak", make_fit(-5.0)),
    )
    value = reversal(cell)
    assert (value.value, value.recordings) == (-20.0, "good")
    assert value.note == "2 of 3 recordings gave no value"
    conductance = next(v for v in cell_values(cell) if v.quantity == "g_ns")
    assert conductance.recordings == "beyond, good"


def test_a_control_whose_partner_is_excluded_speaks_for_itself() -> None:
    cell = make_cell(make_recording("a", subtract="b", exclude=True), make_recording("b"))
    assert reversal(cell).recordings == "b"


def test_conditions_baths_and_measures_stay_apart() -> None:
    cell = make_cell(
        make_recording("r1"),
        make_recording("r2", condition="drug"),
        make_recording("r3", bath="bath_Li"),
        make_recording("r4", measure="ramp"),
    )
    assert len(cell_values(cell)) == 4 * 3


def test_no_value_says_why() -> None:
    value = reversal(make_cell(make_recording("r1", IVFit.rejected("2 usable points"))))
    assert (value.value, value.n_recordings) == (None, 0)
    assert value.note == "no recording with a measured reversal (of 1)"


def test_the_order_of_rows_changes_nothing() -> None:
    some = [make_recording(f"r{k}", make_fit(e)) for k, e in enumerate((-20.1, -21.7, -25.3))]
    assert cell_values(make_cell(*some)) == cell_values(make_cell(*reversed(some)))


def test_voltages_nobody_corrected_are_marked() -> None:
    assert not reversal(make_cell(make_recording("r1"))).uncorrected
    assert reversal(make_cell(make_recording("r1", corrected=False))).uncorrected
    by_amplifier = make_recording("r1", corrected=False, ljp_applied=True)
    assert not reversal(make_cell(by_amplifier)).uncorrected


def test_ratios_bring_the_solutions_behind_them() -> None:
    ratio = PermeabilityRatio("Na", "K", "ok", "", 0.5, 0.4, 0.6, "GHK", 2, "davies")
    fixed = replace(ratio, ion="Cl", method="fixed")
    beyond = replace(FIT, e_rev_status="extrapolated")
    cell = make_cell(
        make_recording("r1"),
        make_recording("r2", bath="bath_Li", temperature_c=25.0),
        make_recording("r3", beyond, bath="bath_Cs"),
        ratios=(ratio, fixed),
    )
    (found,) = cell_ratios(cell)
    assert (found.ion, found.bath, found.activities) == ("Na", "bath_Li, bath_Na", "davies")
    assert (found.temperature_low_c, found.temperature_high_c) == (22.0, 25.0)
    assert found.ln_sd == pytest.approx(math.log(0.6 / 0.4) / (2 * HALF))
    assert cell_ratios(make_cell(make_recording("r", exclude=True), ratios=(ratio,))) == ()


@pytest.mark.parametrize("n", [2, 3, 6])
@pytest.mark.parametrize("tau_mv", [0.0, 1.0])
def test_intervals_of_repeats_hold_the_truth(n: int, tau_mv: float) -> None:
    """At least 95 of 100, less two standard errors of the count; the truth is the simulation's."""
    draw, many, held = random.Random(f"{n} {tau_mv}"), 600, 0
    for _ in range(many):
        seen = [-20.0 + draw.gauss(0, tau_mv) + draw.gauss(0, 0.3) for _ in range(n)]
        fits = [make_recording(f"r{k}", make_fit(e)) for k, e in enumerate(seen)]
        value = reversal(make_cell(*fits))
        assert value.low is not None
        assert value.high is not None
        held += value.low <= -20.0 <= value.high
    assert held / many >= 0.95 - 2 * math.sqrt(0.95 * 0.05 / many)


def test_both_controls_of_a_recording_stay_out_of_the_groups() -> None:
    def one(name: str, subtract: str | None = None) -> RecordingResult:
        row = SheetRow(line=0, cell="c", recording=name, file=f"{name}.abf", subtract=subtract)
        return RecordingResult(row, None, None, IVFit.rejected("none"))

    recordings = (one("before"), one("drug", "before;wash"), one("wash"))
    cell = CellResult("c", recordings, (), settings={}, versions={})
    assert [r.row.recording for r in of_the_channel(cell)] == ["drug"]
