"""The section of the batch's page on groups: rows and pictures from what was worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from permeant.cohort import GroupCurve, GroupValue, PairedDifference, SelectivitySequence
from permeant.report import wording
from permeant.report.figures import MEASURE_TITLES, Figure
from permeant.report.group_curves import curve_figures
from permeant.report.group_figure import condition_styles, strip_figure

ROWS_SHOWN = 60
"""Rows of a table of groups; the others are in the file."""

_TITLES = {
    "e_rev_mv": ("Reversal potential", "E_rev (mV)"),
    "g_ns": ("Slope conductance over the tested voltages", "g (nS)"),
    "g_at_reversal_ns": ("Slope conductance at the reversal", "g at the reversal (nS)"),
}
_SYMBOLS = {"e_rev_mv": "E_rev", "g_ns": "g", "g_at_reversal_ns": "g at the reversal"}


@dataclass(frozen=True)
class GroupsSection:
    """What the section is made of."""

    groups: Sequence[GroupValue] = ()
    pairs: Sequence[PairedDifference] = ()
    sequences: Sequence[SelectivitySequence] = ()
    curves: Sequence[GroupCurve] = ()


@dataclass(frozen=True)
class GroupRow:
    """One line of a table of groups, in words."""

    name: str
    solutions: str
    n_cells: int
    mean: str
    total: str
    sd: str
    beyond: str
    note: str


@dataclass(frozen=True)
class QuantityView:
    """One quantity: its picture and its table."""

    title: str
    figure: Figure | None
    rows: tuple[GroupRow, ...]
    n_more: int
    ratios: bool

    @property
    def several(self) -> bool:
        """Whether any of its groups has more than one cell."""
        return any(row.n_cells > 1 for row in self.rows)


@dataclass(frozen=True)
class PairRow:
    """One line of the table of changes within cells, in words."""

    name: str
    quantity: str
    n_cells: int
    change: str
    sd: str
    note: str


@dataclass(frozen=True)
class SequenceRow:
    """One order of ions, in words."""

    name: str
    sequence: str
    eisenman: str
    note: str


@dataclass(frozen=True)
class GroupsView:
    """Everything that the template shows."""

    quantities: tuple[QuantityView, ...]
    pairs: tuple[PairRow, ...]
    n_more_pairs: int
    sequences: tuple[SequenceRow, ...]
    curves: tuple[Figure, ...] = ()

    @property
    def has_figures(self) -> bool:
        """Whether anything is drawn."""
        return bool(self.curves) or any(view.figure for view in self.quantities)


def view_groups(section: GroupsSection) -> GroupsView | None:
    """Return what the page shows of the groups; nothing where no cell gave a value."""
    groups = [group for group in section.groups if group.n_cells or group.reason]
    if not any(group.n_cells for group in groups):
        return None
    styles = condition_styles(groups)
    views: list[QuantityView] = []
    for measure in sorted({group.measure for group in groups}):
        of = [group for group in groups if group.measure == measure]
        where = "" if measure == "steady" else f", {MEASURE_TITLES.get(measure, measure)}"
        for quantity, (title, axis_title) in _TITLES.items():
            some = [group for group in of if group.quantity == quantity]
            views.append(_quantity_view(some, title + where, axis_title, styles, len(views)))
        ratios = sorted((g for g in of if g.ion), key=lambda g: (g.ion, g.condition))
        views.append(_quantity_view(ratios, "Permeability" + where, "", styles, len(views)))
    pairs = section.pairs[:ROWS_SHOWN]
    return GroupsView(
        # what several cells tell stands before what one cell told already on its own page
        quantities=tuple(sorted((v for v in views if v.rows), key=lambda v: not v.several)),
        pairs=tuple(map(_pair_row, pairs)),
        n_more_pairs=len(section.pairs) - len(pairs),
        sequences=tuple(map(_sequence_row, section.sequences[:ROWS_SHOWN])),
        curves=curve_figures(section.curves),
    )


def _quantity_view(
    groups: list[GroupValue], title: str, axis_title: str, styles: dict[str, int], k: int
) -> QuantityView:
    ratios = any(group.ion for group in groups)
    if ratios:
        references = sorted({group.reference_ion for group in groups})
        axis_title = f"P_ion/P_{' or '.join(references)} (logarithmic)"
    rows = tuple(map(_row, groups[:ROWS_SHOWN]))
    figure = None
    if sum(group.n_cells for group in groups) > 1:  # one cell needs no picture
        figure = strip_figure(
            groups,
            f"groups-{k}",
            title=axis_title,
            names=_names(groups, ratios),
            styles=styles,
            ratios=ratios,
        )
    return QuantityView(title, figure, rows, len(groups) - len(rows), ratios)


def _names(groups: Sequence[GroupValue], ratios: bool) -> list[str]:
    """Name groups as shortly as tells them apart."""
    conditions = {group.condition for group in groups}
    baths = {(group.bath, group.pipette) for group in groups}
    names = []
    for group in groups:
        parts = [group.quantity] if ratios else []
        if len(conditions) > 1 or not ratios:
            parts.append(_condition(group))
        if not ratios and len(baths) > 1:
            parts.append(_solutions(group))
        names.append(", ".join(filter(None, parts)))
    return names


def _condition(group: GroupValue) -> str:
    return group.condition or "no condition"


def _solutions(group: GroupValue) -> str:
    if not group.pipette and not group.bath:
        return ""
    return f"{group.bath or 'bath not given'} | {group.pipette or 'pipette not given'}"


def _row(group: GroupValue) -> GroupRow:
    mean = (
        group.reason
        if group.mean is None
        else wording.with_interval(group.mean, group.low, group.high)
    )
    whole = wording.with_interval(group.mean, group.low_total, group.high_total)
    reason = group.reason if group.mean is not None else ""
    temperature = _temperature(group) if group.ion else ""
    convention = f"activities: {group.activities}" if group.ion else ""
    return GroupRow(
        name=", ".join(filter(None, [group.quantity if group.ion else "", _condition(group)])),
        solutions=_solutions(group),
        n_cells=group.n_cells,
        mean=mean,
        total=whole.partition(" (")[2].rstrip(")") or wording.MISSING,
        sd=wording.number(group.sd_between, 2),
        beyond=wording.number(group.sd_beyond_error, 2),
        note="; ".join(filter(None, [reason, temperature, convention, group.note])),
    )


def _temperature(group: GroupValue) -> str:
    low, high = group.temperature_low_c, group.temperature_high_c
    if low is None or high is None:
        return "temperature not given"
    if low == high:
        return f"{wording.short(low)} °C"
    return f"{wording.short(low)} to {wording.short(high)} °C"


def _pair_row(pair: PairedDifference) -> PairRow:
    a, b = pair.condition_a or "no condition", pair.condition_b or "no condition"
    if pair.bath_a != pair.bath_b:
        a, b = f"{a} ({pair.bath_a or 'no bath'})", f"{b} ({pair.bath_b or 'no bath'})"
    change = wording.quantity(pair.mean, pair.unit, pair.low, pair.high)
    return PairRow(
        name=f"{a} → {b}",
        quantity=_SYMBOLS.get(pair.quantity, pair.quantity),
        n_cells=pair.n_cells,
        change=pair.reason if pair.mean is None else change,
        sd=wording.number(pair.sd, 2),
        note="; ".join(
            filter(
                None,
                [
                    "" if pair.measure == "steady" else MEASURE_TITLES[pair.measure],
                    pair.reason if pair.mean is not None else "",
                    pair.note,
                ],
            )
        ),
    )


def _sequence_row(one: SelectivitySequence) -> SequenceRow:
    if one.eisenman:
        eisenman = f"Eisenman {one.eisenman}"
        if one.eisenman_compatible != one.eisenman:
            eisenman += f" by the means; allowed: {one.eisenman_compatible}"
    elif one.eisenman_compatible:
        eisenman = f"allowed: {one.eisenman_compatible}"
    else:
        eisenman = wording.MISSING
    return SequenceRow(
        name=one.condition or "no condition",
        sequence=one.sequence.replace(">=", "≥"),
        eisenman=eisenman,
        note="; ".join(filter(None, [wording.count(one.n_cells, "cell"), one.note])),
    )
