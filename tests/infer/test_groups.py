from __future__ import annotations

import math
import random

import pytest
from cells_by_hand import HALF, make_ratio, make_value

from permeant.cohort import GroupValue
from permeant.infer.groups import group_ratios, group_values


def only(groups: list[GroupValue]) -> GroupValue:
    assert len(groups) == 1
    return groups[0]


def test_the_shared_error_stands_apart_and_does_not_fall_with_n() -> None:
    """Closed form: the total is the root of the squares of both half widths."""
    few = [make_value(f"c{k}", e) for k, e in enumerate((-20.0, -21.0, -22.0))]
    group = only(group_values(few, sigma_ljp_mv=1.0))
    assert group.mean == pytest.approx(-21.0)
    assert (group.n_cells, group.sd_between, group.sigma_shared) == (3, pytest.approx(1.0), 1.0)
    assert group.high is not None
    assert group.high_total is not None
    h = group.high + 21.0
    assert h == pytest.approx(4.303 / math.sqrt(3), abs=1e-3)
    assert group.high_total + 21.0 == pytest.approx(math.hypot(h, HALF))
    many = [make_value(f"c{k}", -21.0 + (-1) ** k * 0.1) for k in range(400)]
    large = only(group_values(many, sigma_ljp_mv=1.0))
    assert large.high_total is not None
    assert large.high_total + 21.0 > HALF


def test_one_cell_has_no_interval_and_says_so() -> None:
    group = only(group_values([make_value("c1", -20.0)], sigma_ljp_mv=1.0))
    assert (group.mean, group.low, group.high_total) == (-20.0, None, None)
    assert group.reason == "one cell: no scatter between cells, so no interval"
    assert [member.cell for member in group.members] == ["c1"]


def test_cells_without_a_value_are_counted() -> None:
    values = [make_value("c1", -20.0), make_value("c2", None), make_value("c3", -21.0)]
    group = only(group_values(values, sigma_ljp_mv=1.0))
    assert (group.n_cells, group.n_left_out) == (2, 1)
    assert group.note == "1 cell without a value left out"
    none = only(group_values([make_value("c2", None)], sigma_ljp_mv=1.0))
    assert (none.mean, none.reason) == (None, "none of 1 cell gave a value")


def test_conductances_have_no_known_shared_error() -> None:
    values = [make_value(f"c{k}", g, quantity="g_ns") for k, g in enumerate((5.0, 6.0))]
    group = only(group_values(values, sigma_ljp_mv=1.0))
    assert (group.sigma_shared, group.low_total) == (None, None)
    assert group.low is not None


def test_unequal_cells_are_told() -> None:
    values = [
        make_value("c1", -20.0, temperature_high_c=32.0),
        make_value("c2", -21.0, configurations="inside-out"),
        make_value("c3", -21.0, 30.0),
        make_value("c4", -21.0, uncorrected=True),
    ]
    group = only(group_values(values, sigma_ljp_mv=1.0))
    assert "different temperatures: 22 to 32 °C" in group.note
    assert "different configurations: inside-out | whole-cell" in group.note
    assert "error more than 5 times the usual one: c3" in group.note
    assert "not corrected for the junction potential in 1 cell" in group.note
    assert group.sigma_shared is None


def test_solutions_are_never_averaged_over() -> None:
    values = [make_value("c1", -20.0), make_value("c2", -70.0, bath="bath_K")]
    assert [group.bath for group in group_values(values, sigma_ljp_mv=1.0)] == ["bath_K", "bath_Na"]


def test_a_project_without_conditions_is_one_group() -> None:
    bare = [make_value(f"c{k}", -20.0 - k, condition="") for k in range(2)]
    assert only(group_values(bare, sigma_ljp_mv=1.0)).condition == "all"
    mixed = [*bare, make_value("c9", -20.0)]
    assert [g.condition for g in group_values(mixed, sigma_ljp_mv=1.0)] == ["", "control"]


