"""Levels of several equal, independent channels behind a dead time.

Each channel is open and shut in turn, both times mixtures of exponentials; how many channels are
in which component is the state of the patch, how many are open its level.  Every jump changes the
level.  A sojourn at a level shorter than the dead time is missed and counts to the one before.
From a level, a patch comes to its next apparent level by way of any number of brief sojourns
elsewhere; those that lead back lie within the apparent sojourn.  Chances are exact, the time that
brief sojourns take is put in at its mean (as in :mod:`permeant.infer.dwell.apparent`, after
Hawkes, Jalali & Colquhoun 1992, doi:10.1098/rstb.1992.0116; the jumps of several channels after
Horn & Lange 1983, doi:10.1016/S0006-3495(83)84341-0).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from permeant.infer.dwell.apparent import Mixture

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class States:
    """How many channels are in each component, state by state (shut components first).

    ``jumps`` are, for every pair of components of which one is left for the other, the states
    before and after, and how many channels can make the jump.
    """

    level: Whole
    jumps: tuple[tuple[int, int, Whole, Whole, Array], ...]


@lru_cache(maxsize=64)
def list_states(n_channels: int, n_shut: int, n_open: int) -> States:
    """Return the states of a patch of equal channels, which are the same in any order."""
    n = n_shut + n_open
    states = [
        tuple(chosen.count(component) for component in range(n))
        for chosen in combinations_with_replacement(range(n), n_channels)
    ]
    number = {state: k for k, state in enumerate(states)}
    jumps = []
    for a in range(n):
        for b in range(n):
            if (a < n_shut) == (b < n_shut):
                continue
            before, after, channels = [], [], []
            for state, k in number.items():
                if state[a]:
                    new = list(state)
                    new[a] -= 1
                    new[b] += 1
                    before.append(k)
                    after.append(number[tuple(new)])
                    channels.append(float(state[a]))
            jumps.append((a, b, np.array(before), np.array(after), np.array(channels)))
    return States(np.array([sum(state[n_shut:]) for state in states]), tuple(jumps))


@dataclass(frozen=True)
class Sojourns:
    """Apparent sojourns: rates of leaving (per ms) within and out of each level.

    ``modes[k]`` are the rates, right and left vectors of leaving level k, ``out[k]`` leads from
    its states to those of each level, ``entry[j, k]`` is the state in which k is entered from j.
    """

    modes: tuple[tuple[Array, Array, Array], ...]
    out: tuple[Array, ...]
    entry: dict[tuple[int, int], Array]

    def chances(self, level: int, before: int, after: int | None, beyond_ms: Array) -> Array:
        """Return the chance of a length between neighbours of ``beyond_ms`` and of the exit.

        Parameters
        ----------
        level, before, after : int
            After is None where the end cut it off: then the chance of lasting longer.
        beyond_ms : array (edges,)
            Lengths less the dead time.

        Returns
        -------
        array (edges - 1,)
        """
        rates, right, left = self.modes[level]
        start = self.entry[before, level] @ right
        decay = np.exp(np.outer(beyond_ms, rates))
        if after is None:
            return np.asarray(np.real(decay[:-1] @ (start * left.sum(axis=1))))
        weight = start * (left @ self.out[level][:, after]) / rates
        return np.asarray(np.real(np.diff(decay @ weight)))


def apparent_sojourns(shut: Mixture, opened: Mixture, n_channels: int, dead_ms: float) -> Sojourns:
    """Return how a patch of equal channels goes through the levels that are seen.

    Parameters
    ----------
    shut, opened : Mixture
        Times of one channel.
    n_channels : int
        How many.
    dead_ms : float
        Dead time.
    """
    states = list_states(n_channels, shut.tau_ms.size, opened.tau_ms.size)
    rates = _rates(states, shut, opened)
    leave = rates.sum(axis=1)
    stays = np.exp(-leave * dead_ms)
    jump = rates / leave[:, None]
    brief = (1.0 - stays)[:, None] * jump
    taken = ((1.0 - stays * (1.0 + leave * dead_ms)) / leave)[:, None] * jump
    within, out = [], []
    for level in range(n_channels + 1):
        own = states.level == level
        own_to, to_own, far = np.ix_(own, ~own), np.ix_(~own, own), np.ix_(~own, ~own)
        chain = np.linalg.inv(np.eye(int(np.sum(~own))) - brief[far])
        away = rates[own_to] @ chain
        returns = away @ brief[to_own]
        length = away @ (taken[far] @ chain @ brief[to_own] + taken[to_own])
        standing = np.eye(int(own.sum())) + length
        leads = np.zeros((int(own.sum()), leave.size))
        leads[:, ~own] = np.linalg.solve(standing, away * stays[~own])
        within.append(np.linalg.solve(standing, returns - np.diag(leave[own])))
        out.append(leads)
    modes = []
    for generator in within:
        values, right = np.linalg.eig(generator)
        modes.append((values, right, np.linalg.inv(right)))
    member = (states.level[:, None] == np.arange(n_channels + 1)).astype(np.float64)
    by_level = tuple(leads @ member for leads in out)
    return Sojourns(tuple(modes), by_level, _entries(states, within, out))


def _rates(states: States, shut: Mixture, opened: Mixture) -> Array:
    """Return the rate from each state to each other (per ms)."""
    leave = 1.0 / np.concatenate([shut.tau_ms, opened.tau_ms])
    area = np.concatenate([shut.area, opened.area])
    rates = np.zeros((states.level.size, states.level.size))
    for a, b, before, after, channels in states.jumps:
        rates[before, after] += channels * leave[a] * area[b]
    return rates


def _entries(states: States, within: list[Array], out: list[Array]) -> dict[tuple[int, int], Array]:
    """Return in which state each level is entered from each other, in the long run."""
    size, n_levels = states.level.size, len(within)
    turn = np.zeros((size, size))
    for level in range(n_levels):
        turn[states.level == level] = np.linalg.solve(-within[level], out[level])
    system = turn.T - np.eye(size)
    system[-1] = 1.0  # one of the balances follows from the others; the shares add up to 1
    share = np.linalg.solve(system, np.append(np.zeros(size - 1), 1.0))
    entry = {}
    for before in range(n_levels):
        flow = share[states.level == before] @ turn[states.level == before]
        for level in range(n_levels):
            part = np.clip(flow[states.level == level], 1e-300, None)
            entry[before, level] = part / part.sum()
    return entry
