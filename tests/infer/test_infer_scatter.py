"""How the scatter of points is weighed against the errors that are stated."""

from __future__ import annotations

import numpy as np
import pytest

from permeant.infer.scatter import likely_scatter

V = np.linspace(-100.0, 60.0, 17)


def drawn(size: float, n_draws: int = 200, *, between: bool = True) -> np.ndarray:
    """Return the variances found where errors of 1 pA are stated and ``size`` is true."""
    random = np.random.default_rng(11)
    found = []
    for _ in range(n_draws):
        one = likely_scatter(
            V, size * random.standard_normal(V.size), np.eye(V.size), 1, between=between
        )
        found.append(one.scale + one.extra_pa**2)
    return np.array(found)


def test_stated_errors_that_hold_are_left_nearly_as_they_are() -> None:
    assert np.median(drawn(1.0)) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("size", [3.0, 30.0])
def test_scatter_beyond_the_stated_errors_is_found(size: float) -> None:
    """With 15 degrees of freedom Student's t is 2.131 for 1.96: 1.18 of the variance."""
    assert np.mean(drawn(size)) == pytest.approx(1.18 * size**2, rel=0.15)


def test_points_calmer_than_stated_count_for_a_straight_line_only() -> None:
    assert 0.45 < np.median(drawn(0.5)) < 0.8
    calm = 0.5 * np.random.default_rng(1).standard_normal(V.size)
    assert likely_scatter(V, calm, np.eye(V.size), 3, between=True).scale == pytest.approx(1.0)
    assert likely_scatter(V, calm, np.eye(V.size), 1, between=False).scale == pytest.approx(1.0)


def test_few_points_widen_by_more() -> None:
    few = np.array([-60.0, -20.0, 20.0, 60.0])
    residual = np.array([1.0, -1.0, -1.0, 1.0])
    wide = likely_scatter(few, 5.0 * residual, np.eye(4), 1, between=True)
    # two degrees of freedom: their mean square is 5² · 4 / 2 = 50
    assert wide.extra_pa**2 > 1.5 * 50.0
    assert likely_scatter(few[:2], residual[:2], np.eye(2), 1, between=True).extra_pa == 0.0
