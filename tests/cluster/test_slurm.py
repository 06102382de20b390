"""A run through a real SLURM gives what a run on this machine gives, also after a killed job.

Started only where ``PERMEANT_TEST_SLURM`` is set: it needs root, Debian's slurm-wlm and munge
and the extra ``slurm``, and takes minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from one_node_slurm import one_node_slurm, why_no_slurm

from permeant.simulate.batch import simulate_batch

ROOT = Path(__file__).resolve().parents[2]
N_CELLS, BATCH_SIZE = 200, 50
_PATIENCE_S = 600


def _why_not() -> str:
    if "PERMEANT_TEST_SLURM" not in os.environ:
        return "PERMEANT_TEST_SLURM is not set"
    if find_spec("snakemake_executor_plugin_slurm") is None:
        return "the extra slurm is not installed"
    return why_no_slurm()


pytestmark = pytest.mark.skipif(bool(_why_not()), reason=_why_not() or "a SLURM can be had")


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with one_node_slurm(tmp_path_factory.mktemp("slurm")):
        yield


def new_project(folder: Path) -> Path:
    simulate_batch(folder, N_CELLS)
    config = folder / "config" / "config.yaml"
    config.write_text(f"batch_size: {BATCH_SIZE}\n{config.read_text()}")
    return folder


def command(project: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "permeant.cli", "run", str(project), *more]


def on_slurm(project: Path) -> list[str]:
    profile = ROOT / "pipeline" / "profile" / "slurm"
    return command(
        project, "--", "--workflow-profile", str(profile),
        "--slurm-status-command", "squeue", "--slurm-no-account",
        "--slurm-init-seconds-before-status-checks", "5",
        "--seconds-between-status-checks", "3", "--retries", "0", "--latency-wait", "10",
    )  # fmt: skip


def tables_and_pages(project: Path) -> dict[str, bytes]:
    output = project / "reports"
    paths = [*output.glob("tables/*.csv"), *output.glob("cells/*.html")]
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in paths}


def cancel_one(rule: str, run: subprocess.Popen[bytes]) -> str:
    """Kill the first job of a rule that is at work; return its number, empty where none ran."""
    while run.poll() is None:
        listed = subprocess.run(
            ["squeue", "--noheader", "--states", "RUNNING", "--format", "%i %k"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        for line in listed.splitlines():
            number, _, comment = line.partition(" ")
            if rule in comment:
                subprocess.run(["scancel", number], check=True)
                return number
        time.sleep(0.1)
    return ""


@pytest.mark.usefixtures("slurm")
def test_a_cluster_gives_the_same_bytes(tmp_path: Path) -> None:
    here, there = new_project(tmp_path / "here"), new_project(tmp_path / "there")
    subprocess.run(command(here, "--cores", "2"), check=True, capture_output=True)

    log = tmp_path / "first.log"
    with log.open("wb") as out, subprocess.Popen(on_slurm(there), stdout=out, stderr=out) as first:
        killed = cancel_one("rule_measure", first)
        first.wait(_PATIENCE_S)
    said = log.read_text()
    assert killed, said
    assert first.returncode != 0, said
    assert list((there / "reports" / "batches" / "ingest").glob("*.jsonl")), said
    assert not (there / "reports" / "index.html").exists()

    again = subprocess.run(on_slurm(there), capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "has been submitted with SLURM jobid" in again.stdout + again.stderr
    assert tables_and_pages(there) == tables_and_pages(here)
