from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from cells_by_hand import make_ratio

from permeant.infer.eisenman import ALKALI, SEQUENCES, match_eisenman, selectivity_sequences
from permeant.infer.groups import group_ratios


def exact(ions: str) -> list[tuple[str, float | None, float | None]]:
    return [(ion, 9.0 - k, 9.0 - k) for k, ion in enumerate(ions.split())]


def test_the_sequences_are_eleven_orders_one_swap_apart() -> None:
    """Eisenman 1962: from free mobility to bare size, two neighbours change places at a time."""
    orders = list(SEQUENCES.values())
    assert len(set(orders)) == 11
    assert all(set(order) == set(ALKALI) for order in orders)
    assert orders[0] == tuple(reversed(orders[-1]))
    for before, after in pairwise(orders):
        moved = [k for k in range(5) if before[k] != after[k]]
        assert len(moved) == 2
        assert moved[1] == moved[0] + 1


@pytest.mark.parametrize(("name", "order"), SEQUENCES.items())
def test_every_sequence_is_known(name: str, order: tuple[str, ...]) -> None:
    assert match_eisenman(exact(" ".join(order))) == (name, (name,), [])


def test_the_documentation_lists_the_same() -> None:
    page = Path(__file__).resolve().parents[2] / "pipeline" / "docs" / "groups.md"
    listed = re.findall(r"\| ([IVX]+) \| (\w+(?: > \w+){4}) ", page.read_text(encoding="utf-8"))
    assert {name: tuple(order.split(" > ")) for name, order in listed} == SEQUENCES


def test_an_order_that_is_none_of_them() -> None:
    matched, compatible, notes = match_eisenman(exact("Cs Li K Na Rb"))
    assert (matched, compatible) == ("", ())
    assert notes == ["the order of the means is no Eisenman sequence"]


def test_what_overlaps_is_not_told_apart() -> None:
    """K before Rb is sequence IV; without telling them apart III is as good."""
    places: list[tuple[str, float | None, float | None]] = [
        ("K", 1.0, 1.0), ("Rb", 0.8, 1.1), ("Cs", 0.5, 0.6), ("Na", 0.1, 0.2), ("Li", 0.01, 0.02),
    ]  # fmt: skip
    matched, compatible, notes = match_eisenman(places)
    assert (matched, compatible) == ("IV", ("III", "IV"))
    assert notes == ["not told apart: K and Rb"]


def test_with_an_ion_missing_several_stay_possible() -> None:
    matched, compatible, notes = match_eisenman(exact("K Rb Na Li"))
    assert (matched, compatible) == ("", ("IV", "V"))
    assert notes == ["Cs not measured"]
    assert match_eisenman(exact("K Na")) == ("", (), [])


def test_a_group_is_written_with_its_reserves() -> None:
    ratios = [
        make_ratio(f"c{k}", ratio * (1 + 0.01 * k), ion)
        for ion, ratio in (("Na", 0.1), ("Rb", 0.97), ("Cs", 0.5), ("Li", 0.03))
        for k in range(3)
    ]
    ratios.append(make_ratio("c1", 1.0, "Ca", status="bound"))
    (one,) = selectivity_sequences(group_ratios(ratios))
    assert one.sequence == "K >= Rb > Cs > Na > Li"
    assert (one.eisenman, one.eisenman_compatible) == ("IV", "III, IV")
    assert one.note == "without Ca: no value; not told apart: K and Rb"
    assert (one.n_cells, one.reference_ion, one.activities) == (3, "K", "none")


def test_one_cell_tells_no_order() -> None:
    (one,) = selectivity_sequences(group_ratios([make_ratio("c1", 0.1)]))
    assert one.sequence == "K >= Na"
