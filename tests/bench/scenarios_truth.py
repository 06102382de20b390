"""What is true of a simulated recording, worked out apart from the recording itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from permeant.physics.ghk import ghk_current_per_permeability
from permeant.physics.junction import bath_change_shift_mv, henderson_mv
from permeant.records import Recording, SheetRow, Solution
from permeant.simulate.cells import Membrane, find_reversal_mv, slope_conductance_ns
from permeant.simulate.noise import bessel_response
from permeant.simulate.protocol import Protocol, epoch_level_mv
from permeant.simulate.rig import Rig
from permeant.simulate.steady import mean_noise_covariance, settled_family

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

INTERVAL_MS = 0.1
SWEEP_MS = 300.0
CLIPPED_SD = 2.33
"""So far from a limit one sample in a hundred is beyond it."""
DOUBT_SD = 1.2
"""Nearer to that than this it is chance, or taste, whether a sweep is refused."""


@dataclass(frozen=True)
class Truth:
    """What is true of one recording; ``None`` where a quantity does not exist.

    ``v_mv`` and ``i_pa`` are the settled membrane voltages and currents of the sweeps that
    are fit to be used, ``covariance_pa2`` what noise alone leaves in their means over the
    longest window, and ``levels_mv`` the levels that the header says.  ``every_v_mv`` and
    ``every_i_pa`` are those of all sweeps, ``kept`` says which are fit to be used and
    ``doubtful`` of which nobody could say, since noise takes them to the limit now and then.
    """

    e_rev_mv: float | None
    g_ns: float | None
    g_at_reversal_ns: float | None
    v_mv: Array
    i_pa: Array
    covariance_pa2: Array
    levels_mv: Array
    offset_mv: float
    every_v_mv: Array
    every_i_pa: Array
    kept: Bools
    doubtful: Bools

    def g_of_sweeps(self, used: Collection[int]) -> float | None:
        """Return g where some sweeps (counted from 0) were used and others were not.

        Only of doubtful sweeps, of which a few samples in a hundred are clipped, does it count
        whether they were used: both ways of dealing with them are right.
        """
        if self.g_ns is None or not self.doubtful.any():
            return self.g_ns
        chosen = [k for k in range(self.kept.size) if (
            k in used if self.doubtful[k] else self.kept[k]
        )]  # fmt: skip
        if len(chosen) < 2:
            return self.g_ns
        return float(np.polyfit(self.every_v_mv[chosen], self.every_i_pa[chosen], 1)[0])


def step_levels_mv(protocol: Protocol) -> Array:
    """Return the level that the family's step has in each sweep, by the header."""
    steps_by = [k for k, epoch in enumerate(protocol.epochs) if epoch.level_increment_mv]
    family = protocol.user_list.epoch if protocol.user_list else steps_by[0]
    return np.array([epoch_level_mv(protocol, family, k) for k in range(protocol.n_sweeps)])


def find_truth(
    membrane: Membrane,
    rig: Rig,
    levels_mv: Array,
    *,
    axis_error_mv: float,
    recording: Recording,
    limit_pa: float | None,
    valid: slice | None,
    steady: bool,
    window_ms: float,
) -> Truth:
    """Work out the truth of a recording; parameters as in ``scenarios_parts.simulate``."""
    v_mv, i_pa = settled_family(membrane, levels_mv, rig)
    levels_mv = levels_mv[: recording.info.n_sweeps]
    v_mv, i_pa = v_mv[: levels_mv.size] + axis_error_mv, i_pa[: levels_mv.size]
    limits = [limit for limit in (limit_pa, rig.saturation_pa) if limit is not None]
    room_pa = min(limits) - np.abs(i_pa) if limits else np.full(v_mv.size, np.inf)
    noise_pa = _noise_pa(rig)
    kept = room_pa > CLIPPED_SD * noise_pa
    doubtful = np.abs(room_pa - CLIPPED_SD * noise_pa) < DOUBT_SD * noise_pa
    if valid is not None:
        kept[valid.stop :] = doubtful[valid.stop :] = False
    order = np.argsort(v_mv)
    left = (1.0 - rig.run_down_per_sweep) ** np.interp(0.0, i_pa[order], order.astype(float))
    membrane = _run_down(membrane, left)
    try:
        e_rev_mv: float | None = find_reversal_mv(membrane) + axis_error_mv
    except ValueError:
        e_rev_mv = None
    slope = e_rev_mv is not None and steady
    covariance_pa2 = mean_noise_covariance(
        rig,
        window_ms=window_ms,
        interval_ms=INTERVAL_MS,
        sweep_ms=SWEEP_MS,
        n_sweeps=levels_mv.size,
    )
    return Truth(
        e_rev_mv=e_rev_mv,
        g_ns=float(np.polyfit(v_mv[kept], i_pa[kept], 1)[0]) if steady and kept.any() else None,
        g_at_reversal_ns=(
            slope_conductance_ns(e_rev_mv - axis_error_mv, membrane) if slope else None
        ),
        v_mv=v_mv[kept],
        i_pa=i_pa[kept],
        covariance_pa2=covariance_pa2[np.ix_(kept, kept)],
        levels_mv=levels_mv,
        offset_mv=0.0,
        every_v_mv=v_mv,
        every_i_pa=i_pa,
        kept=kept,
        doubtful=doubtful,
    )


def _noise_pa(rig: Rig) -> float:
    """Return the standard deviation of the samples that white noise and hum leave."""
    weights = np.ones(1)
    if rig.low_pass_khz is not None:
        weights = bessel_response(rig.low_pass_khz, INTERVAL_MS, rig.low_pass_poles)
    return float(np.hypot(rig.white_pa * np.linalg.norm(weights), rig.mains_pa / 2**0.5))


def _run_down(membrane: Membrane, left: float) -> Membrane:
    """Return the membrane as it passes its reversal: channels are lost, a leak is not."""
    return replace(
        membrane,
        carriers=tuple(
            replace(one, permeability_m3_per_s=left * one.permeability_m3_per_s)
            for one in membrane.carriers
        ),
        ohmic=tuple(replace(one, g_ns=left * one.g_ns) for one in membrane.ohmic),
    )


def nominal_offset_mv(row: SheetRow, solutions: Mapping[str, Solution]) -> float:
    """Return the voltage offset that the sheet and the solutions explain."""
    assert row.pipette is not None
    assert row.bath is not None
    assert row.temperature_c is not None
    zeroed_in = row.zeroed_in or row.bath
    pipette, zero, bath = (solutions[name].ions_mm for name in (row.pipette, zeroed_in, row.bath))
    offset_mv = float(henderson_mv(pipette, zero, row.temperature_c))
    if zeroed_in != row.bath:
        offset_mv += float(
            bath_change_shift_mv(zero, bath, row.temperature_c, electrode="salt_bridge")
        )
    return offset_mv


def solve_ratio(
    ion: str,
    e_mv: float,
    inside_mm: Mapping[str, float],
    outside_mm: Mapping[str, float],
    *,
    temperature_c: float,
    known: Mapping[str, float],
) -> float:
    """Return the permeability of one ion at which the zero current lies at ``e_mv``."""
    valences = {"Ca": 2, "Mg": 2, "Cl": -1}
    ions = [ion, *known]
    per_p = ghk_current_per_permeability(
        np.full(len(ions), e_mv),
        np.array([inside_mm.get(one, 0.0) for one in ions]),
        np.array([outside_mm.get(one, 0.0) for one in ions]),
        np.array([valences.get(one, 1) for one in ions]),
        temperature_c,
    )
    return float(-(per_p[1:] @ np.array(list(known.values()))) / per_p[0])
