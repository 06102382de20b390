"""The example project: its recordings, their truth and its sheets.

Everything in it is simulated, and comes out the same to the byte every time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from permeant.simulate.example_cells import plan_example
from permeant.simulate.example_setup import SOLUTIONS
from permeant.simulate.project import (
    Plan,
    write_recordings,
    write_sheet,
    write_solutions,
    write_truth,
)

if TYPE_CHECKING:
    from pathlib import Path


def write_example(data_folder: Path) -> None:
    """Write all files of the example's ``data/``: recordings, truth and what they show."""
    plans = plan_example()
    write_recordings(data_folder, plans, SOLUTIONS)
    told = [plan for plan in plans if plan.truncated_at_bytes is None]
    write_truth(data_folder / "truth.csv", told, SOLUTIONS)
    (data_folder / "README.md").write_bytes(_describe(plans).encode())


def write_example_sheets(config_folder: Path) -> None:
    """Write the two sheets of the example's ``config/``; ``config.yaml`` is written by hand."""
    write_sheet(config_folder / "recordings.csv", plan_example(), "data")
    write_solutions(config_folder / "solutions.csv", SOLUTIONS)


def _describe(plans: list[Plan]) -> str:
    cells = "\n".join(f"| {plan.cell} | {plan.shows} |" for plan in plans if plan.shows)
    return f"""# Recordings of the example project

All of them are **simulated** by this program (`permeant.simulate`); none is of a real cell.
Each file says so in its comment. To make them again, byte for byte:

    python -m permeant.simulate data

`truth.csv` holds what was put in. `e_rev_mv` is the membrane voltage, after all corrections, at
which the whole steady current (leak included) is zero, and `g_ns` the slope of that current there
(where controls are subtracted, those of what is left);
`e_rev_channel_mv` and `g_channel_ns` are the channel's alone where there is a leak. A ratio
`P_X/P_K` is the channel's. `ljp_mv` is bath minus pipette, in the bath in which the pipette was
zeroed; `electrode_shift_mv` is what a change of bath added at the reference electrode. Without
`g_ns`, there is no steady state to have one. The broken file has no truth.

| cell | shows |
|---|---|
{cells}
"""
