"""What the job of a batch asks a cluster for, as functions of the batch.

Measured on simulated recordings of 13 sweeps of 300 ms at 20 kHz (``tests/bench``, the figures
are in ``pipeline/docs/million.md``), with room to spare: a job that asks for too little is killed,
one that asks for a little too much waits a little longer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Demand:
    """Memory and run time of a rule's job, linear in what it works on."""

    start_mb: float
    mb_a_recording: float
    s_a_recording: float
    s_a_mb: float = 0.0
    """What reading adds for each MB of recordings."""


DEMANDS = {
    "ingest": Demand(250, 0.02, 0.02, 0.05),
    "measure": Demand(300, 0.1, 0.06, 0.1),
    "fit": Demand(400, 0.1, 0.2),
    "permeability": Demand(250, 0.1, 0.04),
    "report": Demand(300, 0.3, 0.06),
    "figures": Demand(300, 0.1, 1.5),
    "summary": Demand(300, 0.1, 0.03),
}
"""By rule; three to five times what was measured."""

_COPIES = 6
"""Most copies of one recording's samples that a job holds at a time, as numbers of 4 bytes."""
_START_S = 120.0
"""Python, the plan of the whole project and a slow file system."""


def memory_mb(rule: str, n_recordings: int, largest_mb: float, attempt: int = 1) -> int:
    """Return the memory in MB that a job asks for.

    Parameters
    ----------
    rule : str
        One of ``DEMANDS``.
    n_recordings : int
        Recordings of the batch.
    largest_mb : float
        Size in MB of the largest of them: one is open at a time.
    attempt : int
        Each asks for as much more: a job may have been killed for its memory.
    """
    demand = DEMANDS[rule]
    opened = 2 * _COPIES * largest_mb if demand.s_a_mb else 0.0
    return round(attempt * (demand.start_mb + demand.mb_a_recording * n_recordings + opened))


def runtime_min(rule: str, n_recordings: int, all_mb: float, attempt: int = 1) -> int:
    """Return the run time in minutes that a job asks for; as much more at each attempt."""
    demand = DEMANDS[rule]
    seconds = _START_S + demand.s_a_recording * n_recordings + demand.s_a_mb * all_mb
    return max(1, round(attempt * seconds / 60.0))
