"""Which stretch of the protocol is found, chosen, refused."""

from __future__ import annotations

import pytest
from recordings_by_hand import LEVELS, family_sweeps, info, measure, ohmic, segments, sheet_row

from permeant.errors import RecordingError
from permeant.measure.steps import choose_family, distinct_levels, find_families
from permeant.records import Channel, Recording, Segment


def test_levels_within_a_millivolt_are_one() -> None:
    assert distinct_levels([-80.2, -79.9, -80.1, 0.0]) == pytest.approx([-80.0667, 0.0], abs=1e-3)


def test_the_changing_epoch_is_the_family() -> None:
    found = find_families(info(family_sweeps()), shortest_ms=10)
    assert [family.epochs for family, _ in found] == [("B",)]
    family, steps = found[0]
    assert (family.kind, family.number, family.n_levels) == ("family", 1, len(LEVELS))
    assert (family.v_min_mv, family.v_max_mv) == (-80.0, 40.0)
    assert (family.start_ms, family.end_ms) == (50.0, 250.0)
    assert [step.sweep for step in steps] == list(range(len(LEVELS)))


def test_the_stretch_before_the_epochs_is_no_family() -> None:
    """A protocol that stays at its last level starts each sweep from another one."""
    sweeps = [
        segments(("before", 600, LEVELS[k - 1]), ("A", 600, -60.0), ("B", 2000, level))
        for k, level in enumerate(LEVELS)
    ]
    assert [f.epochs for f, _ in find_families(info(sweeps), shortest_ms=10)] == [("B",)]


def two_families() -> list[tuple[Segment, ...]]:
    return [
        segments(("before", 50, -60.0), ("A", 1000, v), ("B", 500, -60.0), ("C", 1000, 2 * v))
        for v in (-60.0, -40.0, -20.0, 0.0, 20.0)
    ]


@pytest.mark.parametrize(
    ("epoch", "taken"), [("1", "A"), ("A", "A"), ("2", "C"), ("C", "C"), (None, "C")]
)
def test_epoch_by_number_and_by_letter(epoch: str | None, taken: str) -> None:
    known = info(two_families())
    family, _, why = choose_family(find_families(known, shortest_ms=10), epoch, known)
    assert family.epochs == (taken,)
    assert (f"epoch = {epoch}" if epoch else "2 families") in why


def test_an_epoch_that_is_none_names_those_there_are() -> None:
    known = info(two_families())
    with pytest.raises(
        RecordingError, match=r"epoch = B is not a stepped .* 1 .*A.* 2 .*C"
    ) as seen:
        choose_family(find_families(known, shortest_ms=10), "B", known)
    assert seen.value.code == "no_such_epoch"


def test_a_membrane_test_gives_its_two_levels() -> None:
    """Of two stretches at one level the longer is taken; every sweep gives both levels."""
    sweeps = [
        segments(("before", 50, -60.0), ("A", 300, -60.0), ("B", 800, -70.0), ("C", 900, -60.0))
    ] * 20
    ((family, steps),) = find_families(info(sweeps), shortest_ms=10)
    assert (family.kind, family.epochs, family.n_levels) == ("levels", ("B", "C"), 2)
    assert len(steps) == 40
    measured = measure(ohmic(info(sweeps), 2.0, -20.0, 1.0))
    assert len(measured.points) == 40
    assert {point.level for point in measured.points} == {1, 2}
    assert [f.check for f in measured.findings].count("no_family") == 1


def test_a_constant_command_is_refused_in_words() -> None:
    channels = (Channel(0, "IN 0", "pA", "current"), Channel(1, "Pressure", "mmHg", "other"))
    known = info([segments(("before", 100, 0.0), ("A", 3000, -60.0))] * 5, channels=channels)
    with pytest.raises(RecordingError) as seen:
        measure(ohmic(known, 1.0, 0.0))
    assert seen.value.code == "no_voltage_family"
    said = str(seen.value)
    for part in ("5 sweeps", "stands at -60 mV", "two voltages", "Pressure (mmHg)"):
        assert part in said


