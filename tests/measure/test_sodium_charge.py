"""Charge of a window, its sodium and ATP, the capacitive minimum, and the refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from permeant.errors import RecordingError
from permeant.measure.charge.window import measure_charge
from permeant.records import Cost, Provenance, Recording, RecordingInfo, Segment, SheetRow

INTERVAL_MS = 0.02
N = 1000
ROW = SheetRow(1, "c", "c", "c.abf", measure="charge", sodium_fraction=1.0, c_m_pf=100.0)
SPIKE = (
    Segment("A", 0, 200, -70.0, -70.0),
    Segment("B", 200, 260, -70.0, 30.0),
    Segment("C", 260, 400, 30.0, -70.0),
    Segment("D", 400, N, -70.0, -70.0),
)


def recording(current_pa: np.ndarray, segments: tuple[Segment, ...] = SPIKE) -> Recording:
    info = RecordingInfo(
        Provenance("by hand", "", 0, "", "", ""),
        (),
        INTERVAL_MS,
        current_pa.shape[0],
        current_pa.shape[1],
        tuple(float(k) for k in range(current_pa.shape[0])),
        "by hand",
        (segments,) * current_pa.shape[0],
    )
    return Recording(info, current_pa.astype(np.float32))


def pulse(n_sweeps: int = 1, zero_pa: float = -25.0, noise_pa: float = 0.0) -> np.ndarray:
    """A current whose charge over its zero is -13 pC: 1300 pA for 10 ms, from 4.4 to 14.4 ms."""
    current_pa = np.full((n_sweeps, N), zero_pa)
    current_pa[:, 220:720] -= 1300.0
    generator = np.random.default_rng(3)
    return current_pa + noise_pa * generator.standard_normal(current_pa.shape)


def costs(*arguments: object) -> dict[str, Cost]:
    found = measure_charge(*arguments).costs  # type: ignore[arg-type]
    return {one.kind: one for one in found}


WINDOW = replace(ROW, window_start_ms=4.0, window_end_ms=16.0)


def test_charge_ions_and_atp() -> None:
    """13 pC is 13 times the ions and ATP of case T135 (1 pC: 6241509.07446 and 2080503.02482)."""
    charge = costs(recording(pulse()), WINDOW)["charge"]
    assert charge.sodium_charge_pc == pytest.approx(-13.0, rel=1e-6)
    assert charge.sodium_ions == pytest.approx(13 * 6241509.07446076, rel=1e-6)
    assert charge.atp == pytest.approx(13 * 2080503.02482025, rel=1e-6)
    assert charge.atp_low is None


def test_action_potential_against_its_minimum() -> None:
    """100 pF by 100 mV with an excess of 1.3: case T136."""
    spike = costs(recording(pulse()), WINDOW)["action_potential"]
    assert spike.depolarisation_mv == pytest.approx(100.0)
    assert spike.minimal_sodium_ions == pytest.approx(62415090.7446076, rel=1e-9)
    assert spike.excess_factor == pytest.approx(1.3, rel=1e-6)
    assert spike.atp == pytest.approx(27046539.3226633, rel=1e-6)
    assert any("100 pF" in text for text in spike.assumptions)


def test_the_window_is_found_from_the_command() -> None:
    found = measure_charge(recording(pulse()), ROW)
    assert found.costs[0].window_start_ms == pytest.approx(4.0, abs=0.05)
    assert found.costs[0].window_end_ms == pytest.approx(13.0, abs=0.1)


def test_a_fraction_scales_the_sodium_not_the_charge() -> None:
    charge = costs(recording(pulse()), replace(WINDOW, sodium_fraction=0.25))["charge"]
    assert charge.charge_pc == pytest.approx(-13.0, rel=1e-6)
    assert charge.sodium_charge_pc == pytest.approx(-3.25, rel=1e-6)


def test_sweeps_give_an_interval_that_holds_the_truth() -> None:
    held = 0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        noisy = pulse(6) + 40.0 * generator.standard_normal((6, N))
        charge = costs(recording(noisy), WINDOW)["charge"]
        held += charge.sodium_charge_low_pc <= -13.0 <= charge.sodium_charge_high_pc
    # of 100 intervals of 95 %, 90 to 99: a binomial chance of 1 in 50 outside
    assert 90 <= held <= 99


def test_what_a_control_shares_is_taken_off() -> None:
    leak_pa = 5.0 * np.sin(np.arange(N) / 40.0) + 60.0
    whole, blocked = recording(pulse() + leak_pa), recording(np.tile(leak_pa, (3, 1)))
    charge = costs(whole, replace(WINDOW, subtract="ttx"), [blocked])["charge"]
    assert charge.charge_pc == pytest.approx(-13.0, rel=1e-4)
    other = recording(np.tile(leak_pa, (3, 1)), (Segment("A", 0, N, -70.0, -70.0),))
    with pytest.raises(RecordingError, match="another command"):
        measure_charge(whole, replace(WINDOW, subtract="ttx"), [other])


def test_inside_out_turns_the_sign() -> None:
    row = replace(WINDOW, configuration="inside-out")
    assert costs(recording(-pulse()), row)["charge"].sodium_charge_pc == pytest.approx(
        -13, rel=1e-4
    )


def test_without_a_stated_fraction_no_sodium_is_told() -> None:
    charge = costs(recording(pulse()), replace(WINDOW, sodium_fraction=None))["charge"]
    assert charge.status == "rejected"
    assert charge.charge_pc == pytest.approx(-13.0, rel=1e-6)
    assert charge.atp is None


def test_an_outward_charge_is_no_sodium_entry() -> None:
    charge = costs(recording(-pulse()), WINDOW)["charge"]
    assert charge.status == "rejected"
    assert "inward" in charge.reason


def test_a_step_is_no_action_potential() -> None:
    step = (
        Segment("A", 0, 200, -70.0, -70.0),
        Segment("B", 200, 400, 0.0, 0.0),
        Segment("C", 400, N, -70.0, -70.0),
    )
    assert set(costs(recording(pulse(), step), WINDOW)) == {"charge"}


def test_without_a_capacitance_there_is_no_minimum() -> None:
    spike = costs(recording(pulse()), replace(WINDOW, c_m_pf=None))["action_potential"]
    assert spike.status == "rejected"
    assert "c_m_pf" in spike.reason
    assert spike.atp is None


def test_less_sodium_than_the_least_is_told() -> None:
    found = measure_charge(recording(pulse()), replace(WINDOW, c_m_pf=200.0))
    assert [one.check for one in found.findings] == ["excess_below_one"]


def test_no_window_and_no_zero_are_refused() -> None:
    still = (Segment("A", 0, N, -70.0, -70.0),)
    with pytest.raises(RecordingError, match="window"):
        measure_charge(recording(pulse(), still), ROW)
    with pytest.raises(RecordingError, match="zero"):
        measure_charge(recording(pulse()), replace(ROW, window_start_ms=0.1, window_end_ms=9.0))


def test_sweeps_with_another_command_are_apart() -> None:
    both = recording(pulse(4))
    other = (SPIKE[0], replace(SPIKE[1], stop_mv=0.0), replace(SPIKE[2], start_mv=0.0), SPIKE[3])
    info = replace(both.info, sweeps=(SPIKE, SPIKE, other, other))
    found = list(measure_charge(replace(both, info=info), WINDOW).costs)
    assert [(one.kind, one.sweeps) for one in found] == [
        ("charge", "1,2"),
        ("action_potential", "1,2"),
        ("charge", "3,4"),
        ("action_potential", "3,4"),
    ]
