"""``permeant schema``: the JSON schemas of what a user writes, from the models that check it."""

from __future__ import annotations

import argparse
import json

from permeant.config import settings_schema, sheet_schema


def schema_text(name: str) -> str:
    """Return one of the schemas as the text of its file."""
    schema = settings_schema() if name == "config" else sheet_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def run(arguments: argparse.Namespace) -> int:
    """Print a schema."""
    print(schema_text(arguments.file), end="")
    return 0
