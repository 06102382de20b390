"""What the user wrote, read and checked: settings, the sheet of recordings, solutions."""

from permeant.config.project import Project, load_project
from permeant.config.settings import Settings, settings_schema, sheet_schema

__all__ = ["Project", "Settings", "load_project", "settings_schema", "sheet_schema"]
