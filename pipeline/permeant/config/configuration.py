"""From ``config.yaml``, or the mapping that Snakemake made of it, to checked settings."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from permeant.config.settings import Settings
from permeant.config.wording import mistakes_in, shown
from permeant.config.yaml_file import KeyPath, YamlFile, read_yaml

CONFIG_FILE = "config/config.yaml"


@dataclass(frozen=True)
class Configuration:
    """The settings, as far as they could be read, and where each was written."""

    settings: Settings
    refused: frozenset[tuple[str, ...]] = frozenset()
    """The first two keys of every place that was refused and replaced by its default."""
    data: Mapping[object, object] = field(default_factory=dict)
    file: YamlFile = field(default_factory=YamlFile)

    def where(self, path: KeyPath) -> str:
        """Return the beginning of a sentence about a setting: file and line, if it is there."""
        line = self.file.line_of(path)
        if line is None or _value_at(self.file.data, path) != _value_at(self.data, path):
            return f"{CONFIG_FILE}: " if self.data is self.file.data else "config: "
        return f"{CONFIG_FILE} line {line}: "

    def names_in(self, section: str) -> frozenset[str] | None:
        """Return all names in a section, also of refused entries; ``None`` if it is unreadable."""
        entries = self.data.get(section)
        if not isinstance(entries, dict):
            readable = entries is None and (self.data is not self.file.data or self.file.readable)
            return frozenset() if readable else None
        return frozenset(map(str, entries))

    def refused_in(self, section: str) -> frozenset[str]:
        """Return the names in a section whose entries were refused."""
        if (section,) in self.refused:
            return self.names_in(section) or frozenset()
        return frozenset(place[1] for place in self.refused if place[0] == section)


def read_configuration(
    folder: Path,
    config: Mapping[str, Any] | None,
    mistakes: list[str],
    warnings: list[str],
) -> Configuration:
    """Check a mapping, or else the project's ``config.yaml``; no file means all defaults.

    With a mapping the file is still read where there is one: for the line numbers, and
    because a key that is written twice can only be seen there.
    """
    path = folder / CONFIG_FILE
    there = path.exists() or path.is_symlink()
    file = read_yaml(path, CONFIG_FILE, mistakes, warnings) if there else YamlFile()
    data = file.data if config is None else _plain(config)
    configuration = Configuration(Settings(), frozenset(), data, file)
    try:
        return Configuration(Settings.model_validate(data), frozenset(), data, file)
    except ValidationError as error:
        mistakes.extend(mistakes_in(error, Settings, configuration.where))
        settings, refused = _without_refused(data, error)
        return Configuration(settings, refused, data, file)


def _without_refused(
    data: dict[object, object], error: ValidationError
) -> tuple[Settings, frozenset[tuple[str, ...]]]:
    """Keep what is sound, so that the sheets can be checked in the same go.

    A section that fails again without its refused keys is judged on the defaults that took
    their place; that is no mistake of the user's, so it is dropped without a word.
    """
    refused: set[tuple[str, ...]] = set()
    kept: dict[object, object] = {
        key: copy.copy(value) if isinstance(value, dict) else value for key, value in data.items()
    }
    for _ in range(3):
        for detail in error.errors(include_url=False):
            place = detail["loc"][:2]
            refused.add(tuple(map(str, place)))
            section = kept.get(place[0]) if place else None
            if len(place) == 2 and isinstance(section, dict):
                section.pop(place[1], None)
            elif place:
                kept.pop(place[0], None)
        try:
            return Settings.model_validate(kept), frozenset(refused)
        except ValidationError as again:
            error = again
    return Settings(), frozenset((str(key),) for key in data)


def _plain(value: Any, depth: int = 0) -> Any:
    """Turn mappings of any kind into dictionaries."""
    if isinstance(value, Mapping) and depth < 20:
        return {key: _plain(item, depth + 1) for key, item in value.items()}
    return value


def _value_at(data: object, path: KeyPath) -> str:
    """Show the value at a path, or nothing where the path does not lead."""
    for part in path:
        items = dict(enumerate(data)) if isinstance(data, (list, tuple)) else data
        if not isinstance(items, dict) or part not in items:
            return ""
        data = items[part]
    return shown(data, 200)
