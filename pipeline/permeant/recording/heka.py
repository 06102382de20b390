"""The door to HEKA PatchMaster files (bundles, ``.dat``), read by myokit.

A file holds groups of series of sweeps; the sheet's ``series`` says which series.  The series
resistance, the slow capacitance, the compensation and the junction potential that the amplifier's
window held go with the recording; the resistance only where the slow capacitance was switched on,
since the two are set together and the number is a left-over otherwise.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.command import Wishes
from permeant.recording.contents import Contents, Signal, stack_sweeps, unequal_findings
from permeant.recording.heka_command import is_current_clamp, stored_commands
from permeant.recording.heka_notes import read_heka_notes
from permeant.recording.series import Choice, choose_series
from permeant.records import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAME_INTERVAL = 1e-6
MOST_ITEMS = 12
"""Parts that a bundle can hold."""


@dataclass(frozen=True)
class Amplifier:
    """What the amplifier's window held; ``None``: not known, or of no meaning."""

    r_s_mohm: float | None = None
    c_m_pf: float | None = None
    r_s_compensation: float | None = None
    ljp_applied_mv: float | None = None
    current_clamp: bool = False
    findings: tuple[Finding, ...] = ()


def read_heka(path: Path, shown_as: str, wishes: Wishes) -> Contents:
    """Read one series of a PatchMaster bundle."""
    _refuse_big_endian(path, shown_as)
    with import_reader()(str(path)) as file:
        choice, series = choose_series(shown_as, _list_series(file), wishes.series)
        return _read_series(path, shown_as, file, choice, series)


def _refuse_big_endian(path: Path, shown_as: str) -> None:
    """Refuse a bundle of an old Macintosh, whose numbers the reader takes the wrong way round."""
    with path.open("rb") as stream:
        head = stream.read(64)
    if len(head) < 64:
        return
    little, big = int.from_bytes(head[48:52], "little"), int.from_bytes(head[48:52], "big")
    if not 0 <= little <= MOST_ITEMS and 0 <= big <= MOST_ITEMS:
        raise RecordingError(
            "mode_not_supported",
            f"{shown_as}: the bundle was written big-endian (by an old Macintosh), which the "
            "reader (myokit) does not know; open it in PatchMaster on another computer and save "
            "it, or export the series as text or as ABF",
        )


def import_reader() -> Any:
    """Import myokit, whose import writes a settings file into the user's home, without that."""
    home = os.environ.get("HOME")
    with tempfile.TemporaryDirectory(prefix="permeant-") as folder:
        os.environ["HOME"] = folder
        try:
            from myokit.formats.heka import PatchMasterFile  # noqa: PLC0415
        finally:
            if home is None:
                del os.environ["HOME"]
            else:
                os.environ["HOME"] = home
    return PatchMasterFile


def _list_series(file: Any) -> list[tuple[Choice, Any]]:
    found = []
    for g, group in enumerate(file, start=1):
        for s, series in enumerate(group, start=1):
            if len(series) and len(series[0]):
                name = f"{group.label()}/{series.label()}"
                found.append((Choice(name, f"{g}.{s}", f"{len(series)} sweeps"), series))
    return found


def _read_series(path: Path, shown_as: str, file: Any, choice: Choice, series: Any) -> Contents:
    sweeps = list(series)
    traces = [list(sweep) for sweep in sweeps]
    _refuse_cut(path, shown_as, traces)
    interval_ms, findings = _interval(shown_as, series, traces)
    amplifier = _read_amplifier(series, traces[-1][0])
    signals = []
    cut = []
    n_channels = min(len(of_sweep) for of_sweep in traces)
    for k in range(n_channels):
        column = [of_sweep[k] for of_sweep in traces]
        raw, found = stack_sweeps(shown_as, [_raw(trace) for trace in column])
        cut.append(found)
        scale = _one_scale(shown_as, column)
        signals.append(_signal(column[0], raw, scale, amplifier))
    n_sweeps, n_samples = signals[0].samples.shape
    currents = [k for k, one in enumerate(signals) if one.units == "A"]
    stored = stored_commands(series, len(currents), n_sweeps, n_samples, interval_ms)
    for k, one in zip(currents, stored, strict=False):
        signals[k] = replace(signals[k], command=one.command, command_is_holding=one.holding_only)
    start = sweeps[0].time()
    said = read_heka_notes(path, choice.number)
    return Contents(
        format_name=f"HEKA PatchMaster {file.version()}".strip(),
        reader="myokit",
        interval_ms=interval_ms,
        signals=tuple(signals),
        starts_s=tuple((sweep.time() - start).total_seconds() for sweep in sweeps),
        series=choice.name,
        acquired=start.isoformat(timespec="milliseconds"),
        protocol=str(series.stimulus().label()),
        findings=(*findings, *unequal_findings(cut), *amplifier.findings),
        temperature=tuple(said.told),
        notes=said.texts,
    )


def _refuse_cut(path: Path, shown_as: str, traces: Sequence[Sequence[Any]]) -> None:
    """Refuse traces whose samples do not all lie within the file, or lie over each other."""
    size = path.stat().st_size
    places = sorted(
        (trace._data_pos, trace._data_pos + len(trace) * trace._data_size)
        for of_sweep in traces
        for trace in of_sweep
    )
    for start, stop in places:
        if not 0 < start <= stop <= size:
            raise RecordingError(
                "file_truncated",
                f"{shown_as}: samples are said to lie at bytes {start} to {stop} of a file of "
                f"{size} bytes; the file is cut off or damaged: copy it again from its source",
            )
    if any(first[1] > second[0] for first, second in pairwise(places)):
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: two traces are said to share samples; the file is damaged: copy it again "
            "from its source",
        )


