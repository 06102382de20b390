"""Pore or gate, and charge, on a page: a sentence, a table and a picture a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from permeant.report import wording
from permeant.report.limit_figure import limit_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import ChargeRatio, ViscosityLimit
    from permeant.report.figures import Figure

ROWS_SHOWN = 60
"""Comparisons of the batch's page; the others are in the file."""

MOST_PICTURES = 6


@dataclass(frozen=True)
class ExponentRow:
    """One exponent in words."""

    quantity: str
    exponent: str
    means: str
    verdict: str
    reason: str


@dataclass(frozen=True)
class LimitView:
    """One comparison of viscosities: its verdict, how it came about, and its picture."""

    name: str
    verdict: str
    sentence: str
    rows: tuple[ExponentRow, ...]
    facts: tuple[tuple[str, str], ...]
    figure: Figure | None


@dataclass(frozen=True)
class LimitRow:
    """One comparison in one line of the batch's page."""

    name: str
    href: str
    method: str
    verdict: str
    n_cells: int
    current: str
    opened: str
    shut: str
    why: str


@dataclass(frozen=True)
class ChargeRow:
    """A divalent carrier beside a monovalent one, in words."""

    name: str
    status: str
    ratio: str
    expected: str
    per_mm: str
    quotient: str
    reversal: str
    voltages: str
    said: str


@dataclass(frozen=True)
class LimitsView:
    """Everything that a page shows of what limits the current."""

    limits: tuple[LimitView, ...]
    charge: tuple[ChargeRow, ...] = ()
    rows: tuple[LimitRow, ...] = ()
    n_more: int = 0

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every picture."""
        return tuple(one.figure for one in self.limits if one.figure)


def view_limits(
    limits: Sequence[ViscosityLimit], charge: Sequence[ChargeRatio]
) -> LimitsView | None:
    """Return what the page of a cell shows; nothing where nothing was compared."""
    if not limits and not charge:
        return None
    return LimitsView(
        tuple(_limit_view(one, f"limits-{k}") for k, one in enumerate(limits, 1)),
        tuple(map(_charge_row, charge)),
    )


def view_all_limits(limits: Sequence[ViscosityLimit]) -> LimitsView | None:
    """Return what the page of the batch shows: groups with a picture, then every patch."""
    if not limits:
        return None
    ordered = sorted(limits, key=lambda one: (one.method == "one patch", one.condition, one.cell))
    many = [one for one in ordered if one.method != "one patch"]
    return LimitsView(
        tuple(_limit_view(one, f"limits-{k}") for k, one in enumerate(many[:MOST_PICTURES], 1)),
        rows=tuple(map(_limit_row, ordered[:ROWS_SHOWN])),
        n_more=max(0, len(ordered) - ROWS_SHOWN),
    )


def _limit_view(one: ViscosityLimit, key: str) -> LimitView:
    return LimitView(
        name=_name(one),
        verdict=one.verdict,
        sentence=f"{one.verdict}: {one.reason}",
        rows=_exponent_rows(one),
        facts=tuple(_facts(one)),
        figure=limit_figure(one, key),
    )


def _name(one: ViscosityLimit) -> str:
    if one.cell:
        return one.cell
    many = wording.count(one.n_cells, "patch", "patches")
    kind = "paired" if one.method == "patches paired" else "one solution each"
    return ", ".join(filter(None, [one.condition, f"{many}, {kind}"]))


def _exponent_rows(one: ViscosityLimit) -> tuple[ExponentRow, ...]:
    gate_told = one.gating != "not to be told" or one.alpha_open is not None
    rows = [
        ExponentRow(
            "unitary current falls",
            wording.with_interval(one.alpha_i, one.alpha_i_low, one.alpha_i_high),
            "1: as diffusion after Stokes; 0: does not feel it",
            one.current,
            one.current_reason,
        )
    ]
    if one.alpha_conductivity is not None:
        rows.append(
            ExponentRow(
                "unitary current follows the bulk",
                wording.with_interval(
                    one.alpha_conductivity, one.alpha_conductivity_low, one.alpha_conductivity_high
                ),
                "1: as the current in the bulk",
                "",
                "",
            )
        )
    for name, alpha, low, high in (
        ("open", one.alpha_open, one.alpha_open_low, one.alpha_open_high),
        ("shut", one.alpha_shut, one.alpha_shut_low, one.alpha_shut_high),
    ):
        first = name == "open"
        rows.append(
            ExponentRow(
                f"mean {name} time grows",
                wording.with_interval(alpha, low, high),
                "0: the gate does not feel it; up to 1: it slows",
                (f"gate {one.gating}" if gate_told else one.gating) if first else "",
                one.gating_reason if first else "",
            )
        )
    return tuple(rows)


def _facts(one: ViscosityLimit) -> list[tuple[str, str]]:
    span = f"{wording.short(one.viscosity_low)} and {wording.short(one.viscosity_high)}"
    told = [("viscosity ratios", span)]
    told.append(
        (
            "bulk conductivity",
            "not stated"
            if one.conductivity_ratio is None
            else f"falls to {wording.short(one.conductivity_ratio)}",
        )
    )
    told.append(("recordings" if one.cell else "cells", one.recordings))
    if one.voltages_mv:
        told.append(("voltages (mV)", one.voltages_mv.replace("-", wording.MINUS)))
    if one.n_open:
        told.append(("events", f"{one.n_open} open, {one.n_shut} shut times"))
    if one.e_rev_difference_mv is not None:
        change = wording.signed(one.e_rev_difference_mv, 1)
        told.append(("change of the reversal", f"{change} mV"))
    if one.note:
        told.append(("to know", one.note))
    return told


def _limit_row(one: ViscosityLimit) -> LimitRow:
    return LimitRow(
        name=_name(one) if not one.cell else one.cell,
        href=f"cells/{one.cell}.html#limits" if one.cell else "",
        method=one.method,
        verdict=one.verdict,
        n_cells=one.n_cells,
        current=wording.with_interval(one.alpha_i, one.alpha_i_low, one.alpha_i_high),
        opened=wording.with_interval(one.alpha_open, one.alpha_open_low, one.alpha_open_high),
        shut=wording.with_interval(one.alpha_shut, one.alpha_shut_low, one.alpha_shut_high),
        why="; ".join(filter(None, [one.reason, one.note])),
    )


def _charge_row(one: ChargeRatio) -> ChargeRow:
    return ChargeRow(
        name=f"{one.ion} / {one.reference_ion}",
        status=one.status,
        ratio=wording.with_interval(one.ratio, one.ratio_low, one.ratio_high),
        expected=wording.number(one.expected_ratio),
        per_mm=wording.with_interval(one.per_mm_ratio, one.per_mm_low, one.per_mm_high),
        quotient=wording.with_interval(one.quotient, one.quotient_low, one.quotient_high),
        reversal=wording.with_interval(one.reversal_quotient, one.reversal_low, one.reversal_high),
        voltages=wording.voltage_range(one.v_min_mv, one.v_max_mv) or wording.MISSING,
        said=one.meaning or one.reason,
    )
