from __future__ import annotations

import math
import random

import pytest
from cells_by_hand import make_value

from permeant.cohort import CellValue, PairedDifference
from permeant.infer.pairs import paired_differences


def only(pairs: list[PairedDifference]) -> PairedDifference:
    assert len(pairs) == 1
    return pairs[0]


def both(cell: str, first: float, second: float, **more: object) -> list[CellValue]:
    return [make_value(cell, first, **more), make_value(cell, second, condition="drug", **more)]  # type: ignore[arg-type]


def test_the_cell_is_its_own_control() -> None:
    """Differences of 1, 2 and 3 mV: mean 2, s = 1, t(2) = 4.303 from the tables."""
    values = both("c1", -20, -19) + both("c2", -40, -38) + both("c3", 10, 13)
    pair = only(paired_differences(values))
    assert (pair.condition_a, pair.condition_b) == ("control", "drug")
    assert (pair.n_cells, pair.unit, pair.cells) == (3, "mV", "c1, c2, c3")
    assert (pair.mean, pair.sd) == (pytest.approx(2.0), pytest.approx(1.0))
    assert pair.high == pytest.approx(2.0 + 4.303 / math.sqrt(3), abs=1e-3)
    assert (pair.sigma_shared, pair.note) == (0.0, "an error of the junction potential cancels")


def test_conductances_change_in_percent() -> None:
    """Halved and halved: -50 %, with no scatter; the logarithm of 1/2 each time."""
    values = both("c1", 8.0, 4.0, quantity="g_ns") + both("c2", 3.0, 1.5, quantity="g_ns")
    pair = only(paired_differences(values))
    assert (pair.unit, pair.mean) == ("%", pytest.approx(-50.0))
    assert pair.sd == pytest.approx(0.0, abs=1e-9)
    assert pair.sigma_shared is None


def test_a_negative_conductance_has_no_change_in_percent() -> None:
    values = both("c1", 8.0, 4.0, quantity="g_ns") + both("c2", -3.0, 1.5, quantity="g_ns")
    pair = only(paired_differences(values))
    assert (pair.n_cells, pair.low) == (1, None)
    assert pair.reason == "one cell: no scatter between cells, so no interval"
    assert "1 left out: no change in % of a negative conductance" in pair.note


def test_a_pair_needs_two_cells_and_both_values() -> None:
    assert paired_differences(both("c1", -20, -19)) == []
    broken = [make_value("c2", -20.0), make_value("c2", None, condition="drug")]
    assert paired_differences(both("c1", -20, -19) + broken) == []


def test_between_baths_the_junction_cancels_only_in_part() -> None:
    values = [
        make_value(cell, e, condition="", bath=bath)
        for cell, e in (("c1", -20.0), ("c2", -22.0))
        for bath in ("bath_Li", "bath_Na")
    ]
    pair = only(paired_differences(values))
    assert (pair.bath_a, pair.bath_b, pair.sigma_shared) == ("bath_Li", "bath_Na", None)
    assert pair.note == "an error of the junction potential cancels only in part between two baths"


def test_the_clock_of_the_files_says_which_came_first() -> None:
    early, late = "2024-03-12T14:05:11", "2024-03-12T14:20:00"
    values = [
        make_value(cell, -20.0, condition=condition, acquired=acquired)
        for cell in ("c1", "c2")
        for condition, acquired in (("drug", early), ("control", late))
    ]
    pair = only(paired_differences(values))
    assert (pair.condition_a, pair.condition_b) == ("drug", "control")


def test_a_change_of_temperature_is_told() -> None:
    values = both("c1", -20, -19) + both("c2", -20, -19)
    values[1] = make_value("c1", -19.0, condition="drug", temperature_high_c=30.0)
    note = only(paired_differences(values)).note
    assert note.startswith("temperature changed as well in 1 of 2 cells")


def test_the_order_of_cells_changes_nothing() -> None:
    draw = random.Random(2)
    values = [v for k in range(20) for v in both(f"c{k}", draw.gauss(0, 9), draw.gauss(0, 9))]
    expected = paired_differences(values)
    draw.shuffle(values)
    assert paired_differences(values) == expected


@pytest.mark.parametrize("n", [3, 10])
def test_intervals_hold_the_true_change(n: int) -> None:
    """92 to 98 of 100, plus two standard errors; errors unequal, the truth the simulation's."""
    draw, many, held = random.Random(n), 800, 0
    for _ in range(many):
        values: list[CellValue] = []
        for k in range(n):
            level, errors = draw.gauss(-20, 10), [0.3 * math.exp(draw.gauss(0, 0.7)) for _ in "ab"]
            change = 5.0 + draw.gauss(0, 0.3)
            values += [
                make_value(f"c{k}", level + draw.gauss(0, errors[0]), errors[0]),
                make_value(
                    f"c{k}", level + change + draw.gauss(0, errors[1]), errors[1], condition="drug"
                ),
            ]
        pair = only(paired_differences(values))
        assert pair.low is not None
        assert pair.high is not None
        held += pair.low <= 5.0 <= pair.high
    chance = 2 * math.sqrt(0.98 * 0.02 / many)
    assert 0.92 - chance <= held / many <= 0.98 + chance
