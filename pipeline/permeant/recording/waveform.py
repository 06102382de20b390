"""The command as segments and as samples, and the way from one to the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from permeant.records import Segment


def render_command(segments: Sequence[Segment], n_samples: int) -> NDArray[np.float32]:
    """Return the command in mV, sample by sample.

    Parameters
    ----------
    segments : sequence of Segment
        The command of one sweep; samples that no segment covers are NaN.
    n_samples : int
        The length of the sweep.

    Returns
    -------
    numpy.ndarray
        The command; a segment that moves has left ``start_mv`` by one step at its first sample
        and is at ``stop_mv`` at its last, as the acquisition program plays it.
    """
    command = np.full(n_samples, np.nan, dtype=np.float32)
    for segment in segments:
        stop = min(segment.stop, n_samples)
        if segment.is_step:
            command[segment.start : stop] = segment.start_mv
        elif stop > segment.start:
            length = segment.stop - segment.start
            steps = np.arange(1, stop - segment.start + 1) / length
            slope = segment.stop_mv - segment.start_mv
            command[segment.start : stop] = segment.start_mv + slope * steps
    return command
