"""From draws of a ratio to an interval, a limit or a refusal, and what made it so wide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from permeant.infer.ghk_system import Array
from permeant.infer.ratio_draws import OWN, Solved
from permeant.records import Contribution, PermeabilityRatio, RatioStatus

TAIL = 0.025
NORMAL_95 = 1.959964
DISAGREEMENT_P = 0.01
_SAME_DIRECTION = 1e-9


def judge_draws(
    blank: PermeabilityRatio, ratio: float, draws: Array, note: str = ""
) -> PermeabilityRatio:
    """Turn the draws of one ratio into an interval, a limit or a refusal.

    Parameters
    ----------
    blank : PermeabilityRatio
        What is known of it besides.
    ratio : float
        The ratio of the inputs as stated.
    draws : ndarray
        Its draws, shape (d,); one that is not positive has no solution.
    note : str
        What to add to the reason.

    Returns
    -------
    PermeabilityRatio
        ``ok`` with the 2.5 and 97.5 % points, ``bound`` where one of them has no solution,
        ``rejected`` where almost none has.
    """

    def result(
        status: RatioStatus,
        reason: str,
        value: float | None = None,
        low: float | None = None,
        high: float | None = None,
    ) -> PermeabilityRatio:
        said = "; ".join(part for part in (reason, note) if part)
        return replace(
            blank, status=status, reason=said, ratio=value, ratio_low=low, ratio_high=high
        )

    impossible = float(np.mean(draws <= 0.0))
    percent = f"{100 * impossible:.3g} % of the draws"
    if impossible > 1.0 - TAIL:
        return result(
            "rejected",
            f"infeasible: the equation gives {ratio:.3g} and {percent} a negative permeability. "
            "Likely causes: another ion permeates, the junction potential has the wrong sign or "
            "is applied twice, or a solution is not what the sheet says",
        )
    beyond = _by_way_of_infinity(draws)
    placed = np.where(draws > 0.0, draws, np.inf if beyond else 0.0)
    low = float(np.quantile(placed, TAIL, method="higher"))
    high = float(np.quantile(placed, 1.0 - TAIL, method="lower"))
    if impossible > TAIL and beyond:
        return result(
            "bound",
            f"only a lower limit: the reversal is so near to the equilibrium of {blank.ion} that "
            f"{percent} have no solution",
            low=low,
        )
    if impossible > TAIL:
        return result(
            "bound",
            f"only an upper limit: within the errors the ratio may be zero ({percent})",
            high=high,
        )
    few = f"{percent} have no solution" if impossible else ""
    return result("ok", few, float(ratio), low, high)


def judge_shifts(blank: PermeabilityRatio, ratio: float, shifts: Array) -> PermeabilityRatio:
    """Turn linear shifts of ln P into an interval, for comparisons beside the draws.

    Parameters
    ----------
    blank : PermeabilityRatio
        What is known of it besides.
    ratio : float
        The ratio of the inputs as stated.
    shifts : ndarray
        By how much each input's standard deviation moves ln P, NaN where it leaves no solution.

    Returns
    -------
    PermeabilityRatio
        ``ok``, or ``rejected`` where the ratio or one of its neighbours is not positive.
    """
    if not (ratio > 0 and np.isfinite(shifts).all()):
        return replace(
            blank, reason=f"within the errors not feasible: the equation gives {ratio:.3g}"
        )
    half = NORMAL_95 * float(np.sqrt((shifts**2).sum()))
    low, high = ratio * float(np.exp(-half)), ratio * float(np.exp(half))
    return replace(blank, status="ok", ratio=ratio, ratio_low=low, ratio_high=high)


def _by_way_of_infinity(draws: Array) -> bool:
    """Whether negative draws lie beyond infinity rather than below zero.

    A ratio whose denominator may vanish has draws far above and far below its usual size and
    none near zero; one whose numerator may vanish the other way round.
    """
    size = np.abs(draws)
    usual = float(np.median(size))
    return bool(np.count_nonzero(size > 10.0 * usual) > np.count_nonzero(size < 0.1 * usual))


def find_disagreement(solved: Solved) -> str:
    """Say when the baths do not fit one set of ratios within the errors; else empty."""
    freedom = solved.misfit.size - len(solved.system.unknown)
    if freedom < 1:
        return ""
    from scipy import special  # noqa: PLC0415 - loads slowly, and one bath has none of it

    spread = np.atleast_2d(np.cov(solved.drawn_misfit))
    values, directions = np.linalg.eigh(spread)
    freedom = min(freedom, int(np.count_nonzero(values > _SAME_DIRECTION * values[-1])))
    along = directions[:, -freedom:].T @ solved.misfit
    p = float(special.chdtrc(freedom, float((along**2 / values[-freedom:]).sum())))
    if p >= DISAGREEMENT_P:
        return ""
    return (
        f"the baths do not agree on one ratio (p = {p:.1g}): the interval leaves that out; another "
        "ion may permeate, or the permeability change with the solutions"
    )


def split_error(
    ratio: PermeabilityRatio, sources: tuple[str, ...], shifts: Array
) -> tuple[PermeabilityRatio, tuple[Contribution, ...]]:
    """Tell what each source adds to the error of ln P.

    Parameters
    ----------
    ratio : PermeabilityRatio
        A ratio that was found; others come back as they are, with no contributions.
    sources : tuple of str
        The source of each input.
    shifts : ndarray
        By how much each input's standard deviation moves ln P, same length.

    Returns
    -------
    ratio : PermeabilityRatio
        With ``ln_sd_own`` (what another cell would draw anew) and ``ln_sd_shared`` (junction
        potential, temperature, solutions: the same for all cells of a rig).
    contributions : tuple of Contribution
        The sources in falling order of their share of the variance; none below 0.05 %.
    """
    if ratio.status != "ok" or not np.isfinite(shifts).all():
        return ratio, ()
    variance: dict[str, float] = {}
    for source, shift in zip(sources, shifts.tolist(), strict=True):
        variance[source] = variance.get(source, 0.0) + shift**2
    total = sum(variance.values())
    own = sum(variance.get(source, 0.0) for source in OWN)
    quantity = f"ln(P_{ratio.ion}/P_{ratio.reference_ion})"
    found = [
        Contribution(quantity, source, part**0.5, "", part / total)
        for source, part in sorted(variance.items(), key=lambda pair: (-pair[1], pair[0]))
        if total > 0 and part / total >= 5e-4
    ]
    split = replace(ratio, ln_sd_own=own**0.5, ln_sd_shared=max(total - own, 0.0) ** 0.5)
    return split, tuple(found)
