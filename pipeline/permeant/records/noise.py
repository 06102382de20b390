"""What the noise of many channels tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from permeant.records.findings import RatioStatus


@dataclass(frozen=True)
class VarianceBin:
    """Variance over that of the zero level (pA²) at one mean current (pA), outward positive."""

    i_pa: float
    variance_pa2: float
    se_pa2: float
    n_samples: int


@dataclass(frozen=True)
class MeanTrace:
    """Mean of the sweeps over the zero current, and the variance between them, to be drawn."""

    time_ms: tuple[float, ...]
    i_pa: tuple[float, ...]
    variance_pa2: tuple[float, ...]
    window_start_ms: float
    window_end_ms: float


@dataclass(frozen=True)
class Noise:
    """What fluctuation analysis found at one voltage; currents outward positive, intervals 95 %.

    ``status`` is ``ok``; ``bound`` where the variance tells the unitary current, but of the number
    of channels only that it is at least ``n_low`` (and ``p_max`` at most ``p_max_high``); or
    ``rejected``.  ``kept`` is the part of the channels' variance that the filter left; it has been
    put back.
    """

    v_command_mv: float
    v_membrane_mv: float
    status: RatioStatus
    reason: str = ""
    method: Literal["non-stationary", "stationary"] = "non-stationary"
    n_sweeps: int = 0
    n_left_out: int = 0
    i_unitary_pa: float | None = None
    i_low_pa: float | None = None
    i_high_pa: float | None = None
    n_channels: float | None = None
    n_low: float | None = None
    n_high: float | None = None
    p_max: float | None = None
    p_max_low: float | None = None
    p_max_high: float | None = None
    i_max_pa: float | None = None
    background_pa2: float | None = None
    kept: float | None = None
    filter_khz: float | None = None
    filter_source: str = ""
    tau_ms: float | None = None
    run_down_fraction: float | None = None
    zero: str = ""
    window_start_ms: float | None = None
    window_end_ms: float | None = None
    g_unitary_ps: float | None = None
    g_low_ps: float | None = None
    g_high_ps: float | None = None
    bins: tuple[VarianceBin, ...] = ()
    trace: MeanTrace | None = None
    band: tuple[tuple[float, float, float, float], ...] = ()
    """Mean current, and the parabola there with its 95 % interval: pA, pA², pA², pA²."""
