"""Pore or gate: exponents against closed formulas, verdicts against the rule, and refusals."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest

from permeant.infer.limits.groups import compare_patches
from permeant.infer.limits.states import patch_state
from permeant.infer.limits.viscosity import compare_patch, limit_finding
from permeant.records import (
    DwellTimes,
    Family,
    IVFit,
    Measurement,
    PatchState,
    PatchVoltage,
    SheetRow,
    SingleChannel,
    Solution,
)

IONS = {"Na": 145.0, "Cl": 145.0}
INSIDE = {"K": 145.0, "Cl": 145.0}
LEVELS_MV = (-80.0, -50.0, 60.0)
SIGMA_I, SIGMA_TIME = 0.01, 0.05


def state(name, ratio, *, i=1.0, times=1.0, cell="p", levels=LEVELS_MV, **more):
    """Return a patch whose currents and times are those of the control times a factor."""
    voltages = tuple(
        PatchVoltage(v, 0.04 * v * i, SIGMA_I, 3.0 * times, SIGMA_TIME, 400, 5.0 * times,
                     SIGMA_TIME, 400, 0.2)
        for v in levels
    )  # fmt: skip
    values = {
        "condition": "", "configuration": "outside-out", "temperature_c": 22.0,
        "bath_mm": IONS, "pipette_mm": INSIDE, "voltages": voltages, **more,
    }  # fmt: skip
    return PatchState(cell, name, viscosity_ratio=ratio, **values)


def compared(*states, sigma=0.02):
    return compare_patch(states, sigma)


def test_the_exponent_and_its_error_are_those_of_the_formula():
    # alpha = -ln(i_v/i_c)/ln(eta); sigma² = [2 s²/3 + (alpha s_eta)²]/ln² eta for 3 voltages
    limit = compared(state("a", 1.0), state("b", 2.0, i=2.0**-0.8))
    assert limit.alpha_i == pytest.approx(0.8)
    sigma = np.hypot(np.sqrt(2 / 3) * SIGMA_I, 0.8 * 0.02) / log(2.0)
    assert limit.alpha_i_sigma == pytest.approx(sigma)
    assert limit.alpha_i_high - limit.alpha_i == pytest.approx(1.959964 * sigma)


def test_the_published_case_of_one_voltage():
    beside = Path(__file__).resolve().parents[3] / "shared"
    cases = Path(os.environ.get("PERMEANT_SHARED", beside)) / "truth" / "cases.json"
    if not cases.exists():
        pytest.skip("the cases are not here")
    (case,) = [one for one in json.loads(cases.read_text()) if one["id"] == "T132"]
    given, expected = case["inputs"], case["expected"]
    states = [
        replace(state(name, ratio, levels=()), voltages=(PatchVoltage(-80.0, -i, s / i),))
        for name, ratio, (i, s) in (
            ("a", 1.0, given["i_control_pA"]),
            ("b", given["relative_viscosity"][0], given["i_viscous_pA"]),
        )
    ]
    ratio, s_ratio = given["relative_viscosity"]
    limit = compared(*states, sigma=s_ratio / ratio)
    assert limit.alpha_i == pytest.approx(expected["alpha_i"], rel=1e-9)
    assert limit.alpha_i_sigma == pytest.approx(expected["sigma_alpha"], rel=1e-9)


@pytest.mark.parametrize(
    ("alpha_i", "alpha_gate", "verdict"),
    [
        (0.9, 0.0, "diffusion-limited"),
        (0.0, 0.6, "gating-limited"),
        (0.9, 0.6, "both"),
        (0.0, 0.0, "neither"),
        (0.35, 0.0, "not to be told"),
        (0.9, 0.2, "not to be told"),
    ],
)
def test_the_verdict_is_that_of_the_rule(alpha_i, alpha_gate, verdict):
    limit = compared(state("a", 1.0), state("b", 2.5, i=2.5**-alpha_i, times=2.5**alpha_gate))
    assert limit.verdict == verdict
    assert limit.reason
    severity = "warning" if verdict == "not to be told" else "info"
    assert limit_finding(limit).severity == severity


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (state("b", 1.4, i=0.5), "below 1.5"),
        (state("b", 2.5, i=0.4, temperature_c=25.0), "temperatures differ by 3.0 °C"),
        (state("b", 2.5, i=0.4, configuration="inside-out"), "configurations"),
        (state("b", 2.5, i=0.4, bath_mm={"Na": 100.0, "Cl": 100.0}), "reversal was not measured"),
        (state("b", 2.5, i=0.4, bath_mm=None), "reversal was not measured"),
        (state("b", 2.5, i=0.4, levels=(-40.0,)), "at a voltage that both solutions share"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_reason(second, said):
    limit = compared(state("a", 1.0), second)
    assert limit.verdict == "not to be told"
    assert said in limit.reason


def test_another_reversal_is_refused_and_a_small_difference_is_not():
    a = state("a", 1.0, e_rev_mv=0.0, e_rev_se_mv=0.3)
    far = state("b", 2.5, i=0.4, e_rev_mv=9.0, e_rev_se_mv=0.3)
    refused = compared(a, far)
    assert "reversal differs by 9.0 mV" in refused.reason
    assert refused.alpha_i is None
    # chord conductances at each own reversal: the shift alone changes no exponent
    near = state("b", 2.5, e_rev_mv=3.0, e_rev_se_mv=0.3)
    shifted = replace(
        near,
        voltages=tuple(replace(v, i_pa=0.04 * (v.v_mv - 3.0)) for v in near.voltages),
    )
    assert compared(a, shifted).alpha_i == pytest.approx(0.0, abs=1e-9)


def test_too_few_events_leave_the_gate_untold_and_say_where():
    few = tuple(
        replace(v, open_ms=None, open_ln_se=None, why_no_times="31 times, fewer than 50")
        for v in state("b", 2.5, i=0.4).voltages
    )
    limit = compared(state("a", 1.0), replace(state("b", 2.5), voltages=few))
    assert limit.gating == "not to be told"
    assert "b at -80 mV: 31 times, fewer than 50" in limit.gating_reason


def test_times_that_shorten_are_no_effect_of_viscosity():
    limit = compared(state("a", 1.0), state("b", 2.5, i=0.4, times=0.5))
    assert limit.gating == "not to be told"
    assert "shorten" in limit.gating_reason


def test_the_bulk_conductivity_must_say_the_same():
    a = state("a", 1.0)
    agree = compared(a, state("b", 2.5, i=0.4, conductivity_ratio=0.45))
    assert agree.verdict == "diffusion-limited"
    # beta = ln(0.4)/ln(0.45): the current follows the bulk
    assert agree.alpha_conductivity == pytest.approx(log(0.4) / log(0.45))
    large = compared(a, state("b", 2.5, i=0.95, conductivity_ratio=0.92))
    assert large.current == "not to be told"
    assert "hardly feel" in large.current_reason


def test_recordings_that_disagree_widen_the_interval():
    agree = compared(state("a", 1.0), state("b", 2.5, i=0.4), state("c", 1.0))
    wash = compared(state("a", 1.0), state("b", 2.5, i=0.4), state("c", 1.0, i=0.85))
    assert agree.alpha_i_sigma < 0.03
    assert wash.alpha_i_sigma > 10 * agree.alpha_i_sigma
    assert "differ by more than the errors explain" in wash.note


def test_the_order_of_recordings_and_cells_changes_nothing():
    states = [
        state(name, ratio, i=i, cell=f"{name}{k}")
        for k in range(3)
        for name, ratio, i in (("a", 1.0, 1.0 + 0.02 * k), ("b", 2.5, 0.4 + 0.01 * k))
    ]
    forward = compare_patches(states, [], 0.02)
    assert compare_patches(states[::-1], [], 0.02) == forward
    one = state("a", 1.0), state("b", 2.5, i=0.4)
    assert compared(*one) == compared(*one[::-1])


def test_groups_of_patches_have_the_interval_of_welch():
    currents = {1.0: (1.0, 1.05, 0.98), 2.5: (0.40, 0.43, 0.39)}
    states = [
        state("r", ratio, i=i, cell=f"{ratio}-{k}")
        for ratio, some in currents.items()
        for k, i in enumerate(some)
    ]
    (limit,) = compare_patches(states, [], 0.0)
    low, high = (np.log(some) for some in currents.values())
    assert limit.alpha_i == pytest.approx(-(high.mean() - low.mean()) / log(2.5))
    own = np.sqrt(low.var(ddof=1) / 3 + high.var(ddof=1) / 3) / log(2.5)
    # 3 + 3 patches: Welch's freedom lies between 2 and 4, Student's t between 2.776 and 4.303
    assert 2.776 * own <= limit.alpha_i_high - limit.alpha_i <= 4.303 * own
    assert limit.n_cells == 6


def test_few_patches_and_one_viscosity_are_refused():
    two = [state("r", 1.0 + (k % 2), cell=str(k)) for k in range(4)]
    (limit,) = compare_patches(two, [], 0.02)
    assert "at least 3" in limit.reason
    (alone,) = compare_patches([state("r", 2.0, cell="a", condition="x")], [], 0.02)
    assert "nothing to compare with" in alone.reason


def test_paired_patches_give_the_mean_over_patches_and_refuse_a_selection():
    pairs = [
        (state("a", 1.0, cell=str(k)), state("b", 2.5, i=2.5**-alpha, cell=str(k)))
        for k, alpha in enumerate((0.8, 0.9, 1.0))
    ]
    single = [compare_patch(pair, 0.02) for pair in pairs]
    (pooled,) = compare_patches([one for pair in pairs for one in pair], single, 0.02)
    assert pooled.method == "patches paired"
    assert pooled.alpha_i == pytest.approx(0.9)
    # Student's 95 % for 3 values 0.1 apart: 4.303 · 0.1/√3, and the viscosity's own 2 %
    half = np.hypot(4.3027 * 0.1 / np.sqrt(3), 1.96 * 0.9 * 0.02 / log(2.5))
    assert pooled.alpha_i_high - pooled.alpha_i == pytest.approx(half, rel=1e-3)
    lacking = [replace(single[0], alpha_open=None), *single[1:]]
    (refused,) = compare_patches([], lacking, 0.02)
    assert refused.alpha_open is None
    assert "selection" in refused.gating_reason


def test_a_state_is_read_from_what_was_measured():
    patch = SingleChannel(
        -80.0, -84.0, "ok", n_channels=1, i_unitary_pa=-2.0, i_low_pa=-2.04, i_high_pa=-1.96,
        dead_time_ms=0.2,
    )  # fmt: skip
    family = Family(1, "levels", ("A",), 0.0, 100.0, -80.0, -80.0, 1)
    measurement = Measurement((family,), family, "", (), (), (), single_channels=(patch,))
    times = DwellTimes("open", -84.0, "ok", "", 4.0, 3.6, 4.4, 300, 0.2)
    row = SheetRow(1, "c", "r", "f", measure="single_channel", viscosity_ratio=2.0)
    fit = IVFit.rejected("one voltage", dwell_times=(times,))
    told = patch_state(row, measurement, fit, Solution("b", IONS), None)
    (v,) = told.voltages
    assert v.i_ln_se == pytest.approx(0.04 / 1.959964 / 2.0)
    assert v.open_ln_se == pytest.approx(log(4.4 / 3.6) / (2 * 1.959964))
    assert (v.shut_ms, told.bath_mm, told.pipette_mm) == (None, IONS, None)
    for changed in ({"viscosity_ratio": None}, {"exclude": True}, {"measure": "steady"}):
        assert patch_state(replace(row, **changed), measurement, fit, None, None) is None


def test_a_wash_that_lacks_a_voltage_does_not_take_the_comparison_away():
    a = state("a", 1.0, levels=(-90.0, -50.0))
    b = state("b", 2.5, i=0.4, levels=(-50.0,))
    wash = state("c", 1.0, levels=(-90.0,))
    limit = compared(a, b, wash)
    assert limit.alpha_i == pytest.approx(-log(0.4) / log(2.5))
    assert limit.voltages_mv == "-50"


def test_times_of_another_number_of_channels_are_not_compared():
    two = tuple(replace(v, n_channels=2) for v in state("a", 1.0).voltages)
    three = tuple(replace(v, n_channels=3) for v in state("b", 2.5, i=0.4).voltages)
    a, b = replace(state("a", 1.0), voltages=two), replace(state("b", 2.5), voltages=three)
    limit = compared(a, b)
    assert limit.current == "diffusion-limited"
    assert limit.alpha_open is None
    assert "as many channels" in limit.gating_reason
    assert compared(a, replace(a, recording="b", viscosity_ratio=2.5)).alpha_open is not None


def test_sublevels_are_not_held_against_whole_channels():
    whole, part = state("a", 1.0), state("b", 2.5, i=0.4)
    several = replace(
        part, voltages=tuple(replace(v, levels_are="channels") for v in part.voltages)
    )
    assert compared(whole, several).alpha_i is not None
    sub = replace(part, voltages=tuple(replace(v, levels_are="sublevels") for v in part.voltages))
    assert compared(whole, sub).alpha_i is None
