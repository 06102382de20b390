"""The tables are the same to the byte however the work is cut up, and after a kill."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from runs import ROOT, Program, make_project, sheet, tables_of, write_sheet


def pages_of(project: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (project / "reports/cells").iterdir()}


N_CELLS = 8
"""One more than the middle size of the batches below, which leaves one for a second batch."""


@pytest.fixture(scope="module")
def uncut(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was run as one batch on one core."""
    project = make_project(tmp_path_factory.mktemp("uncut"), N_CELLS, 100)
    assert program.permeant("run", project, "--cores", "1").status == 0
    return project


@pytest.mark.parametrize(
    ("batch_size", "cores", "shuffled"),
    [(100, "2", False), (7, "1", False), (7, "2", True), (1, "2", True)],
    ids=str,
)
def test_results_do_not_depend_on_how_work_is_cut(
    program: Program, uncut: Path, tmp_path: Path, *, batch_size: int, cores: str, shuffled: bool
) -> None:
    project = make_project(tmp_path, N_CELLS, batch_size)
    rows = sheet(project)
    assert len(rows) == N_CELLS
    if shuffled:
        write_sheet(project, [*rows[5:], *rows[2:5][::-1], *rows[:2]])
    run = program.permeant("run", project, "--cores", cores)
    assert run.status == 0, run.said
    made = list((project / "reports/batches/fit").glob("*.jsonl"))
    assert len(made) == -(-N_CELLS // batch_size)
    assert tables_of(project) == tables_of(uncut)
    assert pages_of(project) == pages_of(uncut)


def test_rows_of_a_cell_may_change_places(program: Program, tmp_path: Path) -> None:
    """All but the first, whose bath is the one in which the pipette was zeroed."""
    results = []
    for order in ([0, 1, 2, 3], [0, 3, 1, 2]):
        project = Path(shutil.copytree(ROOT / "config", tmp_path / f"{order}" / "config")).parent
        (project / "data").symlink_to(ROOT / "data")
        rows = [row for row in sheet(ROOT) if row["cell"] == "ion-substitution"]
        assert len(rows) == len(order)
        write_sheet(project, [rows[n] for n in order])
        run = program.permeant("run", project)
        assert run.status == 0, run.said
        results.append(tables_of(project))
    assert results[0] == results[1]


@contextmanager
def started(
    program: Program, module: str, *arguments: str | Path
) -> Iterator[subprocess.Popen[str]]:
    """A program in a process group of its own, which nothing of it outlives."""
    process = subprocess.Popen(
        program.command(module, *arguments),
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # a suite started in the background of a shell may have been told to ignore Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(condition: Callable[[], bool], what: str, patience_s: float = 60) -> None:
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)


def group_is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def measured(project: Path) -> Callable[[], bool]:
    return (project / "reports/batches/measure/0001.jsonl").exists


def test_a_killed_run_is_resumed(program: Program, finished: Path, fresh: Path) -> None:
    with started(program, "permeant.cli", "run", fresh, "--cores", "2") as process:
        wait_for(measured(fresh), "the first measurements")
        os.killpg(process.pid, signal.SIGKILL)
    assert not (fresh / "reports/index.html").exists()
    assert list((fresh / ".snakemake/locks").iterdir())
    run = program.permeant("run", fresh)
    assert run.status == 0, run.said
    assert "the last run was cut short" in run.said
    assert "reading the recordings of batch 0001" not in run.said
    assert tables_of(fresh) == tables_of(finished)
    assert program.planned(fresh) == set()


def test_a_killed_snakemake_is_resumed_after_unlocking(
    program: Program, finished: Path, fresh: Path
) -> None:
    arguments = ("--snakefile", program.snakefile, "--directory", fresh, "--cores", "2")
    with started(program, "snakemake", *arguments) as process:
        wait_for(measured(fresh), "the first measurements")
        os.killpg(process.pid, signal.SIGKILL)
    refused = program.permeant("run", fresh)
    assert refused.status == 1
    assert "Traceback" not in refused.said
    assert f"permeant run {fresh} -- --unlock" in refused.said
    assert program.permeant("run", fresh, "--", "--unlock").status == 0
    run = program.permeant("run", fresh)
    assert run.status == 0, run.said
    assert tables_of(fresh) == tables_of(finished)


@pytest.mark.parametrize("to_all", [True, False], ids=["Ctrl-C", "terminated"])
def test_an_interrupted_run_leaves_nothing_behind(
    program: Program, fresh: Path, to_all: bool
) -> None:
    with started(program, "permeant.cli", "run", fresh, "--cores", "2") as process:
        wait_for(measured(fresh), "the first measurements")
        if to_all:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.terminate()
        said, _ = process.communicate(timeout=60)
        wait_for(lambda: group_is_gone(process.pid), "the end of all processes", 10)
    assert process.returncode == (130 if to_all else 1)
    assert "Traceback" not in said
    assert not (fresh / ".snakemake/locks").exists()
    run = program.permeant("run", fresh)
    assert run.status == 0, run.said


def test_two_runs_at_once_are_refused(program: Program, fresh: Path) -> None:
    with started(program, "permeant.cli", "run", fresh, "--cores", "1"):
        wait_for((fresh / "reports/batches").exists, "the first job")
        second = program.permeant("run", fresh)
    assert second.status == 2
    assert re.fullmatch(r".*: another `permeant run` is at work on this project.*\n", second.said)
