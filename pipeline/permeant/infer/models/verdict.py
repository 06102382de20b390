"""Which models the points refute, which describes them with least, and how that is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from permeant.records import ModelFit

REFUTED_P = 0.01
NO_SUPPORT_AICC = 10.0
"""Models that fall so far behind have essentially no support (Burnham & Anderson 2004)."""

SAME_AICC = 2.0
TITLES = {
    "ohmic": "the straight line",
    "ghk": "the GHK curve",
    "gated_ohmic": "the gated line",
    "gated_ghk": "the gated GHK curve",
}


def why_refuted(fit: ModelFit, misfit_pa: float, share: float) -> str:
    """Say why the points refute a model by itself; empty where they do not."""
    size = (
        f"it misses the points by {misfit_pa:.3g} pA ({100 * share:.2g} % of the largest current)"
    )
    if fit.chi2_p is not None and fit.chi2_p < REFUTED_P:
        return f"refuted by the points (goodness of fit {_p(fit.chi2_p)}): {size}"
    if fit.runs_p is not None and fit.runs_p < REFUTED_P:
        return f"refuted by the order of its residuals (runs test {_p(fit.runs_p)}): {size}"
    return ""


def compare(fits: Sequence[ModelFit]) -> tuple[ModelFit, ...]:
    """Set each model against the best of those that the points do not refute.

    A model that falls behind it by an AICc of 10 is refuted too, whatever its own goodness of
    fit; ``best`` is the one with the lowest AICc among the ``ok``.
    """
    standing = [fit for fit in fits if fit.status == "ok" and fit.aicc is not None]
    if not standing:
        known = [fit.aicc for fit in fits if fit.aicc is not None]
        return tuple(_delta(fit, min(known)) if known else fit for fit in fits)
    best = min(standing, key=lambda fit: (fit.aicc, fit.n_parameters, fit.model))
    assert best.aicc is not None
    compared = []
    for fit in fits:
        one = _delta(fit, best.aicc)
        if fit is best:
            one = replace(one, best=True)
        elif one.status == "ok" and (one.delta_aicc or 0.0) > NO_SUPPORT_AICC:
            why = (
                f"refuted beside {TITLES[best.model]}, which describes the points clearly better "
                f"(AICc lower by {one.delta_aicc:.3g})"
            )
            one = replace(one, status="refuted", reason=why)
        compared.append(one)
    return tuple(compared)


def verdict_text(fits: Sequence[ModelFit]) -> str:
    """Say in a sentence which models the points refute and which describe them."""
    refuted = [fit for fit in fits if fit.status == "refuted"]
    standing = sorted(
        (fit for fit in fits if fit.status == "ok"), key=lambda fit: fit.delta_aicc or 0.0
    )
    parts = []
    if refuted:
        names = [f"{TITLES[fit.model]} ({_why_short(fit)})" for fit in refuted]
        parts.append(f"{_listed(names)} {'is' if len(names) == 1 else 'are'} refuted")
    if standing:
        near = [fit for fit in standing if (fit.delta_aicc or 0.0) < SAME_AICC]
        names = [f"{TITLES[fit.model]} ({_p(fit.chi2_p)})" for fit in near]
        verb = "describes" if len(near) == 1 else "describe"
        also = " about as well as each other" if len(near) > 1 else ""
        parts.append(f"{_listed(names)} {verb} the points{also}")
        if rest := standing[len(near) :]:
            behind = [f"{TITLES[fit.model]} (AICc {fit.delta_aicc:.3g} higher)" for fit in rest]
            parts.append(f"{_listed(behind)} {'is' if len(rest) == 1 else 'are'} not refuted")
    elif refuted:
        parts.append("none of the models describes the points")
    return "; ".join(parts)


def _delta(fit: ModelFit, lowest: float) -> ModelFit:
    return fit if fit.aicc is None else replace(fit, delta_aicc=fit.aicc - lowest)


def _why_short(fit: ModelFit) -> str:
    if fit.chi2_p is not None and fit.chi2_p < REFUTED_P:
        return _p(fit.chi2_p)
    if fit.runs_p is not None and fit.runs_p < REFUTED_P:
        return f"runs test {_p(fit.runs_p)}"
    return f"AICc {fit.delta_aicc:.3g} higher"


def _p(value: float | None) -> str:
    if value is None:
        return "p not known"
    return "p < 0.0001" if value < 1e-4 else f"p = {value:.2g}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
