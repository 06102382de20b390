"""A cell of a finished run as NWB: what archives check, and what can be read back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from nwbinspector import Importance, inspect_nwbfile
from pynwb import NWBHDF5IO

from permeant import open_recording
from permeant.cli import main


@pytest.fixture(scope="module")
def exported(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Path]:
    with (finished / "reports" / "tables" / "permeability.csv").open(newline="") as stream:
        cell = next(row["cell"] for row in csv.DictReader(stream) if row["status"] == "ok")
    path = tmp_path_factory.mktemp("nwb") / "cell.nwb"
    words = ["export", cell, "--project", str(finished), "--out", str(path)]
    more = ["--species", "Mus musculus", "--sex", "F", "--age", "P21D"]
    assert main([*words, *more]) == 0
    assert main([*words, *more]) == 2  # never over another
    return cell, path, finished


def test_the_inspector_finds_nothing_critical(exported: tuple[str, Path, Path]) -> None:
    found = list(inspect_nwbfile(nwbfile_path=str(exported[1]), skip_validate=False))
    grave = (Importance.ERROR, Importance.PYNWB_VALIDATION, Importance.CRITICAL)
    assert [
        (one.check_function_name, one.message) for one in found if one.importance in grave
    ] == []


def test_samples_and_command_come_back(exported: tuple[str, Path, Path]) -> None:
    cell, path, project = exported
    with (project / "config" / "recordings.csv").open(newline="") as stream:
        row = next(one for one in csv.DictReader(stream) if one["cell"] == cell)
    recording = open_recording(project / row["file"])
    with NWBHDF5IO(path, "r") as stream:
        file = stream.read()
        table = file.intracellular_recordings.to_dataframe()
        assert len(table) >= recording.info.n_sweeps
        response = table[("responses", "response")].iloc[0].timeseries
        stimulus = table[("stimuli", "stimulus")].iloc[0].timeseries
        assert response.unit == "amperes"
        assert stimulus.unit == "volts"
        current_pa = response.data[:] * response.conversion * 1e12
        np.testing.assert_allclose(current_pa, recording.current_pa[0], rtol=1e-6, atol=1e-9)
        assert response.rate == pytest.approx(1e3 / recording.info.interval_ms)
        step = max(recording.info.sweeps[0], key=lambda one: one.stop - one.start)
        middle = (step.start + step.stop) // 2
        assert stimulus.data[middle] == pytest.approx(step.start_mv, abs=1.0)


def test_results_come_back_with_units(exported: tuple[str, Path, Path]) -> None:
    cell, path, project = exported
    with (project / "reports" / "tables" / "fits.csv").open(newline="") as stream:
        fits = [row for row in csv.DictReader(stream) if row["cell"] == cell]
    with NWBHDF5IO(path, "r") as stream:
        file = stream.read()
        results = file.processing["permeant"]
        table = results["fits"].to_dataframe()
        assert list(table["recording"]) == [row["recording"] for row in fits]
        assert table["g_ns"].iloc[0] == pytest.approx(float(fits[0]["g_ns"]), rel=1e-6)
        assert results["fits"]["e_rev_mv"].description.endswith("in mV")
        assert "permeability_ratios" in results.data_interfaces
        notes = json.loads(file.notes)
        assert notes[fits[0]["recording"]]["pipette"]["ions_mm"]


def test_the_program_reads_its_own_export(exported: tuple[str, Path, Path]) -> None:
    cell, path, project = exported
    with (project / "config" / "recordings.csv").open(newline="") as stream:
        rows = [one for one in csv.DictReader(stream) if one["cell"] == cell]
    assert len(rows) == 1
    ours = open_recording(project / rows[0]["file"])
    theirs = open_recording(path)
    assert theirs.info.n_sweeps == ours.info.n_sweeps
    np.testing.assert_allclose(theirs.current_pa, ours.current_pa, rtol=1e-5, atol=1e-6)
