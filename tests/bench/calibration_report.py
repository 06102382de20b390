"""The figures of the calibration study as a text table, CSV, Markdown and one HTML page."""

from __future__ import annotations

import csv
import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from pathlib import Path

from calibration_cases import Outcome
from calibration_scores import (
    QUANTITIES,
    UNITS,
    Score,
    error_over_plain,
    judge_goals,
    pooled_coverage,
)
from scenarios import SCENARIOS

TITLES = {
    "e_rev": "Reversal potential",
    "g": "Conductance: slope of the line over the tested voltages",
    "g_at_reversal": "Slope conductance at the reversal",
    "ln_ratio": "ln of the permeability ratio",
}
HEADS = (
    "scenario", "answered %", "bias", "median error", "coverage %", "width / oracle",
    "/ curve known", "needed", "script: error", "script: coverage %", "misses",
)  # fmt: skip
REFUSAL_HEADS = (
    "scenario", "quantity", "a number given %", "right reason %", "extrapolated %", "misses",
)  # fmt: skip
STYLE = (
    "body{font:15px system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;text-align:right;"
    "border-bottom:1px solid #ccc}td:first-child,td:last-child,th:first-child,th:last-child"
    "{text-align:left}td:last-child{color:#a00}"
)
Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


def _number(value: float, digits: int = 3) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}g}"


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f}"


def list_tables(scores: Sequence[Score]) -> list[Table]:
    """Return the tables of the study: title, heads and rows of text."""
    tables: list[Table] = []
    for quantity in QUANTITIES:
        rows = [
            (
                one.scenario,
                _percent(one.given),
                _number(one.bias, 2),
                _number(one.median_error, 2),
                _percent(one.coverage),
                _number(one.width),
                _number(one.width_shape),
                _number(one.needed, 2),
                _number(one.plain_error, 2),
                _percent(one.plain_coverage),
                "; ".join(judge_goals(one)),
            )
            for one in scores
            if one.quantity == quantity and one.answerable
        ]
        if rows:
            unit = UNITS[quantity]
            tables.append((TITLES[quantity] + (f" ({unit})" if unit else ""), HEADS, rows))
    refusals = [
        (
            one.scenario,
            one.quantity,
            _percent(one.given),
            _percent(one.refused_rightly),
            _percent(one.extrapolated),
            "; ".join(judge_goals(one)),
        )
        for one in scores
        if not one.answerable
    ]
    if refusals:
        tables.append(("Where no answer exists", REFUSAL_HEADS, refusals))
    return tables


def summarise(scores: Sequence[Score], outcomes: Iterable[Outcome]) -> list[str]:
    """Return the figures of the whole study, one sentence each."""
    ours_mv, plain_mv = error_over_plain(outcomes)
    by_quantity = ", ".join(
        f"{quantity} {_percent(pooled_coverage(scores, quantity))} %"
        for quantity in QUANTITIES
        if any(one.quantity == quantity and one.answerable for one in scores)
    )
    n_missed = sum(bool(judge_goals(one)) for one in scores)
    lines = [
        f"Coverage of the 95 % intervals over all answers: {_percent(pooled_coverage(scores))} % "
        f"({by_quantity}).",
        f"Median |error| of E_rev over all cells: {ours_mv:.3f} mV; the plain script's: "
        f"{plain_mv:.3f} mV ({_number(plain_mv / ours_mv)} times as much).",
    ]
    lines.append(f"{len(scores) - n_missed} of {len(scores)} rows below meet every goal.")
    return lines


def write_text(tables: Sequence[Table], summary: Sequence[str]) -> str:
    """Return the tables as text with columns in line."""
    parts = []
    for title, heads, rows in tables:
        widths = [max(len(row[k]) for row in (heads, *rows)) for k in range(len(heads))]
        last = len(heads) - 1

        def line(row: Sequence[str], widths: Sequence[int] = widths, last: int = last) -> str:
            cells = [
                cell.ljust(width) if k in (0, last) else cell.rjust(width)
                for k, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            return "  ".join(cells).rstrip()

        parts.append("\n".join([title, line(heads), *(line(row) for row in rows)]))
    return "\n\n".join([*parts, "\n".join(summary)]) + "\n"


def write_markdown(
    tables: Sequence[Table], summary: Sequence[str], produced: str, explained: str
) -> str:
    """Return the page of the documentation."""
    parts = [f"# Calibration study\n\n{produced}\n\n{explained.strip()}", "\n".join(
        f"- {line}" for line in summary
    )]  # fmt: skip
    for title, heads, rows in tables:
        lines = [" | ".join(heads), " | ".join("---" for _ in heads)]
        lines += [" | ".join(row) for row in rows]
        parts.append(f"## {title}\n\n" + "\n".join(f"| {line} |" for line in lines))
    listed = "\n".join(f"- **{s.name}** ({s.kind}): {s.shows}" for s in SCENARIOS.values())
    parts.append(f"## The scenarios\n\n{listed}")
    return "\n\n".join(parts) + "\n"


def write_html(
    tables: Sequence[Table], summary: Sequence[str], produced: str, explained: str
) -> str:
    """Return one page that needs no other file."""
    parts = [f"<h1>Calibration study</h1><p>{html.escape(produced)}</p>"]
    parts += [f"<p>{html.escape(one)}</p>" for one in explained.strip().split("\n\n")]
    parts.append("<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in summary) + "</ul>")
    for title, heads, rows in tables:
        head = "".join(f"<th>{html.escape(one)}</th>" for one in heads)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        parts.append(f"<h2>{html.escape(title)}</h2><table><tr>{head}</tr>{body}</table>")
    listed = "".join(
        f"<li><b>{html.escape(s.name)}</b> ({s.kind}): {html.escape(s.shows)}</li>"
        for s in SCENARIOS.values()
    )
    parts.append(f"<h2>The scenarios</h2><ul>{listed}</ul>")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Calibration study</title>'
        f"<style>{STYLE}</style>{''.join(parts)}</html>\n"
    )


def write_csv(path: Path, rows: Sequence[Score] | Sequence[Outcome]) -> None:
    """Write records as a table, one a row."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(rows[0])])
        writer.writerows(astuple(row) for row in rows)
