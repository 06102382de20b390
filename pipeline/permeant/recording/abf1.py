"""The header of ABF1 files (pCLAMP 6 to 9): every field at a fixed offset.

Files before version 1.6 have a 2048-byte header with one epoch table; later ones an extended
area with a table for each of two output channels.  Other programs write version 1.6 or more
with the short header, so the extended area is read only where the data start behind it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from permeant.recording.abf2 import BLOCK, read_synch
from permeant.recording.abf_header import (
    DURATION,
    AbfHeader,
    Adc,
    Dac,
    Epoch,
    LeakHeader,
    UserList,
    decode_text,
    iso_time,
    list_values,
    protocol_name,
)
from permeant.recording.abf_tags import read_tags

EXTENDED_HEADER = 5120
FULL_HEADER = 6144
SHORT_HEADER = 2048
CLAMPEX_FILE = 3
N_EPOCHS = 10
LONGEST_LISTED = 32767
"""Samples: the longest duration that a user list could give a step."""


class _Fields:
    """Reads fields of an ABF1 header by offset."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def one(self, kind: str, offset: int) -> float:
        return struct.unpack_from("<" + kind, self.data, offset)[0]  # type: ignore[no-any-return]

    def integer(self, kind: str, offset: int) -> int:
        return int(self.one(kind, offset))

    def many(self, kind: str, count: int, offset: int) -> tuple[float, ...]:
        return struct.unpack_from(f"<{count}{kind}", self.data, offset)

    def text(self, length: int, offset: int) -> str:
        return decode_text(self.data[offset : offset + length])


def read_abf1_header(data: bytes) -> AbfHeader:
    """Parse the header of an ABF1 file from its bytes."""
    at = _Fields(data)
    version = round(at.one("f", 4), 2)
    data_start = at.integer("i", 40) * BLOCK
    extended = version >= 1.6 and min(data_start, len(data)) >= EXTENDED_HEADER
    adcs = _read_adcs(at, extended)
    interval = at.one("f", 122)
    seconds = at.integer("i", 24) + at.integer("h", 366) / 1000
    return AbfHeader(
        major=1,
        version=f"{version:g}",
        mode=at.integer("h", 8),
        float_samples=at.integer("h", 100) == 1,
        data_start=data_start + at.integer("h", 14) * (4 if at.integer("h", 100) == 1 else 2),
        n_values=at.integer("i", 10),
        interval_ms=interval * len(adcs) / 1000,
        samples_per_episode=at.integer("i", 138),
        n_episodes=at.integer("i", 16),
        episodes_per_run=at.integer("i", 146),
        synch=read_synch(data, at.integer("i", 92) * BLOCK, at.integer("i", 96)),
        synch_unit_us=at.one("f", 130),
        adcs=adcs,
        adc_range_v=at.one("f", 244),
        adc_counts=at.integer("i", 252),
        dacs=_read_dacs(at) if extended else _read_single_dac(at),
        user_lists=_read_user_lists(at) if extended else _read_single_list(at),
        active_dac=at.integer("h", 1440),
        alternates=_alternates(at, version, data_start),
        clampex_file=at.integer("h", 36) == CLAMPEX_FILE,
        split_clock=at.one("f", 126) not in {0.0, interval},
        has_command_part=extended or version < 1.6,
        tail_cut=_is_tail_cut(at),
        tags=read_tags(data, at.integer("i", 44) * BLOCK, at.integer("i", 48)),
        acquired=iso_time(at.integer("i", 20), seconds),
        protocol=protocol_name(at.text(256, 4898)) if extended else "",
        comment=(at.text(128, 5154) if extended and data_start >= 5282 else "") or at.text(56, 310),
    )


def _is_tail_cut(at: _Fields) -> bool:
    """Whether the tables behind the samples (sweeps, tags) are missing."""
    synch_end = at.integer("i", 92) * BLOCK + 8 * at.integer("i", 96)
    tags_end = at.integer("i", 44) * BLOCK + 64 * at.integer("i", 48)
    return max(synch_end, tags_end) > len(at.data)


