"""Rows of the tables, made from the records of a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from permeant.records import CellResult, Contribution, Finding, RecordingResult
from permeant.tables.column import Column
from permeant.tables.columns import OF_CELLS, OF_THE_RUN, TABLES

Row = Sequence[object]


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
        rows["noise"].extend(_noise_rows(cell.cell, recording))
        rows["energy"].extend(_cost_rows(cell.cell, recording))
    rows["permeability"].extend(
        [cell.cell, *fields_of(ratio, TABLES["permeability"][1:])] for ratio in cell.ratios
    )
    rows["uncertainty"].extend(_contribution_row(cell.cell, "", one) for one in cell.contributions)
    rows["quality"].extend(_finding_row(cell.cell, "", finding) for finding in cell.findings)
    for table in ("shifts", "ratio_conventions", "lenses"):
        records = getattr(cell.ratio_details, table.removeprefix("ratio_"))
        rows[table].extend([cell.cell, *fields_of(one, TABLES[table][1:])] for one in records)
    rows["limits"].extend(fields_of(one, TABLES["limits"]) for one in cell.limits.viscosity)
    rows["charge"].extend(
        [cell.cell, *fields_of(one, TABLES["charge"][1:])] for one in cell.limits.charge
    )
    return rows


def fields_of(record: object, columns: Sequence[Column]) -> list[object]:
    """Return what a record has for some columns, which are called as its fields."""
    return [getattr(record, column.name) for column in columns]


def _point_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    if recording.measurement is None:
        return
    row = recording.row
    for point in recording.measurement.points:
        values = fields_of(point, TABLES["iv_points"][6:])
        yield [cell, row.recording, row.condition, point.sweep, point.level, row.measure, *values]


def _fit_row(cell: str, recording: RecordingResult) -> Row:
    row = recording.row
    values = fields_of(recording.fit, TABLES["fits"][4:])
    if recording.fit.status == "rejected":  # a count of points is a number too
        values = [value if isinstance(value, str) else None for value in values]
    return [cell, row.recording, row.condition, row.measure, *values]


def _model_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    row = recording.row
    for fit in recording.fit.models:
        yield [cell, row.recording, row.condition, *fields_of(fit, TABLES["models"][3:])]


def _parameter_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    for fit in recording.fit.models:
        for one in fit.parameters:
            name = recording.row.recording
            yield [cell, name, fit.model, one.name, one.value, one.low, one.high, one.unit]


def _channel_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    row = recording.row
    for patch in recording.measurement.single_channels if recording.measurement else ():
        own = [column for column in TABLES["single_channel"][3:] if column.name != "levels_pa"]
        *values, independence, one_more = fields_of(patch, own)
        levels = "; ".join(
            f"{write_text(level.i_pa) or 'not measured'} ({write_text(level.share)})"
            for level in patch.levels
        )
        yield [cell, row.recording, row.condition, *values, levels, independence, one_more]


def _dwell_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    row, columns = recording.row, TABLES["dwell_times"]
    for times in recording.fit.dwell_times:
        own = fields_of(times, columns[3:7])
        of_all = fields_of(times, columns[14:])
        for number, one in enumerate(times.components, 1):
            of_one = fields_of(one, columns[8:14])
            yield [cell, row.recording, row.condition, *own, number, *of_one, *of_all]
        if not times.components:
            yield [cell, row.recording, row.condition, *own, *[None] * 7, *of_all]


def _noise_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    row = recording.row
    for noise in recording.measurement.noise if recording.measurement else ():
        yield [cell, row.recording, row.condition, *fields_of(noise, TABLES["noise"][3:])]


def _cost_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    row = recording.row
    for cost in recording.costs:
        values = fields_of(cost, TABLES["energy"][3:-1])
        yield [cell, row.recording, row.condition, *values, "; ".join(cost.assumptions)]


def _problem_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    """Yield what went wrong, and what a sound recording did not give; nothing of excluded ones."""
    name, fit = recording.row.recording, recording.fit
    for problem in recording.problems:
        yield (cell, name, problem.stage, problem.code, problem.message)
    if recording.row.exclude:
        return
    if recording.told_without_curve:
        return
    if fit.status == "rejected" and not recording.problems:
        yield (cell, name, "fit", "not_fitted", fit.reason)
    elif fit.status == "ok" and fit.e_rev_status != "measured":
        yield (cell, name, "fit", "reversal_not_measured", fit.e_rev_reason or fit.e_rev_status)


def _force_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    for force in recording.driving_forces:
        yield [cell, recording.row.recording, *fields_of(force, TABLES["driving_forces"][2:])]


def _correction_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    for effect in recording.fit.effects:
        yield [cell, recording.row.recording, *fields_of(effect, TABLES["corrections"][2:])]


def _contribution_row(cell: str, recording: str, one: Contribution) -> Row:
    return [cell, recording, *fields_of(one, TABLES["uncertainty"][2:])]


def _finding_row(cell: str, recording: str, finding: Finding) -> Row:
    return [cell, recording, *fields_of(finding, TABLES["quality"][2:])]


def _finding_rows(cell: str, recording: RecordingResult) -> Iterator[Row]:
    name = recording.row.recording
    for source in (recording.info, recording.measurement, recording.fit):
        for finding in source.findings if source else ():
            yield _finding_row(cell, name, finding)
