"""What is added to a current on its way to the file: noise, hum, drift, spikes; and the filter.

Every function takes its own random generator or none, and gives arrays in pA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BESSEL_POLES = {
    2: ((-1.1016013306, 0.6360098248),),
    4: ((-0.9952087644, 1.2571057395), (-1.3700678306, 0.4102497175)),
}
"""Upper poles (real, imaginary) of Bessel filters with -3 dB at 1 rad/s."""

FILTER_TAIL = 1e-7
SPIKE_DECAY_MS = 1.0
EPSC_RISE_MS, EPSC_DECAY_MS = 0.5, 5.0
EPSC_SPREAD = 0.5
"""Standard deviation of the logarithm of the sizes of synaptic events."""


def bessel_response(cutoff_khz: float, interval_ms: float, poles: int = 4) -> NDArray[np.float64]:
    """Return a Bessel low-pass as weights on this and the earlier samples, with sum 1.

    The weights are differences of the analogue filter's step response, so that a step comes
    out as it would behind the real filter.
    """
    omega = 2 * np.pi * cutoff_khz
    upper = omega * np.array([complex(*pole) for pole in BESSEL_POLES[poles]])
    roots = np.concatenate([upper, upper.conj()])
    residues = np.array(
        [np.prod(-roots) / (p * np.prod(p - np.delete(roots, k))) for k, p in enumerate(roots)]
    )
    decay_ms = -np.log(FILTER_TAIL) / np.abs(roots.real).min()
    times_ms = interval_ms * np.arange(int(decay_ms / interval_ms) + 3)
    step = 1.0 + (np.exp(times_ms[:, None] * roots) @ residues).real
    weights = np.diff(step)
    return np.asarray(weights / weights.sum())


def low_pass(signal: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Filter along the last axis; before its start the signal stood still."""
    early = np.repeat(signal[..., :1], weights.size - 1, axis=-1)
    padded = np.concatenate([early, signal], axis=-1)
    n = signal.shape[-1]
    out = np.zeros_like(signal)
    for lag, weight in enumerate(weights):
        start = weights.size - 1 - lag
        out += weight * padded[..., start : start + n]
    return out


def white_noise_pa(
    shape: tuple[int, int], rms_pa: float, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return noise with the same power at all frequencies."""
    return rms_pa * generator.standard_normal(shape)


def pink_noise_pa(
    shape: tuple[int, int], density_pa: float, interval_ms: float, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return 1/f noise that runs on from sweep to sweep.

    Its one-sided power density is ``density_pa``² / f (f in Hz), so ``density_pa`` is in
    pA/√Hz at 1 Hz.
    """
    n_total = shape[0] * shape[1]
    size = 1 << (n_total - 1).bit_length()
    rate_hz = 1e3 / interval_ms
    frequency_hz = np.arange(1, size // 2 + 1) * (rate_hz / size)
    amplitude = density_pa * np.sqrt(rate_hz * size / (4.0 * frequency_hz))
    spectrum = np.zeros(size // 2 + 1, dtype=complex)
    spectrum[1:] = amplitude * (
        generator.standard_normal(size // 2) + 1j * generator.standard_normal(size // 2)
    )
    return np.asarray(np.fft.irfft(spectrum, size)[:n_total].reshape(shape))


def times_s(
    shape: tuple[int, int], interval_ms: float, sweep_interval_s: float
) -> NDArray[np.float64]:
    """Return the time of every sample since the start of the recording."""
    starts = np.arange(shape[0])[:, None] * sweep_interval_s
    return np.asarray(starts + np.arange(shape[1]) * (interval_ms * 1e-3))


def mains_hum_pa(
    at_s: NDArray[np.float64], amplitude_pa: float, mains_hz: float, phase: float
) -> NDArray[np.float64]:
    """Return hum at the mains frequency with a fifth of its third harmonic."""
    turns = 2 * np.pi * mains_hz * at_s + phase
    return np.asarray(amplitude_pa * (np.sin(turns) + 0.2 * np.sin(3 * turns)))


def spikes_pa(
    shape: tuple[int, int],
    rate_per_s: float,
    height_pa: float,
    interval_ms: float,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Return glitches at random times: a jump of either sign that decays within milliseconds."""
    happens = generator.random(shape) < rate_per_s * interval_ms * 1e-3
    sign = np.where(generator.random(shape) < 0.5, -1.0, 1.0)
    decay = np.exp(-np.arange(0, 8 * SPIKE_DECAY_MS, interval_ms) / SPIKE_DECAY_MS)
    out = np.zeros(shape)
    for sweep, start in zip(*np.nonzero(happens), strict=True):
        part = out[sweep, start : start + decay.size]
        part += sign[sweep, start] * height_pa * decay[: part.size]
    return out


def epscs_pa(
    shape: tuple[int, int],
    rate_per_s: float,
    height_pa: float,
    interval_ms: float,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Return synaptic events at random times: inward, rising at once and decaying slowly.

    ``height_pa`` is the median of their peaks, which differ from event to event.
    """
    time_ms = np.arange(0, 8 * EPSC_DECAY_MS, interval_ms)
    event = np.exp(-time_ms / EPSC_DECAY_MS) - np.exp(-time_ms / EPSC_RISE_MS)
    event /= event.max()
    happens = generator.random(shape) < rate_per_s * interval_ms * 1e-3
    sizes_pa = height_pa * np.exp(EPSC_SPREAD * generator.standard_normal(shape))
    out = np.zeros(shape)
    for sweep, start in zip(*np.nonzero(happens), strict=True):
        part = out[sweep, start : start + event.size]
        part -= sizes_pa[sweep, start] * event[: part.size]
    return out
