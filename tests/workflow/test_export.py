"""A cell of a finished run as NWB: what archives check, and what can be read back."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from neo.io import NWBIO
from nwbinspector import Importance, inspect_nwbfile
from pynwb import NWBHDF5IO
from runs import Program

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
    mild = Importance.BEST_PRACTICE_SUGGESTION
    assert [(one.check_function_name, one.message) for one in found if one.importance != mild] == []
    # keywords would keep neo from reading the file; the module is named after what made it
    assert {one.check_function_name for one in found} <= {
        "check_keywords", "check_processing_module_name", "check_experimenter_exists",
        "check_institution", "check_single_row",
    }  # fmt: skip


def test_neo_reads_a_segment_a_sweep(exported: tuple[str, Path, Path]) -> None:
    """neo's Block is taken by the library, and gives what the original file gives."""
    cell, path, project = exported
    (block,) = NWBIO(str(path), mode="r").read_all_blocks()
    with (project / "config" / "recordings.csv").open(newline="") as stream:
        (row,) = [one for one in csv.DictReader(stream) if one["cell"] == cell]
    ours = open_recording(project / row["file"])
    assert block.name == cell
    assert len(block.segments) == ours.info.n_sweeps
    theirs = open_recording(block)
    np.testing.assert_allclose(theirs.current_pa, ours.current_pa, rtol=1e-5, atol=1e-4)
    for one, other in zip(theirs.info.sweeps, ours.info.sweeps, strict=True):
        assert {round(step.start_mv) for step in one} == {round(step.start_mv) for step in other}


def test_a_run_on_the_export_finds_the_same_numbers(program: Program, tmp_path: Path) -> None:
    """A cell in two baths, and the same cell from its NWB file, each an electrode of it."""
    (tmp_path / "cells.yaml").write_text("cells: 1\nseed: 5\nbaths: [bath_Na, bath_Na_K]\n")
    first, second = tmp_path / "first", tmp_path / "second"
    assert main(["simulate", str(first), "--describe", str(tmp_path / "cells.yaml")]) == 0
    assert program.permeant("run", first).status == 0
    (second / "config").mkdir(parents=True)
    words = ["export", "cell_001", "--project", str(first), "--out", str(second / "c.nwb")]
    assert main([*words, "--species", "Mus musculus"]) == 0
    for name in ("config.yaml", "solutions.csv"):
        shutil.copy2(first / "config" / name, second / "config")
    with (first / "config" / "recordings.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 2
    for row in rows:
        row["file"], row["current_channel"] = "c.nwb", f"electrode_{row['recording']}"
    with (second / "config" / "recordings.csv").open("w", newline="") as stream:
        out = csv.DictWriter(stream, rows[0])
        out.writeheader()
        out.writerows(rows)
    assert program.permeant("run", second).status == 0
    for table, numbers in (
        ("fits", ("g_ns", "g_low_ns", "g_high_ns", "e_rev_mv", "e_rev_low_mv", "e_rev_high_mv")),
        ("permeability", ("ratio", "ratio_low", "ratio_high")),
    ):
        ours, theirs = (read_table(one, table) for one in (first, second))
        assert len(ours) == len(theirs) > 0
        for one, other in zip(ours, theirs, strict=True):
            assert one["status"] == other["status"] == "ok"
            for name in numbers:
                # samples are stored as 32-bit floats: 6e-8 of the largest current
                assert float(other[name]) == pytest.approx(float(one[name]), rel=1e-4, abs=1e-3)


def read_table(project: Path, name: str) -> list[dict[str, str]]:
    with (project / "reports" / "tables" / f"{name}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


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