def _raw(trace: Any) -> NDArray[Any]:
    if trace._data_interleave_size and trace._data_interleave_skip:
        raise RecordingError(
            "mode_not_supported",
            f"the samples of trace {trace.label()} are stored interleaved, which the reader "
            "(myokit) does not know; export the series from PatchMaster as text or as ABF",
        )
    return np.fromfile(
        trace._handle.name, trace._data_type, count=len(trace), offset=trace._data_pos
    )


def _one_scale(shown_as: str, column: Sequence[Any]) -> list[float]:
    scales = [float(trace._data_scale) for trace in column]
    units = {str(trace.value_unit()) for trace in column}
    if len(units) > 1:
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: {column[0].label()} has different units in different sweeps: "
            f"{', '.join(sorted(units))}",
        )
    return scales


def _signal(trace: Any, raw: NDArray[Any], scales: Sequence[float], amplifier: Amplifier) -> Signal:
    from myokit import units  # noqa: PLC0415

    factors = np.array(scales[: len(raw)], dtype=np.float64)[:, np.newaxis]
    samples = (raw * factors).astype(np.float32)
    unit = trace.value_unit()
    word = next((name for name in ("A", "V") if unit == getattr(units, name)), str(unit))
    same = len(set(scales)) == 1
    return Signal(
        name=str(trace.label()),
        units=word,
        samples=samples,
        raw=raw if same else None,
        mode=1 if amplifier.current_clamp else None,
        r_s_mohm=amplifier.r_s_mohm,
        c_m_pf=amplifier.c_m_pf,
        r_s_compensation=amplifier.r_s_compensation,
        ljp_applied_mv=amplifier.ljp_applied_mv,
    )


def _interval(
    shown_as: str, series: Any, traces: Sequence[Sequence[Any]]
) -> tuple[float, tuple[Finding, ...]]:
    seen = {float(trace._dt) for of_sweep in traces for trace in of_sweep}
    if max(seen) - min(seen) > SAME_INTERVAL * max(seen):
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the traces have different sampling intervals "
            f"({', '.join(f'{1e3 * dt:g} ms' for dt in sorted(seen))}); one is needed",
        )
    interval_ms = round(1e3 * next(iter(seen)), 9)
    said_ms = 1e3 * float(series.stimulus().sampling_interval())
    factor = interval_ms / said_ms if said_ms > 0 else 0.0
    # PatchMaster can keep every n-th sample only
    if round(factor) >= 1 and abs(factor - round(factor)) <= SAME_INTERVAL * factor:
        return interval_ms, ()
    message = (
        f"the traces were sampled every {interval_ms:g} ms, the stimulus says {said_ms:g} ms; "
        "the traces were believed: check the times"
    )
    return interval_ms, (Finding("interval_doubtful", "warning", message, interval_ms, unit="ms"),)


# ----------------------------------------------------------------------------- amplifier


def _read_amplifier(series: Any, trace: Any) -> Amplifier:
    state = series.amplifier_state()
    if state is None:
        states = series.amplifier_states() or []
        if len(states) != 1:
            message = (
                f"the file holds the settings of {len(states)} amplifiers and does not say which "
                "recorded this current; series resistance, compensation and an on-line junction "
                "potential of the file are not used: give them in the sheet"
            )
            return Amplifier(findings=(Finding("amplifier_unknown", "warning", message),))
        state = states[0]
    findings = []
    compensation = float(state.r_series_fraction()) if state.r_series_enabled() else 0.0
    ljp_mv = float(state.ljp())
    r_s_mohm = float(trace.r_series()) if np.isfinite(trace.r_series()) else 0.0
    c_m_pf = float(trace.c_slow())
    measured = state.c_slow_enabled() and c_m_pf > 0
    if not measured and r_s_mohm > 0:
        message = (
            f"the file says {r_s_mohm:.3g} MΩ of series resistance, but its slow capacitance "
            "compensation was off, with which that number is found: it was not used; give "
            "r_s_mohm in the sheet if you know it"
        )
        findings.append(Finding("r_s_not_measured", "info", message, r_s_mohm, unit="MΩ"))
    if not (0.0 <= compensation <= 1.0 and abs(ljp_mv) <= 100.0 and r_s_mohm <= 1000.0):
        message = (
            f"the amplifier's settings in the file make no sense (compensation {compensation:.3g}, "
            f"junction potential {ljp_mv:.3g} mV, series resistance {r_s_mohm:.3g} MΩ) and are "
            "not used; the file may be damaged"
        )
        return Amplifier(findings=(Finding("amplifier_unknown", "warning", message),))
    return Amplifier(
        r_s_mohm=r_s_mohm if measured and r_s_mohm > 0 else None,
        c_m_pf=c_m_pf if measured else None,
        r_s_compensation=compensation or None,
        ljp_applied_mv=ljp_mv or None,
        current_clamp=is_current_clamp(series),
        findings=tuple(findings),
    )
