"""Pore or gate: what the exponents of one comparison mean together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from permeant.infer.limits.exponents import Exponent
from permeant.physics.viscosity import judge_exponent, judge_slowing
from permeant.records import CurrentVerdict, GatingVerdict, LimitVerdict

LARGEST_CONDUCTIVITY_RATIO = 0.75
"""A viscogen that slows the ions of the bulk by less than a quarter says nothing of the pore."""

_TOGETHER: dict[tuple[str, str], tuple[LimitVerdict, str]] = {
    ("diffusion-limited", "unchanged"): (
        "diffusion-limited",
        "the unitary current falls with viscosity, the gate does not feel it",
    ),
    ("not diffusion-limited", "slowed"): (
        "gating-limited",
        "the gate slows with viscosity, the unitary current does not fall",
    ),
    ("diffusion-limited", "slowed"): (
        "both",
        "the unitary current falls with viscosity and the gate slows",
    ),
    ("not diffusion-limited", "unchanged"): (
        "neither",
        "neither the unitary current nor the gate feels the viscosity",
    ),
}


@dataclass(frozen=True)
class Judged:
    """The verdict on current, gate and both, each with its reason."""

    verdict: LimitVerdict
    reason: str
    current: CurrentVerdict
    current_reason: str
    gating: GatingVerdict
    gating_reason: str


def judge(current: tuple[CurrentVerdict, str], gating: tuple[GatingVerdict, str]) -> Judged:
    """Put the verdict on the current and that on the gate together.

    Both must be known: a current that falls says nothing of whether the gate slows as well.
    """
    known = _TOGETHER.get((current[0], gating[0]))
    if known:
        return Judged(*known, *current, *gating)
    parts = [
        f"{what}: {reason}" if verdict == "not to be told" else f"{what}: {verdict} ({reason})"
        for what, (verdict, reason) in (("current", current), ("gate", gating))
    ]
    return Judged("not to be told", "; ".join(parts), *current, *gating)


def judge_current(
    viscosity: Exponent | None,
    viscosity_range: float,
    conductivity: Exponent | None,
    conductivity_ratio: float | None,
) -> tuple[CurrentVerdict, str]:
    """Return whether diffusion limits the current.

    Parameters
    ----------
    viscosity : Exponent or None
        Power of viscosity with which the unitary current falls.
    viscosity_range : float
        Viscosity of the thickest solution over the thinnest.
    conductivity : Exponent or None
        Power of the bulk conductivity that the current follows, where that was measured.
    conductivity_ratio : float or None
        Bulk conductivity of the thickest solution over the thinnest.

    Returns
    -------
    tuple
        Verdict and reason.  Where the bulk conductivity is known it must say the same: large
        viscogens thicken a solution without slowing its ions, and others dilute it.
    """
    if viscosity is None:
        return "not to be told", "no unitary current at a voltage that both solutions share"
    found, reason = judge_exponent(viscosity.low, viscosity.high, viscosity.sigma, viscosity_range)
    if found == "inconclusive":
        return "not to be told", reason
    if conductivity_ratio is None or conductivity is None:
        return found, reason
    if conductivity_ratio > LARGEST_CONDUCTIVITY_RATIO:
        return (
            "not to be told",
            f"the bulk conductivity falls to {conductivity_ratio:.2g} only: the ions hardly feel "
            f"this viscogen (at most {LARGEST_CONDUCTIVITY_RATIO:g} is asked for)",
        )
    same, why = judge_exponent(
        conductivity.low, conductivity.high, conductivity.sigma, viscosity_range
    )
    if same == found:
        return found, f"{reason}; held against the bulk conductivity, {why}"
    return "not to be told", f"{reason}, but held against the bulk conductivity {why}"


def judge_gating(
    opened: Exponent | None, shut: Exponent | None, viscosity_range: float, why_not: str
) -> tuple[GatingVerdict, str]:
    """Return whether viscosity slows the gate.

    Parameters
    ----------
    opened, shut : Exponent or None
        Powers of viscosity with which mean open and shut times grow.
    viscosity_range : float
        Viscosity of the thickest solution over the thinnest.
    why_not : str
        Why there are no times.

    Returns
    -------
    tuple
        Slowed where either time grows and the other does not shorten, unchanged where both
        stand still.
    """
    if opened is None or shut is None:
        return "not to be told", why_not
    found = [
        (name, *judge_slowing(one.low, one.high, one.sigma, viscosity_range))
        for name, one in (("open", opened), ("shut", shut))
    ]
    verdicts = {verdict for _, verdict, _ in found}
    told = "; ".join(f"{name} times: {verdict}, {reason}" for name, verdict, reason in found)
    if "quickened" in verdicts:
        return (
            "not to be told",
            f"times shorten, which viscosity cannot do to a gate alone: {told}",
        )
    if "slowed" in verdicts:
        return "slowed", _told(found, "slowed")
    if verdicts == {"unchanged"}:
        return "unchanged", _told(found, "unchanged")
    return "not to be told", told.replace("inconclusive, ", "")


def _told(found: Sequence[tuple[str, str, str]], verdict: str) -> str:
    return "; ".join(f"{name} times: {reason}" for name, one, reason in found if one == verdict)
