"""Write ABF 1.83 files that readers take for real ones: header, epoch table, sweep starts.

The layout is that of files written by Clampex: a header of 6144 bytes, interleaved 16-bit
samples, and a synch array with the start and the length of every sweep.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from permeant.simulate.protocol import MAX_EPOCHS, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ACQUIRED = datetime(2024, 1, 2, 9, 0, 0)
"""The date that files carry unless told otherwise: fixed, so that bytes can be compared."""

HEADER_BYTES = 6144
BLOCK_BYTES = 512
ADC_RANGE_V = 10.0
ADC_STEPS = 32768
"""The converter's range is cut into 2 × 32768 steps."""

FULL_SCALES_PA = (100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6)
FULL_SCALES_MV = (200, 500, 1e3, 2e3, 5e3)
HEADROOM = 1.05
UL_LEVEL_CODE, UL_DURATION_CODE = 21, 31
"""User-list code of epoch A's level and duration; the later epochs follow."""


@dataclass(frozen=True)
class _Input:
    """One recorded channel, in steps of the converter."""

    name: str
    units: str
    scale_v_per_unit: float
    counts: NDArray[np.int16]


def choose_full_scale_pa(peak_pa: float) -> float:
    """Return the smallest gain setting whose range holds a current of ``peak_pa``."""
    return _choose_full_scale(peak_pa, FULL_SCALES_PA, "pA")


def _choose_full_scale(peak: float, ladder: Sequence[float], units: str) -> float:
    for full_scale in ladder:
        if peak * HEADROOM <= full_scale:
            return float(full_scale)
    raise ValueError(f"a signal of {peak:g} {units} is more than an amplifier puts out")


def _digitise(name: str, units: str, values: NDArray[np.float64], full_scale: float) -> _Input:
    """Round to the nearest step of the converter; what is out of range sticks to its end."""
    scale = float(np.float32(ADC_RANGE_V / full_scale))  # as the file's 32 bits will say
    counts = np.rint(values * (scale * ADC_STEPS / ADC_RANGE_V))
    return _Input(name, units, scale, np.clip(counts, -ADC_STEPS, ADC_STEPS - 1).astype("<i2"))


def write_abf1(
    path: Path | str,
    currents_pa: NDArray[np.floating],
    protocol: Protocol,
    interval_ms: float,
    recorded_command_mv: NDArray[np.floating] | None = None,
    *,
    comment: str = "",
    acquired: datetime = ACQUIRED,
    sweep_interval_s: float | None = None,
    full_scale_pa: float | None = None,
) -> None:
    """Write a voltage-clamp recording as an ABF 1.83 file, the same bytes every time.

    Parameters
    ----------
    path : path
    currents_pa : array (sweeps, samples)
        Channel ``IN 0``.
    protocol : Protocol
        What the epoch table, the holding level and the user list of the header will say.
    interval_ms : float
        Sampling interval of one channel.
    recorded_command_mv : array (sweeps, samples), optional
        A second channel, ``Vcmd``.
    comment : str
        Follows "simulated by permeant" in the file's comment.
    acquired : datetime
        Start of the recording.
    sweep_interval_s : float, optional
        From start to start; default: one sweep follows the other without a gap.
    full_scale_pa : float, optional
        Range of the current channel; larger currents are clipped.  Default: the smallest
        gain setting that holds them all.
    """
    values_pa = np.asarray(currents_pa, dtype=np.float64)
    n_sweeps, n_samples = values_pa.shape
    if n_sweeps > protocol.n_sweeps:
        raise ValueError(f"{n_sweeps} sweeps, but protocol {protocol.name!r} plays fewer")
    if full_scale_pa is None:
        full_scale_pa = choose_full_scale_pa(float(np.abs(values_pa).max()))
    inputs = [_digitise("IN 0", "pA", values_pa, full_scale_pa)]
    if recorded_command_mv is not None:
        command_mv = np.asarray(recorded_command_mv, dtype=np.float64)
        if command_mv.shape != values_pa.shape:
            raise ValueError(f"command {command_mv.shape}, currents {values_pa.shape}: differ")
        full_scale_mv = _choose_full_scale(float(np.abs(command_mv).max()), FULL_SCALES_MV, "mV")
        inputs.append(_digitise("Vcmd", "mV", command_mv, full_scale_mv))

    data = np.stack([one.counts for one in inputs], axis=-1).tobytes()
    data += b"\0" * (-len(data) % BLOCK_BYTES)
    if sweep_interval_s is None:
        sweep_interval_s = n_samples * interval_ms / 1e3
    header = bytearray(HEADER_BYTES)
    _put_file_part(header, inputs, len(data), acquired)
    synch_unit_us = _put_timing(header, inputs, interval_ms, sweep_interval_s)
    _put_inputs(header, inputs)
    _put_output(header, protocol)
    _put_user_list(header, protocol)
    _put_words(header, protocol, comment)
    sweep_length = n_samples * len(inputs)
    synch = [
        (round(sweep * sweep_interval_s * 1e6 / synch_unit_us), sweep_length)
        for sweep in range(n_sweeps)
    ]
    tail = np.array(synch, dtype="<i4").tobytes()
    tail += b"\0" * (-len(tail) % BLOCK_BYTES)
    Path(path).write_bytes(bytes(header) + data + tail)


def _put(header: bytearray, offset: int, form: str, *values: float) -> None:
    struct.pack_into("<" + form, header, offset, *values)


