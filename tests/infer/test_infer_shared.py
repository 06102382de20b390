"""Errors that points share: carried to g and E_rev, in the intervals once, and never twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from curves_by_hand import SPREAD, Array, Scenario, ghk, ohmic, points
from scipy import special

from permeant.infer.iv import fit_iv
from permeant.infer.shared import (
    POINTS,
    errors_after_subtraction,
    include_shared_errors,
    junction_error,
    moved_curve,
)
from permeant.infer.subtract import subtract_points
from permeant.records import Contribution, Correction, IVFit, IVPoint, SharedError

SEEDS = 300
WIDE = np.arange(-100.0, 61.0, 10.0)
ALIKE = ("g_ns", "e_rev_mv", "g_at_reversal_ns")


def moved(curve: list[IVPoint], error: SharedError, sign: int) -> list[IVPoint]:
    nothing = (0.0,) * len(curve)
    return [
        replace(point, v_membrane_mv=point.v_membrane_mv + sign * v, i_pa=point.i_pa + sign * i)
        for point, v, i in zip(curve, error.v_mv or nothing, error.i_pa or nothing, strict=True)
    ]


def contribution(fit: IVFit, quantity: str, source: str) -> Contribution:
    (one,) = [one for one in fit.contributions if (one.quantity, one.source) == (quantity, source)]
    return one


def shared_errors(curve: list[IVPoint]) -> dict[str, SharedError]:
    i = np.array([point.i_pa for point in curve])
    v = np.array([point.v_membrane_mv for point in curve])
    return {
        "resistance": SharedError("a", "recording", v_mv=tuple(-1e-3 * i)),
        "resistance and leak": SharedError("a", "recording", v_mv=tuple(-1e-3 * (i + 2 * v))),
        "leak": SharedError("a", "recording", i_pa=tuple(0.05 * (v + 80.0) + 1.0)),
        "drift": SharedError("a", "recording", i_pa=tuple(np.linspace(0.0, 5.0, i.size))),
        "junction": SharedError("a", "rig", v_mv=(1.0,) * i.size),
    }  # fmt: skip


@pytest.mark.parametrize("source", shared_errors([]))
@pytest.mark.parametrize("p_na", [None, 0.3, 0.05], ids=str)
def test_the_curve_moves_as_a_fit_of_moved_points(source: str, p_na: float | None) -> None:
    """Without noise the fits of points moved either way differ by twice what is foretold."""
    current = ohmic if p_na is None else ghk(p_na)
    curve = points(WIDE, current(WIDE), 0.2)
    fit = fit_iv(curve)
    assert fit.e_rev_status == "measured"
    error = shared_errors(curve)[source]
    foretold = moved_curve(fit, curve).shift(error)
    ahead, behind = (fit_iv(moved(curve, error, sign)) for sign in (1, -1))
    for quantity, least in zip(ALIKE, (1e-3, 0.01, 1e-3), strict=True):
        refitted = 0.5 * (getattr(ahead, quantity) - getattr(behind, quantity))
        assert foretold[quantity] == pytest.approx(refitted, rel=0.05, abs=least)


def through_resistance(seed: int, current_ns: float = 20.0) -> tuple[list[IVPoint], SharedError]:
    """A cell of 20 nS behind 6 MΩ ± 10 %, corrected by the 6 MΩ that the sheet has.

    The true resistances are the quantiles of that normal distribution: one a seed.
    """
    random = np.random.default_rng([4, seed])
    stated_mohm = 6.0
    true_mohm = stated_mohm * (1.0 + 0.1 * float(special.ndtri((seed + 0.5) / SEEDS)))
    command = np.asarray(SPREAD, float) - 5.0
    i = current_ns * (command + 20.0) / (1.0 + 1e-3 * current_ns * true_mohm)
    i = i + 3.0 * random.standard_normal(i.size)
    curve = points(command - 1e-3 * stated_mohm * i, i, 3.0)
    curve = [replace(point, v_command_mv=float(v)) for point, v in zip(curve, command, strict=True)]
    error = SharedError("series resistance", "recording", v_mv=tuple(-1e-3 * 0.6 * i))
    return curve, error


def test_an_interval_with_the_resistances_error_holds_the_truth() -> None:
    """Truth: 20 nS, -20 mV; 92 to 98 % of 300, each with two standard errors for chance."""
    held: dict[str, list[bool]] = {"g": [], "g alone": [], "e_rev": [], "at_reversal": []}
    for seed in range(SEEDS):
        curve, error = through_resistance(seed)
        alone = fit_iv(curve)
        fit = include_shared_errors(alone, curve, [error])
        held["g"].append(fit.g_low_ns <= 20.0 <= fit.g_high_ns)  # type: ignore[operator]
        held["g alone"].append(alone.g_low_ns <= 20.0 <= alone.g_high_ns)  # type: ignore[operator]
        held["e_rev"].append(fit.e_rev_low_mv <= -20.0 <= fit.e_rev_high_mv)  # type: ignore[operator]
        held["at_reversal"].append(
            fit.g_at_reversal_low_ns <= 20.0 <= fit.g_at_reversal_high_ns  # type: ignore[operator]
        )
    share = {name: float(np.mean(each)) for name, each in held.items()}
    for name in ("g", "e_rev", "at_reversal"):
        assert 0.92 - 0.031 <= share[name] <= 0.98 + 0.016, share
    assert share["g alone"] < 0.5, share


def test_the_junction_potential_is_told_and_not_in_the_interval() -> None:
    curve = Scenario("ghk", ghk(0.3), WIDE, 2.0).draw(1)
    alone = fit_iv(curve)
    applied = Correction("junction potential", 5.0, "mV", True, "")
    error = junction_error([applied], len(curve), 1.5, by_amplifier=False)
    assert error is not None
    fit = include_shared_errors(alone, curve, [error])
    assert (fit.e_rev_low_mv, fit.e_rev_high_mv) == (alone.e_rev_low_mv, alone.e_rev_high_mv)
    told = contribution(fit, "e_rev_mv", "junction potential")
    assert told.sigma == pytest.approx(1.5, abs=1e-9)
    assert not told.included
    assert [one.source for one in fit.contributions if one.quantity == "g_ns"] == [POINTS]


@pytest.mark.parametrize(
    ("applied", "by_amplifier", "sigma_mv", "told"),
    [(True, False, 1.0, True), (False, True, 1.0, True), (False, False, 1.0, False),
     (True, False, 0.0, False)],
)  # fmt: skip
def test_only_a_potential_that_was_corrected_has_an_error(
    applied: bool, by_amplifier: bool, sigma_mv: float, told: bool
) -> None:
    row = Correction("junction potential", 5.0 if applied else None, "mV", applied, "")
    assert (junction_error([row], 3, sigma_mv, by_amplifier=by_amplifier) is not None) == told


def test_shares_add_up_and_sides_widen_in_quadrature() -> None:
    curve, error = through_resistance(1)
    alone = fit_iv(curve)
    fit = include_shared_errors(alone, curve, [error, error])  # one source, two errors
    for quantity in ALIKE:
        rows = [one for one in fit.contributions if one.quantity == quantity]
        assert sum(one.share for one in rows) == pytest.approx(1.0)
        assert len({one.source for one in rows}) == len(rows)
    added = 1.959964 * contribution(fit, "g_ns", "series resistance").sigma
    for end in ("g_low_ns", "g_high_ns"):
        own = getattr(alone, end) - alone.g_ns
        assert abs(getattr(fit, end) - fit.g_ns) == pytest.approx(np.hypot(own, added))


def test_a_fit_without_a_reversal_keeps_what_it_has() -> None:
    rejected = IVFit.rejected("too few")
    assert include_shared_errors(rejected, [], []) is rejected
    v: Array = np.arange(-80.0, -39.0, 10.0)
    curve = points(v, ohmic(v) - 200.0, 1.0)
    fit = include_shared_errors(fit_iv(curve), curve, [shared_errors(curve)["leak"]])
    assert fit.e_rev_status == "extrapolated"
    assert {one.quantity for one in fit.contributions} == {"g_ns"}
    assert fit.e_rev_low_mv is None


def test_points_that_are_not_used_do_not_count() -> None:
    curve, error = through_resistance(2)
    unused = replace(curve[0], used=False, i_pa=1e5)
    spoilt = [unused, *curve]
    wild = replace(error, v_mv=(1e3, *error.v_mv))
    assert include_shared_errors(fit_iv(spoilt), spoilt, [wild]) == include_shared_errors(
        fit_iv(curve), curve, [error]
    )


def test_errors_of_a_subtracted_control_come_along() -> None:
    curve = points([-40.0, 0.0, 40.0], [-80.0, 0.0, 80.0], 1.0)
    control = points([0.0, 40.0, 40.0], [1.0, 5.0, 7.0], 1.0)
    own = SharedError("series resistance", "recording", v_mv=(0.1, 0.0, -0.1))
    drift = SharedError("drift", "recording", i_pa=(1.0, 2.0, 4.0))
    errors = errors_after_subtraction(curve, control, [own], [own, drift], "before")
    assert errors[0] == own
    assert errors[1:] == (SharedError("drift of before", "recording", (), (0.0, -1.0, -3.0)),)
    assert [point.used for point in subtract_points(curve, control, "before")] == [
        False, True, True,
    ]  # fmt: skip


def test_a_supposed_error_is_shown_and_counts_nowhere() -> None:
    curve, error = through_resistance(3)
    alone = fit_iv(curve)
    supposed = replace(error, source="series resistance, if 10 % off", scope="supposed")
    fit = include_shared_errors(alone, curve, [supposed])
    assert replace(fit, contributions=()) == alone
    told = contribution(fit, "g_ns", "series resistance, if 10 % off")
    assert (told.share, told.included) == (None, False)
    assert contribution(fit, "g_ns", POINTS).share == 1.0
