"""What a page shows beside the ratios of a cell: shifts, what each error adds, conventions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from permeant.report import wording

if TYPE_CHECKING:
    from permeant.ratio_records import ConventionRatio, Lens, ReferenceDrift, ReversalShift
    from permeant.records import CellResult, PermeabilityRatio

MODELS = ("none", "davies", "pitzer")
_SHADES = 6
_WORTH_A_PART = 0.005


@dataclass(frozen=True)
class Part:
    """One piece of a bar: a source of error and its share of the variance."""

    source: str
    percent: float
    shade: int

    @property
    def words(self) -> str:
        """The piece in words."""
        return f"{self.source} {wording.number(self.percent, 2)} %"


@dataclass(frozen=True)
class ErrorBar:
    """What each source adds to the interval of one ratio."""

    name: str
    parts: tuple[Part, ...]
    sd_percent: float
    verdict: str


@dataclass(frozen=True)
class ConventionRow:
    """One ratio under the conventions of activities, in the order of ``MODELS``."""

    name: str
    cells: tuple[ConventionRatio | None, ...]


@dataclass(frozen=True)
class RatioDetail:
    """Everything that the section about the ratios of a cell is made of."""

    shifts: tuple[ReversalShift, ...]
    drift: ReferenceDrift | None
    drift_text: str
    bars: tuple[ErrorBar, ...]
    legend: tuple[Part, ...]
    conventions: tuple[ConventionRow, ...]
    convention_notes: tuple[str, ...]
    lenses: tuple[Lens, ...]


def ratio_detail(cell: CellResult) -> RatioDetail | None:
    """Gather what is beside the ratios of a cell; nothing where no ratio was found."""
    details = cell.ratio_details
    found = any(ratio.status != "rejected" and ratio.method != "fixed" for ratio in cell.ratios)
    if not found and not details.shifts:
        return None
    bars, legend = _error_bars(cell)
    return RatioDetail(
        shifts=details.shifts,
        drift=details.drift,
        drift_text=_drift_text(details.drift, cell) if details.drift else "",
        bars=bars,
        legend=legend,
        conventions=_convention_rows(cell, details.conventions),
        convention_notes=_convention_notes(details.conventions),
        lenses=details.lenses,
    )


def _error_bars(cell: CellResult) -> tuple[tuple[ErrorBar, ...], tuple[Part, ...]]:
    shades: dict[str, int] = {}
    bars = []
    for ratio in cell.ratios:
        quantity = f"ln({wording.ratio_name(ratio)})"
        mine = [one for one in cell.contributions if one.quantity == quantity]
        if not mine or ratio.status != "ok":
            continue
        parts = tuple(
            Part(one.source, 100 * one.share, shades.setdefault(one.source, len(shades) % _SHADES))
            for one in mine
            if one.share is not None and one.share >= _WORTH_A_PART
        )
        sd = sum(one.sigma**2 for one in mine) ** 0.5
        bars.append(
            ErrorBar(wording.ratio_name(ratio), parts, 100 * sd, _bar_verdict(ratio, parts))
        )
    legend = tuple(Part(source, 0.0, shade) for source, shade in shades.items())
    return tuple(bars), legend


def _bar_verdict(ratio: PermeabilityRatio, parts: tuple[Part, ...]) -> str:
    if not parts:
        return ""
    largest = parts[0]
    text = f"{wording.number(largest.percent, 2)} % of this interval is the {largest.source}"
    if ratio.ln_sd_own is not None and ratio.ln_sd_shared is not None:
        own, shared = (wording.number(100 * sd, 2) for sd in (ratio.ln_sd_own, ratio.ln_sd_shared))
        text += f"; ± {own} % is this cell’s own, ± {shared} % is shared by all cells of the rig"
    return text


def _drift_text(drift: ReferenceDrift, cell: CellResult) -> str:
    size = wording.quantity(drift.drift_mv, "mV", drift.drift_low_mv, drift.drift_high_mv)
    text = f"{drift.bath or 'One bath'} was recorded as {drift.first} and again as {drift.last}: "
    if not drift.timed:
        return (
            f"{text}its E_rev differs by {size}. The files do not tell which came first, so the "
            "difference is counted as an error of every bath"
        )
    text += (
        f"its E_rev moved by {size}. A course straight in time was taken off the recordings in "
        "between; how crooked it was adds to their errors"
    )
    changed = [
        f"{wording.ratio_name(one)} {wording.number(drift.without[one.ion])}"
        for one in cell.ratios
        if one.ion in drift.without
    ]
    return f"{text}. Without that: {wording.join_words(changed)}" if changed else text


def _convention_rows(
    cell: CellResult, conventions: tuple[ConventionRatio, ...]
) -> tuple[ConventionRow, ...]:
    by_place = {(one.ion, one.activities): one for one in conventions}
    return tuple(
        ConventionRow(
            wording.ratio_name(ratio),
            tuple(by_place.get((ratio.ion, model)) for model in MODELS),
        )
        for ratio in cell.ratios
        if any((ratio.ion, model) in by_place for model in MODELS)
    )


def _convention_notes(conventions: tuple[ConventionRatio, ...]) -> tuple[str, ...]:
    """Name each convention once, and why one cannot be had."""
    notes = {one.activities: one.convention for one in conventions}
    told = [f"{model}: {notes[model]}" for model in MODELS if model in notes]
    why = dict.fromkeys(
        f"{one.activities} cannot be had: {one.reason}"
        for one in conventions
        if one.status == "rejected" and not one.chosen and one.reason
    )
    return (*told, *why)
