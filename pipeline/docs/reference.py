"""The reference pages, from the code: columns, settings, commands, library."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import permeant
from permeant.cli import command_parser
from permeant.config import settings_schema, sheet_schema
from permeant.tables import TABLES


def reference_pages() -> dict[str, str]:
    """Return the reference pages by file name."""
    return {
        "reference-tables.md": "\n".join(_tables()),
        "reference-settings.md": "\n".join(_settings()),
        "reference-commands.md": "\n".join(_commands()),
        "reference-library.md": "\n".join(_library()),
    }


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def _tables() -> Iterator[str]:
    yield "# Tables of a run\n\nEvery column of `reports/tables/*.csv`, as in `columns.csv`.\n"
    for table, columns in TABLES.items():
        yield f"## {table}.csv\n"
        yield _row("column", "unit", "what it is")
        yield "|---|---|---|"
        yield from (_row(f"`{one.name}`", one.unit, one.description) for one in columns)
        yield ""


def _settings() -> Iterator[str]:
    yield "# Sheet and settings\n"
    yield "The columns of `config/recordings.csv` and the keys of `config/config.yaml`, as the"
    yield "program checks them (`permeant schema recordings`, `permeant schema config`).\n"
    yield "## Columns of recordings.csv\n"
    sheet = sheet_schema()
    yield from _keys(sheet, sheet.get("$defs", {}))
    schema = settings_schema()
    yield "## config.yaml\n"
    yield from _keys(schema, schema["$defs"])
    for name, part in schema["properties"].items():
        section = _section(part, schema["$defs"])
        if section is not None:
            yield f"## Section {name}\n\n{part.get('description', '')}\n"
            yield from _keys(section, schema["$defs"])


def _section(part: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the model of a section; a mapping by names shows the model of its entries."""
    reference = part.get("$ref") or part.get("additionalProperties", {}).get("$ref", "")
    found: Mapping[str, Any] | None = known.get(reference.rsplit("/", 1)[-1])
    return found


def _keys(section: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    needed = section.get("required", ())
    yield _row("key", "allowed", "default", "what it does")
    yield "|---|---|---|---|"
    for name, part in section["properties"].items():
        if _section(part, known) is None:
            default = "needed" if name in needed else _default(part)
            yield _row(f"`{name}`", _allowed(part), default, part.get("description", ""))
    yield ""


def _default(part: Mapping[str, Any]) -> str:
    value = part.get("default")
    return "" if value in (None, "") else f"`{value}`"


def _allowed(part: Mapping[str, Any]) -> str:
    if "anyOf" in part:
        return " or ".join(_allowed(one) for one in part["anyOf"] if one.get("type") != "null")
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    kind = part.get("type", "")
    kind = " or ".join(kind) if isinstance(kind, list) else kind
    bounds = [
        f"{sign} {part[key]:g}"
        for key, sign in (
            ("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"),
            ("exclusiveMaximum", "<"),
        )
        if key in part
    ]  # fmt: skip
    return ", ".join([kind, *bounds])


def _commands() -> Iterator[str]:
    parser = command_parser()
    yield "# Commands\n\n`permeant COMMAND --help` shows the same, with examples.\n"
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    about = {action.dest: action.help or "" for action in commands._choices_actions}
    for name, command in commands.choices.items():
        yield f"## permeant {name}\n\n{about.get(name, '').capitalize()}.\n"
        yield _row("argument", "what it is")
        yield "|---|---|"
        for action in command._actions:
            if action.help != argparse.SUPPRESS and action.dest != "help":
                yield _row(f"`{_spelled(action)}`", _help(action))
        yield ""
        if command.epilog:
            yield f"```text\n{command.epilog.rstrip()}\n```\n"


def _spelled(action: argparse.Action) -> str:
    if not action.option_strings:
        return str(action.metavar or action.dest).upper()
    return ", ".join(action.option_strings)


def _help(action: argparse.Action) -> str:
    text = (action.help or "").replace("%(default)s", str(action.default)).replace("%%", "%")
    choices = f" ({', '.join(map(str, action.choices))})" if action.choices else ""
    return f"{text}{choices}"


def _library() -> Iterator[str]:
    yield "# Library\n\n`from permeant import …`; nothing is loaded before it is used. The notebook"
    yield "`one_cell.ipynb` shows all of it on one cell.\n"
    for name in permeant.__all__:
        thing = getattr(permeant, name)
        if inspect.isfunction(thing):
            yield f"## {name}\n\n```text\n{name}{inspect.signature(thing)}\n"
            yield f"{inspect.getdoc(thing)}\n```\n"
