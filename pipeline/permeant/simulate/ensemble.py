"""Many equal channels that are sent from one state at a step, sweep after sweep.

Each channel is a Markov chain: over a short time dt its states go to each other with the
probabilities exp(Q dt), and how many of n channels take each way is multinomial.  That is exact at
the moments of the grid, however many channels there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from permeant.simulate.channels import ChannelScheme
from permeant.simulate.noise import bessel_response, low_pass

if TYPE_CHECKING:
    from numpy.typing import NDArray

OVERSAMPLING = 4
_TERMS = 40


def transition_probabilities(scheme: ChannelScheme, duration_ms: float) -> NDArray[np.float64]:
    """Return exp(Q dt): the chance of being in the state of the column after a time.

    Parameters
    ----------
    scheme : ChannelScheme
        Rates per ms.
    duration_ms : float
        Time, short against the fastest rate's (the series is cut after 40 terms).
    """
    rates = scheme.rates
    generator = (rates - np.diag(rates.sum(axis=1))) * duration_ms
    term = total = np.eye(len(rates))
    for k in range(1, _TERMS):
        term = term @ generator / k
        total = total + term
    return np.asarray(total / total.sum(axis=1, keepdims=True))


def count_open(
    scheme: ChannelScheme,
    n_channels: NDArray[np.int64],
    n_samples: int,
    interval_ms: float,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the summed level of the channels, all in the first state at the first moment.

    Parameters
    ----------
    scheme : ChannelScheme
        States and levels.
    n_channels : array (sweeps,)
        Channels in each sweep.
    n_samples, interval_ms
        Grid.
    generator : numpy Generator

    Returns
    -------
    array (sweeps, samples)
    """
    ways = transition_probabilities(scheme, interval_ms)
    levels = np.array(scheme.levels)
    there = np.zeros((n_channels.size, len(levels)), dtype=np.int64)
    there[:, 0] = n_channels
    out = np.zeros((n_channels.size, n_samples))
    for k in range(n_samples):
        out[:, k] = there @ levels
        there = sum(
            (generator.multinomial(there[:, s], ways[s]) for s in range(len(levels))),
            start=np.zeros_like(there),
        )
    return out


@dataclass(frozen=True)
class Ensemble:
    """Many equal channels behind an amplifier, and what goes wrong over the sweeps.

    Parameters
    ----------
    scheme : ChannelScheme
        States after the step; before it all channels are in the first one, which is shut.
    n_channels : int
        In the first sweep.
    noise_pa, filter_khz : float
        Standard deviation of the noise, and the Bessel filter.
    run_down : float
        Part of the channels that is lost, evenly, by the last sweep.
    drift_pa : float
        What the zero current gains by the last sweep.
    """

    scheme: ChannelScheme
    n_channels: int
    noise_pa: float
    filter_khz: float
    run_down: float = 0.0
    drift_pa: float = 0.0

    def largest_open_probability(self, step_ms: float) -> float:
        """Return the largest mean level during a step of some length, by the rates."""
        grid_ms = step_ms / 4000.0
        way = transition_probabilities(self.scheme, grid_ms)
        share, levels = np.eye(len(way))[0], np.array(self.scheme.levels)
        best = 0.0
        for _ in range(4000):
            share = share @ way
            best = max(best, float(share @ levels))
        return best

    def record(
        self,
        unitary_pa: float,
        *,
        n_sweeps: int,
        n_before: int,
        n_step: int,
        n_after: int = 0,
        interval_ms: float,
        seed: int,
    ) -> NDArray[np.float64]:
        """Return what the amplifier shows: shut, then the step, then shut at once.

        Parameters
        ----------
        unitary_pa : float
            Current of an open channel during the step.
        n_sweeps, n_before, n_step, n_after, interval_ms
            Sweeps, and samples before, in and after the step.
        seed : int
            Of channels and noise.
        """
        generator = np.random.Generator(np.random.PCG64(seed))
        gone = self.run_down * np.linspace(0.0, 1.0, n_sweeps)
        many = np.rint(self.n_channels * (1.0 - gone)).astype(np.int64)
        fine_ms = interval_ms / OVERSAMPLING
        opened = count_open(self.scheme, many, n_step * OVERSAMPLING, fine_ms, generator)
        fine = np.zeros((n_sweeps, (n_before + n_step + n_after) * OVERSAMPLING))
        start = n_before * OVERSAMPLING
        fine[:, start : start + opened.shape[1]] = unitary_pa * opened
        weights = bessel_response(self.filter_khz, fine_ms)
        noise_pa = self.noise_pa / np.sqrt(np.sum(weights**2))
        fine += noise_pa * generator.standard_normal(fine.shape)
        out = low_pass(fine, weights)[:, OVERSAMPLING - 1 :: OVERSAMPLING]
        return np.asarray(out + self.drift_pa * np.linspace(0.0, 1.0, n_sweeps)[:, None])
