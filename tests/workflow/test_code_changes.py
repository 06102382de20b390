"""A changed line of the program reruns the rules that can run it, and no others."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path

import pytest
from runs import ALL_RULES, Program, jobs, make_project

from permeant.workflow.fingerprint import PACKAGE, imported_files, imported_names, stages_folder

BATCHES = ("0001", "0002", "0003")
LATE = ("report", "summary")

CHANGES = {
    "pipeline/permeant/report/templates/cell.html.j2": LATE,
    "pipeline/permeant/report/assets/page.css": LATE,
    "pipeline/permeant/infer/iv.py": ALL_RULES[2:],
    "pipeline/permeant/measure/steady_state.py": ALL_RULES[1:],
    "pipeline/permeant/recording/abf_command.py": ALL_RULES,
    "pipeline/permeant/infer/driving_forces.py": ALL_RULES[3:],
    "pipeline/permeant/tables/columns.py": LATE,
    "pipeline/permeant/workflow/mend.py": ("summary",),
    "pipeline/permeant/cli.py": (),
    "pipeline/permeant/simulate/rig.py": (),
    "pipeline/permeant/config/sheet.py": (),
}


@pytest.mark.parametrize("file", CHANGES)
def test_a_changed_file_reruns_what_imports_it(
    program: Program, project: Path, tmp_path: Path, file: str
) -> None:
    edited = program.copy_to(tmp_path / "program")
    path = edited.folder / file
    comment = {".py": "\n# edited\n", ".j2": "\n{# edited #}\n", ".css": "\n/* edited */\n"}
    path.write_text(path.read_text(encoding="utf-8") + comment[path.suffix], encoding="utf-8")
    assert edited.planned(project) == jobs(CHANGES[file], *BATCHES)


def names_by_parser(source: str) -> set[str]:
    """What Python itself takes for the imports of a source."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports are not looked for"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name for name in names if name.split(".")[0] == PACKAGE.name}


def test_no_import_is_overlooked() -> None:
    files = [*PACKAGE.rglob("*.py"), *stages_folder().glob("*.py")]
    assert len(files) > 200
    for path in files:
        source = path.read_text(encoding="utf-8")
        assert imported_names(source) == names_by_parser(source), path


def test_imports_are_found_however_they_are_written() -> None:
    source = """
import permeant.a
from permeant.b import c, d as e  # said
def work():
    from permeant.f import (  # noqa
        g,  # why
        h as i,
    )
    import numpy, permeantly
from elsewhere import permeant
"""
    assert imported_names(source) == names_by_parser(source)


def test_the_place_of_the_program_does_not_matter(
    program: Program, project: Path, tmp_path: Path
) -> None:
    assert program.copy_to(tmp_path / "elsewhere").planned(project) == set()


ALLOWED_LIBRARIES = {
    "ingest": {"neo", "quantities"},
    "measure": {"neo", "quantities"},
    "fit": {"lmfit", "scipy", "pandas", "matplotlib"},
    "permeability": {"scipy"},
    "report": {"jinja2", "plotly"},
    "summary": {"jinja2", "scipy"},
}
"""What a stage may load of the libraries that take long to load.

neo brings quantities; lmfit brings scipy, and pandas and matplotlib where they are installed.
The summary takes Student's t from scipy where a group has cells to compare.
"""
SLOW = {
    "neo",
    "scipy",
    "pandas",
    "lmfit",
    "pydantic",
    "jinja2",
    "plotly",
    "matplotlib",
    "quantities",
}


@pytest.fixture(scope="module")
def loaded(program: Program, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What every stage had loaded when it was done with real cells: modules and their files."""
    folder = tmp_path_factory.mktemp("loaded")
    watched = program.copy_to(folder / "program")
    for script in (watched.folder / "pipeline/stages").glob("*.py"):
        script.write_text(
            script.read_text()
            + "\nimport json, sys\nfrom pathlib import Path\n"
            + "found = {k: getattr(v, '__file__', '') or '' for k, v in sys.modules.items()}\n"
            + f"Path({str(folder / (script.stem + '.json'))!r}).write_text(json.dumps(found))\n"
        )
    project = make_project(folder / "project", 3, 100)
    shutil.copyfile(project / "data/cell_00001.abf", project / "data/cell_00002.abf")
    run = watched.permeant("run", project)
    assert run.status == 0, run.said
    return {rule: json.loads((folder / f"{rule}.json").read_text()) for rule in ALL_RULES}


@pytest.mark.parametrize("rule", ALL_RULES)
def test_the_fingerprint_covers_what_a_stage_loads(
    program: Program, loaded: dict[str, dict[str, str]], rule: str
) -> None:
    package = program.folder / "pipeline" / "permeant"
    here = Path(str(imported_files.__code__.co_filename)).parents[1]
    covered = {
        path.relative_to(here).as_posix()
        for path in imported_files(here.parent / "stages" / f"{rule}.py")
        if path.is_relative_to(here)
    }
    used = {
        name.split("/permeant/")[-1]
        for module, name in loaded[rule].items()
        if module.split(".")[0] == package.name and name
    }
    assert used
    assert used - covered == set()


@pytest.mark.parametrize("rule", ALL_RULES)
def test_a_stage_loads_no_library_that_it_does_not_use(
    loaded: dict[str, dict[str, str]], rule: str
) -> None:
    there = SLOW & {module.split(".")[0] for module in loaded[rule]}
    assert there <= ALLOWED_LIBRARIES[rule]


def test_fingerprints_differ_in_what_they_cover(program: Program) -> None:
    stages = Path(str(imported_files.__code__.co_filename)).parents[2] / "stages"
    covered = {rule: {p.name for p in imported_files(stages / f"{rule}.py")} for rule in ALL_RULES}
    assert "cell.html.j2" in covered["report"]
    assert "cell.html.j2" not in covered["fit"]
    assert "iv.py" in covered["fit"]
    assert "iv.py" not in covered["measure"] | covered["report"]
