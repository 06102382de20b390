"""The cost of a cell at rest: by a stated conductance, by the GHK fit, and the refusals."""

from __future__ import annotations

import pytest

from permeant.infer.resting_cost import resting_cost
from permeant.records import ModelFit, ModelParameter, Solution

INSIDE = Solution("in", {"Na": 15.0, "K": 140.0, "Cl": 155.0})
OUTSIDE = Solution("out", {"Na": 145.0, "K": 5.0, "Cl": 150.0})
GHK = ModelFit("ghk", "ok", parameters=(ModelParameter("pa_Na", 1e-18, "m³/s", 0.8e-18, 1.2e-18),))


def test_a_stated_conductance() -> None:
    """E_Na is 60.63 mV at 37 °C (15/145 mM, founding text), and 5 pA cost 1.04e7 ATP a second."""
    g_na_ns = 5.0 / (70.0 + 60.6346)
    found = resting_cost(-70.0, INSIDE, OUTSIDE, 37.0, g_na_ns=g_na_ns)
    assert found.sodium_current_pa == pytest.approx(-5.0, rel=1e-4)
    assert found.atp == pytest.approx(5 * 2080503.02482025, rel=1e-4)
    assert found.per == "second"
    assert any("E_Na = 60.6 mV" in text for text in found.assumptions)


def test_pump_work() -> None:
    """41.4907 kJ/mol at -70 mV, 15/145 and 140/5 mM, 310.15 K: case T138."""
    found = resting_cost(-70.0, INSIDE, OUTSIDE, 37.0, g_na_ns=0.1)
    assert found.pump_work_kj_per_mol == pytest.approx(41.4906594738012, rel=1e-9)


def test_the_permeability_of_the_curve() -> None:
    """At 0 mV the GHK current is P A F (c_in - c_out): 1e-18 x 96485.33 x -130 A = -12.543 pA."""
    found = resting_cost(0.0, INSIDE, OUTSIDE, 25.0, models=[GHK])
    assert found.sodium_current_pa == pytest.approx(-12.5430931760303, rel=1e-9)
    assert found.atp_low == pytest.approx(0.8 * found.atp)
    assert found.atp_high == pytest.approx(1.2 * found.atp)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"models": []}, "g_na_ns"),
        ({"models": [ModelFit("ghk", "refuted", "the residuals have runs")]}, "runs"),
        ({"models": [ModelFit("ghk", "ok")]}, "no permeability to sodium"),
        ({"g_na_ns": 0.1, "inside": Solution("k", {"K": 140.0})}, "without sodium inside"),
        ({"g_na_ns": 0.1, "outside": Solution("k", {"K": 140.0})}, "no sodium outside"),
        ({"g_na_ns": 0.1, "inside": None}, "pipette"),
        ({"g_na_ns": 0.1, "v_rest_mv": 80.0}, "sodium leaves"),
    ],
)
def test_what_cannot_be_told_is_refused(given: dict[str, object], why: str) -> None:
    asked = {
        "v_rest_mv": -70.0, "inside": INSIDE, "outside": OUTSIDE, "temperature_c": 37.0, **given
    }  # fmt: skip
    found = resting_cost(**asked)  # type: ignore[arg-type]
    assert found.status == "rejected"
    assert why in found.reason
    assert found.atp is None
