"""The standard error of a mean of correlated samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings_by_hand import autoregressive

from permeant.measure.noise import mean_with_error

DT = 0.05


def spread_of(series: np.ndarray) -> tuple[float, float, float]:
    """Return the true sd of the means, the typical stated error, the median n_effective."""
    found = [mean_with_error(row, DT) for row in series]
    stated = float(np.sqrt(np.mean([one.sem_pa**2 for one in found])))
    means = np.array([one.mean_pa for one in found])
    return float(means.std()), stated, float(np.median([one.n_effective for one in found]))


def test_white_noise() -> None:
    series = np.random.default_rng(0).standard_normal((300, 2000))
    true, stated, n_effective = spread_of(series)
    assert stated == pytest.approx(2000**-0.5, rel=0.1)
    assert stated == pytest.approx(true, rel=0.15)
    assert 1500 < n_effective <= 2000


@pytest.mark.parametrize(
    ("n", "rho", "n_eff"),
    [(1000, 0.9, 53.1), (4000, 0.99, 20.613244009276), (100, 0.5, 33.7837837837838)],
    ids=["textbook", "T114", "T115"],
)
def test_first_order_noise(n: int, rho: float, n_eff: float) -> None:
    """Some of the correlation is lost with the line that is taken out: within a third."""
    series = autoregressive(n, rho, np.random.default_rng(1), 300)
    true, stated, n_effective = spread_of(series)
    assert true == pytest.approx(n_eff**-0.5, rel=0.15)
    assert 0.75 < stated / true < 1.2
    assert n_effective == pytest.approx(n_eff, rel=0.45)


def test_mains_hum_over_whole_cycles() -> None:
    time_ms = np.arange(2000) * DT
    window = mean_with_error(5.0 + 20.0 * np.sin(2 * np.pi * 0.05 * time_ms + 0.3), DT)
    assert window.mean_pa == pytest.approx(5.0, abs=1e-9)
    assert window.sem_pa < 20.0 / 2**0.5


def test_drift_and_its_error() -> None:
    random = np.random.default_rng(2)
    time_ms = np.arange(4000) * DT
    z = []
    for _ in range(200):
        window = mean_with_error(7.0 + 0.02 * time_ms + random.standard_normal(4000), DT)
        z.append((window.drift_pa_per_ms - 0.02) / window.drift_se_pa_per_ms)
    assert abs(np.mean(z)) < 0.3
    assert np.std(z) == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("n", [2, 3, 7, 8, 511, 513])
def test_short_and_odd_windows(n: int) -> None:
    window = mean_with_error(np.arange(n, dtype=np.float32), DT)
    assert np.isfinite(window.mean_pa)
    assert window.sem_pa >= 0
    assert 0 < window.n_effective <= n


def test_constant_samples_have_no_error() -> None:
    window = mean_with_error(np.full(1000, 3.0), DT)
    assert window.mean_pa == pytest.approx(3.0)
    assert max(window.sem_pa, abs(window.drift_pa_per_ms)) < 1e-12


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**16), st.floats(0.01, 1e6), st.floats(-1e5, 1e5))
def test_units_and_offsets_only_scale(seed: int, scale: float, offset: float) -> None:
    samples = np.random.default_rng(seed).standard_normal(600)
    one, other = mean_with_error(samples, DT), mean_with_error(scale * samples + offset, DT)
    assert other.sem_pa == pytest.approx(scale * one.sem_pa, rel=1e-3, abs=1e-9 * abs(offset))
    assert other.mean_pa == pytest.approx(scale * one.mean_pa + offset, rel=1e-6, abs=1e-6 * scale)
