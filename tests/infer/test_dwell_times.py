"""Open and shut times behind a dead time, held against sequences made without any trace."""

from __future__ import annotations

import numpy as np
import pytest

from permeant.infer.dwell.apparent import Mixture, apparent_times
from permeant.infer.dwell.mixtures import fit_times
from permeant.records import DwellCounts


def draw(mixture, n, generator):
    which = generator.choice(mixture.tau_ms.size, n, p=mixture.area)
    return generator.exponential(mixture.tau_ms[which])


def observe(shut, opened, dead_ms, n, seed):
    """Alternate shut and open times, and join what the dead time hides."""
    generator = np.random.default_rng(seed)
    times = np.column_stack([draw(shut, n, generator), draw(opened, n, generator)]).ravel()
    kind = np.tile([0, 1], n)
    kept = times >= dead_ms
    times = times[np.argmax(kept) :]
    kind, kept = kind[-times.size :], kept[-times.size :]
    new = kept & np.append(True, False if kind.size < 2 else np.ones(kind.size - 1, bool))
    group, current = np.zeros(times.size, int), -1
    last = -1
    for k in range(times.size):
        if new[k] and kind[k] != last:
            current, last = current + 1, kind[k]
        group[k] = current
    length = np.bincount(group, times)
    first = np.searchsorted(group, np.arange(current + 1))
    return [length[kind[first] == one][1:-1] for one in (0, 1)]


def counted(kind, times, dead_ms):
    edges = np.geomspace(dead_ms, times.max() * 1.01, 60)
    counts, _ = np.histogram(times, edges)
    return DwellCounts(kind, tuple(edges.tolist()), tuple(counts.tolist()))


def one(tau_ms):
    return Mixture(np.array([tau_ms]), np.array([1.0]))


def test_mean_apparent_time_of_two_states_is_the_closed_formula():
    # t_d + (tau_s + tau_o) exp(t_d/tau_o) - tau_o - t_d, by summing a geometric number of parts
    shut, opened, dead_ms = 10.0, 2.0, 0.3
    apparent = apparent_times(one(shut), one(opened), dead_ms)
    mean_ms = dead_ms + float(np.sum(apparent.weight / apparent.rate_per_ms))
    closed = (shut + opened) * np.exp(dead_ms / opened) - opened
    assert mean_ms == pytest.approx(closed, rel=2e-4)
    seen = observe(one(shut), one(opened), dead_ms, 200_000, 1)[0]
    assert seen.mean() == pytest.approx(closed, rel=0.01)


def test_the_density_of_apparent_times_is_that_of_a_drawn_sequence():
    shut = Mixture(np.array([1.5, 20.0]), np.array([0.6, 0.4]))
    dead_ms = 0.3
    apparent = apparent_times(shut, one(1.5), dead_ms)
    seen = observe(shut, one(1.5), dead_ms, 300_000, 2)[0]
    at_ms = np.array([0.2, 0.5, 1.0, 3.0, 10.0, 30.0])
    share = np.array([(seen > dead_ms + t).mean() for t in at_ms])
    assert apparent.survival(at_ms) == pytest.approx(share, abs=0.004)


def test_true_times_come_back_with_the_right_number_of_components():
    shut = Mixture(np.array([1.5, 20.0]), np.array([0.6, 0.4]))
    dead_ms = 0.3
    seen = observe(shut, one(3.0), dead_ms, 8000, 3)
    fit = fit_times(counted("shut", seen[0], dead_ms), counted("open", seen[1], dead_ms))
    assert fit.shut.tau_ms.size == 2
    assert fit.open.tau_ms.size == 1
    assert fit.shut.tau_ms == pytest.approx(shut.tau_ms, rel=0.08)
    assert fit.shut.area == pytest.approx(shut.area, abs=0.03)
    # without the missed shut times it would be 3.9 ms
    assert fit.open.tau_ms[0] == pytest.approx(3.0, rel=0.05)
    assert seen[1].mean() > 3.6


def test_times_that_the_end_cut_off_are_not_taken_for_whole_ones():
    generator = np.random.default_rng(5)
    true_ms, dead_ms, window_ms = 20.0, 0.001, 25.0  # nothing is missed
    times = generator.exponential(true_ms, 4000)
    times = times[times > dead_ms]
    whole, cut = times[times < window_ms], np.full(np.sum(times >= window_ms), window_ms)
    shut = counted("shut", whole, dead_ms)
    shut = DwellCounts("shut", shut.edges_ms, shut.counts, tuple(cut.tolist()))
    opened = counted("open", dead_ms + generator.exponential(5.0, 4000), dead_ms)
    fit = fit_times(shut, opened)
    assert fit.shut.mean_ms == pytest.approx(true_ms, rel=0.06)
