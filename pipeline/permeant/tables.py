"""The tables of a run: every column declared once, and rows made from records."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from permeant.records import CellResult, Contribution, Finding, RecordingResult

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column of one table."""

    name: str
    unit: str
    description: str


_CELL = Column("cell", "", "cell as in the sheet")
_RECORDING = Column("recording", "", "recording of the cell as in the sheet")
_STATE = (
    Column("condition", "", "group label of the sheet"),
    Column("bath", "", "bath of the sheet; of ratios all baths, or several where cells differ"),
    Column("pipette", "", "pipette solution of the sheet, or several"),
    Column("measure", "", "what was measured: steady"),
    Column("quantity", "", "column of fits.csv, or the ratio"),
)

TABLES: dict[str, tuple[Column, ...]] = {
    "iv_points": (
        _CELL,
        _RECORDING,
        Column("condition", "", "group label of the sheet"),
        Column("sweep", "", "sweep, counted from 1"),
        Column("level", "", "level within the sweep, counted from 1 (membrane tests, staircases)"),
        Column("measure", "", "what was measured: steady"),
        Column("v_command_mv", "mV", "command, recorded where it was recorded, else rebuilt"),
        Column("v_membrane_mv", "mV", "membrane voltage after all corrections, inside - outside"),
        Column("i_pa", "pA", "mean current over the window, outward positive; nothing subtracted"),
        Column("i_sem_pa", "pA", "standard error of the mean, allowing for correlated noise"),
        Column("n_effective", "", "independent samples that the standard error amounts to"),
        Column("drift_pa_per_ms", "pA/ms", "slope of the current over the window"),
        Column("window_start_ms", "ms", "start of the window, from the start of the sweep"),
        Column("window_end_ms", "ms", "end of the window, from the start of the sweep"),
        Column("used", "", "yes when the fit may see the point"),
        Column("reason", "", "why a point is not used"),
        Column("i_leak_pa", "pA", "leak that the fit takes off i_pa; empty where none is"),
        Column(
            "i_leak_sem_pa",
            "pA",
            "standard error of i_leak_pa that the point has for itself; what the points share "
            "(one line for all) is not in it",
        ),
        Column(
            "i_density_pa_per_pf", "pA/pF", "i_pa less i_leak_pa, over the capacitance where known"
        ),
    ),
    "fits": (
        _CELL,
        _RECORDING,
        Column("condition", "", "group label of the sheet"),
        Column("measure", "", "what was measured: steady"),
        Column("model", "", "model that gives g_ns: line (straight line through all points)"),
        Column("status", "", "ok or rejected"),
        Column("reason", "", "why a recording is rejected"),
        Column("g_ns", "nS", "slope conductance over the tested voltages"),
        Column("g_low_ns", "nS", "lower end of the 95 % interval of g_ns"),
        Column("g_high_ns", "nS", "upper end of the 95 % interval of g_ns"),
        Column("e_rev_mv", "mV", "reversal potential, from the points around the crossing"),
        Column("e_rev_low_mv", "mV", "lower end of its 95 % interval; empty when extrapolated"),
        Column("e_rev_high_mv", "mV", "upper end of its 95 % interval; empty when extrapolated"),
        Column("e_rev_status", "", "measured (points clearly on both sides), extrapolated or none"),
        Column("n_points", "", "points in the fit; empty when rejected"),
        Column("v_min_mv", "mV", "lowest membrane voltage in the fit"),
        Column("v_max_mv", "mV", "highest membrane voltage in the fit"),
        Column("chi2_p", "", "chance of a worse fit if the straight line held"),
        Column(
            "rectification",
            "",
            "outward over inward current at the same distance from e_rev_mv; 1 is ohmic",
        ),
        Column("g_at_reversal_ns", "nS", "slope conductance at the measured reversal potential"),
        Column("g_at_reversal_low_ns", "nS", "lower end of the 95 % interval of g_at_reversal_ns"),
        Column("g_at_reversal_high_ns", "nS", "upper end of the 95 % interval of g_at_reversal_ns"),
        Column("e_rev_reason", "", "how e_rev_mv was found, or why not"),
        Column("c_m_pf", "pF", "capacitance that densities are taken over; empty where unknown"),
        Column("c_m_source", "", "where the capacitance comes from"),
        Column("g_density_ns_per_pf", "nS/pF", "g_ns over c_m_pf"),
        Column(
            "g_density_low_ns_per_pf",
            "nS/pF",
            "lower end of its 95 % interval: errors of g and, where known, of the capacitance",
        ),
        Column("g_density_high_ns_per_pf", "nS/pF", "upper end of its 95 % interval"),
    ),
    "models": (
        _CELL,
        _RECORDING,
        Column("condition", "", "group label of the sheet"),
        Column("model", "", "ohmic, ghk, gated_ohmic or gated_ghk"),
        Column("status", "", "ok (not refuted by the points), refuted or rejected (not fitted)"),
        Column("reason", "", "why a model is refuted or rejected, or what it leaves open"),
        Column("n_points", "", "points that the model was fitted to"),
        Column("n_parameters", "", "parameters that these points determine"),
        Column("chi2_p", "", "chance of a worse fit if the model held"),
        Column("aicc", "", "Akaike's criterion with the correction for few points"),
        Column("delta_aicc", "", "aicc over that of the best model"),
        Column("runs_p", "", "chance of as few runs of one sign among the residuals"),
        Column("best", "", "yes for the lowest aicc among the models that are ok"),
        Column("g_ns", "nS", "slope conductance at the model's e_rev_mv, with its gate open"),
        Column("g_low_ns", "nS", "lower end of the 95 % interval of g_ns"),
        Column("g_high_ns", "nS", "upper end of the 95 % interval of g_ns"),
        Column("e_rev_mv", "mV", "where the model's open pore reverses"),
        Column("e_rev_low_mv", "mV", "lower end of its 95 % interval; empty when open"),
        Column("e_rev_high_mv", "mV", "upper end of its 95 % interval; empty when open"),
        Column("e_rev_status", "", "inside (the tested voltages), extrapolated or none"),
    ),
    "model_parameters": (
        _CELL,
        _RECORDING,
        Column("model", "", "a model of the table models that is ok"),
        Column("parameter", "", "g, g_max, e_rev, v_half, k, pa_ION, p_ION or p_ION/p_REFERENCE"),
        Column("value", "", "value, in the unit of the row"),
        Column("low", "", "lower end of the 95 % interval; empty when open"),
        Column("high", "", "upper end of the 95 % interval; empty when open"),
        Column("unit", "", "unit of value, low and high"),
    ),
    "permeability": (
        _CELL,
        Column("ion", "", "ion whose permeability stands above the line"),
        Column("reference_ion", "", "ion whose permeability stands below the line"),
        Column("ratio", "", "P_ion / P_reference"),
        Column("ratio_low", "", "lower end of the 95 % interval, or lower limit"),
        Column("ratio_high", "", "upper end of the 95 % interval, or upper limit"),
        Column("status", "", "ok, bound (only a limit can be given) or rejected"),
        Column("reason", "", "why there is no ratio, or only a limit"),
        Column("method", "", "equation and number of baths"),
        Column("n_recordings", "", "recordings that the ratio rests on"),
        Column("activities", "", "none (concentrations), davies or pitzer"),
        Column("ln_sd_own", "", "standard error of ln(ratio) that another cell draws anew"),
        Column(
            "ln_sd_shared",
            "",
            "standard error of ln(ratio) that all cells share: junction, temperature, solutions",
        ),
    ),
    "driving_forces": (
        _CELL,
        _RECORDING,
        Column("ion", "", "ion of the solutions"),
        Column("valence", "", "charge number with its sign"),
        Column("e_nernst_mv", "mV", "Nernst potential; empty for an ion missing on one side"),
        Column("v_mv", "mV", "membrane voltage: at holding, then at the measured reversal"),
        Column("driving_force_mv", "mV", "v_mv - e_nernst_mv"),
        Column("delta_g_j_per_mol", "J/mol", "free energy of entering the cell; negative: inward"),
        Column("flux_ratio", "", "influx over efflux of independent ions (Ussing)"),
    ),
    "quality": (
        _CELL,
        _RECORDING,
        Column("check", "", "what was checked"),
        Column("severity", "", "info, warning or error"),
        Column("value", "", "what was seen, in the unit of the row"),
        Column("limit", "", "what is allowed, in the unit of the row"),
        Column("unit", "", "unit of value and limit"),
        Column("message", "", "what it means for g and E_rev"),
    ),
    "corrections": (
        _CELL,
        _RECORDING,
        Column("correction", "", "what is corrected"),
        Column("value", "", "its size, in the unit of the row"),
        Column("unit", "", "unit of value"),
        Column("applied", "", "yes when it was made"),
        Column("reason", "", "where the value comes from, or why it was not applied"),
        Column("e_rev_without_mv", "mV", "reversal potential without this one correction"),
        Column("e_rev_change_mv", "mV", "what the correction added to e_rev_mv of the fit"),
        Column("g_without_ns", "nS", "slope conductance without this one correction"),
        Column("g_change_ns", "nS", "what the correction added to g_ns of the fit"),
    ),
    "uncertainty": (
        _CELL,
        _RECORDING,
        Column("quantity", "", "g_ns, e_rev_mv, g_at_reversal_ns, or ln of a ratio of the cell"),
        Column("source", "", "where the uncertainty comes from"),
        Column("sigma", "", "standard error that the source adds, in the unit of the row"),
        Column("unit", "", "unit of sigma; empty for ln of a ratio"),
        Column("share", "", "its part of the variance; empty where the error is only supposed"),
        Column("included", "", "yes when the 95 % interval of the quantity holds it"),
    ),
    "problems": (
        _CELL,
        _RECORDING,
        Column("stage", "", "ingest, measure, fit or permeability"),
        Column("code", "", "kind of problem"),
        Column("message", "", "what could not be done, and why"),
    ),
    "cells": (
        _CELL,
        *_STATE,
        Column("value", "", "mean of the recordings, in the unit of the row; empty: see note"),
        Column("low", "", "lower end of its 95 % interval, which allows for scatter of repeats"),
        Column("high", "", "upper end of its 95 % interval"),
        Column("unit", "", "unit of value, low and high"),
        Column("n_recordings", "", "recordings that the value rests on"),
        Column("recordings", "", "their names"),
        Column("se", "", "standard error of the cell's own, without what all recordings share"),
        Column("sd_between", "", "standard deviation between the recordings"),
        Column("temperature_low_c", "°C", "lowest temperature of the recordings"),
        Column("temperature_high_c", "°C", "highest temperature of the recordings"),
        Column("note", "", "why there is no value, or what it leaves out"),
    ),
    "groups": (
        *_STATE,
        Column("n_cells", "", "cells with a value"),
        Column("mean", "", "mean over the cells; of ratios the geometric mean"),
        Column("sd_between", "", "standard deviation between cells; of ratios that of ln ratio"),
        Column("low", "", "lower end of the 95 % interval of the mean over cells (Student)"),
        Column("high", "", "upper end of the 95 % interval of the mean over cells"),
        Column(
            "sigma_shared",
            "",
            "standard error that all cells share, not divided by the number of cells; of ratios "
            "that of ln ratio; empty: not known",
        ),
        Column("low_total", "", "lower end of the 95 % interval with the shared error"),
        Column("high_total", "", "upper end of the 95 % interval with the shared error"),
        Column("unit", "", "unit of the mean and its intervals"),
        Column("reason", "", "why there is no mean or no interval"),
        Column(
            "sd_beyond_error",
            "",
            "scatter between cells beyond their own errors (Paule-Mandel); of ratios of ln ratio",
        ),
        Column("n_left_out", "", "cells of the group without a value"),
        Column("temperature_low_c", "°C", "lowest temperature in the group"),
        Column("temperature_high_c", "°C", "highest temperature in the group"),
        Column("activities", "", "convention of a ratio: none (concentrations), davies or pitzer"),
        Column("note", "", "what was unequal between the cells, and what was left out"),
    ),
    "pairs": (
        Column("condition_a", "", "group label of the sheet, the earlier one where files tell"),
        Column("bath_a", "", "bath under condition_a"),
        Column("condition_b", "", "group label of the sheet, the later one"),
        Column("bath_b", "", "bath under condition_b"),
        Column("pipette", "", "pipette solution"),
        Column("measure", "", "what was measured: steady"),
        Column("quantity", "", "column of fits.csv"),
        Column("n_cells", "", "cells with a value under both conditions"),
        Column("mean", "", "mean of b - a within cells; of conductances the change in %"),
        Column("sd", "", "standard deviation of the differences; in % 100 times that of ln(b/a)"),
        Column("low", "", "lower end of the 95 % interval of the mean over cells (Student)"),
        Column("high", "", "upper end of the 95 % interval of the mean over cells"),
        Column("unit", "", "mV or %"),
        Column("sigma_shared", "", "standard error that all cells share; empty: not known"),
        Column("sd_beyond_error", "", "scatter of the differences beyond the cells' own errors"),
        Column("reason", "", "why there is no interval"),
        Column("note", "", "what else changed, and what cancels"),
        Column("cells", "", "the cells"),
    ),
    "sequences": (
        Column("condition", "", "group label of the sheet"),
        Column("bath", "", "baths behind the ratios, or several where the cells differ"),
        Column("pipette", "", "pipette solution, or several"),
        Column("measure", "", "what was measured: steady"),
        Column("reference_ion", "", "ion over whose permeability the ratios stand"),
        Column("activities", "", "none (concentrations), davies or pitzer"),
        Column("n_cells", "", "cells behind the ratio that has fewest"),
        Column("sequence", "", "ions by permeability; >= where the intervals overlap"),
        Column("eisenman", "", "Eisenman sequence (I to XI) that the order of the means is"),
        Column("eisenman_compatible", "", "Eisenman sequences that the ions told apart allow"),
        Column("note", "", "what keeps the order from being sure"),
    ),
    "shifts": (
        _CELL,
        _RECORDING,
        Column("bath", "", "bath of the recording"),
        Column("reference_bath", "", "bath from whose reversal the shift is counted"),
        Column("e_rev_mv", "mV", "measured reversal potential"),
        Column("drift_mv", "mV", "taken off it since the reference bath had moved by then"),
        Column("shift_mv", "mV", "reversal less that in the reference bath, drift taken off"),
        Column("shift_low_mv", "mV", "lower end of its 95 % interval; shared errors cancel"),
        Column("shift_high_mv", "mV", "upper end of its 95 % interval"),
        Column("note", "", "what the recording is beside that"),
    ),
    "ratio_conventions": (
        _CELL,
        Column("ion", "", "ion whose permeability stands above the line"),
        Column("reference_ion", "", "ion whose permeability stands below the line"),
        Column("activities", "", "none (concentrations), davies or pitzer"),
        Column("convention", "", "what stands for the concentrations, with any stand-ins"),
        Column("status", "", "as in permeability.csv"),
        Column("reason", "", "why there is no ratio under this convention"),
        Column("ratio", "", "P_ion / P_reference under this convention"),
        Column("ratio_low", "", "lower end of the 95 % interval; linear in ln P where not chosen"),
        Column("ratio_high", "", "upper end of the 95 % interval; linear in ln P where not chosen"),
        Column("chosen", "", "yes for the convention of the configuration"),
    ),
    "lenses": (
        _CELL,
        _RECORDING,
        Column("bath", "", "bath of the recording"),
        Column("ion", "", "ion above the line"),
        Column("reference_ion", "", "ion below the line"),
        Column("e_rev_mv", "mV", "reversal potential, drift of the reference taken off"),
        Column("e_nernst_mv", "mV", "equilibrium potential of the ion; empty if on one side only"),
        Column("permeability_ratio", "", "P_ion / P_reference of the cell"),
        Column(
            "conductance_ratio",
            "",
            "g_ion / g_reference that makes the reversal the conductance-weighted mean (two ions)",
        ),
        Column("conductance_low", "", "lower end of its 95 % interval"),
        Column("conductance_high", "", "upper end of its 95 % interval"),
        Column("chord_ratio", "", "chord conductances at the reversal that the P ratios imply"),
        Column("slope_ratio", "", "slope conductances at the reversal that the P ratios imply"),
        Column("note", "", "where the two pictures disagree, and why"),
    ),
    "single_channel": (
        _CELL,
        _RECORDING,
        Column("condition", "", "group label of the sheet"),
        Column("v_command_mv", "mV", "command"),
        Column("v_membrane_mv", "mV", "membrane voltage after all corrections, inside - outside"),
        Column("status", "", "ok or rejected"),
        Column("reason", "", "why a voltage gives no unitary current"),
        Column("n_channels", "", "channels seen open at once: the patch holds at least as many"),
        Column(
            "levels_are", "", "channels (equal steps) or sublevels (of one channel); empty: one"
        ),
        Column("i_unitary_pa", "pA", "current of the first open level, outward positive"),
        Column("i_low_pa", "pA", "lower end of its 95 % interval"),
        Column("i_high_pa", "pA", "upper end of its 95 % interval"),
        Column("p_open", "", "open probability of a channel"),
        Column("p_open_low", "", "lower end of its 95 % interval"),
        Column("p_open_high", "", "upper end of its 95 % interval"),
        Column("n_openings", "", "openings, or steps to a higher level"),
        Column("duration_s", "s", "recorded at this voltage"),
        Column("signal_to_noise", "", "smallest step over the noise, behind the added filter"),
        Column("noise_pa", "pA", "standard deviation of the noise, behind the added filter"),
        Column("added_filter_khz", "kHz", "Gaussian filter that was added; empty: none"),
        Column("filter_khz", "kHz", "-3 dB frequency of all filters together"),
        Column("filter_source", "", "whether filter_khz is stated or measured"),
        Column("dead_time_ms", "ms", "shorter events are not seen"),
        Column("levels_pa", "pA", "current of each open level, and in brackets its share of time"),
    ),
    "dwell_times": (
        _CELL,
        _RECORDING,
        Column("condition", "", "group label of the sheet"),
        Column("v_membrane_mv", "mV", "membrane voltage after all corrections, inside - outside"),
        Column("kind", "", "open or shut"),
        Column("status", "", "ok or rejected"),
        Column("reason", "", "why there are no times"),
        Column("component", "", "exponential, counted from the fastest"),
        Column("tau_ms", "ms", "its time constant, missed events put back"),
        Column("tau_low_ms", "ms", "lower end of its 95 % interval"),
        Column("tau_high_ms", "ms", "upper end of its 95 % interval"),
        Column("area", "", "part of all times that belongs to it, those that were missed as well"),
        Column("area_low", "", "lower end of its 95 % interval"),
        Column("area_high", "", "upper end of its 95 % interval"),
        Column("mean_ms", "ms", "mean of all components"),
        Column("mean_low_ms", "ms", "lower end of its 95 % interval"),
        Column("mean_high_ms", "ms", "upper end of its 95 % interval"),
        Column("n_events", "", "times that were seen"),
        Column("dead_time_ms", "ms", "shorter events are not seen"),
    ),
}
"""Every table and column that a run writes; ``columns.csv`` is made of this."""

