"""Container and conda environment hold the versions that constraints.txt pins."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return plain(found[0])


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {plain(name): version for name, version in pairs}


def project() -> dict[str, list[str]]:
    held: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return held


def test_the_conda_environment_holds_the_pinned_versions() -> None:
    path = ROOT / "pipeline" / "container" / "environment.yaml"
    packages = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
    by_pip = next(entry["pip"] for entry in packages if isinstance(entry, dict))
    versions = {plain(name): version for name, version in (line.split("==") for line in by_pip)}
    assert versions == {name: pins()[name] for name in versions}
    assert {name_of(one) for one in project()["dependencies"]} <= versions.keys()
    python = next(entry for entry in packages if str(entry).startswith("python="))
    least = re.search(r"[\d.]+", str(project()["requires-python"]))
    assert least
    assert python == f"python={least[0]}"


def test_the_container_copies_what_is_there_and_installs_with_the_pins() -> None:
    recipe = (ROOT / "pipeline" / "container" / "Containerfile").read_text(encoding="utf-8")
    copied = [word for line in re.findall(r"^COPY (.*)$", recipe, re.MULTILINE)
              for word in line.split()[:-1]]  # fmt: skip
    assert "constraints.txt" in copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert "-c /source/constraints.txt" in recipe
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    needed = {name.split("/")[0] for name in built["targets"]["wheel"]["force-include"]}
    assert needed | {"pyproject.toml", "README.md", "LICENSE"} <= set(copied)
    extra = re.search(r"ARG EXTRA=(\w+)", recipe)
    assert extra
    assert extra[1] in project()["optional-dependencies"]


def test_every_profile_names_options_that_snakemake_has() -> None:
    from snakemake.cli import get_argument_parser  # noqa: PLC0415

    known = {
        option.removeprefix("--")
        for action in get_argument_parser()._actions
        for option in action.option_strings
    }
    profiles = sorted((ROOT / "pipeline" / "profile").rglob("config.yaml"))
    assert len(profiles) == 3
    for path in profiles:
        assert set(yaml.safe_load(path.read_text(encoding="utf-8"))) - known == set(), path
