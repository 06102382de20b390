"""The published examples: what was printed is what this page says, and the numbers hold."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[2] / "pipeline" / "docs"


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    """Return the examples by the beginning of their titles."""
    sys.path.insert(0, str(DOCS))
    try:
        from published import examples  # noqa: PLC0415  (lies in the documentation's folder)
    finally:
        sys.path.remove(str(DOCS))
    return {one.title.split(",")[0] + one.title[-3:]: one for one in examples()}


def test_there_are_eight_with_their_sources(published: dict[str, Any]) -> None:
    assert len(published) == 8
    for one in published.values():
        assert one.citation
        assert one.seen.startswith(("read", "from memory"))
        assert one.printed
        assert one.solutions


def test_by_hand(published: dict[str, Any]) -> None:
    """Each number once more from its own formula, apart from the library."""
    computed = [one.computed_value for one in published.values()]
    xi = math.exp(5.0 / 25.26)
    r = math.exp(14.0 / 25.6926)
    expected = [
        math.exp(17.9 / 25.26),
        4 / (xi * xi + xi),
        (100 * r - 25) / (100 - 25 * r),
        (10 * math.exp(0.8 / 25.6926) - 1) / (10 - math.exp(0.8 / 25.6926)),
        0.04,
        (150 * 10 ** (-70 / 61) - 5) / (150 - 15 * 10 ** (-70 / 61)),
        # (20 + 440 P + .45*52)/(400 + 50 P + .45*560) = exp(-60/25.2617)
        (652 * math.exp(-60 / 25.26171) - 43.4) / (440 - 50 * math.exp(-60 / 25.26171)),
        56.0,
    ]
    assert computed == pytest.approx(expected, rel=2e-4)


def test_those_that_agree_do(published: dict[str, Any]) -> None:
    """What is said to agree rounds to what was printed."""
    for one in published.values():
        if one.verdict.startswith("agrees"):
            assert one.computed_value == pytest.approx(one.printed_value, rel=0.05), one.title
