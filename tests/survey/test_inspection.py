"""What is said of one file, held against what the simulator put into it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from permeant.survey import try_recording
from permeant.survey.inspection import as_plain, as_words
from permeant.survey.protocol_words import list_epochs

DATA = Path(__file__).resolve().parents[2] / "data"


def test_a_stepped_file_tells_its_protocol() -> None:
    """Steps from -100 to 60 mV by 10 from -60 mV: permeant.simulate.protocol.plan_steps."""
    info = try_recording(DATA / "ohmic.abf").result.info
    assert info is not None
    epochs = {one.epoch: one for one in list_epochs(info)}
    assert epochs["B"].levels_mv == tuple(range(-100, 61, 10))
    assert "-100 to 60 mV by 10 (17 levels)" in epochs["B"].words
    assert epochs["A"].levels_mv == (-60.0,)


def test_the_conductance_is_that_of_the_truth() -> None:
    """data/truth.csv; without its series resistance in the sheet g is low by g R (1 - 0.6)."""
    with (DATA / "truth.csv").open(newline="") as stream:
        truth = {
            row["quantity"]: float(row["value"])
            for row in csv.DictReader(stream)
            if row["cell"] == "ohmic" and row["recording"]
        }
    left_ohm = truth["r_s_mohm"] * (1 - truth["r_s_compensation"])
    seen_ns = 1 / (1 / truth["g_ns"] + left_ohm * 1e-3)
    fit = as_plain(try_recording(DATA / "ohmic.abf"))["fit"]
    assert fit["g_low_ns"] < seen_ns < fit["g_high_ns"]


def test_words_and_json_say_the_same() -> None:
    trial = try_recording(DATA / "ohmic.abf", shown_as="ohmic.abf")
    plain, words = as_plain(trial), as_words(trial)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["readable"]
    assert plain["simulated"]
    assert words.startswith("ohmic.abf\n")
    assert f"g = {plain['fit']['g_ns']:.4g} nS" in words
    assert plain["measured"]["why"] in words
    assert [one["role"] for one in plain["channels"]] == ["current", "command"]


def test_an_order_of_levels_that_a_list_sets_is_kept() -> None:
    from permeant.simulate.example_cells import RANDOM_ORDER_MV  # noqa: PLC0415

    info = try_recording(DATA / "random-order.abf").result.info
    assert info is not None
    played = next(one for one in list_epochs(info) if len(one.levels_mv) > 2)
    assert played.levels_mv == tuple(map(float, RANDOM_ORDER_MV))


@pytest.mark.parametrize(
    ("name", "code"), [("broken-file.abf", "file_truncated"), ("none.abf", "file_missing")]
)
def test_trouble_is_told(name: str, code: str) -> None:
    trial = try_recording(DATA / name, shown_as=name)
    plain = as_plain(trial)
    assert not plain["readable"]
    assert [one["code"] for one in plain["problems"]] == [code]
    assert f"cannot be analysed ({code}):" in as_words(trial)
    assert str(DATA) not in as_words(trial)
