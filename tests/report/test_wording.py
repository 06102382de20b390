from __future__ import annotations

import math
from dataclasses import replace

import pytest
from report_examples import make_fit

from permeant.records import Finding, IVFit, PermeabilityRatio
from permeant.report import wording


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (None, 3, "–"),
        (math.nan, 3, "–"),
        (math.inf, 3, "∞"),
        (-math.inf, 3, "−∞"),
        (0.0, 3, "0"),
        (-17.2345, 3, "−17.2"),
        (0.31234, 3, "0.312"),
        (9.996, 3, "10.0"),
        (510.4, 3, "510"),
        (12345.6, 3, "12346"),
        (1.23e-5, 3, "1.23 × 10⁻⁵"),
        (-2.5e9, 2, "−2.5 × 10⁹"),
        (5e-324, 3, "4.94 × 10⁻³²⁴"),
    ],
)
def test_number(value: float | None, digits: int, text: str) -> None:
    assert wording.number(value, digits) == text


def test_there_is_no_negative_zero() -> None:
    assert wording.fixed(-0.001, 1) == "0.0"
    assert wording.fixed(-0.06, 1) == "−0.1"
    assert wording.number(-0.0) == "0"


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (-17.2321, -18.0, -16.5, "−17.2 (−18.0 … −16.5)"),
        (8.2123, 7.9, 8.5, "8.2 (7.9 … 8.5)"),
        (0.3123, 0.28, 0.35, "0.31 (0.28 … 0.35)"),
        (1.96, 1.945, 1.975, "1.960 (1.945 … 1.975)"),
        (510.0, 480.0, 540.0, "510 (480 … 540)"),
        (0.04, -0.5, 0.5, "0.0 (−0.5 … 0.5)"),
        (5.0, 5.0, 5.0, "5.00 (5.00 … 5.00)"),
        (1e-6, 5e-7, 2e-6, "1.00 × 10⁻⁶ (5.00 × 10⁻⁷ … 2.00 × 10⁻⁶)"),
        (3.0, None, None, "3.00"),
        (3.0, 2.0, None, "3.00 (≥ 2.0)"),
        (3.0, None, math.inf, "3.00"),
        (None, 2.0, None, "≥ 2.0"),
        (None, None, 0.04, "≤ 0.040"),
        (None, None, None, "–"),
        (123456.789, 123456.788, 123456.79, "123457 (123457 … 123457)"),
    ],
)
def test_interval_decides_the_digits(
    value: float | None, low: float | None, high: float | None, text: str
) -> None:
    assert wording.with_interval(value, low, high) == text


def test_the_unit_stands_once_behind_the_value() -> None:
    assert wording.quantity(-17.23, "mV", -18.0, -16.5) == "−17.2 mV (−18.0 … −16.5)"
    assert wording.quantity(2.0, "nS", None, None) == "2.00 nS"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0123, "0.0123"), (4.2, "4.2"), (20.0, "20"), (100.0, "100"), (None, "–")]
)
def test_short_has_no_idle_zeros(value: float | None, text: str) -> None:
    assert wording.short(value) == text


def test_probabilities() -> None:
    assert wording.p_value(1e-63) == wording.p_value(0.0) == "p < 0.0001"
    assert wording.p_value(0.4321) == "p = 0.43"


def test_exact_keeps_what_was_given() -> None:
    assert wording.exact(0.05) == "0.05"
    assert wording.exact(-1e-7) == "−1e−07"


def test_columns_share_their_decimals() -> None:
    decimals = wording.column_decimals([623.4, None, -3.2, math.nan], 5)
    assert [wording.in_column(v, decimals) for v in (623.4, -3.2, None)] == ["623.40", "−3.20", "–"]
    assert wording.column_decimals([None, 0.0], 5) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("the file is empty", "The file is empty."),
        ("data/x.abf: empty", "data/x.abf: empty."),
        ("g = 2 nS", "g = 2 nS."),
        ("pA is no voltage!", "pA is no voltage!"),
        ("steady-state current", "Steady-state current."),
        ("", ""),
    ],
)
def test_sentences(text: str, said: str) -> None:
    assert wording.sentence(text) == said


def test_a_measured_reversal_leads() -> None:
    said = wording.fit_text(make_fit())
    assert said == "E_rev = −17.2 mV (−18.0 … −16.5), g = 8.2 nS (7.9 … 8.5)"


def test_a_poor_line_brings_the_slope_at_the_reversal() -> None:
    slope = {"g_at_reversal_ns": 1.59, "g_at_reversal_low_ns": 1.54, "g_at_reversal_high_ns": 1.64}
    straight = replace(make_fit(), findings=(), **slope)
    poor = replace(straight, findings=(Finding("line_poor", "warning", "misses"),))
    assert "at the reversal" not in wording.conductance_text(straight)
    text = wording.conductance_text(poor)
    assert text.endswith("as one line, 1.59 nS (1.54 … 1.64) at the reversal")


def test_an_extrapolated_reversal_is_said_to_be_extrapolated() -> None:
    fit = replace(make_fit(), e_rev_status="extrapolated", v_min_mv=-80.0, v_max_mv=-40.0)
    said = wording.fit_text(fit)
    assert said.startswith("g = 8.2 nS")
    assert "only extrapolated beyond the tested voltages (−80.0 to −40.0 mV)" in said


def test_what_stands_in_the_way_is_said() -> None:
    assert wording.fit_text(IVFit.rejected("no voltage family")) == "no result: no voltage family"
    none = replace(make_fit(), e_rev_mv=None, e_rev_status="none", e_rev_reason="too noisy")
    assert wording.fit_text(none).endswith("; no reversal potential: too noisy")
    assert "None" not in wording.fit_text(IVFit(status="ok"))


def test_ratios() -> None:
    ratio = PermeabilityRatio("Na", "K", "ok", ratio=0.3123, ratio_low=0.28, ratio_high=0.35)
    assert wording.ratio_text(ratio) == "P_Na/P_K = 0.31 (0.28 … 0.35)"
    below = replace(ratio, status="bound", ratio=None, ratio_low=None, ratio_high=0.04)
    assert wording.ratio_text(below) == "P_Na/P_K ≤ 0.040"
    lost = replace(ratio, status="rejected", ratio=None, ratio_low=None, ratio_high=None)
    assert wording.ratio_text(lost) == "P_Na/P_K could not be determined"
    assert wording.ratio_value(lost) == "–"


def test_small_words() -> None:
    assert wording.count(1, "remark") == "1 remark"
    assert wording.count(2, "cell was", "cells were") == "2 cells were"
    assert wording.file_size(999) == "999 B"
    assert wording.file_size(251_904) == "252 kB"
    assert wording.file_size(4_815_765) == "4.82 MB"
    assert wording.join_words(["a", "b", "c"]) == "a, b and c"
    assert wording.voltage_range(None, 1.0) == ""
