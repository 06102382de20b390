"""What a clamped cell shows without noise once everything has settled: a study's truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from permeant.simulate.rig import see_by_sweep, settle_voltage_mv, steady_gates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from permeant.simulate.cells import Membrane
    from permeant.simulate.rig import Rig


def settled_family(
    membrane: Membrane, levels_mv: NDArray[np.float64], rig: Rig
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return membrane voltage and membrane current at the level of every sweep, settled.

    Parameters
    ----------
    membrane : Membrane
    levels_mv : array, shape (sweeps,)
        The level that each sweep commands, in the order played.
    rig : Rig
        Its series resistance, offset and error of the command move the voltage; run-down and
        a lost seal change the membrane from sweep to sweep.  Drift and noise are left out:
        they are no current of the membrane.

    Returns
    -------
    v_mv, i_pa : arrays (sweeps,)
    """
    sweeps = see_by_sweep(membrane, levels_mv.size, rig)
    clamp_mv = levels_mv + rig.command_error_mv - rig.voltage_offset_mv
    v_mv = settle_voltage_mv(sweeps, clamp_mv, rig.residual_r_s_mohm)
    return v_mv, sweeps.current_pa(v_mv, steady_gates(membrane, v_mv))


def mean_noise_covariance(
    rig: Rig, *, window_ms: float, interval_ms: float, sweep_ms: float, n_sweeps: int
) -> NDArray[np.float64]:
    """Return what white and 1/f noise do to the means over one window in every sweep.

    Parameters
    ----------
    rig : Rig
        Gives the two kinds of noise; hum and spikes, which can be told from them, do not count.
    window_ms, interval_ms, sweep_ms : float
        Length of the window, of a sample and of a sweep.
    n_sweeps : int
        The 1/f noise runs on from sweep to sweep without a gap, as it is simulated.

    Returns
    -------
    array (sweeps, sweeps)
        Covariance of the means in pA²: on the diagonal the variance of white noise, which its
        filter does not change, and everywhere that of 1/f noise, summed over the frequencies
        of which it is made.
    """
    size_s = (1 << (round(sweep_ms * n_sweeps / interval_ms) - 1).bit_length()) * interval_ms * 1e-3
    number = np.arange(1, round(50.0 * size_s * 1e3 / window_ms))
    powers = rig.pink_pa**2 / number * np.sinc(number / size_s * window_ms * 1e-3) ** 2
    apart_s = np.arange(n_sweeps) * sweep_ms * 1e-3
    by_distance = np.cos(2 * np.pi / size_s * apart_s[:, None] * number) @ powers
    sweep = np.arange(n_sweeps)
    covariance = np.asarray(by_distance[np.abs(sweep[:, None] - sweep)])
    covariance[sweep, sweep] += rig.white_pa**2 * interval_ms / window_ms
    return covariance
