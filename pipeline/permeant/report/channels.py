"""Single channels on a page: a sentence, numbers and pictures for each voltage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from permeant.report import wording
from permeant.report.channel_figures import draw_histogram, draw_times, draw_trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import DwellTimes, IVFit, RecordingResult, SingleChannel
    from permeant.report.figures import Figure

MOST_PICTURES = 4


@dataclass(frozen=True)
class ChannelRow:
    """One voltage in the table of single channels; texts ready to be shown."""

    voltage: str
    current: str
    p_open: str
    channels: str
    open_ms: str
    shut_ms: str
    openings: str
    signal_to_noise: str
    dead_time: str
    why: str


@dataclass(frozen=True)
class ChannelPictures:
    """The pictures of one voltage: the trace, and beside each other what was made of it."""

    voltage: str
    trace: Figure
    below: tuple[Figure, ...]


@dataclass(frozen=True)
class ChannelView:
    """Everything that the section of single channels shows of a recording."""

    sentence: str
    rows: tuple[ChannelRow, ...]
    voltages: tuple[ChannelPictures, ...]

    @property
    def pictures(self) -> tuple[Figure, ...]:
        """All pictures."""
        return tuple(one for group in self.voltages for one in (group.trace, *group.below))


def view_channels(recording: RecordingResult, key: str) -> ChannelView | None:
    """Return what to show of single channels; nothing where none were measured."""
    patches = recording.measurement.single_channels if recording.measurement else ()
    if not patches:
        return None
    times = recording.fit.dwell_times
    shown = sorted(
        (patch for patch in patches if patch.trace), key=lambda patch: -(patch.n_openings or 0)
    )[:MOST_PICTURES]
    return ChannelView(
        _sentence(patches, recording.fit),
        tuple(_row(patch, _of(times, patch)) for patch in patches),
        tuple(
            _pictures(patch, _of(times, patch), f"{key}-{number}")
            for number, patch in enumerate(sorted(shown, key=lambda one: one.v_membrane_mv), 1)
        ),
    )


def unitary_text(recording: RecordingResult) -> str:
    """Return unitary currents of a recording that gave no curve; empty where there are none."""
    patches = recording.measurement.single_channels if recording.measurement else ()
    good = [patch for patch in patches if patch.status == "ok"]
    if not good:
        return ""
    currents = ", ".join(
        f"{wording.quantity(patch.i_unitary_pa, 'pA', patch.i_low_pa, patch.i_high_pa)} at "
        f"{wording.number(patch.v_membrane_mv)} mV"
        for patch in good[:3]
    )
    return f"Unitary current {currents}; no conductance: {recording.fit.reason}"


def _of(times: Sequence[DwellTimes], patch: SingleChannel) -> list[DwellTimes]:
    return [one for one in times if one.v_membrane_mv == patch.v_membrane_mv]


def _sentence(patches: Sequence[SingleChannel], fit: IVFit) -> str:
    good = [patch for patch in patches if patch.status == "ok"]
    if not good:
        return "No unitary current could be measured."
    best = max(good, key=lambda patch: patch.n_openings or 0)
    many = (
        f" of up to {best.n_channels} channels"
        if best.levels_are == "channels"
        else " of a channel with sublevels (that of the first level)"
        if best.levels_are == "sublevels"
        else ""
    )
    return (
        f"At {wording.number(best.v_membrane_mv)} mV the unitary current{many} is "
        f"{wording.quantity(best.i_unitary_pa, 'pA', best.i_low_pa, best.i_high_pa)}, the open "
        f"probability {wording.with_interval(best.p_open, best.p_open_low, best.p_open_high)}, "
        f"from {wording.count(best.n_openings or 0, 'opening')} in "
        f"{wording.number(best.duration_s)} s.{_conductance(fit)}"
    )


def _conductance(fit: IVFit) -> str:
    if fit.status != "ok" or fit.g_ns is None:
        return ""
    low, high = (None if g is None else 1e3 * g for g in (fit.g_low_ns, fit.g_high_ns))
    return f" The unitary conductance is {wording.quantity(1e3 * fit.g_ns, 'pS', low, high)}."


def _row(patch: SingleChannel, times: list[DwellTimes]) -> ChannelRow:
    by_kind = {one.kind: one for one in times}
    why = [patch.reason, *dict.fromkeys(one.reason for one in times)]
    return ChannelRow(
        voltage=wording.number(patch.v_membrane_mv),
        current=wording.with_interval(patch.i_unitary_pa, patch.i_low_pa, patch.i_high_pa),
        p_open=wording.with_interval(patch.p_open, patch.p_open_low, patch.p_open_high),
        channels=str(patch.n_channels or wording.MISSING)
        + (" with sublevels" if patch.levels_are == "sublevels" else ""),
        open_ms=_mean(by_kind.get("open")),
        shut_ms=_mean(by_kind.get("shut")),
        openings=str(patch.n_openings or wording.MISSING),
        signal_to_noise=wording.number(patch.signal_to_noise, 2),
        dead_time=wording.number(patch.dead_time_ms, 2),
        why="; ".join(filter(None, why)),
    )


def _mean(times: DwellTimes | None) -> str:
    if times is None or times.mean_ms is None:
        return wording.MISSING
    text = wording.with_interval(times.mean_ms, times.mean_low_ms, times.mean_high_ms)
    if len(times.components) > 1:
        parts = (
            f"{wording.number(one.tau_ms)} ms ({100 * one.area:.0f} %)" for one in times.components
        )
        text += f" = {', '.join(parts)}"
    return text


def _pictures(patch: SingleChannel, times: list[DwellTimes], key: str) -> ChannelPictures:
    assert patch.trace is not None
    drawn = sorted((one for one in times if one.counts is not None), key=lambda one: one.kind)
    return ChannelPictures(
        f"{wording.number(patch.v_membrane_mv)} mV",
        draw_trace(patch, patch.trace, f"{key}-trace"),
        (
            draw_histogram(patch, f"{key}-amplitudes"),
            *(draw_times(patch, one, f"{key}-{one.kind}") for one in drawn),
        ),
    )
