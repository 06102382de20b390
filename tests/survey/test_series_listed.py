"""A file that holds several recordings gets a row for each."""

from __future__ import annotations

import pytest

from permeant.errors import RecordingError
from permeant.recording.series import Choice, choose_series
from permeant.survey.folder import listed_series


def test_what_the_refusal_lists_is_what_is_tried() -> None:
    offered = [
        (Choice("E-1/IV", "1.1", "17 sweeps; 2 channels"), None),
        (Choice("E-1/ramp", "1.2"), None),
        (Choice("E-2/IV", "2.1", "9 sweeps"), None),
    ]
    with pytest.raises(RecordingError) as refused:
        choose_series("a.dat", offered, None)
    assert listed_series(str(refused.value)) == [
        ("E-1/IV", "1.1"),
        ("E-1/ramp", "1.2"),
        ("E-2/IV", "2.1"),
    ]