def _put_text(header: bytearray, offset: int, width: int, *texts: str) -> None:
    for number, text in enumerate(texts):
        field = text.encode("ascii", "replace")[:width].ljust(width)
        header[offset + number * width : offset + (number + 1) * width] = field


def _put_file_part(
    header: bytearray, inputs: list[_Input], data_bytes: int, acquired: datetime
) -> None:
    n_sweeps, n_samples = inputs[0].counts.shape
    midnight = acquired.replace(hour=0, minute=0, second=0, microsecond=0)
    since_midnight = acquired - midnight
    _put_text(header, 0, 4, "ABF ")
    _put(header, 4, "f", 1.83)
    _put(header, 8, "h", 5)  # episodic stimulation
    _put(header, 10, "i", n_sweeps * n_samples * len(inputs))
    _put(header, 16, "i", n_sweeps)
    _put(header, 20, "i", int(acquired.strftime("%Y%m%d")))
    _put(header, 24, "i", since_midnight.seconds)
    _put(header, 28, "i", since_midnight.seconds)
    _put(header, 32, "f", 1.83)
    _put(header, 36, "h", 1)
    _put(header, 40, "i", HEADER_BYTES // BLOCK_BYTES)
    _put(header, 92, "ii", (HEADER_BYTES + data_bytes) // BLOCK_BYTES, n_sweeps)
    _put(header, 366, "h", since_midnight.microseconds // 1000)


def _put_timing(
    header: bytearray, inputs: list[_Input], interval_ms: float, sweep_interval_s: float
) -> float:
    """Write sampling and hierarchy; return the unit of the synch array in µs."""
    n_sweeps, n_samples = inputs[0].counts.shape
    n_channels = len(inputs)
    adc_interval_us = interval_ms * 1e3 / n_channels
    synch_unit_us = float(np.float32(adc_interval_us / 20))  # as Clampex 9 sets it
    _put(header, 120, "h", n_channels)
    _put(header, 122, "f", adc_interval_us)
    _put(header, 130, "f", synch_unit_us)
    _put(header, 138, "i", n_samples * n_channels)
    _put(header, 142, "i", 16 * n_channels)
    _put(header, 146, "iii", n_sweeps, 1, 1)
    _put(header, 178, "f", sweep_interval_s)
    return synch_unit_us


def _put_inputs(header: bytearray, inputs: list[_Input]) -> None:
    blank = [""] * (16 - len(inputs))
    spare = [1.0] * (16 - len(inputs))
    _put(header, 244, "ffii", ADC_RANGE_V, 10.24, ADC_STEPS, 32768)
    _put(header, 378, "16h", *range(16))
    _put(header, 410, "16h", *range(len(inputs)), *([-1] * (16 - len(inputs))))
    _put_text(header, 442, 10, *(one.name for one in inputs), *blank)
    _put_text(header, 602, 8, *(one.units for one in inputs), *blank)
    _put(header, 730, "16f", *([1.0] * 16))
    _put(header, 922, "16f", *(one.scale_v_per_unit for one in inputs), *spare)
    _put(header, 1050, "16f", *([1.0] * 16))
    _put(header, 4576, "16f", *([1.0] * 16))


def _put_output(header: bytearray, protocol: Protocol) -> None:
    epochs = protocol.epochs
    off = [0] * (2 * MAX_EPOCHS - len(epochs))
    _put_text(header, 1306, 10, "Cmd 0", "Cmd 1", "Cmd 2", "Cmd 3")
    _put_text(header, 1346, 8, *(["mV"] * 4))
    _put(header, 1378, "4f", *([20.0] * 4))
    _put(header, 1394, "4f", protocol.holding_mv, 0, 0, 0)
    _put(header, 2296, "2h", 1, 0)
    _put(header, 2300, "2h", 1, 1)
    _put(header, 2304, "2h", 0 if protocol.return_to_holding else 1, 0)
    _put(header, 2308, "20h", *(2 if one.kind == "ramp" else 1 for one in epochs), *off)
    _put(header, 2348, "20f", *(one.level_mv for one in epochs), *off)
    _put(header, 2428, "20f", *(one.level_increment_mv for one in epochs), *off)
    _put(header, 2508, "20i", *(one.duration_samples for one in epochs), *off)
    _put(header, 2588, "20i", *(one.duration_increment_samples for one in epochs), *off)


def _put_user_list(header: bytearray, protocol: Protocol) -> None:
    user_list = protocol.user_list
    values = "" if user_list is None else ", ".join(f"{value:g}" for value in user_list.values)
    if len(values) > 256:
        raise ValueError(f"protocol {protocol.name!r}: a user list holds 256 characters at most")
    _put_text(header, 3376, 256, values, "", "", "")
    if user_list is not None:
        code = UL_LEVEL_CODE if user_list.target == "level" else UL_DURATION_CODE
        _put(header, 3360, "h", 1)
        _put(header, 3368, "h", code + user_list.epoch)
        _put(header, 4400, "h", int(user_list.repeat))


def _put_words(header: bytearray, protocol: Protocol, comment: str) -> None:
    said = f"simulated by permeant {comment}".strip()
    _put_text(header, 294, 16, "permeant")
    _put_text(header, 310, 56, said)
    _put_text(header, 2736, 256, "", "")
    _put_text(header, 4898, 256, f"C:\\simulated\\{protocol.name}.pro")
    _put_text(header, 5154, 128, said)
    _put(header, 5798, "4h", 1, 0, 0, 0)
