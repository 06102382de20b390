"""The pictures of the tutorial, from a project that was run.

    python pipeline/docs/walk.py PROJECT            write them (needs matplotlib)

Everything drawn is read from the recordings and from ``reports/tables``: the pictures show what the
run found.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from figures import BLUE, GREEN, GREY, RED, STYLE, _cross
from matplotlib.figure import Figure

from permeant import open_recording

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "walk"
COLOURS = {"Na": (BLUE, "o"), "Li": (RED, "s"), "Cs": (GREEN, "^")}
ALTERNATIVES = {
    "walk-sweeps": "Current in seventeen voltage steps over time; the second half of each step is "
    "shaded: the measured window.",
    "walk-curves": "Current against membrane voltage near the reversal in sodium, lithium and "
    "caesium, each with its line; the reversal in lithium lies eight millivolts to the left of "
    "that in sodium, the one in caesium five to the right.",
    "walk-ratios": "Permeability ratios of sodium, lithium and caesium over potassium with their "
    "intervals; the values put into the simulation lie within.",
}
_EVERY = 20
_MOST_MV = 25.0


def table(project: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a table of the run."""
    path = project / "reports" / "tables" / f"{name}.csv"
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def draw_all(project: Path, folder: Path) -> dict[str, Path]:
    """Draw every picture into a folder and return the files by name."""
    drawers: dict[str, Callable[[Path], Figure]] = {
        "walk-sweeps": draw_sweeps,
        "walk-curves": draw_curves,
        "walk-ratios": draw_ratios,
    }
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    with mpl.rc_context(STYLE):
        for name, draw in drawers.items():
            files[name] = folder / f"{name}.svg"
            said = {"Date": None, "Creator": None, "Title": ALTERNATIVES[name]}
            draw(project).savefig(files[name], format="svg", metadata=said)
            lines = files[name].read_text("utf-8").splitlines()
            files[name].write_bytes("".join(f"{line.rstrip()}\n" for line in lines).encode())
    return files


def draw_sweeps(project: Path) -> Figure:
    """Draw the sweeps of the first bath with the window that was measured."""
    recording = open_recording(project / "data" / "ion-substitution_Na.abf")
    points = [row for row in table(project, "iv_points") if row["recording"] == "Na"]
    figure = Figure(figsize=(7.6, 3.6), layout="constrained")
    axes = figure.subplots()
    time_ms = np.arange(recording.info.n_samples) * recording.info.interval_ms
    for sweep in recording.current_pa:
        axes.plot(time_ms[::_EVERY], sweep[::_EVERY], color=BLUE, linewidth=0.8)
    start, end = (float(points[0][f"window_{side}_ms"]) for side in ("start", "end"))
    axes.axvspan(start, end, color=GREY, alpha=0.18, linewidth=0)
    axes.annotate("window", (start, 440), xytext=(3, 0), textcoords="offset points", color=GREY)
    axes.set(xlabel="time (ms)", ylabel="current (pA)", ylim=(-800, 520))
    return figure


def draw_curves(project: Path) -> Figure:
    """Draw the points near the reversal in each bath, and the reversals."""
    figure = Figure(figsize=(7.6, 4.4), layout="constrained")
    axes = figure.subplots()
    fits = {row["recording"]: row for row in table(project, "fits")}
    for name, (colour, marker) in COLOURS.items():
        points = [row for row in table(project, "iv_points") if row["recording"] == name]
        v_mv = np.array([float(row["v_membrane_mv"]) for row in points])
        i_pa = np.array([float(row["i_pa"]) for row in points])
        near = np.abs(v_mv) < _MOST_MV
        axes.plot(v_mv[near], i_pa[near], color=colour, marker=marker, markersize=5, linewidth=1.2)
        e_rev = float(fits[name]["e_rev_mv"])
        axes.plot([e_rev], [0], marker="|", markersize=18, markeredgewidth=2, color=colour)
        axes.annotate(
            f"{name}: {e_rev:.1f} mV".replace("-", "−"), (v_mv[near][-1], i_pa[near][-1]),
            xytext=(8, 2 if name == "Li" else -4), textcoords="offset points", color=colour,
        )  # fmt: skip
    _cross(axes, "V (mV)", "I (pA)")
    axes.set_xlim(-_MOST_MV - 2, _MOST_MV + 12)
    return figure


def draw_ratios(project: Path) -> Figure:
    """Draw the ratios with their intervals, and what was put in."""
    figure = Figure(figsize=(7.6, 2.6), layout="constrained")
    axes = figure.subplots()
    rows = table(project, "permeability")
    truth = {"Na": 0.9, "Li": 0.65, "Cs": 1.1}
    for place, row in enumerate(rows):
        low, middle, high = (float(row[key]) for key in ("ratio_low", "ratio", "ratio_high"))
        colour, marker = COLOURS[row["ion"]]
        axes.plot([low, high], [-place, -place], color=colour)
        axes.plot([middle], [-place], marker=marker, color=colour, markersize=7)
        axes.plot([truth[row["ion"]]], [-place], marker="|", markersize=20, color="black")
    axes.set_yticks([-place for place in range(len(rows))], [f"P_{row['ion']}/P_K" for row in rows])
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.set(xlabel="ratio with its 95 % interval; black: what was put in")
    return figure


def main(argv: Sequence[str] | None = None) -> int:
    """Draw the pictures of a project; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("project", type=Path, help="made and run as the tutorial says")
    drawn: dict[str, Any] = draw_all(parser.parse_args(argv).project, FOLDER)
    print(*drawn.values(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
