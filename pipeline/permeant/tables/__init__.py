"""The tables of a run: every column declared once, and rows made from records."""

from __future__ import annotations

from permeant.tables.column import Column
from permeant.tables.columns import TABLES
from permeant.tables.files import join_tables, read_table, table_text, write_tables
from permeant.tables.rows import cell_rows, write_text

__all__ = [
    "TABLES",
    "Column",
    "cell_rows",
    "join_tables",
    "read_table",
    "table_text",
    "write_tables",
    "write_text",
]
