"""Pages from records: the templates, what they are given, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from permeant.report import facts, wording
from permeant.report.advice import advice_for, limit_word
from permeant.report.assets import asset_text, plotly_text
from permeant.report.channels import ChannelView, view_channels
from permeant.report.correction_figure import correction_figure
from permeant.report.costs import CostView, view_costs
from permeant.report.figures import MEASURE_TITLES, Figure
from permeant.report.force_figure import force_figure
from permeant.report.groups import GroupsSection, view_groups
from permeant.report.iv_figure import all_iv_figure, iv_figure
from permeant.report.limits import view_all_limits, view_limits
from permeant.report.membrane_figure import membrane_figure
from permeant.report.models import ModelRow, model_rows
from permeant.report.noise import NoiseView, is_one_voltage, view_noise
from permeant.report.ratio_detail import ratio_detail
from permeant.report.start_figure import start_figure, start_title
from permeant.report.summary import CellSummary, collect_remarks, summarise_cell
from permeant.report.thumbnails import thumbnails
from permeant.report.trace_figure import trace_figure
from permeant.report.uncertainty import (
    about_intervals,
    effects_of,
    sources_by_quantity,
    uncertainty_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jinja2 import Environment

    from permeant.cohort import FunnelStep
    from permeant.records import (
        CellResult,
        CorrectionEffect,
        DrivingForce,
        Problem,
        RecordingResult,
        ViscosityLimit,
    )
    from permeant.report.uncertainty import Sources

TABLES = (
    "iv_points",
    "fits",
    "models",
    "model_parameters",
    "permeability",
    "driving_forces",
    "corrections",
    "uncertainty",
    "quality",
    "problems",
    "cells",
    "groups",
    "pairs",
    "sequences",
    "shifts",
    "ratio_conventions",
    "lenses",
    "single_channel",
    "dwell_times",
    "limits",
    "charge",
    "noise",
    "energy",
    "columns",
)
ROWS_SHOWN = 200
"""Rows of the batch's table that are shown before the reader asks for more."""

_ATTENTION_RANK = {"rejected": 0, "error": 1, "warning": 2, "ok": 3, "excluded": 4}
_INTERVAL = re.compile(r"\([−\d.]+ … [−\d.]+\)|\bg = [−\d.]+ nS")
_HYPHEN_MINUS = re.compile(r"(?<=[\s(])-(?=\d)")
_SYMBOL_PARTS = re.compile(r"\b([A-Zgzc])_([A-Za-z][A-Za-z0-9]*)\b")


@dataclass(frozen=True)
class RecordingView:
    """A recording with everything its section of the page is made of."""

    result: RecordingResult
    anchor: str
    traces: Figure | None
    iv: Figure | None
    starts: Figure | None
    starts_title: str
    channels: ChannelView | None
    noise: NoiseView | None
    costs: CostView | None
    sheet: facts.Facts
    source: facts.Facts
    fit: facts.Facts
    forces: tuple[ForceRow, ...]
    uncertainty: tuple[Sources, ...]
    about_intervals: str
    effects: tuple[CorrectionEffect, ...]
    models: tuple[ModelRow, ...]
    membrane: Figure | None
    driving: Figure | None
    corrected: Figure | None

    @property
    def figures(self) -> tuple[Figure | None, ...]:
        """Every picture of the section; None where there is nothing to draw."""
        return (self.traces, self.iv, self.starts, self.membrane, self.driving, self.corrected)

    @property
    def why(self) -> str:
        """Why there is no fit, or how the reversal potential was found, or why it was not."""
        return self.result.fit.reason or self.result.fit.e_rev_reason


@dataclass(frozen=True)
class ForceRow:
    """A driving force beside the concentrations that it follows from."""

    force: DrivingForce
    pipette_mm: float | None
    bath_mm: float | None


