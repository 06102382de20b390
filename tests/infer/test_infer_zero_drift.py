"""What the zero current of another sweep would make of a reversal."""

from __future__ import annotations

import pytest

from permeant.infer.zero_drift import DRIFT, check_zero_drift
from permeant.records import Correction, IVFit

FIT = IVFit(
    "ok", g_ns=5.0, e_rev_mv=-40.0, e_rev_low_mv=-40.2, e_rev_high_mv=-39.8,
    e_rev_status="measured", g_at_reversal_ns=4.0,
)  # fmt: skip


def drift(size_pa: float, *, applied: bool = True) -> list[Correction]:
    return [Correction(DRIFT, size_pa, "pA", applied, "why")]


def test_a_drift_upwards_would_mean_a_higher_zero() -> None:
    """The zero rises by 20 pA: by Ohm's law with 4 nS, 5 mV; the last sweep's E is lower by it.

    A current of 4 nS (V + 40 mV) as of the first sweep is larger by 20 pA in the last one, where
    it is zero at -45 mV.
    """
    found = check_zero_drift(FIT, drift(20.0))
    assert found is not None
    assert found.value == pytest.approx(5.0)
    assert "-45.0 mV" in found.message


def test_a_small_drift_and_one_that_was_not_taken_off_are_no_remark() -> None:
    assert check_zero_drift(FIT, drift(3.0)) is None
    assert check_zero_drift(FIT, drift(50.0, applied=False)) is None
    assert check_zero_drift(FIT, []) is None
