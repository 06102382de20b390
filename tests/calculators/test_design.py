"""``permeant design``: the best set of baths, and how well it would do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from permeant.calculators.__main__ import main
from permeant.errors import PermeantError
from permeant.infer.permeability import Observation, Uncertainty, infer_ratios
from permeant.physics.bath_design import ExpectedErrors, rank_bath_sets
from permeant.physics.ghk_reversal import ghk_reversal_mv

EXAMPLE = str(Path(__file__).resolve().parents[2])
PIPETTE = {"K": 140.0, "Cl": 140.0}
BATHS = {
    "Na": {"Na": 140.0, "Cl": 140.0},
    "mix": {"Na": 70.0, "Li": 70.0, "Cl": 140.0},
    "Li": {"Li": 140.0, "Cl": 140.0},
    "K": {"K": 140.0, "Cl": 140.0},
}
RATIOS = {"K": 1.0, "Na": 0.9, "Li": 0.6}
VALENCES = dict.fromkeys(RATIOS, 1)
LINE = (
    "design --pipette K=140,Cl=140 --bath Na=140,Cl=140 --bath Na=70,Li=70,Cl=140 "
    "--bath Li=140,Cl=140 -P Na=0.9 -P Li=0.6 --reference K --temperature 22"
)


def ask(capsys: pytest.CaptureFixture[str], line: str) -> dict[str, Any]:
    assert main([*line.split(), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def rank(**more: Any) -> Any:
    return rank_bath_sets(PIPETTE, BATHS, RATIOS, VALENCES, 22.0, reference="K", **more)


def test_the_expected_error_is_what_the_inference_then_finds() -> None:
    """Linear, from sensitivities; against the errors that the fit splits, from moved inputs."""
    sets = {one.baths: one for one in rank(first="Na")}
    for chosen in (("Na", "Li"), ("Na", "mix"), ("Na", "mix", "Li"), ("Na", "mix", "Li", "K")):
        if chosen not in sets:
            continue
        observations = [
            Observation(
                name,
                float(
                    ghk_reversal_mv(
                        list(RATIOS.values()),
                        [PIPETTE.get(ion, 0.0) for ion in RATIOS],
                        [BATHS[name].get(ion, 0.0) for ion in RATIOS],
                        [1, 1, 1],
                        22.0,
                    )
                ),
                1.0, 22.0, PIPETTE, BATHS[name], bath=name, zeroed_in="Na",
            )
            for name in chosen
        ]  # fmt: skip
        found = infer_ratios(
            observations, permeant=list(RATIOS), reference="K", fixed={}, activities="none",
            uncertainty=Uncertainty(draws=1000),
        )  # fmt: skip
        for ratio in found.ratios:
            assert ratio.ln_sd_own is not None
            assert ratio.ln_sd_shared is not None
            whole = np.hypot(ratio.ln_sd_own, ratio.ln_sd_shared)
            assert sets[chosen].sd_ln[ratio.ion] == pytest.approx(whole, rel=0.01), chosen


def test_one_bath_and_one_unknown_by_hand() -> None:
    """K inside, Na outside: ln P = FE/RT + ln([K]/[Na]), so 1 mV is F/RT and 1 % is 1 %."""
    errors = ExpectedErrors(1.0, 0.0, 0.0, 0.01)
    (best,) = rank_bath_sets(
        PIPETTE, {"Na": BATHS["Na"]}, {"K": 1.0, "Na": 0.9}, VALENCES, 22.0,
        reference="K", errors=errors,
    )  # fmt: skip
    thermal_mv = 8.31446261815324 * 295.15 / 96485.33212331 * 1e3
    assert best.sd_ln["Na"] == pytest.approx(np.sqrt(thermal_mv**-2 + 2 * 0.01**2), rel=1e-6)


def test_a_bath_that_tells_nothing_new_helps_little_and_none_never_harms() -> None:
    sets = {one.baths: one.worst for one in rank()}
    assert sets["Na", "Li"] >= sets["Na", "mix", "Li"]
    assert sets["Na", "Li"] < sets["Na", "mix"]
    assert np.isinf(sets["mix",])
    assert np.isinf(sets["Na", "K"])


def test_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    results = ask(capsys, LINE)["results"]
    assert results["best_set"] == "Na=140,Cl=140 + Na=70,Li=70,Cl=140 + Li=140,Cl=140"
    assert [row["ratio"] for row in results["expected"]] == ["P_Na/P_K", "P_Li/P_K"]
    for row in results["expected"]:
        assert row["expected_low"] < row["guess"] < row["expected_high"]
    worst = [row["worst_error_percent"] for row in results["sets"]]
    assert worst == sorted(worst)


def test_a_project_s_solutions(capsys: pytest.CaptureFixture[str]) -> None:
    line = (
        f"design --project {EXAMPLE} --pipette KCl_in --all -P Na=1 -P Li=0.6 --reference K "
        "--first bath_Na --sigma 0.5 --largest 2"
    )
    results = ask(capsys, line)["results"]
    assert results["best_set"].split(" + ")[0] == "bath_Na"
    assert "bath_Li" in results["best_set"]


def test_what_no_set_tells_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    line = (
        "design --pipette K=140,Cl=140 --bath Na=70,Li=70,Cl=140 -P Na=0.9 -P Li=0.6 "
        "--reference K --temperature 22"
    )
    answer = ask(capsys, line)
    assert answer["results"]["best_set"] is None
    assert "only P_Na + P_Li is determined by these baths" in answer["warnings"][0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("design --bath Na=140,Cl=140 -P Na=1 --reference K", "--pipette is missing"),
        ("design --pipette K=140,Cl=140 -P Na=1 --reference K", "--bath is missing"),
        (f"{LINE} --fixed Cs", "--fixed Cs has no ratio"),
        (f"{LINE} --sigma 0", "--sigma = 0 must be larger than 0"),
        (f"{LINE} --largest 1.5", "must be a whole number"),
        (f"{LINE} --first Cs=140,Cl=140", "none of the baths"),
        (LINE.replace("-P Na=0.9", "-P Na=-1"), "must be larger than 0"),
        (LINE.replace("-P Na=0.9 -P Li=0.6", ""), "-P is missing"),
    ],
)
def test_mistakes_are_one_sentence(
    capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    assert main(line.split()) == 2
    assert said in capsys.readouterr().err


def test_too_many_sets_are_refused() -> None:
    many = {f"b{k}": {"Na": 100.0 + k} for k in range(40)}
    with pytest.raises(PermeantError, match="sets of up to 6"):
        rank_bath_sets(
            PIPETTE, many, {"K": 1.0, "Na": 0.9}, VALENCES, 22.0, reference="K", largest=6
        )
