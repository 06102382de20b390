"""Single channels: molecules that jump between states, seen through a filter and noise.

The states are left at exponentially distributed times (Colquhoun & Hawkes 1981,
doi:10.1098/rspb.1981.0003).  The current is its mean over each of several parts of a sample
before the filter, so that no short event is lost to the sampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from permeant.simulate.noise import bessel_response

if TYPE_CHECKING:
    from numpy.typing import NDArray

OVERSAMPLING = 4
_BLOCK = 1 << 18


@dataclass(frozen=True)
class ChannelScheme:
    """States of one channel.

    Parameters
    ----------
    rates_per_ms : tuple of tuple of float
        Rate from the state of the row to that of the column; the diagonal is ignored.
    levels : tuple of float
        Conductance of each state as a part of the largest: 0 is shut, 1 fully open.
    """

    rates_per_ms: tuple[tuple[float, ...], ...]
    levels: tuple[float, ...]

    @property
    def rates(self) -> NDArray[np.float64]:
        """Rates with an empty diagonal."""
        rates = np.array(self.rates_per_ms, dtype=np.float64)
        np.fill_diagonal(rates, 0.0)
        return rates

    @property
    def occupancy(self) -> NDArray[np.float64]:
        """Share of the time that a channel spends in each state."""
        rates = self.rates
        generator = rates - np.diag(rates.sum(axis=1))
        system = np.vstack([generator.T, np.ones(len(rates))])
        wanted = np.append(np.zeros(len(rates)), 1.0)
        return np.asarray(np.linalg.lstsq(system, wanted, rcond=None)[0])

    def mean_dwell_ms(self, *, is_open: bool) -> float:
        """Return the mean length of visits to the open (or shut) states, entered from outside."""
        inside = (np.array(self.levels) > 0) == is_open
        rates, share = self.rates, self.occupancy
        entering = share[~inside] @ rates[np.ix_(~inside, inside)]
        return float(share[inside].sum() / entering.sum())


def two_state(open_ms: float, shut_ms: float) -> ChannelScheme:
    """Return a channel with one open and one shut state of these mean lengths (ms)."""
    return ChannelScheme(((0.0, 1.0 / shut_ms), (1.0 / open_ms, 0.0)), (0.0, 1.0))


def jump(
    scheme: ChannelScheme, duration_ms: float, generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the times (ms) at which one channel enters states, and the states, from 0 on."""
    rates = scheme.rates
    leaving = rates.sum(axis=1)
    cumulated = np.cumsum(rates / leaving[:, None], axis=1).tolist()
    mean_ms = (1.0 / leaving).tolist()
    state = int(np.searchsorted(np.cumsum(scheme.occupancy), generator.random()))
    state = min(state, len(mean_ms) - 1)
    now, times, states = 0.0, [], []
    while now < duration_ms:
        waits = generator.standard_exponential(4096).tolist()
        picks = generator.random(4096).tolist()
        for wait, pick in zip(waits, picks, strict=True):
            times.append(now)
            states.append(state)
            now += wait * mean_ms[state]
            row, new = cumulated[state], 0
            while row[new] < pick:
                new += 1
            state = new
            if now >= duration_ms:
                break
    return np.array(times), np.array(states)


def open_conductance(
    scheme: ChannelScheme,
    n_channels: int,
    n_samples: int,
    interval_ms: float,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the sum of the channels' levels, its mean over every sampling interval."""
    levels = np.array(scheme.levels)
    duration_ms = n_samples * interval_ms
    edges_ms = np.arange(n_samples + 1) * interval_ms
    total = np.zeros(n_samples)
    for _ in range(n_channels):
        times, states = jump(scheme, duration_ms, generator)
        level = levels[states]
        ends = np.append(times[1:], duration_ms)
        area = np.concatenate([[0.0], np.cumsum(level * (ends - times))])
        total += np.diff(np.interp(edges_ms, np.append(times, ends[-1]), area)) / interval_ms
    return total


def record_channels(
    scheme: ChannelScheme,
    *,
    unitary_pa: float,
    n_channels: int = 1,
    n_samples: int,
    interval_ms: float,
    filter_khz: float,
    noise_pa: float,
    seed: int,
    baseline_pa: float = 0.0,
    drift_pa_per_s: float = 0.0,
) -> NDArray[np.float64]:
    """Return the current of a patch as an amplifier shows it behind a Bessel filter.

    Parameters
    ----------
    scheme : ChannelScheme
        States of each channel.
    unitary_pa : float
        Current of a fully open channel (pA), with its sign.
    n_channels : int
        Equal and independent channels.
    n_samples, interval_ms
        Length and sampling interval.
    filter_khz : float
        -3 dB frequency of the 4-pole Bessel filter.
    noise_pa : float
        Standard deviation of the noise behind the filter; white before it.
    seed : int
        Of channels and noise.
    baseline_pa, drift_pa_per_s : float
        Current with all channels shut, and its linear drift.

    Returns
    -------
    array (samples,)
        Current in pA.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    fine_ms = interval_ms / OVERSAMPLING
    fine = open_conductance(scheme, n_channels, n_samples * OVERSAMPLING, fine_ms, generator)
    fine *= unitary_pa
    weights = bessel_response(filter_khz, fine_ms)
    fine += noise_pa / np.sqrt(np.sum(weights**2)) * generator.standard_normal(fine.size)
    out = _filtered(fine, weights)[OVERSAMPLING - 1 :: OVERSAMPLING]
    return np.asarray(out + baseline_pa + drift_pa_per_s * 1e-3 * interval_ms * np.arange(out.size))


def _filtered(signal: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Filter block by block; before its start the signal stood still."""
    reach = weights.size - 1
    padded = np.concatenate([np.full(reach, signal[0]), signal])
    blocks = [
        np.convolve(padded[start : start + _BLOCK + reach], weights, "valid")
        for start in range(0, signal.size, _BLOCK)
    ]
    return np.concatenate(blocks)


@dataclass(frozen=True)
class Patch:
    """A patch of membrane with single channels, and the amplifier behind it.

    Parameters
    ----------
    scheme : ChannelScheme
        The same at every voltage.
    n_channels : int
        Equal and independent channels.
    noise_pa, filter_khz : float
        Standard deviation of the noise, and the Bessel filter.
    """

    scheme: ChannelScheme
    n_channels: int
    noise_pa: float
    filter_khz: float

    def record(
        self, unitary_pa: NDArray[np.float64], interval_ms: float, seed: int
    ) -> NDArray[np.float64]:
        """Return what the amplifier shows.

        Parameters
        ----------
        unitary_pa : array (sweeps, samples)
            Current of an open channel at the voltage of the moment.
        interval_ms : float
            Sampling interval.
        seed : int
            Of channels and noise.
        """
        n_samples = unitary_pa.shape[1]
        rows = []
        for sweep, current_pa in enumerate(unitary_pa):
            parts = [
                record_channels(
                    self.scheme,
                    unitary_pa=1.0,
                    n_channels=n_channels,
                    n_samples=n_samples,
                    interval_ms=interval_ms,
                    filter_khz=self.filter_khz,
                    noise_pa=noise_pa,
                    seed=seed + 2 * sweep + turn,
                )
                for turn, (n_channels, noise_pa) in enumerate(
                    ((self.n_channels, 0.0), (0, self.noise_pa))
                )
            ]
            rows.append(parts[0] * current_pa + parts[1])
        return np.stack(rows)
