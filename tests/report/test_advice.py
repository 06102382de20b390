"""Every finding that the program can make has its advice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import permeant
from permeant.report.advice import advice_for, known_checks
from permeant.report.gravity import _OF_SOMETHING_ELSE, _SHIFTED, gravity
from permeant.report.problem_advice import PROBLEMS

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


def codes_in(tree: ast.AST) -> Iterator[str]:
    """Yield every code of a recording that is refused, and of what else may go wrong with it."""
    places = {"RecordingError": 0, "Problem": 1}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = places.get(node.func.id)
            if place is not None and len(node.args) > place:
                code = node.args[place]
                choices = [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]
                yield from (str(c.value) for c in choices if isinstance(c, ast.Constant))


def test_every_problem_has_advice() -> None:
    found = {
        code
        for room in ROOMS
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for code in codes_in(ast.parse(path.read_text(encoding="utf-8")))
    }
    found -= {"warning"}  # of the project, not of a recording: its message says what to do
    assert len(found) > 40, "the search itself works"
    assert sorted(found - known_checks()) == []
    assert sorted(PROBLEMS.keys() - found) == [], "advice for what cannot happen"


def test_what_doubts_the_numbers_comes_first() -> None:
    named = {"measure_proposed": 0, "zero_drift": 1, "line_poor": 2, "a check of later times": 2}
    assert {check: gravity(check) for check in named} == named
    grave = [check for check in known_checks() if gravity(check) < 2]
    assert len(grave) == len(_OF_SOMETHING_ELSE | _SHIFTED), "every one of them is a check"


def test_advice_is_found_for_a_problem_too() -> None:
    assert advice_for("ingest: file_truncated") == advice_for("file_truncated") is not None
    assert advice_for("nothing of that name") is None