def test_ratios_are_averaged_in_the_logarithm() -> None:
    """The geometric mean of 0.5 and 2 is 1; ln 4 / sqrt(2) is the SD of two logarithms."""
    group = only(group_ratios([make_ratio("c1", 0.5), make_ratio("c2", 2.0)]))
    assert group.mean == pytest.approx(1.0)
    assert group.sd_between == pytest.approx(math.log(4) / math.sqrt(2))
    assert group.sigma_shared == pytest.approx(0.04)
    assert group.low is not None
    assert group.high is not None
    assert group.low * group.high == pytest.approx(1.0)
    assert (group.quantity, group.activities, group.bath) == ("P_Na/P_K", "none", "bath_Na")


def test_limits_do_not_enter_a_mean_but_are_told() -> None:
    ratios = [make_ratio("c1", 0.5), make_ratio("c2", 0.6), make_ratio("c3", 0.1, status="bound")]
    group = only(group_ratios(ratios))
    assert (group.n_cells, group.n_left_out) == (2, 1)
    assert "1 cell without a value left out, 1 of them with only a limit" in group.note


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"activities": "davies"}, "conventions of activity (davies, none)"),
        ({"reference_ion": "Cs"}, "reference ions (Cs, K)"),
    ],
)
def test_conventions_and_references_are_never_mixed(more: dict[str, str], words: str) -> None:
    group = only(group_ratios([make_ratio("c1", 0.5), make_ratio("c2", 0.6, **more)]))
    assert group.mean is None
    assert group.reason == f"not averaged: the cells have different {words}"


def test_ratios_from_other_solutions_are_told() -> None:
    group = only(group_ratios([make_ratio("c1", 0.5), make_ratio("c2", 0.6, bath="b")]))
    assert (group.bath, group.pipette) == ("several", "KCl_in")
    assert group.note == "different baths: b | bath_Na"


def test_the_whole_error_stands_in_for_a_shared_part_that_is_not_known() -> None:
    ratios = [make_ratio(f"c{k}", r, ln_sd_shared=None) for k, r in enumerate((0.5, 0.6))]
    group = only(group_ratios(ratios))
    assert group.sigma_shared == pytest.approx(0.05)
    assert "sigma_shared is an upper limit" in group.note
    unknown = [make_ratio(c, 0.5, ln_sd_shared=None, ln_sd=None) for c in "ab"]
    assert only(group_ratios(unknown)).low_total is None


def test_the_order_of_cells_changes_nothing() -> None:
    draw = random.Random(1)
    values = [make_value(f"c{k}", draw.gauss(-20, 3), draw.uniform(0.1, 2)) for k in range(40)]
    ratios = [make_ratio(f"c{k}", math.exp(draw.gauss(0, 1))) for k in range(40)]
    expected = group_values(values, sigma_ljp_mv=1.0), group_ratios(ratios)
    for _ in range(3):
        draw.shuffle(values)
        draw.shuffle(ratios)
        assert (group_values(values, sigma_ljp_mv=1.0), group_ratios(ratios)) == expected


@pytest.mark.parametrize("n", [3, 10])
@pytest.mark.parametrize("spread", [0.0, 0.9], ids=["equal errors", "unequal errors"])
def test_total_intervals_hold_the_truth(n: int, spread: float) -> None:
    """92 to 98 of 100, plus two standard errors, with a junction error drawn per experiment."""
    draw, many, held, over_cells = random.Random(f"{n} {spread}"), 800, 0, 0
    for _ in range(many):
        shared = draw.gauss(0, 1.0)
        errors = [0.3 * math.exp(spread * draw.gauss(0, 1)) for _ in range(n)]
        truths = [-20.0 + draw.gauss(0, 0.5) for _ in range(n)]
        seen = [t + shared + draw.gauss(0, e) for t, e in zip(truths, errors, strict=True)]
        values = [
            make_value(f"c{k}", v, e) for k, (v, e) in enumerate(zip(seen, errors, strict=True))
        ]
        group = only(group_values(values, sigma_ljp_mv=1.0))
        assert group.low is not None
        assert group.high is not None
        assert group.low_total is not None
        assert group.high_total is not None
        held += group.low_total <= -20.0 <= group.high_total
        over_cells += group.low <= -20.0 <= group.high
    chance = 2 * math.sqrt(0.98 * 0.02 / many)
    assert 0.92 - chance <= held / many <= 0.98 + chance
    assert over_cells < held
