"""Records to pages: words, pictures and tables, and nothing that is computed here."""

from __future__ import annotations

from permeant.report.assets import write_assets
from permeant.report.groups import GroupsSection
from permeant.report.pages import cell_page, index_page
from permeant.report.summary import CellSummary, leading_recording, summarise_cell

__all__ = [
    "CellSummary",
    "GroupsSection",
    "cell_page",
    "index_page",
    "leading_recording",
    "summarise_cell",
    "write_assets",
]
