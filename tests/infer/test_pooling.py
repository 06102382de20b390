from __future__ import annotations

import math
import random

import pytest

from permeant.infer.pooling import pool_values, scatter_beyond_errors, student_95


@pytest.mark.parametrize(
    ("dof", "t"), [(1, 12.706), (2, 4.303), (4, 2.776), (9, 2.262), (29, 2.045)]
)
def test_students_t(dof: int, t: float) -> None:
    """Gosset's table as every textbook of statistics prints it, two-sided 5 %."""
    assert student_95(dof) == pytest.approx(t, abs=5e-4)


def test_mean_and_interval_of_three() -> None:
    """Closed form: mean 2, s = 1, half the width t(2) / sqrt(3)."""
    pooled = pool_values([1.0, 2.0, 3.0], [None] * 3)
    assert (pooled.mean, pooled.sd) == (2.0, 1.0)
    assert pooled.high == pytest.approx(2.0 + 4.30265 / math.sqrt(3.0), rel=1e-5)
    assert pooled.sd_beyond_error is None


def test_one_value_has_no_scatter() -> None:
    pooled = pool_values([4.0], [0.5])
    assert (pooled.mean, pooled.se) == (4.0, 0.5)
    assert (pooled.low, pooled.high, pooled.sd, pooled.sd_beyond_error) == (None,) * 4


def test_no_value_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        pool_values([], [])


def test_equal_errors_come_off_in_squares() -> None:
    """With one error for all, tau^2 = s^2 - se^2 (the sum of Paule & Mandel, solved)."""
    values = [1.0, 2.0, 3.0, 6.0]
    mean = sum(values) / 4
    s2 = sum((v - mean) ** 2 for v in values) / 3
    assert scatter_beyond_errors(values, [0.5] * 4) == pytest.approx(math.sqrt(s2 - 0.25), rel=1e-9)
    assert scatter_beyond_errors(values, [5.0] * 4) == 0.0


def test_unequal_errors_solve_the_equation() -> None:
    values, errors = [1.0, 2.0, 3.0, 6.0, -4.0], [0.1, 0.5, 1.0, 2.0, 0.3]
    tau = scatter_beyond_errors(values, errors)
    weights = [1 / (e**2 + tau**2) for e in errors]
    mean = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
    total = sum(w * (v - mean) ** 2 for w, v in zip(weights, values, strict=True))
    assert total == pytest.approx(4.0, rel=1e-9)


def test_no_scatter_and_no_errors() -> None:
    assert scatter_beyond_errors([3.0, 3.0, 3.0], [0.0, 0.0, 0.0]) == 0.0
    pooled = pool_values([0.0, 0.0], [0.0, 0.0])
    assert (pooled.sd, pooled.half_width) == (0.0, 0.0)


@pytest.mark.parametrize("n", [3, 5, 10, 30])
@pytest.mark.parametrize("spread", [0.0, 0.9], ids=["equal errors", "unequal errors"])
@pytest.mark.parametrize("tau", [0.0, 1.0, 5.0])
def test_intervals_hold_the_true_mean(n: int, spread: float, tau: float) -> None:
    """92 to 98 of 100, plus two standard errors of the count; the truth is the simulation's."""
    draw, many = random.Random(f"{n} {spread} {tau}"), 1500
    held = 0
    for _ in range(many):
        errors = [math.exp(spread * draw.gauss(0, 1)) for _ in range(n)]
        values = [7.0 + draw.gauss(0, tau) + draw.gauss(0, error) for error in errors]
        pooled = pool_values(values, errors)
        assert pooled.low is not None
        assert pooled.high is not None
        held += pooled.low <= 7.0 <= pooled.high
    chance = 2 * math.sqrt(0.98 * 0.02 / many)
    assert 0.92 - chance <= held / many <= 0.98 + chance
