"""A simulated recording as a record, as if it had been written to a file and read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from permeant.records import Channel, Provenance, Recording, RecordingInfo, Segment
from permeant.simulate.abf import ADC_STEPS, choose_full_scale_pa
from permeant.simulate.protocol import (
    Protocol,
    count_holding_samples,
    epoch_duration_samples,
    epoch_level_mv,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def lay_out_sweep(protocol: Protocol, sweep: int, n_samples: int) -> tuple[Segment, ...]:
    """Return the command of one sweep as segments, named as in an epoch table.

    Parameters
    ----------
    protocol : Protocol
    sweep : int
        Counted from 0.
    n_samples : int
        Samples of a sweep; the protocol is cut there.
    """
    segments = []
    for name, start, stop, start_mv, stop_mv in _pieces(protocol, sweep, n_samples):
        last = min(stop, n_samples)
        if last > start:
            reached = (last - start) / (stop - start)
            end_mv = start_mv + (stop_mv - start_mv) * reached
            segments.append(Segment(name, start, last, start_mv, end_mv))
    return tuple(segments)


def _pieces(
    protocol: Protocol, sweep: int, n_samples: int
) -> Iterator[tuple[str, int, int, float, float]]:
    """Give the stretches of a sweep, the last perhaps beyond its end."""
    last = len(protocol.epochs) - 1
    before_mv = protocol.holding_mv
    if not protocol.return_to_holding and sweep > 0:
        before_mv = epoch_level_mv(protocol, last, sweep - 1)
    position = count_holding_samples(n_samples)
    yield "before", 0, position, before_mv, before_mv
    for number, epoch in enumerate(protocol.epochs):
        start, position = position, position + epoch_duration_samples(protocol, number, sweep)
        level_mv = epoch_level_mv(protocol, number, sweep)
        from_mv = before_mv if epoch.kind == "ramp" else level_mv
        yield "ABCDEFGHIJ"[number], start, position, from_mv, level_mv
        before_mv = level_mv
    after_mv = protocol.holding_mv if protocol.return_to_holding else before_mv
    yield "after", position, n_samples, after_mv, after_mv


def digitise_pa(
    current_pa: NDArray[np.float64], full_scale_pa: float | None = None
) -> NDArray[np.float32]:
    """Return the currents as a 16-bit converter gives them; what is out of range is clipped.

    Parameters
    ----------
    current_pa : array
    full_scale_pa : float, optional
        Range of the converter; default: the smallest gain setting that holds all currents.
    """
    if full_scale_pa is None:
        full_scale_pa = choose_full_scale_pa(float(np.abs(current_pa).max()))
    counts = np.clip(np.rint(current_pa * (ADC_STEPS / full_scale_pa)), -ADC_STEPS, ADC_STEPS - 1)
    return (counts * (full_scale_pa / ADC_STEPS)).astype(np.float32)


def build_recording(
    current_pa: NDArray[np.float64],
    protocol: Protocol,
    interval_ms: float,
    *,
    sweep_interval_s: float,
    full_scale_pa: float | None = None,
    recorded_command_mv: NDArray[np.float64] | None = None,
    n_sweeps: int | None = None,
) -> Recording:
    """Return a recording whose command is the protocol's, digitised but never written.

    Parameters
    ----------
    current_pa : array (sweeps, samples)
    protocol : Protocol
        Its epochs become the segments of the command.
    interval_ms : float
        Sampling interval.
    sweep_interval_s : float
        From start to start of the sweeps.
    full_scale_pa : float, optional
        Range of the converter, as for ``digitise_pa``.
    recorded_command_mv : array (sweeps, samples), optional
        Kept beside the currents; the segments stay those of the protocol.
    n_sweeps : int, optional
        Fewer sweeps than were simulated, as in a file that was cut off.
    """
    currents = digitise_pa(current_pa, full_scale_pa)[:n_sweeps]
    kept, n_samples = currents.shape
    command = recorded_command_mv
    source = "rebuilt from the protocol that was simulated"
    channels = [Channel(0, "IN 0", "pA", "current", "the only current")]
    if command is not None:
        channels.append(Channel(1, "Vcmd", "mV", "command", "recorded"))
    provenance = Provenance(
        file="simulated",
        sha256="",
        size_bytes=0,
        reader="permeant.simulate",
        reader_version="",
        format="in memory",
        protocol=protocol.name,
        simulated=True,
    )
    info = RecordingInfo(
        provenance=provenance,
        channels=tuple(channels),
        interval_ms=interval_ms,
        n_sweeps=kept,
        n_samples=n_samples,
        sweep_starts_s=tuple(sweep_interval_s * sweep for sweep in range(kept)),
        command_source=source,
        sweeps=tuple(lay_out_sweep(protocol, sweep, n_samples) for sweep in range(kept)),
    )
    stored = None if command is None else command[:kept].astype(np.float32)
    return Recording(info, currents, stored)
