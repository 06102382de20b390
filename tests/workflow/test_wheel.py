"""The installed program, outside the checkout, does what the checkout does."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from runs import Program, snapshot, tables_of


@pytest.fixture(scope="module")
def wheel(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = program.call("build", "--wheel", "--no-isolation", "--outdir", folder, program.folder)
    assert build.status == 0, build.said
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The wheel's content where no checkout is near; its Program has no folder ``pipeline``."""
    target = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target",
         str(target / "pipeline"), str(wheel)],
        check=True,
    )  # fmt: skip
    return Program(target)


def test_the_wheel_holds_what_a_run_needs_and_no_more(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for needed in (
        "permeant/py.typed",
        "permeant/report/templates/cell.html.j2",
        "permeant/report/assets/page.css",
        "permeant/workflow/Snakefile",
        "permeant/workflow/pipeline/stages/ingest.py",
        "permeant/workflow/pipeline/profile/config.yaml",
    ):
        assert needed in names
    rooms = {name.split("/")[0] for name in names}
    assert {room for room in rooms if not re.fullmatch(r"permeant-.*\.dist-info", room)} == {
        "permeant"
    }
    assert not [name for name in names if re.search(r"tests?/|/test_|\.abf$|__pycache__", name)]


def test_the_source_archive_builds_the_same_wheel(
    program: Program, wheel: Path, tmp_path: Path
) -> None:
    build = program.call("build", "--sdist", "--no-isolation", "--outdir", tmp_path, program.folder)
    assert build.status == 0, build.said
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    again = program.call("build", "--wheel", "--no-isolation", "--outdir", tmp_path, source)
    assert again.status == 0, again.said
    (rebuilt,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(rebuilt) as other:
        assert {name: one.getinfo(name).CRC for name in one.namelist()} == {
            name: other.getinfo(name).CRC for name in other.namelist()
        }


def test_the_installed_program_gives_the_same_tables(
    installed: Program, finished: Path, fresh: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run = installed.call("permeant.cli", "run", "../project", "--cores", "2", cwd=elsewhere)
    assert run.status == 0, run.said
    assert run.said.endswith("see ../project/reports/index.html\n")
    assert tables_of(fresh) == tables_of(finished)


def test_a_project_may_change_from_checkout_to_installed_program(
    installed: Program, project: Path
) -> None:
    """Snakemake sees scripts that are newer than the results; the keys say that all is the same."""
    pages = snapshot(project / "reports/cells")
    run = installed.permeant("run", project)
    assert run.status == 0, run.said
    assert snapshot(project / "reports/cells") == pages
    logs = (project / "reports/logs").glob("*/*.log")
    assert not [log for log in logs if "0 cells computed" not in log.read_text()]


def test_the_installed_program_knows_its_version(installed: Program) -> None:
    code = (
        "import importlib.metadata as m, permeant as p; print(m.version('permeant'), p.__version__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=installed.environment, capture_output=True, text=True,
        check=True, cwd=installed.folder,
    )  # fmt: skip
    first, second = done.stdout.split()
    assert first == second
