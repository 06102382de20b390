"""What limits a current, told in the terminal."""

from __future__ import annotations

from permeant.account.explain import explain_cell
from permeant.records import CellResult, ChargeRatio, Limits, ViscosityLimit

LIMIT = ViscosityLimit(
    "c", "", "one patch", "gating-limited", "the gate slows", 1.0, 2.0, recordings="a, b",
    alpha_open=0.7, alpha_open_sigma=0.05,
)  # fmt: skip
CHARGE = ChargeRatio("Ca", "Na", "ok", meaning="Ca conducts as z² says")


def test_the_verdict_and_the_known_powers_are_told():
    told = explain_cell(CellResult("c", (), (), {}, {}, limits=Limits((), (LIMIT,), (CHARGE,))))
    assert "pore or gate (a, b): gating-limited; the gate slows" in told
    assert "open time: 0.700, standard error 0.050" in told
    assert "power of viscosity of the current" not in told
    assert "Ca beside Na: Ca conducts as z² says" in told
    assert "pore or gate" not in explain_cell(CellResult("c", (), (), {}, {}))
