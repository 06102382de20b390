"""``config.yaml`` with line numbers, and without silently overridden keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from permeant.config.spreadsheet import decode, read_bytes
from permeant.config.wording import shown

MOST_VALUES = 100_000
"""More values than any configuration has; a few lines of aliases can stand for billions."""

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class YamlFile:
    """What a YAML file holds, and on which line each value stands."""

    data: dict[object, object] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)
    readable: bool = True

    def line_of(self, path: KeyPath) -> int | None:
        """Return the line of a value, or of the nearest thing around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_yaml(path: Path, label: str, mistakes: list[str], warnings: list[str]) -> YamlFile:
    """Read a YAML file of keys and values; say what is wrong with it by line."""
    content = read_bytes(path, label, mistakes)
    if content is None:
        return YamlFile(readable=False)
    loader: yaml.SafeLoader | None = None
    try:
        loader = yaml.SafeLoader(decode(content, label, warnings))
        node = loader.get_single_node()
        if node is None:
            return YamlFile()
        if not isinstance(node, yaml.MappingNode):
            mistakes.append(f"{label} is not a list of key: value lines; see the example project")
            return YamlFile(readable=False)
        if _size(node, {}) > MOST_VALUES:
            mistakes.append(
                f"{label} says by anchors and aliases (& and *) more than {MOST_VALUES} values; "
                "write out what you need"
            )
            return YamlFile(readable=False)
        lines = dict(_lines(node, (), label, mistakes, set()))
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mistakes.append(f"{label}{_line(error)}: {_reason(error)}")
    except (yaml.YAMLError, ValueError, OverflowError, TypeError, AttributeError) as error:
        # PyYAML lets the errors of int(), float() and date() pass as they are.
        mistakes.append(f"{label} cannot be read as YAML: {shown(str(error).splitlines()[0], 200)}")
    except RecursionError:
        mistakes.append(f"{label} cannot be read as YAML: it is nested too deeply")
    else:
        return YamlFile(data, lines)
    finally:
        if loader is not None:
            loader.dispose()
    return YamlFile(readable=False)


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Return how many values there are when every alias is written out; a circle is endless."""
    if id(node) not in known:
        known[id(node)] = MOST_VALUES + 1  # until it is counted: what holds itself has no end
        parts: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            parts = node.value
        known[id(node)] = 1 + sum(_size(part, known) for part in parts)
    return known[id(node)]


def _lines(
    node: yaml.Node,
    path: KeyPath,
    label: str,
    mistakes: list[str],
    visited: set[int],
) -> Iterator[tuple[KeyPath, int]]:
    """Walk all values with their lines, and refuse keys that are written twice."""
    if id(node) in visited:  # an anchor that is used again
        return
    visited.add(id(node))
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            line = key.start_mark.line + 1
            if key.value in seen and key.value != "<<":
                mistakes.append(
                    f"{label} line {line}: {'.'.join(map(str, (*path, shown(key.value))))} is "
                    f"written a second time (first on line {seen[key.value]}); keep one of them"
                )
            seen.setdefault(key.value, line)
            yield (*path, key.value), line
            yield from _lines(value, (*path, key.value), label, mistakes, visited)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*path, index), item.start_mark.line + 1
            yield from _lines(item, (*path, index), label, mistakes, visited)


def _line(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f" line {mark.line + 1}" if mark else ""


def _reason(error: yaml.MarkedYAMLError) -> str:
    """Say what the YAML reader stumbled over, in words for people."""
    problem = ", ".join(filter(None, (error.context, error.problem))) or "this is not YAML"
    if "\\t" in problem:
        return "a tab; YAML wants spaces, indent with two of them"
    if "mapping values are not allowed" in problem:
        return "a second ':' in one line, or wrong indentation; put text with ':' in quotes"
    return f"{problem}; check the indentation, the colons and the quotes around this line"