OF_CELLS = ("cells",)
OF_THE_RUN = ("groups", "pairs", "sequences")
"""Tables of what was worked out over recordings and over cells."""

_TEXT = (
    "cell", "recording", "condition", "ion", "reason", "bath", "pipette", "recordings", "cells",
    "condition_a", "bath_a", "condition_b", "bath_b", "eisenman", "eisenman_compatible", "note",
)  # fmt: skip
"""Columns that are text even where every row of a table is empty."""

Row = Sequence[object]
Records = Mapping[str, Iterable[object]]
"""Records by table, with fields named as its columns."""


def cell_rows(cell: CellResult) -> dict[str, list[Row]]:
    """Return the rows of one cell for every table, whatever the order of its rows in the sheet."""
    others = (*OF_CELLS, *OF_THE_RUN)
    rows: dict[str, list[Row]] = {table: [] for table in TABLES if table not in others}
    for recording in sorted(cell.recordings, key=lambda recording: recording.row.recording):
        rows["iv_points"].extend(_point_rows(cell.cell, recording))
        rows["fits"].append(_fit_row(cell.cell, recording))
        rows["models"].extend(_model_rows(cell.cell, recording))
        rows["model_parameters"].extend(_parameter_rows(cell.cell, recording))
        rows["driving_forces"].extend(_force_rows(cell.cell, recording))
        rows["quality"].extend(_finding_rows(cell.cell, recording))
        rows["corrections"].extend(_correction_rows(cell.cell, recording))
        rows["uncertainty"].extend(
            _contribution_row(cell.cell, recording.row.recording, one)
            for one in recording.fit.contributions
        )
        rows["problems"].extend(_problem_rows(cell.cell, recording))
        rows["single_channel"].extend(_channel_rows(cell.cell, recording))
        rows["dwell_times"].extend(_dwell_rows(cell.cell, recording))
    rows["permeability"].extend(
        [cell.cell, *_fields(ratio, TABLES["permeability"][1:])] for ratio in cell.ratios
    )
    rows["uncertainty"].extend(_contribution_row(cell.cell, "", one) for one in cell.contributions)
    rows["quality"].extend(_finding_row(cell.cell, "", finding) for finding in cell.findings)
    for table in ("shifts", "ratio_conventions", "lenses"):
        records = getattr(cell.ratio_details, table.removeprefix("ratio_"))
        rows[table].extend([cell.cell, *_fields(one, TABLES[table][1:])] for one in records)
    return rows


