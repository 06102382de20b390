"""Times of one of several equal channels, held against jumps that were drawn one by one."""

from __future__ import annotations

import numpy as np
import pytest

from permeant.infer.dwell.apparent import Mixture, apparent_times
from permeant.infer.dwell.equal_channels import fit_level_times
from permeant.infer.dwell.several import apparent_sojourns, list_states
from permeant.measure.single_channel.number import chance_of_shares, visits_of_one_more
from permeant.records import LevelTimes
from permeant.simulate.channels import ChannelScheme, jump, two_state

BURSTS = ChannelScheme(((0, 0.02, 0), (0.05, 0, 0.2), (0, 0.25, 0)), (0, 0, 1))
N_STRETCHES = 24


def one(tau_ms):
    return Mixture(np.array([tau_ms]), np.array([1.0]))


def levels_over_time(scheme, n_channels, duration_ms, seed):
    """Return when the number of open channels changes, and to what; no filter, no noise."""
    generator = np.random.default_rng(seed)
    is_open = np.array(scheme.levels) > 0
    times, steps = [0.0], [0]
    for _ in range(n_channels):
        at_ms, state = jump(scheme, duration_ms, generator)
        level = is_open[state].astype(int)
        changes = np.flatnonzero(np.diff(level)) + 1
        steps[0] += int(level[0])
        times += at_ms[changes].tolist()
        steps += np.diff(level)[changes - 1].tolist()
    order = np.argsort(times, kind="stable")
    return np.array(times)[order], np.cumsum(np.array(steps)[order])


def see(start_ms, level, duration_ms, dead_ms):
    """Join what is shorter than the dead time to the sojourn before it."""
    kept_start, kept_level = [], []
    lengths = np.diff(np.append(start_ms, duration_ms))
    for begin, value, length in zip(start_ms, level, lengths, strict=True):
        if length >= dead_ms and (not kept_level or value != kept_level[-1]):
            kept_start.append(begin)
            kept_level.append(int(value))
    return np.array(kept_start), kept_level, np.diff(np.append(kept_start, duration_ms))


def counted(start_ms, level, length_ms, duration_ms, dead_ms):
    edges = np.geomspace(dead_ms, length_ms.max() * 1.01, 40)
    kinds = {}
    for k in range(1, len(level) - 1):
        kinds.setdefault((level[k], level[k - 1], level[k + 1]), []).append(k)
    found = []
    for (own, before, after), which in sorted(kinds.items()):
        stretch = (start_ms[which] / duration_ms * N_STRETCHES).astype(int)
        counts = [
            tuple(np.histogram(length_ms[which][stretch == s], edges)[0].tolist())
            for s in range(N_STRETCHES)
        ]
        found.append(LevelTimes(own, before, after, tuple(edges.tolist()), tuple(counts)))
    return found


def fitted(scheme, n_channels, dead_ms, duration_ms, seed):
    raw = levels_over_time(scheme, n_channels, duration_ms, seed)
    seen = see(*raw, duration_ms, dead_ms)
    times = counted(*seen, duration_ms, dead_ms)
    n_openings = int(np.sum(np.clip(np.diff(seen[1]), 0, None)))
    return fit_level_times(
        times, n_channels, dead_ms, about_ms=(15.0, 5.0), n_times=n_openings
    ), n_openings


def test_states_of_three_channels_with_two_shut_and_one_open_component():
    states = list_states(3, 2, 1)
    assert states.level.size == 10  # 3 things into 3 boxes: (5 over 2)
    assert np.bincount(states.level).tolist() == [4, 3, 2, 1]


def test_one_channel_alone_is_the_known_case():
    shut = Mixture(np.array([1.5, 20.0]), np.array([0.6, 0.4]))
    at_ms = np.array([0.0, 0.2, 1.0, 5.0, 20.0, 1e4])
    chances = apparent_sojourns(shut, one(3.0), 1, 0.3).chances(0, 1, 1, at_ms)
    known = -np.diff(apparent_times(shut, one(3.0), 0.3).survival(at_ms))
    assert chances == pytest.approx(known, rel=1e-9)


def test_chances_of_all_exits_add_up_to_one():
    shut = Mixture(np.array([1.5, 20.0]), np.array([0.6, 0.4]))
    seen = apparent_sojourns(shut, one(3.0), 3, 0.3)
    ever = np.array([0.0, 1e5])
    for level in range(4):
        for before in set(range(4)) - {level}:
            total = sum(
                seen.chances(level, before, after, ever)[0] for after in set(range(4)) - {level}
            )
            assert total == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(("n_channels", "dead_ms"), [(2, 0.2), (3, 0.2), (3, 0.8)])
def test_the_times_of_one_channel_come_back_whatever_is_hidden(n_channels, dead_ms):
    fit, n_openings = fitted(two_state(4.0, 12.0), n_channels, dead_ms, 30e3, 7)
    assert fit.shut.tau_ms.size == 1
    assert fit.open.tau_ms.size == 1
    # three standard errors of a mean of n times, and 3 % for what the dead time's length does
    room = 3.0 / np.sqrt(n_openings) + 0.03
    assert fit.shut.mean_ms == pytest.approx(12.0, rel=room)
    assert fit.open.mean_ms == pytest.approx(4.0, rel=room)


def test_bursts_of_two_channels_have_two_shut_times():
    fit, _ = fitted(BURSTS, 2, 0.2, 60e3, 3)
    assert fit.shut.tau_ms.size == 2
    assert fit.open.tau_ms.size == 1
    # times of a visit to the shut states 1 and 2 from their rates: eigenvalues of the two
    rates = -np.linalg.eigvals(np.array([[-0.02, 0.02], [0.05, -0.25]]))
    assert fit.shut.tau_ms == pytest.approx(np.sort(1.0 / rates), rel=0.2)
    assert fit.open.mean_ms == pytest.approx(4.0, rel=0.06)


def test_errors_are_the_scatter_over_recordings():
    fits = [fitted(two_state(4.0, 12.0), 2, 0.3, 12e3, seed)[0] for seed in range(12)]
    logs = np.array([fit.parameters for fit in fits])
    told = np.sqrt(np.mean([np.diag(fit.covariance) for fit in fits], axis=0))
    # the standard deviation of 12 is known to 21 %
    assert told == pytest.approx(logs.std(axis=0, ddof=1), rel=0.6)


def test_binomial_shares_are_told_from_others():
    generator = np.random.default_rng(0)
    p = np.clip(0.25 + 0.05 * generator.standard_normal(24), 0.01, 0.99)
    noise = 0.01 * generator.standard_normal((24, 3))
    shares = np.column_stack([(1 - p) ** 2, 2 * p * (1 - p), p**2])
    assert chance_of_shares(shares + noise - noise.mean(axis=1, keepdims=True)) > 0.01
    sublevel = np.column_stack([1 - p, 0.3 * p, 0.7 * p])
    assert chance_of_shares(sublevel + noise - noise.mean(axis=1, keepdims=True)) < 1e-6
    assert chance_of_shares(shares[:, :2]) is None


def test_visits_of_one_more_are_those_of_a_patch_that_holds_one_more():
    # two channels, of which p_open = 2 x .25 would be told had only one been seen
    duration_ms, dead_ms = 400e3, 0.3
    start_ms, level = levels_over_time(two_state(4.0, 12.0), 2, duration_ms, 1)
    length_ms = np.diff(np.append(start_ms, duration_ms))
    visits = int(np.sum((level == 2) & (length_ms >= dead_ms)))
    told = visits_of_one_more(1, 0.5, 4.0, duration_ms, dead_ms)
    assert told == pytest.approx(visits, rel=0.06)