def cell_page(
    cell: CellResult,
    *,
    self_contained: bool = False,
    plotly_js: str = "../assets/plotly.min.js",
    title: str = "",
) -> str:
    """Return the page of a cell as one HTML document.

    ``plotly_js`` is where the page finds plotly.js; ``self_contained`` puts it into the page
    instead (5 MB more), so that the page can be mailed.  ``title`` is that of the project.
    """
    views = [_view(recording, k) for k, recording in enumerate(cell.recordings, 1)]
    every = all_iv_figure(cell.recordings, "iv-all")
    figures = [every, *(figure for view in views for figure in view.figures)]
    figures += [one for view in views if view.channels for one in view.channels.pictures]
    limiting = view_limits(cell.limits.viscosity, cell.limits.charge)
    figures += limiting.figures if limiting else ()
    figures += [one for view in views if view.noise for one in view.noise.pictures]
    figures += [one for view in views if view.costs for one in view.costs.pictures]
    return _render(
        "cell.html.j2",
        title=f"{cell.cell} – {title or 'permeant'}",
        cell=cell,
        summary=summarise_cell(cell),
        remarks=collect_remarks(cell),
        views=views,
        all_iv=every,
        output=cell.settings.get("output", "reports"),
        ratio_sources=sources_by_quantity(cell.contributions),
        ratio_detail=ratio_detail(cell),
        limiting=limiting,
        has_figures=any(figures),
        plotly_inline=plotly_text() if self_contained and any(figures) else "",
        plotly_js=plotly_js,
    )


def index_page(
    summaries: Sequence[CellSummary],
    *,
    title: str = "Recordings",
    versions: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
    settings: Mapping[str, object] | None = None,
    run: Mapping[str, str] | None = None,
    tables: Sequence[str] = TABLES,
    notice: str = "",
    groups: GroupsSection | None = None,
    funnel: Sequence[FunnelStep] = (),
    limits: Sequence[ViscosityLimit] = (),
    self_contained: bool = False,
    plotly_js: str = "assets/plotly.min.js",
) -> str:
    """Return the page of a batch: every cell with its verdict, problems first.

    ``run`` holds further facts of the run (term and text); ``problems`` are those that
    belong to no cell; ``groups`` is what was worked out over cells, ``funnel`` how far the
    recordings got, ``limits`` every comparison of viscosities.
    """
    view = view_groups(groups) if groups else None
    limiting = view_all_limits(limits)
    drawn = (view is not None and view.has_figures) or bool(limiting and limiting.figures)
    rows = sorted(summaries, key=lambda s: (_ATTENTION_RANK[s.attention], s.cell))
    return _render(
        "index.html.j2",
        title=title,
        rows=rows,
        attention=Counter(s.attention for s in rows),
        n_recordings=sum(s.n_recordings for s in rows),
        simulated=sum(s.simulated for s in rows),
        groups=_groups(rows),
        ranks=_ATTENTION_RANK,
        rows_shown=ROWS_SHOWN,
        problems=problems,
        versions=dict(versions or {}),
        settings=dict(settings or {}),
        run=dict(run or {}),
        tables=tables,
        notice=notice,
        view=view,
        funnel=funnel,
        thumbnails=thumbnails(rows),
        limiting=limiting,
        drawn=drawn,
        plotly_inline=plotly_text() if self_contained and drawn else "",
        plotly_js=plotly_js,
    )


def _view(recording: RecordingResult, k: int) -> RecordingView:
    traces = trace_figure(recording, f"traces-{k}")
    return RecordingView(
        result=recording,
        anchor=f"recording-{k}",
        traces=traces,
        iv=None
        if is_one_voltage(recording)
        else iv_figure(recording, f"iv-{k}", traces.key if traces else ""),
        starts=start_figure(recording, f"starts-{k}"),
        starts_title=start_title(recording.row.measure),
        channels=view_channels(recording, f"channels-{k}"),
        noise=view_noise(recording, f"noise-{k}"),
        costs=view_costs(recording, f"costs-{k}"),
        sheet=facts.sheet_facts(recording.row),
        source=facts.file_facts(recording),
        fit=facts.fit_facts(recording.fit),
        forces=tuple(
            ForceRow(
                force,
                recording.pipette.ions_mm.get(force.ion) if recording.pipette else None,
                recording.bath.ions_mm.get(force.ion) if recording.bath else None,
            )
            for force in recording.driving_forces
        ),
        uncertainty=uncertainty_of(recording.fit),
        about_intervals=about_intervals(recording.fit),
        effects=effects_of(recording),
        models=model_rows(recording.fit),
        membrane=membrane_figure(recording, f"membrane-{k}"),
        driving=force_figure(recording, f"forces-{k}"),
        corrected=correction_figure(recording, f"corrections-{k}"),
    )


