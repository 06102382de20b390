"""A recording that another takes the place of, that vanishes or grows while a run is at work.

Nothing of it is kept: a result of other bytes would stand when the old file is back.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from runs import make_project

from permeant.errors import PermeantError
from permeant.workflow import ingest, measure
from permeant.workflow.fingerprint import stages_folder
from permeant.workflow.ingest import ingest_batch
from permeant.workflow.job import Job
from permeant.workflow.measure import measure_batch
from permeant.workflow.plan import plan_project

VICTIM, OTHER = Path("data/cell_00002.abf"), Path("data/cell_00003.abf")


def becomes_another(path: Path) -> None:
    shutil.copyfile(OTHER, path)


def vanishes(path: Path) -> None:
    path.unlink()


def grows(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(bytes(512))


def is_touched_up(path: Path) -> None:
    """Change bytes, and keep size and time as a program does that restores them."""
    seen = path.stat()
    data = bytearray(path.read_bytes())
    data[-3000:-2000] = bytes(1000)
    path.write_bytes(data)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


CHANGES = [becomes_another, vanishes, grows]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_project(tmp_path / "project", 3, 3)
    monkeypatch.chdir(folder)
    return folder


def job_of(project: Path, rule: str, **inputs: str) -> Job:
    """Return the job of the only batch, as Snakemake would hand it over."""
    plan = plan_project(project, None, stages_folder())
    work = {"ingest": ["ingest"], "measure": ["measure", "traces"]}[rule]
    return Job(
        {name: Path(path) for name, path in inputs.items()},
        tuple(Path(f"reports/batches/{name}/0001.jsonl") for name in work),
        Path(f"reports/logs/{rule}.log"),
        plan.params(rule, "0001"),
    )


def measuring(project: Path) -> Job:
    return job_of(project, "measure", ingested="reports/batches/ingest/0001.jsonl")


def just_after_opening(
    module: Any, change: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Change the victim when it was read, before the stage is done with its cell."""
    real = module.open_row

    def opened(row: Any, protocols: Any) -> Any:
        recording = real(row, protocols)
        if Path(row.file) == VICTIM:
            change(VICTIM)
        return recording

    monkeypatch.setattr(module, "open_row", opened)


def outputs(job: Job) -> list[bytes]:
    return [path.read_bytes() for path in job.outputs]


@pytest.mark.parametrize("change", CHANGES)
def test_a_recording_that_changes_while_it_is_read(
    project: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    job = job_of(project, "ingest")
    ingest_batch(job)
    undisturbed = outputs(job)
    job.outputs[0].unlink()
    kept = shutil.copy2(VICTIM, "kept.abf")
    with monkeypatch.context() as during:
        just_after_opening(ingest, change, during)
        with pytest.raises(PermeantError, match=f"{VICTIM}: changed, came or vanished"):
            ingest_batch(job)
    assert not job.outputs[0].exists()
    assert list(job.outputs[0].parent.iterdir()) == []
    shutil.copy2(kept, VICTIM)  # with its old time, as from a backup
    ingest_batch(job)
    assert outputs(job) == undisturbed


@pytest.mark.parametrize("change", CHANGES)
def test_a_recording_that_changed_since_the_run_was_planned(
    project: Path, change: Callable[[Path], None]
) -> None:
    job = job_of(project, "ingest")
    change(VICTIM)
    with pytest.raises(PermeantError, match="leave the file alone and run again"):
        ingest_batch(job)
    assert not job.outputs[0].exists()


def test_a_recording_that_comes_while_the_run_is_at_work(project: Path) -> None:
    there = VICTIM.rename("elsewhere.abf")
    job = job_of(project, "ingest")
    ingest_batch(job)
    assert b"file_missing" in outputs(job)[0]
    there.rename(VICTIM)
    with pytest.raises(PermeantError, match="changed, came or vanished"):
        ingest_batch(job)
    # planned again it is read
    ingest_batch(job_of(project, "ingest"))
    assert b"file_missing" not in outputs(job)[0]


@pytest.mark.parametrize("change", [*CHANGES, is_touched_up])
@pytest.mark.parametrize("moment", ["before", "during"])
def test_a_recording_that_changes_between_reading_and_measuring(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], None],
    moment: str,
) -> None:
    ingest_batch(job_of(project, "ingest"))
    job = measuring(project)
    measure_batch(job)
    undisturbed = outputs(job)
    for path in job.outputs:
        path.unlink()
    kept = shutil.copy2(VICTIM, "kept.abf")
    with monkeypatch.context() as during:
        if moment == "before":
            change(VICTIM)
        else:
            just_after_opening(measure, change, during)
        with pytest.raises(PermeantError, match=f"{VICTIM}: changed or vanished while the run"):
            measure_batch(job)
    assert not any(path.exists() for path in job.outputs)
    shutil.copy2(kept, VICTIM)
    measure_batch(job)
    assert outputs(job) == undisturbed


def test_a_changed_recording_costs_no_results_that_stand(project: Path) -> None:
    """The lines of a finished run stay when a later one is stopped."""
    job = job_of(project, "ingest")
    ingest_batch(job)
    before = outputs(job)
    job = replace(job, params={**job.params, "code": "another"})
    grows(VICTIM)
    with pytest.raises(PermeantError, match="changed, came or vanished"):
        ingest_batch(job)
    assert outputs(job) == before
