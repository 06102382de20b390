"""The example of the repository is what its recipe makes; a batch is a whole project."""

import csv
import subprocess
import sys
from pathlib import Path

import neo.rawio
import numpy as np
import pyabf
import pytest

from permeant.simulate.batch import simulate_batch
from permeant.simulate.example import write_example, write_example_sheets
from permeant.simulate.example_cells import plan_example
from permeant.simulate.example_setup import SOLUTIONS
from permeant.simulate.project import VALENCES
from permeant.simulate.protocol import played_command_mv

ROOT = Path(__file__).parents[2]
CHARGES = VALENCES | {"Mg": 2, "Cl": -1, "gluconate": -1, "HEPES": -1, "NMDG": 1}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    write_example(folder / "data")
    write_example_sheets(folder / "config")
    return folder


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_committed_files_are_those_of_the_recipe(made):
    for part in ("data", "config"):
        for file in (made / part).iterdir():
            assert (ROOT / part / file.name).read_bytes() == file.read_bytes(), file.name
    assert {p.name for p in (ROOT / "data").iterdir()} == {
        p.name for p in (made / "data").iterdir()
    }


def test_command_line_makes_the_same_bytes_again(made, tmp_path):
    subprocess.run(
        [sys.executable, "-m", "permeant.simulate", str(tmp_path)],
        check=True,
        env={"PYTHONPATH": str(ROOT / "pipeline"), "PATH": ""},
    )
    for file in (made / "data").iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name


def test_the_data_is_small(made):
    assert sum(file.stat().st_size for file in (made / "data").iterdir()) <= 5_000_000


@pytest.mark.parametrize("name", SOLUTIONS)
def test_solutions_are_neutral(name):
    charge_mm = sum(CHARGES[ion] * mm for ion, mm in SOLUTIONS[name].items())
    assert abs(charge_mm) < 0.5


def test_every_row_has_its_file_and_every_sound_recording_its_truth(made):
    rows = read_csv(made / "config" / "recordings.csv")
    truth = {(row["cell"], row["recording"]) for row in read_csv(made / "data" / "truth.csv")}
    assert len({row["cell"] for row in rows}) >= 10
    for row in rows:
        assert (made / row["file"]).is_file()
        name = row["recording"] or Path(row["file"]).stem
        assert ((row["cell"], name) in truth) == (row["cell"] != "broken-file")


@pytest.mark.parametrize(
    "plan",
    [plan for plan in plan_example() if plan.truncated_at_bytes is None],
    ids=lambda plan: plan.file_stem,
)
def test_readers_take_the_files_for_real_ones(made, plan):
    path = made / "data" / f"{plan.file_stem}.abf"
    abf = pyabf.ABF(str(path))
    assert abf.abfFileComment.startswith("simulated by permeant")
    assert abf.sweepCount == plan.protocol.n_sweeps
    reader = neo.rawio.AxonRawIO(str(path))
    reader.parse_header()
    assert reader.segment_count(0) == plan.protocol.n_sweeps
    rate_hz = reader.get_signal_sampling_rate(stream_index=0)
    assert rate_hz == pytest.approx(1e3 / plan.interval_ms)
    for sweep in abf.sweepList:
        command_mv = played_command_mv(plan.protocol, sweep, plan.n_samples)
        abf.setSweep(sweep)
        if plan.protocol.user_list is None:
            # pyabf gives a ramp at the ends of its samples, the program plays their middles
            ramps = any(epoch.kind == "ramp" for epoch in plan.protocol.epochs)
            half_mv = 0.5 * np.abs(np.diff(command_mv)).max() if ramps else 0.0
            assert np.abs(abf.sweepC - command_mv).max() < 0.01 + half_mv
        if plan.records_command:
            abf.setSweep(sweep, channel=1)
            assert np.abs(abf.sweepY - command_mv).max() < 0.5


def test_currents_cross_zero_where_the_truth_says(made):
    """The last 20 ms of each step, by hand, in the plainest cell."""
    truth = {
        row["quantity"]: float(row["value"])
        for row in read_csv(made / "data" / "truth.csv")
        if row["cell"] == "ohmic"
    }
    abf = pyabf.ABF(str(made / "data" / "ohmic.abf"))
    currents, levels = [], []
    for sweep in abf.sweepList:
        abf.setSweep(sweep)
        at = slice(1000, 1100)
        assert np.ptp(abf.sweepC[at]) == 0
        currents.append(abf.sweepY[at].mean())
        levels.append(abf.sweepC[1050])
    current_pa = np.array(currents)
    residual_mohm = truth["r_s_mohm"] * (1 - truth["r_s_compensation"])
    v_mv = np.array(levels) - truth["ljp_mv"] - current_pa * residual_mohm * 1e-3
    g_ns, zero_pa = np.polyfit(v_mv, current_pa, 1)
    assert g_ns == pytest.approx(truth["g_ns"], rel=0.01)
    assert -zero_pa / g_ns == pytest.approx(truth["e_rev_mv"], abs=0.3)


def test_broken_file_breaks_off(made):
    reader = neo.rawio.AxonRawIO(str(made / "data" / "broken-file.abf"))
    with pytest.raises(Exception, match=r"mmap|exceeds|truncated"):
        reader.parse_header()


def test_batch_is_a_whole_project(tmp_path):
    simulate_batch(tmp_path / "one", 4, seed=3)
    simulate_batch(tmp_path / "two", 4, seed=3)
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*"))
    assert [str(p) for p in files] == [
        "config/config.yaml",
        "config/recordings.csv",
        "config/solutions.csv",
        *(f"data/cell_{number:05d}.abf" for number in range(1, 5)),
        "data/truth.csv",
    ]
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    abf = pyabf.ABF(str(tmp_path / "one" / "data" / "cell_00001.abf"))
    assert (abf.sweepCount, abf.sweepPointCount, abf.dataRate) == (13, 6000, 20_000)
    assert (tmp_path / "one" / "data" / "cell_00001.abf").stat().st_size < 250_000