def _groups(rows: Sequence[CellSummary]) -> list[tuple[str, int, int]]:
    """Return condition, cells and cells with a result; nothing where there is no condition."""
    every = Counter(s.condition for s in rows)
    with_result = Counter(s.condition for s in rows if s.status == "ok")
    if set(every) <= {""}:
        return []
    return [(name, every[name], with_result[name]) for name in sorted(every)]


def _render(template: str, **context: Any) -> str:
    page = _environment().get_template(template).render(**context)
    try:
        page.encode()
    except UnicodeEncodeError:  # half a character, as broken files hold it
        return page.encode("utf-8", "replace").decode("utf-8")
    return page


def _typeset(text: str) -> Markup:
    """Set ``E_rev`` with a subscript, minus signs as such, and keep intervals on one line."""
    signed = _HYPHEN_MINUS.sub(wording.MINUS, str(escape(text)))
    safe = _SYMBOL_PARTS.sub(r"\1<sub>\2</sub>", signed)
    return Markup(_INTERVAL.sub(r'<span class="whole">\g<0></span>', safe))


def _number_with_text(
    number: float | None, text: str, low: float | None = None, high: float | None = None
) -> Markup:
    """Write a number as a table shows it, with all its digits and its interval for the download."""
    if number is None:
        return Markup(f'<span class="quiet">{wording.MISSING}</span>')
    ends = "" if low is None else f' data-low="{low}"'
    ends += "" if high is None else f' data-high="{high}"'
    return Markup(f'<data value="{number}"{ends}>{escape(text)}</data>')


def _trusted(text: str) -> Markup:
    """Take over a style or script of this package or of plotly as it stands."""
    return Markup(text)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    from permeant.report.compiled import kept_templates  # noqa: PLC0415 - with jinja2

    environment = Environment(
        bytecode_cache=kept_templates(),
        loader=PackageLoader("permeant.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters: dict[str, Callable[..., Any]] = {
        "number": wording.number,
        "exact": wording.exact,
        "short": wording.short,
        "p_value": wording.p_value,
        "percent": wording.percent,
        "signed": wording.signed,
        "signed_digits": wording.signed_digits,
        "in_column": wording.in_column,
        "setting": _setting,
        "sentence": wording.sentence,
        "typeset": _typeset,
        "figure_json": lambda figure: _trusted(figure.json),
        "capitalised": wording.capitalised,
        "minus": wording.true_minus,
    }
    environment.filters.update(filters)
    environment.globals.update(
        asset=lambda name: _trusted(asset_text(name)),
        trusted=_trusted,
        column_decimals=wording.column_decimals,
        with_interval=wording.with_interval,
        fit_text=wording.fit_text,
        ratio_name=wording.ratio_name,
        ratio_value=wording.ratio_value,
        count=wording.count,
        measure_titles=MEASURE_TITLES,
        advice_for=advice_for,
        limit_word=limit_word,
        missing=wording.MISSING,
        number_with_text=_number_with_text,
    )
    return environment


def _setting(value: object) -> str:
    """Write a setting as a person would type it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return wording.exact(value)
    if isinstance(value, list | tuple):
        return ", ".join(_setting(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_setting(item)}" for key, item in value.items())
    return "none" if value is None else str(value)
