"""Time whole runs of thousands of cells, and print the table of pipeline/docs/performance.md.

Run as ``python tests/bench/bench_batches.py FOLDER``; the folder (on a disk with 0.5 GB a thousand
cells) keeps its simulated recordings, so that a second call starts at once.  Everything is a ratio
within one call: the rounds take turns, and each line gives the medians and the medians' ratio, in
wall time and, since that is what a busy machine leaves alone, in processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from permeant import __version__
from permeant.simulate.batch import simulate_batch

HERE = Path(__file__).parent
DIFFERENT = 1000
"""Recordings that differ; larger projects name each of them several times, as a file of its own."""


@dataclass(frozen=True)
class Took:
    """What a program took: seconds, and the memory of the largest of its processes."""

    wall_s: float
    cpu_s: float
    memory_mb: float
    said: str


def call(*command: str | Path) -> Took:
    """Run a Python program to its end."""
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, *map(str, command)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}\n{said}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Took(time.perf_counter() - began, cpu_s, usage.ru_maxrss / 1024, said)


def run(project: Path, *more: str) -> Took:
    return call("-m", "permeant.cli", "run", project, "--cores", "2", *more)


def make_project(folder: Path, n_cells: int) -> Path:
    """Return a project of so many cells, made where it is not there yet."""
    if (folder / "config" / "config.yaml").exists():
        return folder
    if n_cells <= DIFFERENT:
        simulate_batch(folder, n_cells)
        return folder
    source = make_project(folder.parent / f"cells_{DIFFERENT}", DIFFERENT)
    (folder / "data").mkdir(parents=True)
    shutil.copytree(source / "config", folder / "config")
    header, *rows = (source / "config" / "recordings.csv").read_text().splitlines()
    lines = [header]
    for number in range(n_cells):
        old, new = f"cell_{number % DIFFERENT + 1:05d}", f"many_{number:07d}"
        os.link(source / "data" / f"{old}.abf", folder / "data" / f"{new}.abf")
        lines.append(rows[number % DIFFERENT].replace(old, new))
    (folder / "config" / "recordings.csv").write_text("\n".join(lines) + "\n")
    return folder


def afresh(project: Path) -> Took:
    """Run a project as if for the first time."""
    for name in ("reports", ".snakemake"):
        shutil.rmtree(project / name, ignore_errors=True)
    return run(project)


def change_one(project: Path) -> None:
    """Change one sample of the first recording, whose file gets a content of its own."""
    path = min((project / "data").glob("*.abf"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2 & ~1] ^= 1
    path.unlink()
    path.write_bytes(data)


def add_row(project: Path) -> None:
    """Add a cell that shows the second recording once more."""
    sheet = project / "config" / "recordings.csv"
    header, *rows = sheet.read_text().splitlines()
    _, *rest = rows[1].split(",")
    new = f"new_{len(rows):07d}"
    sheet.write_text("\n".join([header, *rows, ",".join([new, *rest])]) + "\n")


def pages(project: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.name: (path.stat().st_mtime_ns, path.read_bytes())
        for path in (project / "reports" / "cells").iterdir()
    }


def after(project: Path, change: Callable[[Path], None]) -> tuple[Took, int]:
    """Run after a change; return what it took and how many pages changed or were touched."""
    before = pages(project)
    change(project)
    took, now = run(project), pages(project)
    return took, sum(before.get(name) != page for name, page in now.items())


def sum_bytes(project: Path, n_cells: int) -> float:
    """Return seconds of processor for reading so many recordings' bytes and summing them."""
    import numpy as np  # noqa: PLC0415

    files = sorted((project / "data").glob("*.abf"))[:n_cells]
    for _ in range(2):  # the second time they lie in the page cache
        began = time.process_time()
        for path in files:
            np.frombuffer(path.read_bytes(), np.uint8).sum()
        took = time.process_time() - began
    return took


@dataclass(frozen=True)
class Line:
    """A line of the table: what, its goal, and what was seen."""

    what: str
    goal: str
    wall: str
    cpu: str
    note: str = ""


def ratio(what: str, goal: str, ours: list[Took], theirs: list[Took], scale: float = 1.0) -> Line:
    """Compare medians; ``scale`` brings the other's number of cells to ours."""

    def told(of: Callable[[Took], float]) -> str:
        mine, other = median(map(of, ours)), scale * median(map(of, theirs))
        return f"{mine:.1f} / {other:.1f} s = {mine / other:.2f}"

    return Line(what, goal, told(lambda one: one.wall_s), told(lambda one: one.cpu_s))


