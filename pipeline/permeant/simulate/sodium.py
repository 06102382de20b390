"""The sodium current under any waveform, after Hodgkin and Huxley.

Hodgkin & Huxley (1952), J. Physiol. 117:500, doi:10.1113/jphysiol.1952.sp004764: m³h kinetics with
their rates, written for a resting potential of -65 mV, and three times as fast for 10 °C more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from permeant.simulate.noise import bessel_response, low_pass

if TYPE_CHECKING:
    from numpy.typing import NDArray

_REST_MV, _THEIR_C, _Q10 = -65.0, 6.3, 3.0


def _rates_per_ms(v_mv: float) -> tuple[float, float, float, float]:
    """Return alpha and beta of m and of h at 6.3 °C."""
    u = v_mv - _REST_MV
    x = (25.0 - u) / 10.0
    alpha_m = 1.0 if abs(x) < 1e-9 else x / np.expm1(x)
    beta_m = 4.0 * np.exp(-u / 18.0)
    alpha_h = 0.07 * np.exp(-u / 20.0)
    beta_h = 1.0 / (np.exp((30.0 - u) / 10.0) + 1.0)
    return float(alpha_m), float(beta_m), float(alpha_h), float(beta_h)


@dataclass(frozen=True)
class SodiumCurrent:
    """A sodium conductance and the amplifier behind it; the rest of the cell is blocked away.

    Parameters
    ----------
    g_max_ns, e_na_mv
        Largest conductance and equilibrium potential.
    noise_pa, filter_khz : float
        Standard deviation of the noise, and the Bessel filter.
    """

    g_max_ns: float
    e_na_mv: float
    noise_pa: float
    filter_khz: float

    def current_pa(
        self, v_mv: NDArray[np.float64], interval_ms: float, temperature_c: float
    ) -> NDArray[np.float64]:
        """Return the current of one sweep, whose gates stand still before it.

        Parameters
        ----------
        v_mv : array (samples,)
            Membrane voltage.
        interval_ms : float
            Sampling interval; each gate relaxes exactly at the voltage of a sample.
        temperature_c : float
        """
        speed = _Q10 ** ((temperature_c - _THEIR_C) / 10.0)
        a_m, b_m, a_h, b_h = _rates_per_ms(float(v_mv[0]))
        m, h = a_m / (a_m + b_m), a_h / (a_h + b_h)
        out = np.empty(v_mv.size)
        for k, v in enumerate(v_mv.tolist()):
            a_m, b_m, a_h, b_h = _rates_per_ms(v)
            m = self._relax(m, a_m, b_m, speed * interval_ms)
            h = self._relax(h, a_h, b_h, speed * interval_ms)
            out[k] = self.g_max_ns * m**3 * h * (v - self.e_na_mv)
        return out

    @staticmethod
    def _relax(now: float, alpha: float, beta: float, duration_ms: float) -> float:
        end = alpha / (alpha + beta)
        return float(end + (now - end) * np.exp(-(alpha + beta) * duration_ms))

    def record(
        self, v_mv: NDArray[np.float64], interval_ms: float, temperature_c: float, seed: int
    ) -> NDArray[np.float64]:
        """Return what the amplifier shows of sweeps with one command, (sweeps, samples)."""
        generator = np.random.Generator(np.random.PCG64(seed))
        weights = bessel_response(self.filter_khz, interval_ms)
        one = self.current_pa(v_mv[0], interval_ms, temperature_c)
        noise_pa = self.noise_pa / np.sqrt(np.sum(weights**2))
        return low_pass(one + noise_pa * generator.standard_normal(v_mv.shape), weights)
