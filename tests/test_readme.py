"""The README's commands are what runs, and the repository holds nothing that ties it to a place."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAX_DATA_BYTES = 5_000_000


def tracked_files() -> list[Path]:
    """What git tracks or would track; in a copy without git, all but what is generated."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        hidden = {".snakemake", ".venv", "__pycache__", "reports"}
        found = [path for path in ROOT.rglob("*") if not hidden & set(path.parts)]
    return [path for path in found if path.is_file()]


def text_files() -> dict[Path, str]:
    texts = {}
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content:
            texts[path] = content.decode("utf-8")
    return texts


def commands() -> list[str]:
    """The shell blocks of the section that sets up the program."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## Try it", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"```sh\n(.*?)\n```", section, re.DOTALL)


def test_the_readme_has_two_commands_of_one_line_each() -> None:
    assert len(commands()) == 2
    assert all("\n" not in command for command in commands())
    run, test = commands()
    assert run.endswith("permeant run .")
    assert test.endswith("-m pytest")
    for command in (run, test):
        assert "-m venv .venv" in command
        assert "-c constraints.txt" in command


def test_the_automated_run_is_the_readmes_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert commands()[1] in script.splitlines()
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert ".ci/run" in workflow


def test_constraints_are_names_and_versions_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert not [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin)]
    names = [re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in pins]
    assert len(set(names)) == len(names)


def test_every_dependency_is_pinned() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = re.findall(r'^  "([A-Za-z0-9_.-]+)[><=]', project, re.MULTILINE)
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = {
        re.sub(r"[-_.]+", "-", name).lower()
        for name in re.findall(r"^([A-Za-z0-9._-]+)==", pins, re.MULTILINE)
    }
    assert {re.sub(r"[-_.]+", "-", name).lower() for name in wanted} <= pinned


def test_no_registry_is_named() -> None:
    named = re.compile(
        "|".join(
            (
                r"--index-url",
                r"--extra-index-url",
                r"py[p]i\.org",
                r"pythonhoste[d]",
                r"anaconda\.org",
            )
        )
    )
    mine = Path(__file__).resolve()
    assert not [path for path, text in text_files().items() if path != mine and named.search(text)]


def test_no_path_of_one_machine_is_named() -> None:
    absolute = re.compile(r"(?<![\w.~/-])/(home|Users|root|work)/\w")
    mine = Path(__file__).resolve()
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, text in text_files().items()
        if path != mine and (match := absolute.search(text))
    }
    assert found == set()


def test_committed_data_is_small() -> None:
    data = [path for path in tracked_files() if path.is_relative_to(ROOT / "data")]
    assert data
    assert sum(path.stat().st_size for path in data) <= MAX_DATA_BYTES


def test_what_is_generated_is_not_tracked() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in tracked_files()}
    assert not [name for name in names if name.startswith("reports/") and name.endswith(".html")]
    assert not [name for name in names if ".snakemake/" in name or "__pycache__" in name]
