"""A full disk and a folder that may not be written to are said in a sentence."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from permeant.errors import PermeantError
from permeant.workflow.job import Job, run_stage
from permeant.workflow.lock import hold_project


class _Named(dict[str, Any]):
    """Stands for Snakemake's lists with names."""


@pytest.fixture
def snakemake(tmp_path: Path) -> SimpleNamespace:
    return SimpleNamespace(
        input=_Named(), output=[str(tmp_path / "fit/0001.jsonl")], log=["log"], params=_Named()
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "can only be read")],
)
def test_what_the_computer_refuses_is_a_sentence(
    snakemake: SimpleNamespace, number: int, said: str
) -> None:
    def stage(job: Job) -> None:
        raise OSError(number, os.strerror(number))

    with pytest.raises(SystemExit, match=said) as end:
        run_stage(stage, snakemake)
    assert str(Path(snakemake.output[0]).parent) in str(end.value)


def test_what_a_stage_refuses_is_a_sentence(snakemake: SimpleNamespace) -> None:
    def stage(job: Job) -> None:
        raise PermeantError("the file is damaged")

    with pytest.raises(SystemExit, match="the file is damaged"):
        run_stage(stage, snakemake)


def test_a_fault_of_the_program_keeps_its_traceback(snakemake: SimpleNamespace) -> None:
    def stage(job: Job) -> None:
        raise OSError(errno.EBADF, "bad file")

    with pytest.raises(OSError, match="bad file"):
        run_stage(stage, snakemake)


def test_a_folder_that_cannot_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_options: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with (
        pytest.raises(PermeantError, match=r"nothing can be written .*\(Permission denied\)"),
        hold_project(tmp_path),
    ):
        raise AssertionError("the project is held")