def compare_runs(folder: Path, n: int, n_plain: int, rounds: int) -> tuple[list[Line], list[Took]]:
    """Time a run against the plain script and against the bare loop, in turns."""
    project, output = make_project(folder / f"cells_{n}", n), folder / "other"
    ours, plain, bare = [], [], []
    for _ in range(rounds):
        ours.append(afresh(project))
        plain.append(call(HERE / "plain_script.py", project / "data", output / "plain", n_plain))
        bare.append(call(HERE / "bare_loop.py", project, output / "bare"))
    lines = [
        ratio(f"{n} cells: run / plain script", "≤ 0.2", ours, plain, n / n_plain),
        ratio(f"{n} cells: run / bare loop", "≤ 1.5", ours, bare),
    ]
    shares = json.loads(bare[-1].said)
    whole = shares.pop("all")
    told = ", ".join(f"{stage} {seconds / n * 1e3:.1f}" for stage, seconds in shares.items())
    lines.append(Line("bare loop, ms a cell by stage", "", "", f"{told}: {whole / n * 1e3:.1f}"))
    few = min(n, 200)
    reading_ms = sum_bytes(project, few) / few * 1e3
    measure_ms = shares["measure"] / n * 1e3
    lines.append(
        Line(
            "measuring / reading and summing the bytes", "≤ 6", "",
            f"{measure_ms:.2f} / {reading_ms:.3f} ms = {measure_ms / reading_ms:.0f}",
        )
    )  # fmt: skip
    return lines, ours


def compare_reruns(folder: Path, n: int, rounds: int) -> list[Line]:
    """Time runs with nothing, one recording or one row to do; the project has been run."""
    project, few = folder / f"cells_{n}", make_project(folder / "cells_100", 100)
    if not (few / "reports").exists():
        run(few)
    sheet = project / "config" / "recordings.csv"
    as_it_was = sheet.read_bytes()
    none, none_few, changed, added, touched = [], [], [], [], set()
    for _ in range(rounds):
        none.append(run(project))
        none_few.append(run(few))
        took, many = after(project, change_one)
        changed.append(took)
        touched.add(many)
        took, many = after(project, add_row)
        added.append(took)
        touched.add(many)
    sheet.write_bytes(as_it_was)
    return [
        ratio(f"{n} cells: nothing to do / the same of 100 cells", "≤ 5", none, none_few),
        ratio(f"{n} cells: one recording changed / nothing to do", "≤ 3", changed, none),
        ratio(f"{n} cells: one row added / nothing to do", "≤ 3", added, none),
        Line("pages touched by either", "1", ", ".join(map(str, sorted(touched))), ""),
    ]


def compare_sizes(folder: Path, few: list[Took], n_few: int, sizes: list[int]) -> list[Line]:
    """Time larger projects, a cell, against the smaller one."""
    lines = []
    for n in sizes:
        project = make_project(folder / f"cells_{n}", n)
        took = afresh(project)
        again = run(project)
        lines += [
            ratio(f"{n} cells, a cell: / that of {n_few}", "≤ 1.1", [took], few, n / n_few),
            Line(f"{n} cells: largest process", "< 500 MB", f"{took.memory_mb:.0f} MB", ""),
            Line(
                f"{n} cells: nothing to do", "", f"{again.wall_s:.1f} s", f"{again.cpu_s:.1f} s"
            ),
            Line(
                f"{n} cells: index.html", "",
                f"{(project / 'reports' / 'index.html').stat().st_size / 1e6:.1f} MB", "",
            ),
        ]  # fmt: skip
    return lines


def show(lines: list[Line]) -> None:
    """Print the table as it goes into the documentation."""
    print(f"permeant {__version__}, Python {platform.python_version()}, {date.today()}, ", end="")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| what | goal | wall | processor |\n|---|---|---|---|")
    for line in lines:
        print(f"| {line.what} | {line.goal} | {line.wall} | {line.cpu} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where projects and outputs are kept")
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--plain-cells", type=int, default=200, help="files for the plain script")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000], help="larger projects")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    folder: Path = given.folder.resolve()
    n_plain = min(given.plain_cells, given.cells)
    lines, ours = compare_runs(folder, given.cells, n_plain, given.rounds)
    most = max(one.memory_mb for one in ours)
    lines.append(Line(f"{given.cells} cells: largest process", "< 500 MB", f"{most:.0f} MB", ""))
    lines += compare_reruns(folder, given.cells, given.rounds)
    lines += compare_sizes(folder, ours, given.cells, given.sizes)
    show(lines)


if __name__ == "__main__":
    main()
