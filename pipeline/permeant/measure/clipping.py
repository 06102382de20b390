"""Windows in which the converter or the amplifier is at its end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from permeant.measure.spikes import clipped_samples
from permeant.measure.steps import distinct_levels
from permeant.measure.window import StepMean
from permeant.records import Recording

MOST_CLIPPED = 0.01
"""Beyond this share of samples at an end the mean of a window is biased."""
_PLATEAU = 5
_HALF = 0.5


def clipped_share(recording: Recording, means: Sequence[StepMean]) -> list[float]:
    """Return of each window the share of its samples at an end of converter or amplifier.

    An extreme of the whole recording is such an end where the reader found it to be, where a
    sweep runs along it as noise would not, or where windows at two voltages or more
    are filled by it at both extremes: then no sample need be left that shows the noise.
    """
    current_pa = recording.current_pa
    highest, lowest = current_pa.max(), current_pa.min()
    if highest == lowest:
        return [0.0] * len(means)
    windows = [current_pa[mean.step.sweep, mean.start : mean.stop] for mean in means]
    shares = {
        extreme: [np.count_nonzero(window == extreme) / window.size for window in windows]
        for extreme in (highest, lowest)
    }
    filled = [
        [
            mean.step.segment.start_mv
            for mean, share in zip(means, shares[extreme], strict=True)
            if share >= _HALF
        ]
        for extreme in (highest, lowest)
    ]
    both = all(len(distinct_levels(levels)) >= 2 for levels in filled)
    told = any(finding.check == "clipped" for finding in recording.info.findings)
    ends = [
        extreme
        for extreme in (highest, lowest)
        if max(shares[extreme]) > MOST_CLIPPED
        and (both or (told and _has_run(recording, extreme)) or _is_end(recording, extreme))
    ]
    return [float(sum(shares[end][k] for end in ends)) for k in range(len(windows))]


def _has_run(recording: Recording, extreme: np.floating) -> bool:
    at_end = recording.current_pa == extreme
    runs = at_end[:, _PLATEAU - 1 :].copy()
    for lag in range(1, _PLATEAU):
        runs &= at_end[:, _PLATEAU - 1 - lag : at_end.shape[1] - lag]
    return bool(runs.any())


def _is_end(recording: Recording, extreme: np.floating) -> bool:
    """Whether any sweep that reaches the extreme runs along it as noise would not."""
    for sweep_pa in recording.current_pa:
        if sweep_pa.max() == extreme or sweep_pa.min() == extreme:
            marked = clipped_samples(sweep_pa)
            if np.any(sweep_pa[marked] == extreme):
                return True
    return False
