"""The header of ABF2 files (pCLAMP 10 and later): sections found through a table."""

from __future__ import annotations

import struct
from typing import NamedTuple

from permeant.errors import RecordingError
from permeant.recording.abf_header import (
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

BLOCK = 512
SECTION_TABLE = 76
PROTOCOL, ADC, DAC, EPOCH, EPOCH_PER_DAC, USER_LIST, STRINGS, DATA, TAG, SYNCH = (
    0,
    1,
    2,
    3,
    5,
    6,
    9,
    10,
    11,
    15,
)


# Number of the section, smallest entry, most entries.
SECTION_LIMITS = {
    "protocol": (PROTOCOL, 208, 1),
    "ADC": (ADC, 82, 64),
    "DAC": (DAC, 132, 64),
    "epoch": (EPOCH, 11, 1000),
    "epoch per DAC": (EPOCH_PER_DAC, 30, 1000),
    "user list": (USER_LIST, 12, 64),
    "strings": (STRINGS, 1, 10_000),
    "tags": (TAG, 64, 1_000_000),
}
NEEDED = {PROTOCOL, ADC, STRINGS}
LARGEST_ENTRY = 1_000_000


class Section(NamedTuple):
    """Where a section lies and how many entries of which size it has."""

    start: int
    size: int
    entries: int


def read_abf2_header(data: bytes, shown_as: str) -> AbfHeader:
    """Parse the header of an ABF2 file from its bytes."""
    _check_sections(data, shown_as)
    strings = _read_strings(data)
    protocol = read_section(data, PROTOCOL).start
    minor, major = struct.unpack_from("<2B", data, 6)
    (n_episodes, date, time_ms) = struct.unpack_from("<3I", data, 12)
    (mode, interval_us) = struct.unpack_from("<hf", data, protocol)
    (synch_unit,) = struct.unpack_from("<f", data, protocol + 14)
    (per_episode, _, per_run) = struct.unpack_from("<3i", data, protocol + 22)
    (active_dac,) = struct.unpack_from("<h", data, protocol + ACTIVE_DAC)
    (alternates,) = struct.unpack_from("<h", data, protocol + ALTERNATE_DAC)
    (comment,) = struct.unpack_from("<i", data, protocol + COMMENT)
    section = read_section(data, DATA)
    return AbfHeader(
        major=2,
        version=f"{major}.{minor}",
        mode=mode,
        float_samples=struct.unpack_from("<H", data, 30)[0] == 1,
        data_start=section.start,
        n_values=section.entries,
        interval_ms=interval_us / 1000,
        samples_per_episode=per_episode,
        n_episodes=n_episodes,
        episodes_per_run=per_run,
        synch=read_synch(data, *read_section(data, SYNCH)[::2]),
        synch_unit_us=synch_unit,
        tags=read_tags(data, *read_section(data, TAG)[::2]),
        adcs=_read_adcs(data, strings, protocol),
        adc_range_v=struct.unpack_from("<f", data, protocol + ADC_RANGE)[0],
        adc_counts=struct.unpack_from("<i", data, protocol + ADC_RESOLUTION)[0],
        dacs=_read_dacs(data, strings),
        user_lists=_read_user_lists(data, strings),
        active_dac=active_dac,
        alternates=alternates != 0,
        tail_cut=any(_is_cut(data, index) for index in (TAG, SYNCH)),
        acquired=iso_time(date, time_ms / 1000),
        protocol=protocol_name(strings.get(struct.unpack_from("<I", data, 72)[0])),
        comment=strings.get(comment),
    )


# Offsets inside the protocol section, counted from the fields before them.
ADC_RANGE, ADC_RESOLUTION, COMMENT, ACTIVE_DAC, ALTERNATE_DAC = 110, 118, 132, 142, 182


def read_section(data: bytes, index: int) -> Section:
    """Return where section ``index`` of the table lies."""
    block, size, count = struct.unpack_from("<IIq", data, SECTION_TABLE + 16 * index)
    return Section(block * BLOCK, size, count)


def _check_sections(data: bytes, shown_as: str) -> None:
    """Refuse a table of sections that no program wrote, before anything is read by it.

    neo walks the sections as the table says: a damaged count would keep it busy for ever.
    """
    for name, (index, size, most) in SECTION_LIMITS.items():
        section = read_section(data, index)
        if section.entries == 0 and index not in NEEDED:
            continue
        if not (0 < section.entries <= most and size <= section.size <= LARGEST_ENTRY):
            raise RecordingError(
                "file_unreadable",
                f"{shown_as}: the header's section {name} claims {section.entries} entries of "
                f"{section.size} bytes; the file is damaged: copy it again from its source",
            )
        if index != TAG and section.start + section.size > len(data):
            raise RecordingError(
                "file_truncated",
                f"{shown_as}: ends after {len(data)} bytes, within its header (section {name}); "
                "copy it again from its source",
            )


def _is_cut(data: bytes, index: int) -> bool:
    section = read_section(data, index)
    return section.start + section.size * section.entries > len(data)


def read_synch(data: bytes, start: int, count: int) -> tuple[tuple[int, int], ...]:
    """Return start and length of every sweep, or nothing where the table is cut off."""
    if count <= 0 or start <= 0 or start + 8 * count > len(data):
        return ()
    flat = struct.unpack_from(f"<{2 * count}i", data, start)
    return tuple(zip(flat[::2], flat[1::2], strict=True))


class _Strings:
    """The file's pool of strings; the first has number 1, number 0 is 'none'."""

    def __init__(self, items: list[str]) -> None:
        self.items = items

    def get(self, number: int) -> str:
        return self.items[number - 1] if 0 < number <= len(self.items) else ""


def _read_strings(data: bytes) -> _Strings:
    section = read_section(data, STRINGS)
    pool = data[section.start : section.start + section.size]
    # The pool has a 44-byte header of its own; other writers leave it out, but all put an
    # empty string before the first one.
    start = 44 if pool[:4] == b"SSCH" else pool.rfind(b"\0\0") + 2
    return _Strings([decode_text(item) for item in pool[start:].split(b"\0")])


def has_empty_strings(data: bytes) -> bool:
    """Whether the pool of strings holds an empty one behind its own header."""
    section = read_section(data, STRINGS)
    pool = data[section.start : section.start + section.size]
    return pool[:4] == b"SSCH" and b"\0\0" in pool[44:]


def string_numbers(data: bytes) -> list[int]:
    """Return where the header refers to strings: the protocol, names and units of channels."""
    places = [72]
    for section, offset in ((ADC, 74), (DAC, 24)):
        places += [at + offset + field for at in _entries(data, section) for field in (0, 4)]
    return places


def _entries(data: bytes, index: int) -> list[int]:
    section = read_section(data, index)
    count = max(0, min(section.entries, (len(data) - section.start) // max(section.size, 1)))
    return [section.start + section.size * i for i in range(count)]


def _read_adcs(data: bytes, strings: _Strings, protocol: int) -> tuple[Adc, ...]:
    (adc_range,) = struct.unpack_from("<f", data, protocol + ADC_RANGE)
    (resolution,) = struct.unpack_from("<i", data, protocol + ADC_RESOLUTION)
    return tuple(_read_adc(data, at, strings, adc_range / resolution) for at in _entries(data, ADC))


def _read_adc(data: bytes, at: int, strings: _Strings, volts_per_bit: float) -> Adc:
    number, telegraph, _, extra_gain, _, c_m, mode, r_s = struct.unpack_from("<3h3fhf", data, at)
    (programmable,) = struct.unpack_from("<f", data, at + 28)
    scale, offset, gain, signal_offset = struct.unpack_from("<4f", data, at + 40)
    name, units = struct.unpack_from("<2i", data, at + 74)
    total = scale * gain * programmable * (extra_gain if telegraph else 1.0)
    return Adc(
        number=number,
        name=strings.get(name) or f"ch{number}",
        units=strings.get(units),
        gain=volts_per_bit / total if total else 0.0,
        offset=offset - signal_offset,
        stage_gains=(programmable, extra_gain) if telegraph else (programmable,),
        telegraph=telegraph != 0,
        mode=mode if telegraph else None,
        c_m_pf=c_m if telegraph and c_m > 0 else None,
        r_s_mohm=r_s if telegraph and r_s > 0 else None,
    )


def _read_dacs(data: bytes, strings: _Strings) -> tuple[Dac, ...]:
    epochs: dict[int, list[Epoch]] = {}
    for at in _entries(data, EPOCH_PER_DAC):
        number, dac, kind, level, level_step, *times = struct.unpack_from("<3h2f4i", data, at)
        epochs.setdefault(dac, []).append(Epoch(number, kind, level, level_step, *times))
    return tuple(_read_dac(data, at, strings, epochs) for at in _entries(data, DAC))


def _read_dac(data: bytes, at: int, strings: _Strings, epochs: dict[int, list[Epoch]]) -> Dac:
    (number,) = struct.unpack_from("<h", data, at)
    (holding,) = struct.unpack_from("<f", data, at + 12)
    name, units = struct.unpack_from("<2i", data, at + 24)
    enabled, source, between = struct.unpack_from("<3h", data, at + 40)
    (conditioning,) = struct.unpack_from("<h", data, at + 60)
    post_period, post_level = struct.unpack_from("<2f", data, at + 82)
    kind, polarity = struct.unpack_from("<2h", data, at + 92)
    (n_pulses,) = struct.unpack_from("<h", data, at + 104)
    (adc,) = struct.unpack_from("<h", data, at + 130)
    table = sorted(epochs.get(number, []), key=lambda epoch: epoch.number)
    return Dac(
        number=number,
        name=strings.get(name) or f"Cmd {number}",
        units=strings.get(units),
        holding=holding,
        enabled=enabled != 0,
        source=source,
        stays_at_last_level=between != 0,
        epochs=tuple(table),
        conditioning=conditioning != 0,
        post_train_level=post_level if conditioning and post_period > 0 else None,
        leak=LeakHeader.read(kind, n_pulses, polarity, adc),
    )


def _read_user_lists(data: bytes, strings: _Strings) -> tuple[UserList, ...]:
    """Return the user lists.

    pCLAMP 10 writes an entry only for a list in use and leaves its enable flag 0: with
    ``user-list-durations.abf`` the recorded command shows that such a list acted.
    """
    lists = []
    for at in _entries(data, USER_LIST):
        dac, _, parameter, repeats, text = struct.unpack_from("<4hi", data, at)
        values = list_values(strings.get(text))
        lists.append(UserList(dac, parameter, values, repeats != 0, parameter > 0))
    return tuple(lists)
