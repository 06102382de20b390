"""Every finding that the program can make has its advice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import permeant
from permeant.report.advice import advice_for, known_checks

PACKAGE = Path(permeant.__file__).parent
ROOMS = ("recording", "measure", "infer", "workflow")


def checks_in(tree: ast.AST) -> Iterator[str]:
    """Yield every text that a call of Finding may be given as its check."""
    for node in ast.walk(tree):
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if not named or node.func.id != "Finding" or not node.args:
            continue
        first = node.args[0]
        choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
        yield from (c.value for c in choices if isinstance(c, ast.Constant))


def test_every_finding_has_advice() -> None:
    found = {
        check
        for room in ROOMS
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for check in checks_in(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert len(found) > 30, "the search itself works"
    assert sorted(found - known_checks()) == []


def test_advice_is_found_for_a_problem_too() -> None:
    assert advice_for("ingest: file_truncated") == advice_for("file_truncated") is not None
    assert advice_for("nothing of that name") is None
