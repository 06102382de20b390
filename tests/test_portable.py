"""What keeps the program at home on Windows and macOS, as far as it can be seen from here."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = sorted((ROOT / "pipeline").rglob("*.py"))
NOT_FILES = {"os", "webbrowser"}
OPENERS = ("gzip", "bz2", "lzma", "io")
ONLY_UNIX = {"fork", "killpg", "setsid", "getuid", "geteuid", "mkfifo", "setitimer", "waitpid"}
ONLY_UNIX_MODULES = {"fcntl", "resource", "pwd", "grp", "termios"}


def calls(path: Path) -> Iterator[tuple[ast.Call, str, str]]:
    """Every call with the name called and the name that it is called on."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            if isinstance(node.func, ast.Name):
                yield node, node.func.id, ""
            else:
                of = node.func.value
                yield node, node.func.attr, of.id if isinstance(of, ast.Name) else "?"


def mode_of(call: ast.Call, position: int) -> str:
    given = [word.value for word in call.keywords if word.arg == "mode"]
    given += call.args[position : position + 1]
    return str(given[0].value) if given and isinstance(given[0], ast.Constant) else "r"


def says_no_encoding(call: ast.Call, name: str, of: str) -> bool:
    if any(word.arg in ("encoding", None) for word in call.keywords):
        return False
    if name == "read_text":
        return not call.args
    if name == "write_text" and of:
        return len(call.args) < 2
    if name == "open" and of not in NOT_FILES:
        return "b" not in mode_of(call, 1 if of in ("", *OPENERS) else 0)
    return False


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_text_is_read_and_written_in_a_named_encoding(path: Path) -> None:
    """The default is another one on Windows, where a sheet in UTF-8 would be read as cp1252."""
    found = [
        f"line {call.lineno}: {name}" for call, name, of in calls(path)
        if says_no_encoding(call, name, of)
    ]  # fmt: skip
    assert found == []


def test_the_check_of_encodings_sees_what_it_is_for() -> None:
    for line in ("p.read_text()", "p.write_text('x')", "p.open()", "open('x', 'w')",
                 "gzip.open(p, 'rt')"):  # fmt: skip
        call = ast.parse(line).body[0].value  # type: ignore[attr-defined]
        of = call.func.value.id if isinstance(call.func, ast.Attribute) else ""
        name = call.func.attr if of else call.func.id
        assert says_no_encoding(call, name, of), line


def test_what_only_unix_has_is_asked_for_first() -> None:
    """Each such call stands in a module that looks whether it is there."""
    looked: dict[str, set[str]] = {}
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        used = {name for _, name, of in calls(path) if name in ONLY_UNIX and of in ("os", "signal")}
        used |= {one for one in ONLY_UNIX_MODULES if re.search(rf"^\s*import {one}\b", text, re.M)}
        if used:
            looked[path.name] = used
            assert re.search(r"hasattr\(os|except ImportError|os\.name ==", text), path
    assert set(looked) <= {"guard.py", "lock.py", "launch.py"}, looked


def test_no_rule_and_no_code_goes_through_a_shell() -> None:
    snakefile = (ROOT / "Snakefile").read_text(encoding="utf-8")
    assert not re.search(r"^\s+(shell|run|notebook|conda|envmodules):", snakefile, re.MULTILINE)
    for path in CODE:
        for call, name, _ in calls(path):
            assert name not in ("system", "popen"), path
            assert not any(word.arg == "shell" for word in call.keywords if name == "run"), path


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_words_go_through_a_pipe_that_does_not_know_them(encoding: str) -> None:
    """``→`` and ``Ω`` are in what ``inspect`` says; a Windows pipe takes cp1252."""
    done = subprocess.run(
        [sys.executable, "-m", "permeant.cli", "inspect", "data/ohmic.abf"],
        cwd=ROOT, capture_output=True, check=False, env={
            **os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0",
            "PYTHONPATH": str(ROOT / "pipeline"),
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"E_rev" in done.stdout


def test_files_are_read_where_no_process_can_be_copied(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Windows and macOS: the worker reads by itself, and is not the less right for it."""
    code = "from permeant.recording import guard\nguard.CAN_FORK = False\nguard.serve()\n"
    table = tmp_path / "cell.csv"
    rows = [f"{k * 0.1:.1f},{-50 if 100 <= k < 500 else -70}.0,{k % 7}.0" for k in range(1000)]
    table.write_text("time_ms,command_mV,current_pA\n" + "\n".join(rows), encoding="utf-8")
    from permeant.recording import guard, open_recording  # noqa: PLC0415

    plain = open_recording(table)
    real = subprocess.Popen

    def started(command: list[str], *more: object, **named: object) -> object:
        return real([sys.executable, "-c", code], *more, **named)  # type: ignore[call-overload]

    guard._worker.cache_clear()
    monkeypatch.setattr(guard.subprocess, "Popen", started)
    try:
        again = open_recording(table)
    finally:
        guard._worker().end()
        guard._worker.cache_clear()
    assert again.info.sweeps == plain.info.sweeps
    assert (again.current_pa == plain.current_pa).all()


def test_a_limit_that_the_system_refuses_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS, where the limit on mapped memory cannot be set."""
    resource = pytest.importorskip("resource")
    from permeant.recording import guard  # noqa: PLC0415

    asked, timed = [], []

    def refuse(kind: int, _: object) -> None:
        asked.append(kind)
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    monkeypatch.setattr(signal, "setitimer", lambda *given: timed.append(given))
    guard._limit(1.0, 1_000_000)
    assert asked == [resource.RLIMIT_AS]
    assert timed == [(signal.ITIMER_PROF, 1.0)]
