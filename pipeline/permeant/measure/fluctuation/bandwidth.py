"""How much of the channels' noise the filter left: their flicker against its bandwidth.

Channels whose numbers relax with one time constant tau have an exponential autocovariance; behind a
Gaussian filter whose impulse response has the standard deviation s, the part
exp(s²/tau²) erfc(s/tau) of their variance is left.  A Bessel filter is close to a Gaussian one of
the same -3 dB frequency (Colquhoun & Sigworth 1995, in Single-Channel Recording, chapter 19).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, log, pi, sqrt

import numpy as np

from permeant.measure.fluctuation.pairs import Floats

_SD_PER_PERIOD = sqrt(log(2.0)) / (2.0 * pi)
"""Standard deviation of a Gaussian filter's impulse response, times its -3 dB frequency."""

_PLAIN = 0.7
"""A correlation that has fallen this far tells the filter's width well."""

_WHITE = 0.05
"""Neighbouring samples of a quiet stretch that are correlated less tell no filter."""


@dataclass(frozen=True)
class Bandwidth:
    """Filter and flicker: ``kept`` is the part of the channels' variance that is left.

    ``filter_khz`` is None where the samples are too far apart to show a filter; ``tau_ms`` is None
    where the noise does not fall off within the window, or is no more than the background.
    """

    kept: float
    tau_ms: float | None
    filter_khz: float | None
    is_stated: bool


def autocovariance(differences: Floats, n_lags: int) -> Floats:
    """Return the autocovariance (pA²) at 0 to ``n_lags`` samples, mean over pairs of sweeps."""
    n = differences.shape[1]
    size = 1 << (2 * n - 1).bit_length()
    power = (np.abs(np.fft.rfft(differences, size, axis=1)) ** 2).mean(axis=0)
    lagged = np.fft.irfft(power, size)[: min(n_lags + 1, n)]
    return np.asarray(lagged / (n - np.arange(lagged.size)))


def judge_bandwidth(
    of_channels: Floats, of_quiet: Floats, interval_ms: float, stated_khz: float | None
) -> Bandwidth:
    """Say how much of the variance the filter left.

    Parameters
    ----------
    of_channels, of_quiet : array
        Autocovariance in the window and at the zero level, from lag 0 on (pA²).
    interval_ms : float
        Sampling interval.
    stated_khz : float or None
        The filter's -3 dB frequency, if it is stated; else it is measured on the quiet stretch.
    """
    filter_khz = stated_khz or _measure_filter_khz(of_quiet, interval_ms)
    width_ms = 0.0 if filter_khz is None else _SD_PER_PERIOD / filter_khz
    if 4.0 * width_ms > 0.5 * interval_ms * of_channels.size:
        return Bandwidth(0.0, None, filter_khz, stated_khz is not None)
    tau_ms = _flicker_ms(of_channels, of_quiet, interval_ms, width_ms)
    kept = 1.0
    if tau_ms is not None and width_ms > 0.0:
        ratio = width_ms / tau_ms
        kept = exp(min(ratio**2, 50.0)) * erfc(ratio) if ratio < 5.0 else 0.0
    return Bandwidth(kept, tau_ms, filter_khz, stated_khz is not None)


def _measure_filter_khz(of_quiet: Floats, interval_ms: float) -> float | None:
    """Find the filter from how alike neighbouring samples of filtered white noise are.

    Behind a Gaussian filter their correlation is exp(-lag²/(4 s²)); what is alike over many
    samples is slow wander, which is no matter of the filter.
    """
    slow = float(np.mean(of_quiet[3 * of_quiet.size // 4 :])) if of_quiet.size > 8 else 0.0
    rho = (of_quiet - slow) / max(of_quiet[0] - slow, 1e-300)
    if rho.size < 2 or not _WHITE < rho[1] < 1.0:
        return None
    below = np.flatnonzero(rho < _PLAIN)
    lag = int(below[0]) if below.size and rho[below[0]] > _WHITE else 1
    sd_ms = lag * interval_ms / (2.0 * sqrt(-log(rho[lag])))
    return float(_SD_PER_PERIOD / sd_ms)


def _flicker_ms(
    of_channels: Floats, of_quiet: Floats, interval_ms: float, width_ms: float
) -> float | None:
    """Find the time constant with which the channels' noise first falls off.

    Between a lag that the filter no longer touches and that at which half of it is left.
    """
    n = of_channels.size
    background = np.zeros(n)
    background[: of_quiet.size] = of_quiet[:n]
    excess = of_channels - background
    first = max(1, round(4.0 * width_ms / interval_ms))
    if first >= n - 1 or excess[first] <= 0.0 or excess[0] <= 0.0:
        return None
    below = np.flatnonzero(excess[first:] < 0.6 * excess[first])
    if not below.size:
        return None
    last = first + int(below[0])
    ratio = excess[first] / max(excess[last], 0.05 * excess[first])
    return float((last - first) * interval_ms / log(ratio))