def _fields(record: object, columns: Sequence[Column]) -> list[object]:
    return [getattr(record, column.name) for column in columns]


def _point_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    if recording.measurement is None:
        return
    row = recording.row
    for point in recording.measurement.points:
        values = _fields(point, TABLES["iv_points"][6:])
        yield [cell, row.recording, row.condition, point.sweep, point.level, row.measure, *values]


def _fit_row(cell: str, recording: RecordingResult) -> Row:
    row = recording.row
    values = _fields(recording.fit, TABLES["fits"][4:])
    if recording.fit.status == "rejected":  # a count of points is a number too
        values = [value if isinstance(value, str) else None for value in values]
    return [cell, row.recording, row.condition, row.measure, *values]


def _model_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    row = recording.row
    for fit in recording.fit.models:
        yield [cell, row.recording, row.condition, *_fields(fit, TABLES["models"][3:])]


def _parameter_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    for fit in recording.fit.models:
        for one in fit.parameters:
            name = recording.row.recording
            yield [cell, name, fit.model, one.name, one.value, one.low, one.high, one.unit]


def _channel_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    row = recording.row
    for patch in recording.measurement.single_channels if recording.measurement else ():
        values = _fields(patch, TABLES["single_channel"][3:-1])
        levels = "; ".join(
            f"{write_text(level.i_pa) or 'not measured'} ({write_text(level.share)})"
            for level in patch.levels
        )
        yield [cell, row.recording, row.condition, *values, levels]