def _alternates(at: _Fields, version: float, data_start: int) -> bool:
    """Whether sweeps alternate between two output channels (a field of the full header)."""
    if version < 1.8 or min(data_start, len(at.data)) < FULL_HEADER:
        return False
    return at.integer("h", 5876) != 0


def _read_adcs(at: _Fields, extended: bool) -> tuple[Adc, ...]:
    count = at.integer("h", 120)
    sequence = [int(number) for number in at.many("h", 16, 410)][: max(count, 0)]
    # Some re-saved files fill the sequence with one number: then the order is the natural one.
    if len(set(sequence)) < len(sequence) or any(not 0 <= number < 16 for number in sequence):
        sequence = list(range(count))
    return tuple(_read_adc(at, number, extended) for number in sequence)


def _read_adc(at: _Fields, number: int, extended: bool) -> Adc:
    four = 4 * number
    # Only 1 means "on"; files of other programs hold anything else here.
    telegraph = extended and at.integer("h", 4512 + 2 * number) == 1
    gain = at.one("f", 922 + four) * at.one("f", 1050 + four) * at.one("f", 730 + four)
    gain *= at.one("f", 4576 + four) if telegraph else 1.0
    gain *= at.integer("i", 252)
    c_m = at.one("f", 4704 + four) if telegraph else 0.0
    return Adc(
        number=number,
        name=at.text(10, 442 + 10 * number) or f"ch{number}",
        units=at.text(8, 602 + 8 * number),
        gain=at.one("f", 244) / gain if gain else 0.0,
        offset=at.one("f", 986 + four) - at.one("f", 1114 + four),
        stage_gains=(
            at.one("f", 730 + four),
            *([at.one("f", 4576 + four)] if telegraph else []),
        ),
        telegraph=telegraph,
        mode=at.integer("h", 4768 + 2 * number) if telegraph else None,
        c_m_pf=c_m if c_m > 0 else None,
    )


def _read_epochs(columns: Sequence[tuple[float, ...]]) -> tuple[Epoch, ...]:
    kinds, levels, level_steps, durations, duration_steps, periods, widths = columns
    return tuple(
        Epoch(
            number=i,
            kind=int(kinds[i]),
            level=levels[i],
            level_step=level_steps[i],
            duration=int(durations[i]),
            duration_step=int(duration_steps[i]),
            period=int(periods[i]),
            width=int(widths[i]),
        )
        for i in range(N_EPOCHS)
        if kinds[i]
    )


def _read_dacs(at: _Fields) -> tuple[Dac, ...]:
    """Return the four output channels; only the first two have a waveform."""
    holding = at.many("f", 4, 1394)
    dacs = []
    for number in range(4):
        has_table = number < 2
        post_period = at.one("f", 3304 + 4 * number) if has_table else 0.0
        conditioning = has_table and at.integer("h", 3260 + 2 * number) != 0
        dacs.append(
            Dac(
                number=number,
                name=at.text(10, 1306 + 10 * number) or f"Cmd {number}",
                units=at.text(8, 1346 + 8 * number),
                holding=holding[number],
                enabled=has_table and at.integer("h", 2296 + 2 * number) != 0,
                source=at.integer("h", 2300 + 2 * number) if has_table else 0,
                stays_at_last_level=has_table and at.integer("h", 2304 + 2 * number) != 0,
                epochs=_read_table(at, number) if has_table else (),
                conditioning=conditioning,
                post_train_level=at.one("f", 3312 + 4 * number)
                if conditioning and post_period > 0
                else None,
                leak=_read_leak(at, number) if has_table else None,
            )
        )
    return tuple(dacs)


def _read_leak(at: _Fields, number: int) -> LeakHeader | None:
    """Return the leak subtraction of an output; its number of pulses is common to both."""
    return LeakHeader.read(
        kind=at.integer("h", 4456 + 2 * number),
        n_pulses=at.integer("h", 1938),
        polarity=at.integer("h", 4460 + 2 * number),
        adc=at.integer("h", 4472 + 2 * number),
    )


