"""The calculators as a user meets them: text, JSON, named solutions, mistakes."""

from __future__ import annotations

import json
import subprocess
import sys
from math import log
from pathlib import Path
from typing import Any

import pytest

from permeant import physics as ph
from permeant.calculators.__main__ import main

EXAMPLE = str(Path(__file__).resolve().parents[2])


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs a command line given as one string, and reads its JSON."""

    def run(line: str, **more: str) -> dict[str, Any]:
        assert main([*line.format(**more).split(), "--json"]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return json.loads(out)

    return run


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs a command line and gives its text."""

    def run(line: str) -> str:
        assert main(line.split()) == 0
        return capsys.readouterr().out

    return run


@pytest.fixture
def refuse(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs a command line which must fail, and gives what it says."""

    def run(line: str) -> str:
        try:
            status = main(line.split())
        except SystemExit as stop:
            status = int(str(stop.code))
        out, err = capsys.readouterr()
        assert (status, out) == (2, "")
        assert "Traceback" not in err
        assert err.count("\n") == 1, "one sentence"
        return err

    return run


# --------------------------------------------------------------------------------- start-up


def test_starts_as_fast_as_the_physics() -> None:
    code = (
        "import sys; from permeant.calculators.__main__ import main\n"
        "main('ghk K=1:140/5 Na=0.04:15/145 --at -65'.split())\n"
        "heavy = {'scipy', 'pandas', 'lmfit', 'pydantic', 'neo', 'msgspec', 'yaml', 'jinja2'}\n"
        "print(sorted(heavy & {m.split('.')[0] for m in sys.modules}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "[]"


def test_registering_imports_no_numpy() -> None:
    code = (
        "import sys, argparse; from permeant.calculators import add_calculators\n"
        "add_calculators(argparse.ArgumentParser().add_subparsers())\n"
        "print('numpy' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


@pytest.mark.parametrize(
    "name", ["nernst", "forces", "ghk", "ljp", "activity", "ratio", "energy", "energy pump"]
)
def test_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*name.split(), "--help"])
    assert stop.value.code == 0
    assert "usage: permeant" in capsys.readouterr().out


# ----------------------------------------------------------------------------------- answers


def test_nernst(ask: Any, tell: Any) -> None:
    answer = ask("nernst K --in 140 --out 5 --temperature 37")
    assert answer["results"]["e_nernst_mv"] == ph.nernst_mv(5, 140, 1, 37)
    assert answer["inputs"] == {
        "ion": "K", "valence": 1, "inside_mm": 140.0, "outside_mm": 5.0, "temperature_c": 37.0,
    }  # fmt: skip
    assert "-89.06 mV" in tell("nernst K --in 140 --out 5 --temperature 37")
    assert "assumed" in tell("nernst K --in 140 --out 5")


@pytest.mark.parametrize("written", ["100nM", "0.1uM", "0.1µM", "1e-4", "0.0001mM", "1e-7M"])
def test_concentrations_in_other_units(ask: Any, written: str) -> None:
    found = ask(f"nernst Ca --in {written} --out 2 -t 37")["results"]["e_nernst_mv"]
    assert found == pytest.approx(ph.nernst_mv(2, 1e-4, 2, 37), abs=1e-12)


def test_nernst_between_named_solutions(ask: Any) -> None:
    answer = ask("nernst --project {p} --pipette K_gluconate_in --bath bath_Na_K", p=EXAMPLE)
    ions = {row["ion"]: row for row in answer["results"]["ions"]}
    assert ions["K"]["e_nernst_mv"] == ph.nernst_mv(5, 140, 1, 22)
    assert ions["Na"]["e_nernst_mv"] is None
    assert ions["Na"]["note"] == "undefined: absent inside"


def test_forces(ask: Any, tell: Any) -> None:
    found = ask("forces Na --in 15 --out 145 --at -65 -t 37 --exponent 2 -P 1e-8")["results"]
    total = ph.free_energy_j_per_mol(-65, 145, 15, 1, 37)
    assert found["free_energy_of_entry_j_per_mol"] == total
    assert found["electrical_j_per_mol"] - found["chemical_j_per_mol"] == pytest.approx(total)
    assert found["direction"] == "into the cell (inward current)"
    assert found["influx_mol_per_m2_s"] / found["efflux_mol_per_m2_s"] == pytest.approx(
        found["flux_ratio"] ** 0.5
    )
    assert "the gradient pulls the ion in" in tell("forces Na --in 15 --out 145 --at -65")


def test_ghk(ask: Any) -> None:
    terms = "K=1:140/5 Na=0.04:15/145 Cl=0.45:10/110"
    p, inside, outside, z = [1, 0.04, 0.45], [140, 15, 10], [5, 145, 110], [1, 1, -1]
    found = ask(f"ghk {terms} --at -65,-1e1 --p-unit 1e-8 --area 1000 -t 37")["results"]
    assert found["e_rev_mv"] == ph.ghk_reversal_mv(p, inside, outside, z, 37)
    net = [row["current_pa"] for row in found["net_current"]]
    per_area = [each * 1e-8 * 1e-9 for each in p]
    assert net == pytest.approx(ph.ghk_current_pa([-65, -10], per_area, inside, outside, z, 37))
    assert len(found["currents"]) == 6
    shares = ask(f"ghk --at -65 {terms}")["results"]["currents"]
    assert sum(abs(row["current_share"]) for row in shares) == pytest.approx(1)


def test_ghk_between_named_solutions(ask: Any) -> None:
    line = "ghk --project {p} --pipette KCl_in --bath bath_Na -P K=1 -P Na=0.04"
    answer = ask(line, p=EXAMPLE)
    expected = ph.ghk_reversal_mv([1, 0.04], [140, 0], [0, 145], [1, 1], 22)
    assert answer["results"]["e_rev_mv"] == expected
    assert "taken as impermeant: Cl, HEPES, Mg" in answer["notes"]
    other = ask(f"{line} --activities davies", p=EXAMPLE)
    assert other["results"]["e_rev_mv"] != expected
    assert any("convention" in note for note in other["notes"])


def test_a_mixture_without_reversal_is_an_answer(ask: Any) -> None:
    answer = ask("ghk K=1:140/0")
    assert answer["results"]["e_rev_mv"] is None
    assert "no reversal potential" in answer["warnings"][0]


GLUCONATE = "K=140,Na=10,Cl=30,gluconate=120"
SALINE = "Na=145,K=4,Cl=149"


def test_ljp(ask: Any, tell: Any) -> None:
    pipette = {"K": 140, "Na": 10, "Cl": 30, "gluconate": 120}
    bath = {"Na": 145, "K": 4, "Cl": 149}
    line = f"ljp {GLUCONATE} {SALINE} -t 22 --command -60 --rest -70"
    found = ask(line)["results"]
    henderson = ph.henderson_mv(pipette, bath, 22)
    assert found["ljp_henderson_mv"] == henderson
    assert found["ljp_nernst_planck_mv"] == ph.nernst_planck_mv(pipette, bath, 22)
    v = {row["configuration"]: row["v_membrane_mv"] for row in found["configurations"]}
    assert v["whole-cell"] == v["outside-out"] == -60 - henderson
    assert v["inside-out"] == pytest.approx(60 + henderson)
    assert v["cell-attached"] == pytest.approx(-70 + 60 + henderson)
    assert "V_bath - V_pipette" in tell(line)


def test_ljp_after_a_bath_change(ask: Any) -> None:
    line = "ljp --project {p} --pipette KCl_in --bath bath_Ca --zeroed-in bath_Na --electrode {e}"
    for electrode in ("salt_bridge", "ag_agcl"):
        found = ask(line, p=EXAMPLE, e=electrode)["results"]
        assert found["correction_mv"] == pytest.approx(
            found["ljp_henderson_mv"] + found["bath_change_shift_mv"]
        )
    assert found["bath_change_shift_mv"] == pytest.approx(  # the bare wire follows chloride
        ph.thermal_voltage_mv(22) * log(140 / 144)
    )


def test_ljp_from_files(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "pipette.csv").write_text("ion,mM\nK,140\nNa,10\nCl,30\ngluconate,120\n", "utf-8")
    (tmp_path / "bath.csv").write_text("Na;145\nK;4,0\nCl;149\n", "utf-8")
    sheet = "solution,Na,K,Cl,absorbed_by\nsaline,145,4,,Cl\nother,1,,1,\n"
    (tmp_path / "sheet.csv").write_text(sheet, "utf-8")
    inline = ask(f"ljp {GLUCONATE} {SALINE}")["results"]
    assert ask(f"ljp {tmp_path}/pipette.csv {tmp_path}/bath.csv")["results"] == inline
    assert ask(f"ljp {tmp_path}/pipette.csv {tmp_path}/sheet.csv:saline")["results"] == inline


def test_a_small_residual_leaves_henderson(ask: Any) -> None:
    answer = ask("ljp K=140,Cl=139.5 Na=140,Cl=140")
    assert answer["results"]["ljp_nernst_planck_mv"] is None
    assert "residual charge +0.5 mM" in " ".join(answer["notes"])
    absorbed = ask("ljp K=140,Cl=139.5 Na=140,Cl=140 --absorbed-by Cl")
    assert absorbed["results"]["ljp_nernst_planck_mv"] == pytest.approx(
        ph.nernst_planck_mv({"K": 140, "Cl": 140}, {"Na": 140, "Cl": 140}, 25)
    )


def test_activity(ask: Any, tell: Any) -> None:
    answer = ask("activity Na=145 K=4 Ca=2 Cl=153")
    rows = {row["ion"]: row for row in answer["results"]["ions"]}
    assert rows["Ca"]["gamma_pitzer"] == pytest.approx(0.3194, abs=1e-4)
    salts = {row["salt"]: row for row in answer["results"]["salts"]}
    assert salts["Ca-Cl"]["mean_pitzer"] == pytest.approx(0.5639, abs=1e-4)
    assert "convention" in answer["notes"][0]
    text = tell(f"activity K_gluconate_in --project {EXAMPLE}")
    assert "Pitzer is left out: no Pitzer parameters for K-gluconate" in text
    both = f"activity K_gluconate_in --project {EXAMPLE} --substitute gluconate=Cl"
    assert "those of Cl stand in" in tell(f"{both} --substitute HEPES=Cl")


def test_ratio(ask: Any) -> None:
    line = "ratio Na/K --e-rev -62 K=140/4 Na=10/145 -t 23"
    found = ask(f"{line} --sigma 1")["results"]
    exact = ph.invert_ghk(-62, [1, 0], [140, 10], [4, 145], [1, 1], 23, 1)
    assert found["ratio"] == pytest.approx(exact.ratio)
    # K 140/4, Na 10/145, E = -62 mV, 23 °C
    assert found["ratio"] == pytest.approx(0.0578, abs=1e-4)
    assert found["relative_change_per_mv"] == pytest.approx(5.8, abs=0.05)
    assert found["ratio_low"] < found["ratio"] < found["ratio_high"]
    assert found["status"] == "ok"


def _ratio_at(e_rev: float) -> float:
    return float(ph.invert_ghk(e_rev, [1, 0], [140, 10], [4, 145], [1, 1], 25, 1).ratio)


@pytest.mark.parametrize(
    ("e_rev", "sigma", "status", "ends"),
    [
        (-85, 5, "bound", (0.0, _ratio_at(-85 + 5 * 1.959963984540054))),
        (-92, 2, "bound", (0.0, _ratio_at(-92 + 2 * 1.959963984540054))),
        (66, 3, "bound", (_ratio_at(66 - 3 * 1.959963984540054), None)),
        (70, 3, "bound", (_ratio_at(70 - 3 * 1.959963984540054), None)),
        (-110, 2, "infeasible", (None, None)),
        (90, 1, "infeasible", (None, None)),
    ],
)
def test_ratio_at_its_limits(
    ask: Any, e_rev: float, sigma: float, status: str, ends: tuple[float | None, float | None]
) -> None:
    answer = ask(f"ratio Na/K --e-rev {e_rev} --sigma {sigma} K=140/4 Na=10/145")
    found = answer["results"]
    assert found["status"] == status
    for key, end in zip(("ratio_low", "ratio_high"), ends, strict=True):
        assert found.get(key) == (None if end is None else pytest.approx(end))
    assert found["e_rev_at_ratio_zero_mv"] == pytest.approx(ph.nernst_mv(4, 140, 1, 25))
    if status == "infeasible":
        assert "another ion permeates" in answer["warnings"][0]


def test_ratio_of_a_divalent_with_a_known_third(ask: Any) -> None:
    e = ph.ghk_reversal_mv([1, 4, 0.1], [140, 0, 140], [140, 10, 160], [1, 2, -1], 22)
    line = f"ratio Ca/Cs --e-rev {e} -t 22"
    written = ask(f"{line} Cs=140/140 Ca=0/10 Cl=0.1:140/160")["results"]
    assert written["ratio"] == pytest.approx(4)
    solutions = "--pipette Cs=140,Cl=140 --bath Cs=140,Ca=10,Cl=160 -P Cl=0.1"
    assert ask(f"{line} {solutions}")["results"]["ratio"] == pytest.approx(4)


def test_biionic_shift(ask: Any) -> None:
    found = ask("ratio Li/Na --shift -2.4 -t 22 --sigma 1")["results"]
    assert found["ratio"] == ph.biionic_ratio_from_shift(-2.4, 22)
    anion = ask("ratio I/Cl --shift -10 -t 22")["results"]
    assert anion["ratio"] > 1


def test_energy(ask: Any) -> None:
    assert ask("energy charge 1")["results"]["atp"] == pytest.approx(2.0805e6, rel=1e-4)
    assert ask("energy charge -1 --carrier Ca")["results"]["ions"] == pytest.approx(3.1208e6, 1e-4)
    spike = ask("energy action-potential --pf 100 --mv 100")["results"]
    assert spike["atp"] == pytest.approx(2.70e7, rel=3e-3)
    assert ask("energy rest -5")["results"]["atp_per_s"] == pytest.approx(1.04e7, rel=1e-3)
    pump = ask("energy pump --at -70 Na=15/145 K=140/5 -t 37")["results"]
    assert pump["work_j_per_mol"] == pytest.approx(41.5e3, rel=1e-3)
    half = ask("energy synaptic 1 --sodium-fraction 0.5")["results"]
    assert half["atp"] == pytest.approx(1.0403e6, rel=1e-4)


def test_declared_ions(ask: Any) -> None:
    found = ask("nernst X --in 1 --out 10 --ion X:-2")["results"]
    assert found["e_nernst_mv"] == ph.nernst_mv(10, 1, -2, 25)
    assert ask("ljp X=1,K=2 K=2,Cl=2 --ion X:-2:0.5")["results"]["ljp_henderson_mv"]


# ---------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nernst Kk --in 1 --out 2", "unknown ion 'Kk'. Did you mean 'K'?"),
        ("nernst", "ION is missing"),
        ("nernst K --in 140", "--out is missing"),
        ("nernst K --in -5 --out 3", "inside_mm = -5 must be larger than 0"),
        ("nernst K --in 0 --out 3", "inside_mm = 0 must be larger than 0"),
        ("nernst K --in - --out 3", "--in = '-' is no concentration"),
        ("nernst K --in 5mV --out 3", "'5mV' is no concentration"),
        ("nernst K --in 140 --out 5 -t 310", "is it in kelvin?"),
        ("nernst K --in 140 --out 5 -t warm", "--temperature = 'warm' is no number"),
        ("nernst K --in 140 --outt 5", "Did you mean '--out'"),
        ("nernst glucose --in 1 --out 5", "valence"),
        ("ghk", "no permeant ion"),
        ("ghk K=1:140", "inside/outside"),
        ("ghk K140", "must be ION=P:INSIDE/OUTSIDE"),
        ("ghk K=1:140/5 K+=1:140/5", "K+ is given twice"),
        ("ghk K=1:140/5 --at nan", "finite number"),
        ("ghk K=1:140/5 --at -65 --area 10", "--p-unit"),
        ("ghk K=1:140/5 --p-unit 1e-8", "say at which voltage"),
        ("ghk K=1:140/5 --activities davies", "needs whole solutions"),
        ("ghk --pipette K=1,Cl=1 -P K=1", "go together"),
        ("ljp K=140,Cl=140", "two solutions are needed"),
        ("ljp nowhere.csv K=1,Cl=1", "nowhere.csv cannot be read"),
        ("ljp K=140,Cl=130 K=1,Cl=1", "charges do not balance"),
        ("ljp K=140,Cl=140 K=1,Cl=1 --electrode ag_agcl", "add --zeroed-in"),
        ("ljp K=2,BAPTA=0.5 K=1,Cl=1", "no relative mobility is known for BAPTA4-"),
        ("activity K=140 gluconate=140 --model pitzer", "--substitute"),
        ("activity K=140 bath", "give ions as NAME=MM"),
        ("ratio NaK --e-rev 0", "must be ION/REFERENCE"),
        ("ratio Na/K --e-rev 0 K=1/2", "Na has no concentrations"),
        ("ratio K/K+ --e-rev 0 K=1/2 K+=1/2", "given twice"),
        ("ratio Na/K K=1/2 Na=2/1", "--e-rev is missing"),
        ("ratio Ca/K --shift 3", "two monovalent ions of one sign"),
        ("energy", "QUESTION"),
        ("energy pump Na=1/2 --at 0", "both ions of the pump"),
        ("energy charge much", "'much' is no number"),
        ("nernst X --in 1 --out 2 --ion X", "--ion = 'X' must be NAME:VALENCE"),
    ],
)
def test_mistakes_are_one_sentence(refuse: Any, line: str, words: str) -> None:
    assert words in refuse(line)


def test_unknown_solutions(refuse: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Did you mean 'KCl_in'" in refuse(f"ljp KCl_im bath_Na --project {EXAMPLE}")
    assert "is not a folder" in refuse(f"ljp a b --project {tmp_path}/none")
    monkeypatch.chdir(tmp_path)
    assert "this folder holds no config/" in refuse("ljp KCl_in bath_Na")


def test_files_that_are_no_solution(refuse: Any, tmp_path: Path) -> None:
    for text, words in (
        ("", "is empty"),
        ("K,140\nK,3\n", "stands there twice"),
        ("K\n", "must be ION,CONCENTRATION"),
        ("K,many\n", "is no concentration"),
        ("solution,K,Cl\na,1,1\nb,1,1\n", "name one of them"),
    ):
        (tmp_path / "x.csv").write_text(text, "utf-8")
        assert words in refuse(f"ljp {tmp_path}/x.csv K=1,Cl=1")
    (tmp_path / "x.csv").write_bytes(b"K,\xff\n")
    assert "UTF-8" in refuse(f"ljp {tmp_path}/x.csv K=1,Cl=1")


def test_mistakes_of_a_project_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "solutions.csv").write_text("solution,K,Cx\na,1,1\n", "utf-8")
    assert main(["ljp", "a", "a", "--project", str(tmp_path)]) == 2
    assert "Cx" in capsys.readouterr().err
