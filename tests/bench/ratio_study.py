"""Whether ratios from substitution series hold the truth: simulated cells, measured and fitted.

    python tests/bench/ratio_study.py [--cells 300] [--series NAME …] [--docs] [--workers 2]

Every cell is recorded in all its baths with the errors of the inputs that the settings state,
then measured, fitted and solved by the program's own stages with default settings.  ``--docs``
writes ``pipeline/docs/ratio-study.md``.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402
from ratio_cells import SERIES, Series, record_cell, solutions  # noqa: E402

from permeant.config.settings import Settings  # noqa: E402
from permeant.measure import measure_recording  # noqa: E402
from permeant.records import RecordingInfo  # noqa: E402
from permeant.workflow.curve_models import Conditions  # noqa: E402
from permeant.workflow.fit import fit_cell  # noqa: E402
from permeant.workflow.permeability import cell_ratios  # noqa: E402
from permeant.workflow.results import Ingested, Measured  # noqa: E402

SETTINGS: dict[str, Any] = Settings().model_dump()
DOCS = Path(__file__).resolve().parents[2] / "pipeline" / "docs" / "ratio-study.md"
CHUNK = 10
GOAL_COVERAGE = (0.92, 0.98)


@dataclass(frozen=True)
class Answer:
    """What was said of one ratio of one cell, beside what is true of it."""

    series: str
    ion: str
    truth: float
    status: str
    reason: str
    ratio: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Score:
    """What became of one ratio over all cells of a series."""

    series: str
    ion: str
    cells: int
    given: int
    held: float
    median_error: float
    median_width: float
    right_refusals: int


def solve_cell(series: Series, seed: int) -> list[Answer]:
    """Simulate one cell, run it through measure, fit and permeability, and judge its ratios."""
    cell = record_cell(series, seed)
    rows = [one.row for one in cell.recordings]
    ingested = {
        one.row.recording: Ingested(_dated(one.recording.info, cell.acquired[one.row.recording]))
        for one in cell.recordings
    }
    measured = {
        one.row.recording: Measured(
            measure_recording(
                one.recording,
                one.row,
                solutions(),
                steady_state=SETTINGS["steady_state"],
                corrections=SETTINGS["corrections"],
                quality=SETTINGS["quality"],
                extra_ions={},
            )
        )
        for one in cell.recordings
    }
    fitted = fit_cell(
        rows,
        ingested,
        measured,
        SETTINGS["fit"],
        SETTINGS["permeability"]["sigma_ljp_mv"],
        given=Conditions((), solutions(), SETTINGS["permeability"], {}),
        say=print,
    )
    asked = {
        **SETTINGS["permeability"],
        "permeant": list(series.ratios),
        "reference": series.reference,
        "fixed": dict(series.fixed),
    }
    found = cell_ratios(rows, fitted, solutions(), asked, {}, acquired=cell.acquired)
    return [
        Answer(
            series.name, one.ion, cell.truth[one.ion], one.status, one.reason, one.ratio,
            one.ratio_low, one.ratio_high,
        )
        for one in found.ratios
    ]  # fmt: skip


def _dated(info: RecordingInfo, acquired: str) -> RecordingInfo:
    return replace(info, provenance=replace(info.provenance, acquired=acquired))


def run_chunk(name: str, seeds: Sequence[int]) -> list[Answer]:
    """Run some cells of one series; a process of its own does this."""
    return [answer for seed in seeds for answer in solve_cell(SERIES[name], seed)]


def run_study(names: Sequence[str], n_cells: int, workers: int = 1) -> list[Answer]:
    """Run series over seeds 0 … n - 1, in the same order whatever the workers."""
    chunks = [
        (name, range(start, min(start + CHUNK, n_cells)))
        for name in names
        for start in range(0, n_cells, CHUNK)
    ]
    if workers == 1:
        return [answer for name, seeds in chunks for answer in run_chunk(name, seeds)]
    with ProcessPoolExecutor(workers) as pool:
        return list(chain.from_iterable(pool.map(run_chunk, *zip(*chunks, strict=True))))


def score(answers: Sequence[Answer]) -> list[Score]:
    """Score the answers, ratio by ratio."""
    scores = []
    for name, ion in dict.fromkeys((one.series, one.ion) for one in answers):
        mine = [one for one in answers if (one.series, one.ion) == (name, ion)]
        given = [one for one in mine if one.status == "ok"]
        held = [one.low <= one.truth <= one.high for one in given]  # type: ignore[operator]
        errors = [abs(float(np.log(one.ratio / one.truth))) for one in given]  # type: ignore[operator]
        widths = [float(np.log(one.high / one.low)) for one in given]  # type: ignore[operator]
        wanted = SERIES[name].refused
        refusals = [
            one.status == "rejected" and bool(wanted) and bool(re.search(wanted, one.reason))
            for one in mine
        ]
        scores.append(
            Score(
                name, ion, len(mine), len(given),
                float(np.mean(held)) if held else float("nan"),
                float(np.median(errors)) if errors else float("nan"),
                float(np.median(widths)) if widths else float("nan"),
                sum(refusals),
            )
        )  # fmt: skip
    return scores


def write_text(scores: Sequence[Score]) -> str:
    """Write the scores as two tables of Markdown, which reads as text too."""
    lines = [
        "| series | ratio | cells | given | intervals that hold | median error | median width |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in scores:
        if SERIES[one.series].refused:
            continue
        reference = SERIES[one.series].reference
        lines.append(
            f"| {one.series} | P_{one.ion}/P_{reference} | {one.cells} | {one.given} | "
            f"{100 * one.held:.1f} % | {100 * one.median_error:.1f} % | "
            f"{100 * one.median_width:.0f} % |"
        )
    lines += ["", "| what must be refused | ratio | cells | refused for the right reason |",
              "|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| {one.series} | P_{one.ion}/P_{SERIES[one.series].reference} | {one.cells} | "
        f"{one.right_refusals} |"
        for one in scores
        if SERIES[one.series].refused
    ]
    return "\n".join(lines)


_PAGE = """# Ratios from substitution series: do the intervals hold?

