"""A file that kills its reader, or never lets it end, costs itself alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import foreign_files as ff
import numpy as np
import pytest

from permeant.errors import RecordingError
from permeant.recording import guard, open_recording

COMMAND = ff.command_mv()
CURRENT = ff.ohmic_pa(COMMAND)


def table(folder):
    times = np.arange(COMMAND.shape[1]) * ff.INTERVAL_MS
    return ff.write_table(folder / "c.csv", ("time_ms", "I_pA"), [times, CURRENT[0]])


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_worker_serves_many_files(tmp_path):
    path = table(tmp_path)
    first = open_recording(path)
    worker = guard._worker().process.pid
    second = open_recording(path)
    assert guard._worker().process.pid == worker
    assert first.info == second.info
    assert np.array_equal(first.current_pa, second.current_pa)


def test_a_worker_that_dies_is_replaced_for_the_next_file(tmp_path):
    path = table(tmp_path)
    open_recording(path)
    os.kill(guard._worker().process.pid, signal.SIGSEGV)
    guard._worker().process.wait(10)
    assert open_recording(path).current_pa.shape == (1, 2048)


@pytest.mark.skipif(not hasattr(signal, "SIGPROF"), reason="the system has no computing-time limit")
def test_a_reader_that_dies_within_a_file_is_said(tmp_path, monkeypatch):
    n = 300_000
    path = ff.write_table(tmp_path / "long.csv", ("time_ms", "I_pA"), [np.arange(n), np.ones(n)])
    # so little computing that the reader is ended within the file, as if it had crashed
    monkeypatch.setattr(guard, "LEAST_SECONDS", 1e-3)
    monkeypatch.setattr(guard, "SECONDS_PER_BYTE", 0.0)
    with pytest.raises(RecordingError) as caught:
        open_recording(path)
    assert caught.value.code == "reader_died"
    assert "did not end within" in str(caught.value)
    monkeypatch.undo()
    assert open_recording(table(tmp_path)).current_pa.shape == (1, 2048)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is that of Linux")
def test_a_header_that_asks_for_all_memory_is_refused(tmp_path, monkeypatch):
    path = ff.write_stimfit(tmp_path / "large.h5", CURRENT, COMMAND)
    import h5py  # noqa: PLC0415

    with h5py.File(path, "a") as file:
        del file["Im/section_00/data"]
        # 8 GB that take no place in the file
        file.create_dataset("Im/section_00/data", shape=(2_000_000_000,), dtype="f4")
    with pytest.raises(RecordingError) as caught:
        open_recording(path)
    assert "memory" in str(caught.value)


def test_the_worker_ends_with_its_owner(tmp_path):
    path = table(tmp_path)
    code = (
        "from pathlib import Path; from permeant.recording import guard, open_recording; "
        f"open_recording(Path({str(path)!r})); print(guard._worker().process.pid)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pid = int(done.stdout)
    for _ in range(600):
        if not is_alive(pid):
            break
        time.sleep(0.1)
    assert not is_alive(pid), "the worker outlived the process that started it"


def test_a_missing_library_is_said_with_what_to_install(tmp_path, monkeypatch):
    path = ff.write_stimfit(tmp_path / "c.h5", CURRENT, COMMAND)
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    code = (
        "import sys; sys.modules['h5py'] = None\n"
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'h5py' else real(name, *a)\n"
        "from pathlib import Path\n"
        "from permeant.recording.doors import open_here\n"
        "from permeant.recording.command import Wishes\n"
        "from permeant.recording.files import HDF5\n"
        f"open_here(Path({str(path)!r}), HDF5, 'data/c.h5', Wishes())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'pip install "permeant[nwb]"' in done.stderr
    assert "reader_missing" not in done.stdout


def test_a_pipe_does_not_make_the_reader_wait(tmp_path):
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    with pytest.raises(RecordingError, match="pipe or a device"):
        open_recording(path)
