"""From the outcomes of many cells to the figures of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from calibration_cases import Outcome
from numpy.typing import NDArray
from scenarios import SCENARIOS

QUANTITIES = ("e_rev", "g", "g_at_reversal", "ln_ratio")
UNITS = {"e_rev": "mV", "g": "%", "g_at_reversal": "%", "ln_ratio": ""}


@dataclass(frozen=True)
class Score:
    """The figures of one quantity in one scenario; errors of conductances in per cent.

    Bias and errors are those of the answers given; ``width`` is the median width of the
    intervals over that of the oracle that knows the noise, ``width_shape`` over that of the one
    that knows the curve as well, ``needed`` the factor by which all intervals could be
    multiplied to hold exactly 95 %; ``refused_rightly`` the share of refusals with the
    right reason, ``extrapolated`` the share of cells with a number that is said to be
    extrapolated, ``flagged`` the share with the finding that the scenario demands.
    """

    scenario: str
    kind: str
    quantity: str
    answerable: bool
    n: int
    given: float
    refused_rightly: float
    extrapolated: float
    flagged: float
    bias: float
    median_error: float
    coverage: float
    width: float
    width_shape: float
    needed: float
    plain_error: float
    plain_coverage: float
    held: int
    judged: int


def score_all(outcomes: Sequence[Outcome]) -> list[Score]:
    """Return the figures of every scenario and quantity that occur, in their order."""
    found = {(one.scenario, one.quantity) for one in outcomes}
    return [
        score(name, quantity, [o for o in outcomes if (o.scenario, o.quantity) == (name, quantity)])
        for name in SCENARIOS
        for quantity in QUANTITIES
        if (name, quantity) in found
    ]


def score(name: str, quantity: str, outcomes: Sequence[Outcome]) -> Score:
    """Return the figures of one quantity in one scenario."""
    truth, value, low, high, half, shape, plain, plain_low, plain_high = (
        np.array([getattr(one, column) for one in outcomes])
        for column in (
            "truth", "value", "low", "high", "oracle_half", "shape_half",
            "plain", "plain_low", "plain_high",
        )
    )  # fmt: skip
    given = np.isfinite(value)
    answerable = outcomes[0].answerable
    judged = given & np.isfinite(truth) & np.isfinite(low + high)
    held = judged & (low <= truth) & (truth <= high)
    scale = 100.0 / np.abs(truth) if quantity.startswith("g") else np.ones_like(truth)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = (value - truth) * scale
        plain_error = np.abs(plain - truth) * scale
        width, width_shape = (high - low) / (2.0 * half), (high - low) / (2.0 * shape)
    refused = ~given
    right = np.array([one.right_reason for one in outcomes])
    return Score(
        scenario=name,
        kind=SCENARIOS[name].kind,
        quantity=quantity,
        answerable=answerable,
        n=len(outcomes),
        given=float(given.mean()),
        refused_rightly=float(right[refused].mean()) if refused.any() else np.nan,
        extrapolated=float(np.mean([one.extrapolated for one in outcomes])),
        flagged=float(np.mean([one.flagged for one in outcomes])),
        bias=_median(error[judged]),
        median_error=_median(np.abs(error[judged])),
        coverage=float(held.sum() / judged.sum()) if judged.any() else np.nan,
        width=_median(width[judged]),
        width_shape=_median(width_shape[judged]),
        needed=_needed(value, low, high, truth, judged),
        plain_error=_median(plain_error) if answerable else np.nan,
        plain_coverage=_share(plain_low, truth, plain_high) if answerable else np.nan,
        held=int(held.sum()),
        judged=int(judged.sum()),
    )


def _needed(
    value: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    truth: NDArray[np.float64],
    judged: NDArray[np.bool_],
) -> float:
    if not judged.any():
        return np.nan
    side = np.where(truth > value, high - value, value - low)[judged]
    return float(np.quantile(np.abs(value - truth)[judged] / np.maximum(side, 1e-12), 0.95))


def _median(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else np.nan


def _share(
    low: NDArray[np.float64], truth: NDArray[np.float64], high: NDArray[np.float64]
) -> float:
    known = np.isfinite(low + high + truth)
    if not known.any():
        return np.nan
    return float(np.mean((low <= truth)[known] & (truth <= high)[known]))


def pooled_coverage(scores: Iterable[Score], quantity: str = "") -> float:
    """Return the coverage over all answers of answerable scenarios, of one quantity or of all."""
    chosen = [s for s in scores if s.answerable and quantity in ("", s.quantity)]
    judged = sum(one.judged for one in chosen)
    return sum(one.held for one in chosen) / judged if judged else np.nan


def error_over_plain(outcomes: Iterable[Outcome]) -> tuple[float, float]:
    """Return the median |error| of E_rev over the whole study: ours, and the plain script's."""
    chosen = [o for o in outcomes if o.quantity == "e_rev" and o.answerable]
    ours = np.array([abs(one.value - one.truth) for one in chosen])
    plain = np.array([abs(one.plain - one.truth) for one in chosen])
    return _median(ours), _median(plain)


def judge_goals(score: Score) -> list[str]:
    """Return which goals of the study a score misses, in words."""
    if not score.answerable:
        wrong = []
        if score.given > 0.01:
            wrong.append(f"a number in {100 * score.given:.0f} % of cells that hold none")
        if score.refused_rightly < 0.99:
            wrong.append(
                f"the right reason in {100 * score.refused_rightly:.0f} % of refusals only"
            )
        return wrong
    missed = []
    if score.given < 0.95:
        missed.append(f"answered in {100 * score.given:.0f} %")
    if score.judged and not 0.92 <= score.coverage <= 0.98:
        missed.append(f"coverage {100 * score.coverage:.1f} %")
    limit = 0.3 if score.kind == "ordinary" else 1.0
    if score.quantity == "e_rev" and score.median_error >= limit:
        missed.append(f"median |error| {score.median_error:.2f} mV")
    if score.width > 1.5:
        missed.append(f"width {score.width:.1f} × oracle")
    demanded = SCENARIOS[score.scenario].flag
    if demanded and score.flagged < 0.99:
        missed.append(f"{demanded} raised in {100 * score.flagged:.0f} % only")
    return missed
