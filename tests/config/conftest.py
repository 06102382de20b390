"""A project folder to write mistakes into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from permeant.config import Project, load_project
from permeant.errors import ProjectError

SOLUTIONS = """\
solution,Na,K,Cl,gluconate,Ca
Kgluc,10,130,20,120,
ACSF,145,4,153,,2
LowNa,15,4,23,,2
"""
SHEET = """\
cell,file,pipette,bath,temperature_c
c1,data/c1.abf,Kgluc,ACSF,22
c2,data/c2.abf,Kgluc,ACSF,22
"""


@dataclass(frozen=True)
class Folder:
    """A project folder on disk, and what loading it says."""

    path: Path

    def write(self, name: str, content: str | bytes) -> Folder:
        path = self.path / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def sheet(self, content: str | bytes) -> Folder:
        return self.write("recordings.csv", content)

    def row(self, **fields: str) -> Folder:
        """One sound row with some fields changed or added."""
        values = {"cell": "c1", "file": "data/c1.abf", **fields}
        quoted = ['"' + value.replace('"', '""') + '"' for value in values.values()]
        return self.sheet(",".join(values) + "\n" + ",".join(quoted) + "\n")

    def solutions(self, content: str | bytes) -> Folder:
        return self.write("solutions.csv", content)

    def yaml(self, content: str | bytes) -> Folder:
        return self.write("config.yaml", content)

    def load(self, config: Mapping[str, Any] | None = None) -> Project:
        return load_project(self.path, config)

    def mistakes(self, config: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        with pytest.raises(ProjectError) as caught:
            self.load(config)
        return caught.value.mistakes

    def mistake(self, config: Mapping[str, Any] | None = None) -> str:
        """The only mistake."""
        mistakes = self.mistakes(config)
        assert len(mistakes) == 1, mistakes
        return mistakes[0]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A sound project of two cells."""
    return Folder(tmp_path).sheet(SHEET).solutions(SOLUTIONS)