def _read_single_leak(at: _Fields) -> LeakHeader | None:
    """Return the leak subtraction of a short header, which has one, and P/N alone."""
    on, _, polarity, n_pulses, adc = at.many("h", 5, 1932)
    return LeakHeader.read(1 if on == 1 else 0, int(n_pulses), int(polarity), int(adc))


def _read_table(at: _Fields, number: int) -> tuple[Epoch, ...]:
    two, four = 2 * N_EPOCHS * number, 4 * N_EPOCHS * number
    return _read_epochs(
        (
            at.many("h", N_EPOCHS, 2308 + two),
            at.many("f", N_EPOCHS, 2348 + four),
            at.many("f", N_EPOCHS, 2428 + four),
            at.many("i", N_EPOCHS, 2508 + four),
            at.many("i", N_EPOCHS, 2588 + four),
            at.many("i", N_EPOCHS, 2136 + four),
            at.many("i", N_EPOCHS, 2216 + four),
        )
    )


def _read_single_dac(at: _Fields) -> tuple[Dac, ...]:
    """Return the output channels of a short header: one table, for the active channel."""
    active = at.integer("h", 1440)
    zeros = (0.0,) * N_EPOCHS
    table = _read_epochs(
        (
            at.many("h", N_EPOCHS, 1444),
            at.many("f", N_EPOCHS, 1464),
            at.many("f", N_EPOCHS, 1504),
            at.many("h", N_EPOCHS, 1544),
            at.many("h", N_EPOCHS, 1564),
            zeros,
            zeros,
        )
    )
    source = at.integer("h", 1438)
    return tuple(
        Dac(
            number=number,
            name=at.text(10, 1306 + 10 * number) or f"Cmd {number}",
            units=at.text(8, 1346 + 8 * number),
            holding=at.one("f", 1394 + 4 * number),
            enabled=number == active and source != 0,
            source=source if number == active else 0,
            stays_at_last_level=number == active and at.integer("h", 1442) != 0,
            epochs=table if number == active else (),
            conditioning=at.integer("h", 1718) != 0 and at.integer("h", 1720) == number,
            leak=_read_single_leak(at) if number == active else None,
        )
        for number in range(4)
    )


def _read_user_lists(at: _Fields) -> tuple[UserList, ...]:
    """Return the lists of the extended header; here the enable flag is meant.

    ``20917009`` and ``20d10001`` keep the text of a list that was switched off, and their
    exported commands follow the epoch table; ``21416007`` has it on and follows the list.
    """
    lists = []
    for i in range(4):
        values = list_values(at.text(256, 3376 + 256 * i))
        enabled = at.integer("h", 3360 + 2 * i) != 0
        parameter = at.integer("h", 3368 + 2 * i)
        repeats = at.integer("h", 4400 + 2 * i) != 0
        if values:
            lists.append(UserList(i, parameter, _as_played(parameter, values), repeats, enabled))
    return tuple(lists)


def _as_played(parameter: int, values: tuple[float, ...]) -> tuple[float, ...]:
    """Return the values of a list as the programs of this format played them.

    Durations were held in 16 bits: in ``20o08003`` a list asks for 40000 samples, and the
    currents of that sweep step after 32767, those of the other sweeps after what is asked for.
    """
    if not DURATION <= parameter < DURATION + N_EPOCHS:
        return values
    return tuple(min(value, LONGEST_LISTED) for value in values)


def _read_single_list(at: _Fields) -> tuple[UserList, ...]:
    values = list_values(at.text(80, 1764))
    enabled = at.integer("h", 1966) != 0
    if not (enabled and values):
        return ()
    dac = at.integer("h", 1440)
    return (UserList(dac, at.integer("h", 1762), values, repeats=False, acts=True),)
