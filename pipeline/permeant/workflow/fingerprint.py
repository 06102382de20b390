"""The code that a stage runs, as a digest: editing it reruns the stage, and no other.

Snakemake notices a change in a stage's script but not in the package behind it.  So each
rule is handed the digest of every file that its script can import.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
_DATA_SUFFIXES = {".j2", ".css", ".js", ".svg", ".csv", ".json"}


def stages_folder() -> Path:
    """Return the folder of the stage scripts that belong to this package.

    It lies beside the package in a checkout and within it where it was installed; a workflow
    that uses this one as a module has another folder of its own.
    """
    checkout = PACKAGE.parent / "stages"
    return checkout if checkout.is_dir() else PACKAGE / "workflow" / "pipeline" / "stages"


def _module_file(name: str) -> Path | None:
    """Return the file of a module of this package, or None for anybody else's."""
    parts = name.split(".")
    if parts[0] != PACKAGE.name:
        return None
    base = PACKAGE.joinpath(*parts[1:])
    if (base / "__init__.py").is_file():
        return base / "__init__.py"
    module = base.with_suffix(".py")
    return module if module.is_file() else None


_IMPORT = re.compile(
    rf"^[ \t]*(?:from[ \t]+({PACKAGE.name}[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]+)"
    rf"|import[ \t]+({PACKAGE.name}[\w.]*))",
    re.MULTILINE,
)
_COMMENT = re.compile(r"#[^\n]*")


def imported_names(source: str) -> set[str]:
    """Return what of this package a source imports, at any depth of its code.

    Read from the lines as they stand, since every run begins with this and Python's own parser
    takes half a second for the package; a test holds the two against each other.
    """
    names: set[str] = set()
    for module, some, alone in _IMPORT.findall(source):
        names.add(module or alone)
        parts = _COMMENT.sub("", some).strip("() \t\n").split(",")
        names.update(f"{module}.{part.split()[0]}" for part in parts if part.strip())
    return names


@cache
def _imports(path: Path) -> frozenset[Path]:
    """Return the files of this package that a file imports."""
    names = imported_names(path.read_text(encoding="utf-8"))
    found = {_module_file(name) for name in names}
    # importing a.b.c runs a and a.b as well
    for name in list(names):
        parts = name.split(".")
        found.update(_module_file(".".join(parts[:n])) for n in range(1, len(parts)))
    return frozenset(path for path in found if path)


def imported_files(script: Path) -> list[Path]:
    """Return every file that a script can run, itself included, and the data beside them."""
    seen: set[Path] = set()
    waiting = [script.resolve()]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            # the package itself names the library, and loads it for whoever asks, no stage
            waiting.extend(_imports(path) - seen if path != PACKAGE / "__init__.py" else ())
    data = {
        file
        for folder in {path.parent for path in seen - {script.resolve()}} - {PACKAGE}
        for file in folder.rglob("*")
        if file.suffix in _DATA_SUFFIXES
    }
    return sorted(seen | data)


def _name_in(path: Path, script: Path) -> str:
    """Name a file so that it is called the same in a checkout and where the wheel is installed."""
    if path == script.resolve():
        return f"stages/{path.name}"
    return path.relative_to(PACKAGE).as_posix()


@cache
def fingerprint(script: Path) -> str:
    """Return a digest of all code and data that a stage's script can reach.

    Parameters
    ----------
    script : Path
        The stage's script.

    Returns
    -------
    str
        The same on every machine for the same files, wherever they lie.
    """
    digest = hashlib.blake2b(digest_size=12)
    for name, path in sorted((_name_in(path, script), path) for path in imported_files(script)):
        digest.update(name.encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()