def _dwell_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    row, columns = recording.row, TABLES["dwell_times"]
    for times in recording.fit.dwell_times:
        own = _fields(times, columns[3:7])
        of_all = _fields(times, columns[14:])
        for number, one in enumerate(times.components, 1):
            of_one = _fields(one, columns[8:14])
            yield [cell, row.recording, row.condition, *own, number, *of_one, *of_all]
        if not times.components:
            yield [cell, row.recording, row.condition, *own, *[None] * 7, *of_all]


def _problem_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    """Yield what went wrong, and what a sound recording did not give; nothing of excluded ones."""
    name, fit = recording.row.recording, recording.fit
    for problem in recording.problems:
        yield (cell, name, problem.stage, problem.code, problem.message)
    if recording.row.exclude:
        return
    if fit.status == "rejected" and not recording.problems:
        yield (cell, name, "fit", "not_fitted", fit.reason)
    elif fit.status == "ok" and fit.e_rev_status != "measured":
        yield (cell, name, "fit", "reversal_not_measured", fit.e_rev_reason or fit.e_rev_status)


def _force_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    for force in recording.driving_forces:
        yield [cell, recording.row.recording, *_fields(force, TABLES["driving_forces"][2:])]


def _correction_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    for effect in recording.fit.effects:
        yield [cell, recording.row.recording, *_fields(effect, TABLES["corrections"][2:])]


