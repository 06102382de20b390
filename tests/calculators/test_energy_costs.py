"""The cost of a rest by its conductance, and of a waveform in a table, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from permeant.calculators.__main__ import main


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out)["results"])


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 2
    return capsys.readouterr().err


def test_a_waveform_against_its_minimum(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """1300 pA for 10 ms by the trapezoidal rule are 13 pC; 100 pF by 100 mV: case T136."""
    file = tmp_path / "spike.csv"
    file.write_text("time_ms,i_pa,v_mv\n0,0,-70\n1,-1300,30\n10,-1300,-60\n11,0,-70\n")
    found = ask(capsys, "energy", "waveform", str(file), "--pf", "100")
    assert found["charge_pc"] == pytest.approx(-13.0)
    assert found["minimal_sodium_ions"] == pytest.approx(62415090.7446076)
    assert found["excess_factor"] == pytest.approx(1.3)
    assert found["atp"] == pytest.approx(27046539.3226633)
    half = ask(capsys, "energy", "waveform", str(file), "--sodium-fraction", "0.5")
    assert half["atp"] == pytest.approx(27046539.3226633 / 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no column time_ms and no column i_pa"),
        ("time_ms,i_pa\n0,0\n1,5\n2,0\n", "sodium that enters is a negative current"),
        ("time_ms,i_pa\n0,0\n0,-5\n2,0\n", "has to rise"),
        ("time_ms,i_pa\n0,0\n1,x\n2,0\n", "row 3, i_pa = 'x' is no number"),
    ],
)
def test_waveforms_that_are_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "x.csv"
    file.write_text(text)
    assert words in refused(capsys, "energy", "waveform", str(file))


def test_a_minimum_needs_a_voltage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("time_ms,i_pa\n0,0\n1,-5\n2,0\n")
    assert "v_mv" in refused(capsys, "energy", "waveform", str(file), "--pf", "10")
    assert "cannot be read" in refused(capsys, "energy", "waveform", str(tmp_path / "none.csv"))


def test_rest_by_a_conductance(capsys: pytest.CaptureFixture[str]) -> None:
    """E_Na is 60.63 mV at 37 °C (founding text: +60 mV); 1.04e7 ATP a second for 5 pA."""
    g = f"{5 / (70 + 60.6346):.8f}"
    words = ("Na=15/145", "--g-na", g, "--at", "-70", "--temperature", "37")
    found = ask(capsys, "energy", "rest", *words)
    assert found["sodium_current_pa"] == pytest.approx(-5.0, rel=1e-4)
    assert found["atp_per_s"] == pytest.approx(1.04025e7, rel=1e-4)
    assert "brings no sodium in" in refused(
        capsys, "energy", "rest", "Na=15/145", "--g-na", "1", "--at", "80"
    )
    assert "--g-na" in refused(capsys, "energy", "rest", "Na=15/145", "--at", "-70")
