"""Where the uncertainty comes from and what corrections changed: records sorted for a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from permeant.records import CorrectionEffect
from permeant.report import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import Contribution, IVFit, RecordingResult

_NAMES = {
    "g_ns": "conductance g",
    "g_at_reversal_ns": "slope conductance at the reversal",
    "e_rev_mv": "reversal potential E_rev",
}
_ORDER = ("e_rev_mv", "g_ns", "g_at_reversal_ns")
_JUNCTION = "junction potential"


@dataclass(frozen=True)
class Sources:
    """The sources of the uncertainty of one quantity, the largest first."""

    name: str
    value: str
    """The quantity with its interval; empty where the page has it elsewhere."""
    unit: str
    rows: tuple[Contribution, ...]


def uncertainty_of(fit: IVFit) -> tuple[Sources, ...]:
    """Return what the intervals of a recording hold, quantity by quantity."""
    values = {
        "e_rev_mv": wording.reversal_value(fit),
        "g_ns": wording.quantity(fit.g_ns, "nS", fit.g_low_ns, fit.g_high_ns),
        "g_at_reversal_ns": wording.quantity(
            fit.g_at_reversal_ns, "nS", fit.g_at_reversal_low_ns, fit.g_at_reversal_high_ns
        ),
    }
    found = {sources.name: sources for sources in sources_by_quantity(fit.contributions)}
    return tuple(
        Sources(_NAMES[key], values[key], found[key].unit, found[key].rows)
        for key in _ORDER
        if key in found
    )


def sources_by_quantity(contributions: Sequence[Contribution]) -> tuple[Sources, ...]:
    """Return the sources of each quantity by the name that the records give it."""
    names = dict.fromkeys(one.quantity for one in contributions)
    groups = []
    for name in names:
        rows = [one for one in contributions if one.quantity == name]
        # those that are only supposed stand last, whatever their size
        rows.sort(key=lambda one: (one.share is None, -one.sigma))
        groups.append(Sources(name, "", rows[0].unit, tuple(rows)))
    return tuple(groups)


def about_intervals(fit: IVFit) -> str:
    """Say what the intervals leave out, and what that would take to be in them."""
    if not fit.contributions:
        return ""
    said = [_about_the_junction(fit), _about_the_resistance(fit)]
    return ". ".join(wording.capitalised(one) for one in said if one)


def _about_the_junction(fit: IVFit) -> str:
    if not any(one.quantity == "e_rev_mv" for one in fit.contributions):
        return ""
    if any(one.source == _JUNCTION for one in fit.contributions):
        return (
            "the error of the junction potential (permeability: sigma_ljp_mv) is not in the "
            "interval of E_rev but beside it: all recordings of a rig share it, and it enters "
            "permeability ratios once"
        )
    missing = [one for one in fit.effects if one.correction == _JUNCTION and not one.applied]
    if missing:
        return (
            "no error of the junction potential is in or beside the interval of E_rev, since none "
            f"was corrected for ({missing[0].reason.rstrip('.')}): E_rev is off by all of it"
        )
    return ""


def _about_the_resistance(fit: IVFit) -> str:
    if all(one.share is not None for one in fit.contributions):
        return ""
    return (
        "the intervals take the series resistance as exact, since nobody stated its error: to "
        "have it in them, set corrections: sigma_r_s_fraction"
    )


def effects_of(recording: RecordingResult) -> tuple[CorrectionEffect, ...]:
    """Return every correction with its effect; without effects where nothing was fitted."""
    if recording.fit.effects or recording.measurement is None:
        return recording.fit.effects
    return tuple(
        CorrectionEffect(one.name, one.value, one.unit, one.applied, one.reason)
        for one in recording.measurement.corrections
    )
