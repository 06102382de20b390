"""Some sweeps of a file: by number and by tag, with gaps between the sweeps."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from headers import abf1_bytes, ohmic_sweeps

from permeant.errors import RecordingError
from permeant.recording import open_recording
from permeant.recording.abf_tags import read_tags
from permeant.recording.choice import select_sweeps
from permeant.records import Recording, Tag

BLOCK = 512


def tagged_abf(folder: Path, tags: list[tuple[int, str, int]], gap: int = 3000) -> Path:
    """An ABF1 whose sweeps of 2000 samples start ``gap`` samples after each other."""
    sweeps = ohmic_sweeps()
    content = bytearray(abf1_bytes(sweeps))
    synch_at = 512 * struct.unpack_from("<i", content, 92)[0]
    for k in range(len(sweeps)):
        struct.pack_into("<ii", content, synch_at + 8 * k, k * (2000 + gap), 2000)
    content += bytes(-len(content) % BLOCK)
    struct.pack_into("<ii", content, 44, len(content) // BLOCK, len(tags))
    for time, text, kind in tags:
        content += struct.pack("<i56shh", time, text.encode(), kind, 0)
    path = folder / "tagged.abf"
    path.write_bytes(bytes(content))
    return path


@pytest.fixture
def tagged(tmp_path: Path) -> Recording:
    # samples of 0.1 ms: a sweep every 0.5 s; the tags are set in sweeps 3 and 6
    tags = [(11_000, "drug", 1), (25_900, "Wash out", 1), (26_000, "", 3)]
    return open_recording(tagged_abf(tmp_path, tags))


def test_tags_are_read_on_the_clock_of_the_sweeps(tagged: Recording) -> None:
    assert [tag.text for tag in tagged.info.tags] == ["drug", "Wash out"]
    assert [tag.time_s for tag in tagged.info.tags] == pytest.approx([1.1, 2.59])
    assert tagged.info.sweep_starts_s[:3] == pytest.approx((0.0, 0.5, 1.0))


def test_a_table_of_tags_that_is_cut_off_is_no_table() -> None:
    assert read_tags(bytes(100), 64, 1) == ()
    assert read_tags(bytes(1000), 64, -3) == ()


@pytest.mark.parametrize(
    ("choice", "numbers"),
    [
        ("1-3,6", (1, 2, 3, 6)),
        ("2", (2,)),
        ("7-", (7, 8)),
        ("3,1-2", (1, 2, 3)),
        # the third sweep was running when the tag was set, so it is on neither side
        ("before drug", (1, 2)),
        ("tag drug", (4, 5)),
        ("tag DRUG..wash  out", (4, 5)),
        ("tag wash out", (7, 8)),
    ],
)
def test_sweeps_are_taken_and_keep_their_numbers(
    tagged: Recording, choice: str, numbers: tuple[int, ...]
) -> None:
    some = select_sweeps(tagged, choice)
    assert some.info.sweep_numbers == numbers
    assert some.info.n_sweeps == len(numbers) == len(some.info.sweeps) == len(some.current_pa)
    rows = [number - 1 for number in numbers]
    np.testing.assert_array_equal(some.current_pa, tagged.current_pa[rows])
    assert some.info.sweep_starts_s == tuple(tagged.info.sweep_starts_s[k] for k in rows)


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("9", "there is no sweep 9; the file has 8"),
        ("5-12", "there is no sweep 12"),
        ("tag drog", "Did you mean 'drug'"),
        ("tag wash out..drug", "leaves none of the 8 sweeps"),
    ],
)
def test_sweeps_that_are_not_there_are_refused(tagged: Recording, choice: str, said: str) -> None:
    with pytest.raises(RecordingError, match=said):
        select_sweeps(tagged, choice)


def test_without_tags_or_with_two_of_a_name_numbers_are_asked_for(tagged: Recording) -> None:
    without = Recording(replace(tagged.info, tags=()), tagged.current_pa)
    with pytest.raises(RecordingError, match="the file has no tags"):
        select_sweeps(without, "tag drug")
    twice = replace(tagged.info, tags=(Tag(1.0, "drug"), Tag(2.0, "drug")))
    with pytest.raises(RecordingError, match="2 tags are called drug"):
        select_sweeps(Recording(twice, tagged.current_pa), "tag drug")
