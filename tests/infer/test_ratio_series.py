"""Substitution series: drift of the reference, shared errors, forms, conventions, two lenses."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from permeant.errors import PermeantError
from permeant.infer.permeability import Observation, RatioAnswer, Uncertainty, infer_ratios
from permeant.infer.ratio_details import describe_ratios
from permeant.physics.constants import thermal_voltage_mv
from permeant.physics.ghk_reversal import ghk_reversal_mv
from permeant.physics.ions import Ion
from permeant.ratio_records import RatioDetails
from permeant.records import Finding

CELSIUS = 22.0
RT_F = float(thermal_voltage_mv(CELSIUS))
EXACT = Uncertainty(0.0, 0.0, 0.0)
INSIDE = {"K": 140.0, "Cl": 140.0}
BATHS = {name: {name: 145.0, "Cl": 145.0} for name in ("Na", "Li", "Cs")}
TRUE = {"K": 1.0, "Na": 0.9, "Li": 0.6, "Cs": 1.1}
VALENCE = {"K": 1, "Na": 1, "Li": 1, "Cs": 1, "Ca": 2, "Cl": -1, "gluconate": -1}


def reversal(
    p: Mapping[str, float], inside: Mapping[str, float], outside: Mapping[str, float]
) -> float:
    return float(
        ghk_reversal_mv(
            list(p.values()),
            [inside.get(ion, 0.0) for ion in p],
            [outside.get(ion, 0.0) for ion in p],
            [VALENCE[ion] for ion in p],
            CELSIUS,
        )
    )


def series(
    drift_mv: float = 0.0, *, timed: bool = True, se_mv: float = 0.2, names: str = "Na Li Cs Na"
) -> list[Observation]:
    """Record a cell in some baths in turn while its reference drifts evenly."""
    order = names.split()
    return [
        Observation(
            f"r{k}",
            reversal(TRUE, INSIDE, BATHS[bath]) + drift_mv * k / max(len(order) - 1, 1),
            se_mv,
            CELSIUS,
            INSIDE,
            BATHS[bath],
            bath=bath,
            zeroed_in=order[0],
            acquired_s=600.0 * k if timed else None,
        )
        for k, bath in enumerate(order)
    ]


def solve(
    observations: Sequence[Observation],
    permeant: Sequence[str] = tuple(TRUE),
    uncertainty: Uncertainty = EXACT,
    **more: Any,
) -> RatioAnswer:
    asked: dict[str, Any] = {"reference": permeant[0], "fixed": {}, "activities": "none"}
    return infer_ratios(observations, permeant=permeant, uncertainty=uncertainty, **(asked | more))


def describe(
    observations: Sequence[Observation],
    permeant: Sequence[str] = tuple(TRUE),
    uncertainty: Uncertainty = EXACT,
    **more: Any,
) -> tuple[RatioDetails, tuple[Finding, ...]]:
    asked: dict[str, Any] = {"reference": permeant[0], "fixed": {}, "activities": "none"} | more
    answer = solve(observations, permeant, uncertainty, **more)
    return describe_ratios(answer, permeant=permeant, uncertainty=uncertainty, **asked)


def by_ion(answer: RatioAnswer) -> dict[str, Any]:
    return {one.ion: one for one in answer.ratios}


# --------------------------------------------------------------------- drift of the reference


@pytest.mark.parametrize("drift_mv", [-6.0, 0.0, 2.5])
def test_a_straight_drift_is_taken_off(drift_mv: float) -> None:
    found = by_ion(solve(series(drift_mv)))
    for ion, true in TRUE.items():
        if ion != "K":
            assert found[ion].ratio == pytest.approx(true, rel=1e-9)
            assert found[ion].n_recordings == 4
            assert "drift of the reference taken off" in found[ion].method


def test_the_drift_is_told_with_what_it_changed() -> None:
    details, (finding,) = describe(series(3.0))
    drift = details.drift
    assert drift is not None
    assert (drift.bath, drift.first, drift.last, drift.timed) == ("Na", "r0", "r3", True)
    assert drift.drift_mv == pytest.approx(3.0)
    # two reversals of 0.2 mV: their difference is known to 0.283
    half = 0.5 * (drift.drift_high_mv - drift.drift_low_mv)
    assert half == pytest.approx(1.96 * 0.2 * 2**0.5, rel=1e-3)
    # without correction a shift of 1 mV more makes Li too permeant by exp(1 mV F/RT)
    assert drift.without["Li"] == pytest.approx(0.6 * np.exp(1.0 / RT_F), rel=1e-6)
    assert (finding.check, finding.severity, finding.unit) == ("reference_drift", "warning", "mV")
    assert "+3.00 mV" in finding.message
    assert "P_Li/P_K = 0.6 instead of 0.624" in finding.message


def test_a_drift_within_its_error_is_only_noted() -> None:
    _, (finding,) = describe(series(0.3))
    assert finding.severity == "info"


def test_without_times_a_drift_widens_and_shifts_nothing() -> None:
    still, moved = (by_ion(solve(series(d, timed=False))) for d in (0.0, 3.0))
    details, (finding,) = describe(series(3.0, timed=False))
    assert details.drift is not None
    assert not details.drift.timed
    assert "do not tell when" in finding.message
    assert moved["Cs"].ratio == pytest.approx(1.1 * np.exp(2.0 / RT_F), rel=1e-6)
    assert moved["Cs"].ln_sd_own > 2 * still["Cs"].ln_sd_own
    # nor may the order of the sheet pass for one
    assert by_ion(solve(series(3.0, timed=False)[::-1])) == moved


def test_a_bath_that_is_not_returned_to_is_no_reference() -> None:
    details, findings = describe(series(2.0, names="Na Li Cs"))
    assert (details.drift, findings) == (None, ())
    repeated, findings = describe(series(2.0, names="Na Na"), ("K", "Na"))
    assert (repeated.drift, findings) == (None, ())


def test_a_reference_bath_after_the_others_is_none() -> None:
    """Li, then Na twice: nothing was recorded between the two."""
    details, _ = describe(series(2.0, names="Li Na Na"), ("K", "Na", "Li"))
    assert details.drift is None


def test_shifts_are_counted_from_the_control() -> None:
    details, _ = describe(series(3.0))
    shift = {one.recording: one for one in details.shifts}
    assert set(shift) == {"r1", "r2", "r3"}
    assert shift["r1"].shift_mv == pytest.approx(RT_F * np.log(0.6 / 0.9))
    assert shift["r2"].shift_mv == pytest.approx(RT_F * np.log(1.1 / 0.9))
    assert shift["r1"].drift_mv == pytest.approx(1.0)
    assert shift["r3"].shift_mv == pytest.approx(0.0)
    assert "the drift" in shift["r3"].note


# ------------------------------------------------------------------------------- shared errors


def test_one_zeroing_cancels_between_baths_and_two_do_not() -> None:
    shared = Uncertainty(2.0, 0.0, 0.0, sigma_bath_change_fraction=0.0)
    baths = series(names="Na Li", se_mv=1e-3)
    over_k = by_ion(solve(baths, ("K", "Na", "Li"), shared))
    over_na = by_ion(solve(baths, ("Na", "K", "Li"), shared))
    assert over_k["Li"].ln_sd_shared == pytest.approx(2.0 / RT_F, rel=1e-3)
    assert over_na["Li"].ln_sd_shared == pytest.approx(0.0, abs=1e-6)
    anew = [baths[0], replace(baths[1], zeroed_in="Li")]
    twice = by_ion(solve(anew, ("Na", "K", "Li"), shared))
    assert twice["Li"].ln_sd_shared == pytest.approx(2.0 * 2**0.5 / RT_F, rel=1e-3)


def test_a_changed_bath_has_an_error_of_its_own_electrode() -> None:
    uncertain = Uncertainty(1.0, 0.0, 0.0, sigma_bath_change_fraction=0.3)
    baths = series(names="Na Li Li", se_mv=1e-3)
    over_na = by_ion(solve(baths, ("Na", "K", "Li"), uncertain))
    # twice in the same bath is the same error
    assert over_na["Li"].ln_sd_shared == pytest.approx(0.3 / RT_F, rel=1e-3)


def test_the_shift_leaves_shared_errors_out() -> None:
    details, _ = describe(
        series(names="Na Li", se_mv=0.2), ("K", "Na", "Li"),
        Uncertainty(5.0, 1.0, 0.05, sigma_bath_change_fraction=0.0),
    )  # fmt: skip
    (shift,) = details.shifts
    assert shift.shift_high_mv - shift.shift_mv == pytest.approx(1.96 * 0.2 * 2**0.5, rel=1e-3)


def test_contributions_follow_the_linear_formula() -> None:
    """Science section 7: 1 mV 5.8 %, junction 2 mV 11.7 %, 1 K 1.2 %, all conc 2 % 3.7 %."""
    seen = Observation(
        "a", -62.0, 1.0, 23.0, {"K": 140.0, "Na": 10.0}, {"K": 4.0, "Na": 145.0}
    )  # fmt: skip
    answer = solve([seen], ("K", "Na"), Uncertainty(2.0, 1.0, 0.02))
    sigma = {one.source: one.sigma for one in answer.contributions}
    assert sigma["reversal potentials"] == pytest.approx(0.0582, rel=0.01)
    assert sigma["junction potential"] == pytest.approx(0.117, rel=0.01)
    assert sigma["temperature"] == pytest.approx(0.012, rel=0.05)
    assert sigma["concentrations"] == pytest.approx(0.037, rel=0.02)
    assert sum(one.share for one in answer.contributions) == pytest.approx(1.0)
    assert {one.quantity for one in answer.contributions} == {"ln(P_Na/P_K)"}
    (ratio,) = answer.ratios
    assert ratio.ln_sd_own == pytest.approx(sigma["reversal potentials"])
    others = [sigma[name] for name in ("junction potential", "temperature", "concentrations")]
    assert ratio.ln_sd_shared == pytest.approx(np.linalg.norm(others))
    # and the draws agree with it as far as they are linear
    width = np.log(ratio.ratio_high / ratio.ratio_low) / (2 * 1.96)
    assert width == pytest.approx(np.hypot(ratio.ln_sd_own, ratio.ln_sd_shared), rel=0.05)


def test_an_uneven_interval_of_the_reversal_makes_an_uneven_ratio() -> None:
    base = series(names="Na", se_mv=1.0)[0]
    uneven = replace(base, se_below_mv=0.5, se_above_mv=3.0)
    (ratio,) = solve([uneven], ("K", "Na")).ratios
    assert np.log(ratio.ratio / ratio.ratio_low) == pytest.approx(1.96 * 0.5 / RT_F, rel=0.05)
    assert np.log(ratio.ratio_high / ratio.ratio) == pytest.approx(1.96 * 3.0 / RT_F, rel=0.05)


# -------------------------------------------------------------------------------- closed forms


def one_bath(
    inside: Mapping[str, float], outside: Mapping[str, float], p: Mapping[str, float]
) -> Any:
    e_mv = reversal(p, inside, outside)
    seen = Observation("a", e_mv, 0.1, CELSIUS, inside, outside)
    return e_mv, solve([seen], list(p)).ratios[0]


def test_the_bi_ionic_form_is_named_where_it_holds_and_gives_the_number() -> None:
    e_mv, ratio = one_bath({"K": 140.0}, {"Na": 145.0}, {"K": 1.0, "Na": 0.4})
    assert "bi-ionic: P_Na/P_K = [K]in/[Na]out exp(FE/RT)" in ratio.method
    assert ratio.ratio == pytest.approx(140 / 145 * np.exp(e_mv / RT_F), rel=1e-9)
    e_mv, ratio = one_bath({"Cl": 10.0}, {"gluconate": 130.0}, {"Cl": 1.0, "gluconate": 0.2})
    assert "exp(−FE/RT)" in ratio.method
    assert ratio.ratio == pytest.approx(10 / 130 * np.exp(-e_mv / RT_F), rel=1e-9)


def test_the_divalent_form_is_fatt_and_ginsborg_s() -> None:
    e_mv, ratio = one_bath({"K": 140.0}, {"Ca": 20.0}, {"K": 1.0, "Ca": 6.0})
    xi = np.exp(e_mv / RT_F)
    assert "bi-ionic with a divalent" in ratio.method
    assert ratio.ratio == pytest.approx(140 * xi * (1 + xi) / (4 * 20), rel=1e-9)


@pytest.mark.parametrize(
    ("inside", "outside", "p"),
    [
        ({"K": 140.0, "Ca": 1e-4}, {"Ca": 20.0}, {"K": 1.0, "Ca": 6.0}),
        ({"K": 140.0}, {"K": 5.0, "Ca": 20.0}, {"K": 1.0, "Ca": 6.0}),
    ],
)
def test_a_closed_form_is_not_named_where_it_does_not_hold(
    inside: dict[str, float], outside: dict[str, float], p: dict[str, float]
) -> None:
    _, ratio = one_bath(inside, outside, p)
    assert "bi-ionic" not in ratio.method
    assert "quadratic" in ratio.method
    assert ratio.ratio == pytest.approx(p["Ca"], rel=1e-9)


def test_the_shift_form_needs_the_reference_outside() -> None:
    """Truth T093: exp(F dE/RT)."""
    baths = series(names="Na Li")
    over_na = by_ion(solve(baths, ("Na", "K", "Li")))["Li"]
    assert "bi-ionic shift: exp(FΔE/RT)" in over_na.method
    shift_mv = baths[1].e_rev_mv - baths[0].e_rev_mv
    assert over_na.ratio == pytest.approx(np.exp(shift_mv / RT_F), rel=1e-9)
    assert "shift" not in by_ion(solve(baths, ("K", "Na", "Li")))["Li"].method


# ------------------------------------------------------------------- what is not determined


def test_the_determined_combination_and_its_limits_are_said() -> None:
    mixed = {"Na": 75.0, "Li": 75.0}
    p = {"K": 1.0, "Na": 0.9, "Li": 0.6}
    seen = Observation("a", reversal(p, INSIDE, mixed), 0.1, CELSIUS, INSIDE, mixed)
    found = by_ion(solve([seen], list(p)))
    for ion in ("Na", "Li"):
        assert found[ion].status == "rejected"
        assert "only P_Na + P_Li is determined by these baths" in found[ion].reason
        # were the other 0, P would be the sum of the two
        assert f"P_{ion}/P_K ≤ 1.5" in found[ion].reason
        assert found[ion].ratio is None


def test_ions_that_share_a_gradient_in_all_baths() -> None:
    p = {"K": 1.0, "Na": 0.9, "Li": 0.6}
    observations = [
        Observation(str(c), reversal(p, INSIDE, mm), 0.1, CELSIUS, INSIDE, mm)
        for c, mm in ((1, {"Na": 80.0, "Li": 40.0}), (2, {"Na": 40.0, "Li": 20.0}))
    ]
    found = by_ion(solve(observations, list(p)))
    assert all("only P_Na + 0.5 P_Li" in found[ion].reason for ion in ("Na", "Li"))


def test_baths_that_tell_ions_apart_poorly_are_said_to() -> None:
    p = {"K": 1.0, "Na": 0.9, "Li": 0.6}
    observations = [
        Observation(str(c), reversal(p, INSIDE, mm), 0.1, CELSIUS, INSIDE, mm)
        for c, mm in ((1, {"Na": 73.0, "Li": 70.0}), (2, {"Na": 70.0, "Li": 73.0}))
    ]
    found = by_ion(solve(observations, list(p)))
    assert "tell the ions apart poorly (condition number" in found["Na"].reason


# ------------------------------------------------------------------------------- conventions


CA_BATH = {"Na": 140.0, "Ca": 10.0, "Cl": 160.0}


def test_the_three_conventions_stand_side_by_side() -> None:
    """Science section 4: +12 mV, 140 against 140 + 10 Ca: 5.49, and 13.11 with .31 and .74."""
    seen = Observation("a", 12.0, 0.1, 22.0, {"Na": 140.0, "Cl": 140.0}, CA_BATH)
    details, _ = describe([seen], ("Na", "Ca"), activities="davies")
    rows = {one.activities: one for one in details.conventions}
    assert rows["none"].ratio == pytest.approx(5.49, abs=0.005)
    # with .31 and .74 on both sides; the 140 mM alone have a larger coefficient than the mixture
    assert 13.11 < rows["pitzer"].ratio < 1.1 * 13.11  # type: ignore[operator]
    assert [rows[name].chosen for name in ("none", "davies", "pitzer")] == [False, True, False]
    assert rows["davies"].convention == "single-ion activities, Davies"
    chosen = solve([seen], ("Na", "Ca"), activities="davies").ratios[0]
    assert (rows["davies"].ratio, rows["davies"].ratio_high) == (chosen.ratio, chosen.ratio_high)
    assert "single-ion activities, Davies" in chosen.method


def test_pitzer_needs_a_choice_for_buffers_and_says_it() -> None:
    inside = {"Na": 140.0, "Cl": 135.0, "HEPES": 5.0}
    seen = Observation("a", 12.0, 0.1, 25.0, inside, CA_BATH)
    with pytest.raises(PermeantError, match=r"no Pitzer parameters for Na-HEPES.*activity_subst"):
        solve([seen], ("Na", "Ca"), activities="pitzer")
    (ratio,) = solve(
        [seen], ("Na", "Ca"), activities="pitzer", substitutes={"HEPES": "Cl", "NMDG": "K"}
    ).ratios
    assert "Pitzer (HEPES as Cl)" in ratio.method
    details, _ = describe([seen], ("Na", "Ca"))
    refused = next(one for one in details.conventions if one.activities == "pitzer")
    assert (refused.status, refused.ratio) == ("rejected", None)
    assert "Na-HEPES" in refused.reason


# ----------------------------------------------------------------------------------- two lenses


def test_the_conductance_lens_is_the_weighted_mean() -> None:
    """g_X/g_ref = (E_ref - E)/(E - E_X); the chords that GHK implies are the same, an identity."""
    inside, outside = {"K": 140.0, "Na": 10.0}, {"K": 5.0, "Na": 145.0}
    p = {"K": 1.0, "Na": 0.05}
    e_mv = reversal(p, inside, outside)
    seen = Observation("a", e_mv, 0.1, CELSIUS, inside, outside)
    details, _ = describe([seen], list(p), Uncertainty(1.0, 0.0, 0.0, draws=1000))
    (lens,) = details.lenses
    e_k, e_na = (RT_F * np.log(outside[ion] / inside[ion]) for ion in ("K", "Na"))
    assert lens.conductance_ratio == pytest.approx((e_k - e_mv) / (e_mv - e_na), rel=1e-9)
    assert lens.chord_ratio == pytest.approx(lens.conductance_ratio, rel=1e-6)
    assert lens.conductance_low < lens.conductance_ratio < lens.conductance_high  # type: ignore[operator]
    assert lens.permeability_ratio == pytest.approx(0.05, rel=1e-9)
    assert "times P_Na/P_K" in lens.note
    assert "145 mM" in lens.note


def test_like_concentrations_make_the_lenses_agree() -> None:
    """Both ions at 100 inside and 10 and 11 outside: nearly one gradient, so near to one view."""
    inside, outside = {"K": 100.0, "Na": 11.0}, {"K": 11.0, "Na": 100.0}
    p = {"K": 1.0, "Na": 1.0}
    seen = Observation("a", reversal(p, inside, outside), 0.1, CELSIUS, inside, outside)
    (lens,) = describe([seen], list(p))[0].lenses
    assert lens.conductance_ratio == pytest.approx(1.0)
    assert lens.note == "the two pictures agree here"


def test_an_ion_on_one_side_has_no_conductance_picture() -> None:
    details, _ = describe(series(names="Na Li"), ("K", "Na", "Li"))
    for lens in details.lenses:
        assert lens.conductance_ratio is None
        assert "without an equilibrium potential" in lens.note
        assert lens.slope_ratio is not None


# ---------------------------------------------------------------------------- the shared truth


def _cases() -> list[dict[str, Any]]:
    beside = Path(__file__).resolve().parents[3] / "shared"
    path = Path(os.environ.get("PERMEANT_SHARED", beside)) / "truth" / "cases.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else []


CASES = _cases()
MISSING = "the shared truth file is absent (set PERMEANT_SHARED)"
INVERTED = [c for c in CASES if c["topic"].startswith("invert") and "literature" not in c["kind"]]
MIXTURES = [c for c in CASES if c["topic"] == "erev_divalent"]
SHIFTS = [c for c in CASES if c["topic"] == "biionic_shift"]


def through_infer(
    e_mv: float, celsius: float, ions: Mapping[str, Mapping[str, float]], unknown: str
) -> Any:
    """Ask the inference for one ratio, all others fixed."""
    reference = next(name for name in ions if name != unknown)
    unit = ions[reference]["P_rel"]
    seen = Observation(
        "a", e_mv, 0.01, celsius,
        {name: ion["c_in_mM"] for name, ion in ions.items()},
        {name: ion["c_out_mM"] for name, ion in ions.items()},
    )  # fmt: skip
    fixed = {
        name: ion["P_rel"] / unit for name, ion in ions.items() if name not in (unknown, reference)
    }
    extra = {name: Ion(name, int(ion["z"]), None, None, "case") for name, ion in ions.items()}
    answer = solve(
        [seen], list(ions), replace(EXACT, draws=1000), reference=reference, fixed=fixed,
        extra_ions=extra,
    )  # fmt: skip
    return by_ion(answer)[unknown], unit


@pytest.mark.skipif(not CASES, reason=MISSING)
@pytest.mark.parametrize("case", INVERTED, ids=[c["id"] for c in INVERTED])
def test_truth_of_inversions(case: dict[str, Any]) -> None:
    given = case["inputs"]
    (unknown,) = given["unknown"]
    ratio, unit = through_infer(
        given["Erev_mV"], given["T_K"] - 273.15, {**given["known"], **given["unknown"]}, unknown
    )
    expected = case["expected"]["P_ratio"]
    if case["expected"].get("feasible") is False:
        assert ratio.status == "rejected"
        assert f"{expected:.3g}" in ratio.reason
    else:
        assert ratio.ratio * unit == pytest.approx(expected, rel=1e-8)


@pytest.mark.skipif(not CASES, reason=MISSING)
@pytest.mark.parametrize("case", MIXTURES, ids=[c["id"] for c in MIXTURES])
def test_truth_of_mixtures_backwards(case: dict[str, Any]) -> None:
    """From the reversal that a mixture has by the truth file to the ratio that made it."""
    ions = case["inputs"]["ions"]
    unknown = list(ions)[-1]
    ratio, unit = through_infer(
        case["expected"]["Erev_mV"], case["inputs"]["T_K"] - 273.15, ions, unknown
    )
    assert ratio.ratio * unit == pytest.approx(ions[unknown]["P_rel"], rel=1e-7)


@pytest.mark.skipif(not CASES, reason=MISSING)
@pytest.mark.parametrize("case", SHIFTS, ids=[c["id"] for c in SHIFTS])
def test_truth_of_shifts(case: dict[str, Any]) -> None:
    baths = [
        Observation(name, e, 0.01, case["inputs"]["T_K"] - 273.15, INSIDE, {name: 140.0})
        for name, e in (("Na", -3.0), ("Li", -3.0 + case["inputs"]["dErev_mV"]))
    ]
    found = by_ion(solve(baths, ("Na", "K", "Li")))["Li"]
    assert found.ratio == pytest.approx(case["expected"]["PX_over_Pref"], rel=1e-9)


# --------------------------------------------------------------------------- do intervals hold


def draw_cell(random: np.random.Generator, drift_mv: float) -> tuple[list[Observation], dict]:
    """Record a series with every error that is allowed for, of the stated size."""
    stated = Uncertainty()

    def mix(mm: Mapping[str, float]) -> dict[str, float]:
        spread = stated.sigma_concentration_fraction
        return {ion: c * float(np.exp(random.normal(0, spread))) for ion, c in mm.items()}

    true = {ion: p * float(np.exp(random.normal(0, 0.3))) for ion, p in TRUE.items()}
    pipette, real = mix(INSIDE), {name: mix(mm) for name, mm in BATHS.items()}
    change = {name: random.normal(0, 0.2) * (name != "Na") for name in BATHS}
    celsius = CELSIUS + random.normal(0, stated.sigma_temperature_c)
    junction, total_mv = random.normal(0, stated.sigma_ljp_mv), random.normal(0, drift_mv)
    cell = [
        replace(
            one,
            e_rev_mv=float(
                ghk_reversal_mv(
                    list(true.values()),
                    [pipette.get(ion, 0.0) for ion in true],
                    [real[one.bath].get(ion, 0.0) for ion in true],
                    [1] * len(true),
                    celsius,
                )
            )
            + junction + change[one.bath] + total_mv * k / 3 + random.normal(0, one.e_rev_se_mv),
        )
        for k, one in enumerate(series(se_mv=0.3))
    ]  # fmt: skip
    return cell, true


@pytest.mark.parametrize("drift_mv", [0.0, 2.0])
def test_intervals_of_drifting_series_hold_the_truth(drift_mv: float) -> None:
    """300 cells: the truth in 92 to 98 %, two standard errors of each end for chance."""
    random = np.random.default_rng(3)
    held: dict[str, list[bool]] = {}
    for _ in range(300):
        cell, true = draw_cell(random, drift_mv)
        for one in solve(cell, tuple(TRUE), Uncertainty(draws=1000)).ratios:
            p = true[one.ion] / true["K"]
            held.setdefault(one.ion, []).append(one.ratio_low <= p <= one.ratio_high)  # type: ignore[operator]
    for ion, hits in held.items():
        assert 0.92 - 0.031 <= np.mean(hits) <= 0.98 + 0.016, ion
