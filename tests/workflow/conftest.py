from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from runs import ROOT, Program, make_project


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("program") / "permeant"
    folder.mkdir()
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "pipeline", folder / "pipeline", ignore=ignore)
    for name in ("Snakefile", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, folder)
    return Program(folder)


@pytest.fixture(scope="session")
def finished(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was run once; read it, but leave it as it is."""
    project = make_project(tmp_path_factory.mktemp("finished") / "project")
    run = program.permeant("run", project)
    assert run.status == 0, run.said
    return project


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished project, time stamps and Snakemake's notes included."""
    return Path(shutil.copytree(finished, tmp_path / "project"))


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """The same project before its first run."""
    return make_project(tmp_path / "project")