def test_ramps_and_short_stretches_are_no_steps() -> None:
    ramp = [
        (Segment("before", 0, 50, -60, -60), Segment("A", 50, 2050, -60.0, 60.0 + k))
        for k in range(5)
    ]
    with pytest.raises(RecordingError, match="voltage ramp"):
        measure(ohmic(info(ramp), 1.0, 0.0))
    brief = [segments(("before", 500, -60.0), ("A", 90, v), ("after", 500, -60.0)) for v in LEVELS]
    assert find_families(info(brief), shortest_ms=10) == []


def test_what_does_not_peak_is_refused_as_a_peak() -> None:
    with pytest.raises(RecordingError, match="so there is no peak"):
        measure(ohmic(info(family_sweeps()), 1.0, 0.0), sheet_row(measure="peak"))


def test_a_family_of_small_steps_is_a_family() -> None:
    levels = [-60.0 + k for k in range(60)]
    assert len(distinct_levels(levels)) == 60
    assert len(distinct_levels([-70.3, -70.1, -69.95])) == 1


def staircase(levels: list[float], length: int = 500) -> Recording:
    """Two sweeps of one staircase, an ohmic cell that passes 1 nS around 0 mV."""
    parts = [("1", 400, -80.0)]
    parts += [(str(k + 2), length, level) for k, level in enumerate(levels)]
    parts += [(str(len(levels) + 2), 40, -120.0), (str(len(levels) + 3), 400, -80.0)]
    return ohmic(info([segments(*parts)] * 2), 1.0, 0.0, noise_pa=0.5)


def test_every_comparable_step_of_a_staircase_is_a_point() -> None:
    levels = [-60.0, -40.0, -20.0, 0.0, -20.0, -40.0, -60.0]
    measurement = measure(staircase(levels))
    first = [point for point in measurement.points if point.sweep == 1]
    # the two stretches at rest last as long as steps; the brief pulse to -120 mV does not
    assert [point.v_command_mv for point in first] == [-80.0, *levels, -80.0]
    for point in first:
        assert point.i_pa == pytest.approx(point.v_command_mv, abs=4 * point.i_sem_pa + 0.01)
    assert not [f for f in measurement.findings if f.check == "history"]


def test_a_staircase_whose_current_remembers_is_told() -> None:
    recording = staircase([-60.0, -40.0, -20.0, 0.0, -20.0, -40.0, -60.0])
    recording.current_pa[:, 400 + 4 * 500 :] += 15.0
    found = [f for f in measure(recording).findings if f.check == "history"]
    assert len(found) == 1
    # 15 pA between the visits of -60, -40, -20 and -80 mV, in both sweeps
    assert found[0].message.startswith("in 8 of 8 cases")
    assert found[0].value == pytest.approx(15.0, abs=0.5)


def test_every_step_of_a_staircase_is_a_point() -> None:
    """Levels that are visited twice, on the way up and down, are two points."""
    levels = (-80.0, 40.0, -120.0, -80.0, -40.0, 0.0, -40.0, -80.0)
    played = segments(*((str(k), 1000, level) for k, level in enumerate(levels, start=1)))
    ((family, steps),) = find_families(info([played]), shortest_ms=10)
    assert family.kind == "levels"
    assert [step.segment.start_mv for step in steps] == list(levels)
    assert family.n_levels == 5


def test_a_short_stretch_between_is_no_step_of_a_staircase() -> None:
    parts = [(str(k), 5000, level) for k, level in enumerate((-80.0, -40.0, 0.0, 40.0), start=1)]
    played = segments(*parts, ("5", 200, -70.0))
    ((_, steps),) = find_families(info([played]), shortest_ms=10)
    assert [step.segment.start_mv for step in steps] == [-80.0, -40.0, 0.0, 40.0]


def test_of_a_membrane_test_the_longest_stretch_at_each_level_is_taken() -> None:
    played = segments(("1", 500, -70.0), ("2", 1000, -80.0), ("3", 2000, -70.0))
    ((_, steps),) = find_families(info([played]), shortest_ms=10)
    assert [(step.segment.epoch, step.segment.start_mv) for step in steps] == [
        ("2", -80.0),
        ("3", -70.0),
    ]