Simulated cells, recorded in all their baths through a rig with series resistance, noise and
filter, then measured, fitted and solved by the program's own stages with default settings. Every
cell draws what the settings say may be off: the junction potential of its zeroing (1 mV), the
reference electrode after each change of bath (0.2 mV), the temperature (0.5 °C), every
concentration (1 %). Its reference drifts by a further amount from the first recording to the last
(standard deviation 2 mV), and its own ratios scatter by a third around the typical ones. Errors are
those of ln(ratio); the width is that of the 95 % interval in ln(ratio).

{table}

{series}

In the series *agonist minus control* the leak is interpolated between a control before and one
after; with a single control its change could not be told.

Made with `python tests/bench/ratio_study.py --cells {cells} --docs`.
"""


def main() -> None:
    """Read the command line, run the study and write what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=300, help="cells a series (default 300)")
    parser.add_argument("--series", nargs="+", metavar="NAME", help="default: all")
    parser.add_argument("--docs", action="store_true", help=f"write {DOCS.name} too")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    chosen = parser.parse_args()
    names = chosen.series or list(SERIES)
    unknown = [name for name in names if name not in SERIES]
    if unknown:
        sys.exit(f"no series {', '.join(unknown)}; there are: {', '.join(SERIES)}")
    started = time.monotonic()
    table = write_text(score(run_study(names, chosen.cells, chosen.workers)))
    print(table)
    print(f"{time.monotonic() - started:.0f} s")
    if chosen.docs:
        said = "\n".join(f"- *{name}*: {SERIES[name].shows}." for name in names)
        page = _PAGE.format(table=table, series=said, cells=chosen.cells)
        DOCS.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
