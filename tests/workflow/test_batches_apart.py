"""What a run of very many batches leans on: parts joined in a stream, and jobs that ask enough."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from permeant.workflow.batch import Entry, encode, write_atomically
from permeant.workflow.demand import DEMANDS, memory_mb, runtime_min
from permeant.workflow.plan import RULES
from permeant.workflow.summary import in_order


def write_batches(work: Path, batches: dict[str, list[str]]) -> None:
    for part in ("pages", "rows"):
        for name, cells in batches.items():
            lines = [encode(Entry(cell, "key", msgspec.Raw(encode(part)))) for cell in cells]
            write_atomically(work / part / f"{name}.jsonl", lines)


def n_open() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_cells_come_by_name_whatever_batch_they_are_in(tmp_path: Path) -> None:
    """A batch keeps its cells when others are added, so the names of batches overlap."""
    batches = {"0001": ["a", "c", "z"], "0002": ["b", "d"], "0003": ["e"]}
    write_batches(tmp_path, batches)
    found = [
        (page.cell, page.decode(str), rows.cell, rows.decode(str))
        for page, rows in in_order(tmp_path, batches)
    ]
    assert found == [(cell, "pages", cell, "rows") for cell in "abcdez"]


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="this system does not list open files")
def test_no_more_files_are_open_than_batches_overlap(tmp_path: Path) -> None:
    n_batches = 60
    batches = {f"{n:04d}": [f"{n:04d}_{k}" for k in "abc"] for n in range(1, n_batches + 1)}
    write_batches(tmp_path, batches)
    before, most, many = n_open(), 0, 0
    for _ in in_order(tmp_path, batches):
        most, many = max(most, n_open() - before), many + 1
    assert many == 3 * n_batches
    assert most <= 4
    assert n_open() == before


def test_every_rule_knows_what_it_asks_for() -> None:
    assert set(DEMANDS) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_larger_batch_asks_for_more_and_a_second_attempt_for_twice_as_much(rule: str) -> None:
    assert memory_mb(rule, 1000, 1.0) > memory_mb(rule, 100, 1.0)
    assert runtime_min(rule, 100_000, 100.0) > runtime_min(rule, 100, 100.0)
    assert memory_mb(rule, 200, 1.0, attempt=2) == pytest.approx(2 * memory_mb(rule, 200, 1.0))
    assert runtime_min(rule, 200, 40.0) >= 2


def test_a_rule_that_opens_recordings_asks_for_the_largest_of_them() -> None:
    """A file of 2-byte samples is held several times over as numbers of 4 bytes."""
    for rule in ("ingest", "measure"):
        assert memory_mb(rule, 1, 1000.0) - memory_mb(rule, 1, 0.0) >= 2 * 3 * 1000
    assert memory_mb("fit", 1, 1000.0) == memory_mb("fit", 1, 0.0)
