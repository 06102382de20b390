"""Tables as files: written line by line, joined in a stream, read into data frames."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from permeant.records import CellResult
from permeant.tables.columns import TABLES
from permeant.tables.rows import Row, cell_rows, fields_of, write_text

if TYPE_CHECKING:
    import pandas as pd

_TEXT = (
    "cell", "recording", "condition", "ion", "reason", "bath", "pipette", "recordings", "cells",
    "condition_a", "bath_a", "condition_b", "bath_b", "eisenman", "eisenman_compatible", "note",
)  # fmt: skip
"""Columns that are text even where every row of a table is empty."""

Records = Mapping[str, Iterable[object]]
"""Records by table, with fields named as its columns."""


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
    with _appearing_whole(folder, [*TABLES, "columns"]) as streams:
        for table, columns in TABLES.items():
            streams[table].write(_lines([[column.name for column in columns]]))

        def write(text: Mapping[str, str]) -> None:
            for table, lines in text.items():
                streams[table].write(lines)

        for text in texts:
            write(text)
        write(_as_lines(_record_rows(of_run())))
        _write_columns(streams["columns"])


@contextmanager
def _appearing_whole(folder: Path, tables: Iterable[str]) -> Iterator[dict[str, IO[str]]]:
    """Open tables to be written; they take their names when all are whole, or not at all."""
    unfinished = {table: folder / f".{table}.csv" for table in tables}
    try:
        with ExitStack() as stack:
            yield {
                table: stack.enter_context(path.open("w", newline="", encoding="utf-8"))
                for table, path in unfinished.items()
            }
        for table, path in unfinished.items():
            path.replace(folder / f"{table}.csv")
    except BaseException:
        for path in unfinished.values():
            path.unlink(missing_ok=True)
        raise


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
        table: [fields_of(record, TABLES[table]) for record in some]
        for table, some in records.items()
    }


def _write_columns(stream: IO[str]) -> None:
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
