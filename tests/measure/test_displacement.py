"""What a correction did to each point, taken back, gives the points as they were."""

from __future__ import annotations

import numpy as np
import pytest
from recordings_by_hand import CORRECTIONS, family_sweeps, info, measure, ohmic, sheet_row

from permeant.records import Measurement, SharedError

RECORDING = ohmic(info(family_sweeps()), 20.0, -20.0, 0.5)


def measured(sigma: float | None = None, **more: object) -> Measurement:
    settings = {**CORRECTIONS, "sigma_r_s_fraction": sigma}
    return measure(RECORDING, sheet_row(**more), corrections=settings)


def of_resistance(given: Measurement) -> list[SharedError]:
    return [one for one in given.shared_errors if one.source.startswith("series resistance")]


@pytest.mark.parametrize("configuration", ["whole-cell", "inside-out"])
def test_corrections_taken_back_leave_the_command(configuration: str) -> None:
    given = measured(configuration=configuration, ljp_mv=7.0, r_s_mohm=10.0, r_s_compensation=0.6)
    moved = [one.v_mv for one in given.corrections if one.v_mv]
    assert len(moved) == 2
    sign = 1 if configuration == "whole-cell" else -1
    for k, point in enumerate(given.points):
        raw_mv = point.v_membrane_mv - sum(one[k] for one in moved)
        assert raw_mv == pytest.approx(sign * point.v_command_mv, abs=1e-9)


def test_what_is_not_applied_moves_nothing() -> None:
    assert not any(one.v_mv or one.i_pa for one in measured(ljp_applied=True).corrections)


@pytest.mark.parametrize(("sigma", "scope"), [(None, "supposed"), (0.1, "recording")])
def test_the_resistances_error_is_that_of_all_of_it(sigma: float | None, scope: str) -> None:
    """10 % of 10 MΩ is 1 MΩ, of which compensation takes nothing; times the current."""
    given = measured(sigma, r_s_mohm=10.0, r_s_compensation=0.6)
    (error,) = of_resistance(given)
    assert error.scope == scope
    assert error.v_mv == pytest.approx([-1e-3 * point.i_pa for point in given.points])


def test_an_exact_resistance_has_no_error() -> None:
    assert of_resistance(measured(0.0, r_s_mohm=10.0)) == []
    assert of_resistance(measured(0.1)) == []
    assert np.isfinite([point.i_sem_pa for point in measured(0.1).points]).all()
