"""Which output channel (DAC) commanded the voltage of the cell whose current is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from permeant.recording.channels import Candidate, parse_units

if TYPE_CHECKING:
    from permeant.recording.abf_header import AbfHeader, Dac


@dataclass(frozen=True)
class ChosenOutput:
    """The output channel that was taken, and why."""

    dac: Dac
    reason: str
    doubtful: bool = False


def choose_output(
    header: AbfHeader, current: Candidate, currents: Sequence[Candidate]
) -> ChosenOutput | None:
    """Choose the output channel for a current; ``None`` where none is a voltage.

    Parameters
    ----------
    header : AbfHeader
        The file's header.
    current : Candidate
        The channel whose current is read.
    currents : sequence of Candidate
        All channels that hold a current of their own, in the file's order.
    """
    voltages = [dac for dac in header.dacs if parse_units(dac.units)[0] == "voltage"]
    played = [dac for dac in voltages if dac.plays]
    if not played:
        return _choose_holding(header, current, voltages)
    by_number = {dac.number: dac for dac in played}
    if current.adc.number in by_number:
        dac = by_number[current.adc.number]
        return ChosenOutput(dac, "the one with the number of the current's input")
    if len(played) == 1:
        return ChosenOutput(played[0], "the only one that plays a voltage")
    if len(played) == len(currents):
        rank = [one.index for one in currents].index(current.index)
        reason = f"the {_ordinal(rank)} of {len(played)}, as the current is among the currents"
        return ChosenOutput(played[rank], reason, doubtful=True)
    if header.active_dac in by_number:
        return ChosenOutput(by_number[header.active_dac], "the active one", doubtful=True)
    return ChosenOutput(played[0], "the first that plays a voltage", doubtful=True)


def _choose_holding(
    header: AbfHeader, current: Candidate, voltages: Sequence[Dac]
) -> ChosenOutput | None:
    # An output that plays a current or a pressure says nothing about this cell's voltage.
    if not voltages or any(dac.plays and dac.number == current.adc.number for dac in header.dacs):
        return None
    by_number = {dac.number: dac for dac in voltages}
    reason = "no waveform was played: its holding level"
    for number in (current.adc.number, header.active_dac):
        if number in by_number:
            return ChosenOutput(by_number[number], reason)
    return ChosenOutput(voltages[0], reason)


def _ordinal(rank: int) -> str:
    return ("first", "second", "third", "fourth")[rank] if rank < 4 else f"{rank + 1}th"
