"""The pages say what the program says, and their examples run."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

DOCS = Path(__file__).resolve().parents[2] / "pipeline" / "docs"
PAGES = sorted(DOCS.glob("*.md"))
FIGURES = sorted((DOCS / "figures").glob("*.svg"))
_SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def build() -> Any:
    """Return the module that builds the pages."""
    sys.path.insert(0, str(DOCS))
    try:
        import build  # noqa: PLC0415  (lies in the documentation's folder)

        return build
    finally:
        sys.path.remove(str(DOCS))


def test_pages_are_what_the_program_computes() -> None:
    found = subprocess.run(
        [sys.executable, DOCS / "build.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")


def test_a_page_that_differs_is_named(
    build: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "pages", lambda: {"physics.md": "other", "none.md": ""})
    assert build.main(["--check"]) == 1
    said = capsys.readouterr().err
    assert "physics.md differs" in said
    assert "none.md is missing" in said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(page: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    if page.name in ("founding-examples.md", "physics.md"):
        assert example.examples
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(example, out=said.append)
    assert runner.failures == 0, "".join(said)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))
    assert all((DOCS / each).is_file() for each in targets if "://" not in each)


def test_there_is_a_figure_for_each_idea(build: Any) -> None:
    page = (DOCS / "founding-examples.md").read_text("utf-8")
    assert {path.stem for path in FIGURES} == set(build.FIGURES)
    assert all(f"(figures/{name}.svg)" in page for name in build.FIGURES)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda path: path.stem)
def test_figures_hold_text_and_no_date(figure: Path) -> None:
    text = figure.read_text("utf-8")
    root = ElementTree.fromstring(text)
    words = " ".join("".join(each.itertext()) for each in root.iter(f"{_SVG}text"))
    assert "mV" in words
    assert "<dc:date>" not in text
    assert len(text) < 60_000


def test_numbers_in_the_figures_are_the_library_s(build: Any) -> None:
    numbers = build.numbers()

    def words(name: str) -> str:
        return " ".join(build.structure(DOCS / "figures" / f"{name}.svg")[0])

    for key in ("e_k_37", "e_na_37", "e_ca_37", "e_cl_37"):
        assert build._signed(numbers[key]) in words("nernst")
    for key in ("ghk_equal", "equal_exact"):
        assert build._signed(numbers[key]) in words("conductance-and-permeability")
    assert build._signed(numbers["e_k_25"]) in words("ohmic-and-ghk")


def test_the_founding_numbers(build: Any) -> None:
    n = build.numbers()
    expected = {  # recomputed apart from the library
        "e_k_37": -89.06, "e_na_37": 60.63, "e_k_25": -85.61, "e_na_25": 58.29, "e_ca_37": 132.3,
        "total_ca_kj": -38.08, "chord_at_0": 152.144, "equal": -15.0, "three_to_one": 22.5,
        "g_ratio": 4.0,
    }  # fmt: skip
    for name, value in expected.items():
        assert n[name] == pytest.approx(value, abs=0.05), name
    # P F² (c_in + c_out)/(2RT) and P z² F² c/(RT); the shared truth file has 3.1e-4 and 1.5e-4 less
    f, rt = 96485.33212331, 8.31446261815324 * 298.15
    assert n["slope_at_0"] == pytest.approx(1e-6 * f**2 * 145 / (2 * rt), rel=1e-9)
    assert n["g_z2"] == pytest.approx(1e-6 * 4 * f**2 * 150 / rt, rel=1e-9)
    assert n["chord_weighted"] == pytest.approx(n["ghk_equal"], abs=1e-9)
