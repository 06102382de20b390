"""The house: who may import whom, and how big anything may grow."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from permeant.config import Settings

ROOT = Path(__file__).resolve().parents[1]
PIPELINE = ROOT / "pipeline"
PACKAGE = PIPELINE / "permeant"
MODULES = sorted(PACKAGE.rglob("*.py"))
STAGES = sorted((PIPELINE / "stages").glob("*.py"))
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_STAGE_LINES = 15

MAY_IMPORT = {
    "errors": set(),
    "ratio_records": set(),
    "records": {"ratio_records"},
    "cohort": set(),
    "physics": {"errors", "records"},
    "recording": {"errors", "records"},
    "simulate": {"errors", "records", "physics", "recording"},
    "measure": {"errors", "records", "physics"},
    "infer": {"errors", "ratio_records", "records", "cohort", "physics", "measure"},
    "report": {"errors", "ratio_records", "records", "cohort"},
    "tables": {"errors", "ratio_records", "records"},
    "config": {"errors", "records", "physics"},
    "workflow": {
        "errors", "ratio_records", "records", "cohort", "physics", "recording", "measure",
        "infer", "report", "tables", "config",
    },
    "options": {"errors"},
    "calculators": {"errors", "records", "physics", "config", "options"},
    "__init__": {"library", "tables"},
    "library": {"errors", "records", "config", "recording", "measure", "infer"},
    "survey": {"errors", "records", "config", "workflow"},
    "account": {"errors", "records", "config", "workflow"},
    "export": {"errors", "records", "recording"},
    "commands": {
        "errors", "records", "config", "simulate", "report", "workflow", "survey", "account",
        "export",
    },
    "cli": {"errors", "options", "calculators", "commands"},
}  # fmt: skip
"""Room by room, the rooms below it; every room may import itself and the package's version."""

DOORS = {
    "neo": {"recording"},
    "h5py": {"recording"},
    "myokit": {"recording"},
    "nixio": {"recording"},
    "lmfit": {"infer", "library"},
    "quantities": {"recording"},
    "jinja2": {"report"},
    "plotly": {"report"},
    "pydantic": {"config", "library"},
    "yaml": {"config"},
    "msgspec": {"workflow", "report"},
    "pandas": {"tables", "library"},
    "scipy": {"measure", "infer"},
    "argcomplete": {"cli", "commands"},
    "pynwb": {"export"},
    "hdmf": {"export"},
    "snakemake": set(),
    "matplotlib": {"report"},
}
"""One door a library: the rooms that may know it."""


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    """Full names of what a file imports anywhere, but for type checkers alone as well."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports by full name, not relative to itself"
            assert node.module is not None
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from names if node.module == "permeant" else (node.module,)


def name_of(path: Path) -> str:
    return path.relative_to(PIPELINE).as_posix()


def test_every_room_is_known() -> None:
    assert {room_of(path) for path in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_rooms_import_only_from_below(path: Path) -> None:
    room = room_of(path)
    ours = [name.split(".") for name in imports_of(path) if name.split(".")[0] == "permeant"]
    entered = {parts[1] for parts in ours if len(parts) > 1} - {"__version__", room}
    assert entered <= MAY_IMPORT.get(room, set())


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_library_has_its_door(path: Path) -> None:
    for library in {name.split(".")[0] for name in imports_of(path)}:
        assert room_of(path) in DOORS.get(library, {room_of(path)}), library


@pytest.mark.parametrize("path", sorted((PACKAGE / "physics").rglob("*.py")), ids=name_of)
def test_physics_knows_numpy_alone(path: Path) -> None:
    known = {*sys.stdlib_module_names, "numpy", "permeant"}
    assert {name.split(".")[0] for name in imports_of(path)} <= known


@pytest.mark.parametrize("path", sorted((PACKAGE / "measure").rglob("*.py")), ids=name_of)
def test_measuring_reads_no_files(path: Path) -> None:
    tree = ast.parse(path.read_bytes())
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {f.id for f in called if isinstance(f, ast.Name)}
    names |= {f.attr for f in called if isinstance(f, ast.Attribute)}
    assert not names & {"open", "read_text", "read_bytes", "open_recording", "print"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_MODULE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            first = body[0].lineno if body else node.lineno
            lines = (node.end_lineno or first) - first + 1
            assert lines <= MAX_FUNCTION_LINES, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", STAGES, ids=name_of)
def test_stages_are_thin(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_STAGE_LINES
    assert {name.split(".")[:2][1] for name in imports_of(path)} == {"workflow"}
    assert not any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(text)))


def test_every_rule_has_its_stage() -> None:
    snakefile = (ROOT / "Snakefile").read_text(encoding="utf-8")
    figures = (PIPELINE / "figures.smk").read_text(encoding="utf-8")
    rules = re.findall(r"^rule (\w+):", snakefile, re.MULTILINE)
    scripts = re.findall(r'^ +"pipeline/stages/(\w+)\.py"', snakefile, re.MULTILINE)
    assert rules[0] == "all"
    assert rules[1:] == scripts
    drawn = re.findall(r'^ +"stages/(\w+)\.py"', figures, re.MULTILINE)
    assert drawn == re.findall(r'^ +f"(\w+)_\{batch\}"', figures, re.MULTILINE)
    assert sorted([*scripts, *drawn]) == [path.stem for path in STAGES]
    assert snakefile.count("\n") <= 200


def test_no_room_for_everything() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "lib"}
    assert not vague & {part.removesuffix(".py") for path in MODULES for part in path.parts}


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("permeant", {"numpy", "pydantic", "neo", "lmfit", "permeant.library"}),
        ("permeant.cli", {"numpy", "pydantic", "msgspec"}),
        ("permeant.workflow.ingest", {"scipy", "pandas", "pydantic", "lmfit", "jinja2", "plotly"}),
        ("permeant.workflow.measure", {"pandas", "pydantic", "lmfit", "jinja2", "plotly"}),
        ("permeant.workflow.fit", {"neo", "pydantic", "jinja2", "plotly"}),
        ("permeant.workflow.report", {"neo", "scipy", "pandas", "pydantic", "lmfit"}),
        ("permeant.workflow.summary", {"neo", "scipy", "pandas", "pydantic", "lmfit", "yaml"}),
        ("permeant.tables", {"pandas", "numpy"}),
        ("permeant.physics", {"scipy", "pandas"}),
        ("permeant.recording", {"scipy", "pandas", "lmfit"}),
    ],
)
def test_starting_up_loads_only_what_is_used(module: str, forbidden: set[str]) -> None:
    code = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PIPELINE
    )
    assert forbidden & set(done.stdout.split()) == set()


def test_every_setting_does_something() -> None:
    steered = ("steady_state", "corrections", "fit", "permeability", "quality", "report")
    sections = Settings().model_dump(include=set(steered))
    keys = {key for section in sections.values() for key in section}
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "pipeline" / "permeant").rglob("*.py")
        if path.parent.name not in ("config", "simulate")
    )
    assert {key for key in keys if not re.search(rf"\b{key}\b", code)} == set()