def _contribution_row(cell: str, recording: str, one: Contribution) -> Row:
    return [cell, recording, *_fields(one, TABLES["uncertainty"][2:])]


def _finding_row(cell: str, recording: str, finding: Finding) -> Row:
    return [cell, recording, *_fields(finding, TABLES["quality"][2:])]


def _finding_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    name = recording.row.recording
    for source in (recording.info, recording.measurement, recording.fit):
        for finding in source.findings if source else ():
            yield _finding_row(cell, name, finding)


def write_text(value: object) -> str:
    """Write one value as a table shows it: short, exact enough, empty for not known."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value + 0.0:.7g}"  # adding zero takes the sign off a negative zero
    return _no_formula(str(value).replace("\r", " ").replace("\n", " "))


def _no_formula(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet program would run as a formula.

    What begins with ``=`` or ``@`` is one, what begins with ``+``, ``-`` or a tab where it calls a
    function or a program.  A genotype such as ``+/+`` stays as it is.
    """
    runs = text.startswith(("=", "@")) or (
        text.startswith(("+", "-", "\t")) and any(sign in text for sign in "(|!=@")
    )
    return f"'{text}" if runs else text


def write_tables(
    folder: Path,
    cells: Iterable[CellResult],
    *,
    of_cell: Callable[[CellResult], Records] = lambda _: {},
    of_run: Callable[[], Records] = dict,
) -> None:
    """Write all tables, cell by cell, so that their size does not matter.

    ``of_cell`` gives further records of a cell, ``of_run`` those of all cells when the last
    one has been seen.
    """
    join_tables(folder, (table_text(cell, of_cell(cell)) for cell in cells), of_run=of_run)


