"""A short run of the study of damaged files; the whole one is tests/bench/fuzz_recordings.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import fuzz_recordings as study

MUTANTS = 40


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("damage")
    files = study.sound_files(folder)
    return study.fuzz(files, dict.fromkeys(files, MUTANTS), seed=11, folder=folder)


def test_a_damaged_file_of_any_format_is_no_fault_of_the_program(outcomes):
    assert len({one["format"] for one in outcomes}) == 11
    assert [one for one in outcomes if one["outcome"] == "fault"] == []


def test_readers_keep_to_their_memory(outcomes):
    assert max(one["mb"] for one in outcomes) < study.MOST_MB


def test_hardly_any_damage_changes_a_number_without_a_word(outcomes):
    # what is left are scales of samples in headers, for which the formats have no second witness
    silent = [one for one in outcomes if one["outcome"] == "silent"]
    assert len(silent) <= 0.01 * len(outcomes)
    refused = sum(one["outcome"] == "refused" for one in outcomes)
    assert 0.3 < refused / len(outcomes) < 0.9
