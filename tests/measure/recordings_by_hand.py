"""Recordings made by hand: a command sweep by sweep, and currents to order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from permeant.measure.steps import Step
from permeant.records import (
    Channel,
    Measurement,
    Provenance,
    Recording,
    RecordingInfo,
    Segment,
    SheetRow,
    Solution,
)

STEADY = {
    "mains_hz": 50,
    "guard_ms": 0.5,
    "min_window_ms": 5.0,
    "max_fraction": 0.5,
    "min_fraction": 0.1,
    "drift_limit_fraction": 0.02,
}
CORRECTIONS = {
    "junction_potential": "henderson",
    "reference_electrode": "salt_bridge",
    "series_resistance": True,
    "sigma_r_s_fraction": None,
    "leak": "none",
    "leak_range_mv": None,
    "leak_of_ungated": False,
    "online_leak": "subtracted",
}
QUALITY = {
    "r_s_limit_mohm": 20.0,
    "r_s_change_fraction": 0.2,
    "voltage_error_limit_mv": 10.0,
    "holding_drift_limit_pa": 100.0,
    "run_down_limit_fraction": 0.1,
    "leak_conductance_limit_ns": 5.0,
    "noise_limit_pa": 50.0,
}
LEVELS = tuple(np.arange(-80.0, 41.0, 10.0).tolist())


def info(
    sweeps: Sequence[Sequence[Segment]], interval_ms: float = 0.1, **more: object
) -> RecordingInfo:
    known: dict[str, object] = {
        "provenance": Provenance("by_hand.abf", "0" * 64, 1, "by hand", "1", "ABF2"),
        "channels": (
            Channel(0, "IN 0", "pA", "current"),
            Channel(1, "IN 1", "mV", "command"),
        ),
        "interval_ms": interval_ms,
        "n_sweeps": len(sweeps),
        "n_samples": sweeps[0][-1].stop,
        "sweep_starts_s": tuple(float(k) for k in range(len(sweeps))),
        "command_source": "epoch table",
        "sweeps": tuple(tuple(segments) for segments in sweeps),
    }
    return RecordingInfo(**(known | more))  # type: ignore[arg-type]


def segments(*parts: tuple[str, int, float]) -> tuple[Segment, ...]:
    """Lay (epoch, samples, level) end to end."""
    laid, start = [], 0
    for epoch, samples, level in parts:
        laid.append(Segment(epoch, start, start + samples, level, level))
        start += samples
    return tuple(laid)


def family_sweeps(
    levels: Sequence[float] = LEVELS, step: int = 2000, holding: float = -60.0
) -> list[tuple[Segment, ...]]:
    """Holding, a step that changes from sweep to sweep, holding."""
    return [
        segments(
            ("before", 50, holding),
            ("A", 450, holding),
            ("B", step, level),
            ("after", 500, holding),
        )
        for level in levels
    ]


def steps(levels: Sequence[float] = LEVELS, length: int = 2000) -> list[Step]:
    return [
        Step(number, 0, Segment("B", 0, length, level, level))
        for number, level in enumerate(levels)
    ]


def ohmic(known: RecordingInfo, g_ns: float, e_mv: float, noise_pa: float = 0.0) -> Recording:
    """Answer the command with a conductance, at once."""
    current = np.empty((known.n_sweeps, known.n_samples), dtype=np.float32)
    for sweep, laid in enumerate(known.sweeps):
        for part in laid:
            current[sweep, part.start : part.stop] = g_ns * (part.start_mv - e_mv)
    if noise_pa:
        random = np.random.default_rng(1)
        current += noise_pa * random.standard_normal(current.shape).astype(np.float32)
    return Recording(known, current)


def measure(recording: Recording, row: SheetRow | None = None, **more: object) -> Measurement:
    from permeant.measure import measure_recording  # noqa: PLC0415 - after the constants

    given: dict[str, object] = {
        "solutions": {},
        "steady_state": STEADY,
        "corrections": CORRECTIONS,
        "quality": QUALITY,
        "extra_ions": {},
    }
    return measure_recording(recording, row or sheet_row(), **(given | more))  # type: ignore[arg-type]


def sheet_row(**more: object) -> SheetRow:
    return SheetRow(line=2, cell="c1", recording="r1", file="by_hand.abf", **more)  # type: ignore[arg-type]


def solutions(**named: dict[str, float]) -> dict[str, Solution]:
    return {name: Solution(name, ions) for name, ions in named.items()}


def autoregressive(
    n: int, rho: float, random: np.random.Generator, count: int
) -> NDArray[np.float64]:
    """AR(1) series with unit variance, (count, n), stationary from the first sample on."""
    shocks = random.standard_normal((count, n)) * (1 - rho**2) ** 0.5
    out = np.empty((count, n))
    out[:, 0] = random.standard_normal(count)
    for k in range(1, n):
        out[:, k] = rho * out[:, k - 1] + shocks[:, k]
    return out