def table_text(cell: CellResult, more: Records) -> dict[str, str]:
    """Return the lines of one cell for every table that has some of it, and further records."""
    return {**_as_lines(cell_rows(cell)), **_as_lines(_record_rows(more))}


def join_tables(
    folder: Path,
    texts: Iterable[Mapping[str, str]],
    *,
    of_run: Callable[[], Records] = dict,
) -> None:
    """Write all tables from the lines of one cell after the other, as ``table_text`` gives them.

    Parameters
    ----------
    folder : Path
        Where the tables go.
    texts : iterable of mapping of str to str
        Lines by table, a mapping a cell; only one is held at a time.
    of_run : callable
        Gives the records of the run as a whole when the last cell has been seen.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        streams = {}
        for table, columns in TABLES.items():
            path = folder / f"{table}.csv"
            streams[table] = stack.enter_context(path.open("w", newline="", encoding="utf-8"))
            streams[table].write(_lines([[column.name for column in columns]]))

        def write(text: Mapping[str, str]) -> None:
            for table, lines in text.items():
                streams[table].write(lines)

        for text in texts:
            write(text)
        write(_as_lines(_record_rows(of_run())))
    _write_columns(folder / "columns.csv")


def _as_lines(tables: Mapping[str, Iterable[Row]]) -> dict[str, str]:
    texts = {
        table: _lines([write_text(value) for value in row] for row in rows)
        for table, rows in tables.items()
    }
    return {table: text for table, text in texts.items() if text}


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _record_rows(records: Records) -> dict[str, list[Row]]:
    return {
        table: [_fields(record, TABLES[table]) for record in some]
        for table, some in records.items()
    }


def _write_columns(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["table", "column", "unit", "description"])
        for table, columns in TABLES.items():
            writer.writerows([table, c.name, c.unit, c.description] for c in columns)


def read_table(folder: Path, table: str) -> pd.DataFrame:
    """Read one table of a run into a data frame.

    Parameters
    ----------
    folder : Path
        The folder of the tables, ``reports/tables`` by habit.
    table : str
        One of ``TABLES``.

    Returns
    -------
    pandas.DataFrame
        Identifiers as text, numbers as numbers, missing numbers as NaN.
    """
    import pandas as pd  # noqa: PLC0415  (half a second that only readers of tables pay)

    text: dict[str, Any] = dict.fromkeys(_TEXT, str)
    # an empty field is a missing number; "NA", "null" and "None" are names of cells and groups
    frame = pd.read_csv(folder / f"{table}.csv", dtype=text, keep_default_na=False, na_values=[""])
    known = [name for name in text if name in frame.columns]
    frame[known] = frame[known].fillna("")
    return frame
