"""What is in one file, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from permeant.records import IVFit, Measurement, RecordingInfo, RecordingResult
from permeant.survey.protocol_words import list_epochs
from permeant.survey.trial import Trial

MOST_STRETCHES = 30
_MARK = {"info": "note", "warning": "warning", "error": "error"}


def as_words(trial: Trial) -> str:
    """Return what a trial found as text to be read in a terminal."""
    return "\n".join(_lines(trial))


def as_plain(trial: Trial) -> dict[str, Any]:
    """Return what a trial found as plain values for JSON; units are in the keys."""
    result = trial.result
    info, seen, fit = result.info, result.measurement, result.fit
    return {
        "file": result.row.file,
        "readable": info is not None,
        "problems": [
            {"stage": p.stage, "code": p.code, "message": p.message} for p in result.problems
        ],
        **(_plain_info(info) if info else {}),
        "families": [_plain_family(seen, k) for k in range(len(seen.families))] if seen else [],
        "measured": _plain_measured(seen) if seen else None,
        "fit": _plain_fit(fit),
        "proposed_measure": trial.proposed or None,
        "findings": [
            {
                "check": f.check,
                "severity": f.severity,
                "message": f.message,
                "value": f.value,
                "limit": f.limit,
                "unit": f.unit,
            }
            for f in trial.findings
        ],
    }


def _plain_info(info: RecordingInfo) -> dict[str, Any]:
    source = info.provenance
    return {
        "format": source.format,
        "reader": f"{source.reader} {source.reader_version}",
        "sha256": source.sha256,
        "acquired": source.acquired,
        "protocol": source.protocol,
        "comment": source.comment,
        "simulated": source.simulated,
        "clamp_mode": "voltage clamp",
        "n_sweeps": info.n_sweeps,
        "n_samples": info.n_samples,
        "interval_ms": info.interval_ms,
        "channels": [
            {"index": c.index, "name": c.name, "units": c.units, "role": c.role,
             "reason": c.reason}
            for c in info.channels
        ],
        "command_source": info.command_source,
        "epochs": [
            {
                "epoch": e.epoch,
                "start_ms": e.start_ms,
                "end_ms": e.end_ms,
                "levels_mv": list(e.levels_mv),
                "end_levels_mv": list(e.end_levels_mv),
                "n_sweeps": e.n_sweeps,
                "times_vary": e.times_vary,
            }
            for e in (list_epochs(info) if knows_command(info) else ())
        ],
        "tags": [{"time_s": t.time_s, "text": t.text} for t in info.tags],
        "r_s_mohm": info.r_s_mohm,
        "c_m_pf": info.c_m_pf,
        "series": info.series,
        "temperature_c": info.temperature_c,
        "temperature_source": info.temperature_source,
    }  # fmt: skip


def _plain_family(seen: Measurement, k: int) -> dict[str, Any]:
    family = seen.families[k]
    return {
        "number": family.number,
        "kind": family.kind,
        "epochs": list(family.epochs),
        "start_ms": family.start_ms,
        "end_ms": family.end_ms,
        "v_min_mv": family.v_min_mv,
        "v_max_mv": family.v_max_mv,
        "n_levels": family.n_levels,
        "chosen": family == seen.family,
    }


def _plain_measured(seen: Measurement) -> dict[str, Any]:
    return {
        "why": seen.window_reason,
        "n_points": len(seen.points),
        "n_used": sum(point.used for point in seen.points),
        "corrections": [
            {"name": c.name, "value": c.value, "unit": c.unit, "applied": c.applied,
             "reason": c.reason}
            for c in seen.corrections
        ],
    }  # fmt: skip


def _plain_fit(fit: IVFit) -> dict[str, Any]:
    return {
        "status": fit.status,
        "reason": fit.reason,
        "g_ns": fit.g_ns,
        "g_low_ns": fit.g_low_ns,
        "g_high_ns": fit.g_high_ns,
        "e_rev_mv": fit.e_rev_mv,
        "e_rev_low_mv": fit.e_rev_low_mv,
        "e_rev_high_mv": fit.e_rev_high_mv,
        "e_rev_status": fit.e_rev_status,
        "e_rev_reason": fit.e_rev_reason,
    }


def knows_command(info: RecordingInfo) -> bool:
    """Whether the command is known; what stands in for an unknown one was never played."""
    return all(finding.check != "command_unknown" for finding in info.findings)


def _lines(trial: Trial) -> Iterator[str]:
    result = trial.result
    yield result.row.file
    if result.info is not None:
        yield from _of_file(result.info)
    for problem in result.problems:
        yield ""
        yield f"cannot be analysed ({problem.code}):"
        yield f"  {problem.message}"
    if result.measurement is not None:
        yield from _of_measurement(result)
    if trial.proposed:
        yield ""
        yield f"what else could be measured: measure = {trial.proposed}"
        yield f"  {trial.why}"
    told = [f for f in trial.findings if f.check != "measure_proposed"]
    if told:
        yield ""
        yield "remarks:"
        yield from (f"  {_MARK[finding.severity]}: {finding.message}" for finding in told)


def _of_file(info: RecordingInfo) -> Iterator[str]:
    source = info.provenance
    said = " (simulated)" if source.simulated else ""
    yield f"  format     {source.format}{said}, read by {source.reader} {source.reader_version}"
    if info.series:
        yield f"  series     {info.series}"
    for name, text in (
        ("recorded", source.acquired),
        ("protocol", source.protocol),
        ("comment", source.comment),
    ):
        if text:
            yield f"  {name:10} {text}"
    length_ms = info.n_samples * info.interval_ms
    yield (
        f"  sweeps     {info.n_sweeps} of {length_ms:g} ms, a sample every "
        f"{info.interval_ms * 1000:g} µs"
    )
    yield "  clamp      voltage clamp"
    if info.temperature_source:
        known = "" if info.temperature_c is None else f"{info.temperature_c:g} °C: "
        yield f"  {'bath':10} {known}{info.temperature_source}"
    for name, value, unit in (("r_s", info.r_s_mohm, "MΩ"), ("c_m", info.c_m_pf, "pF")):
        if value is not None:
            yield f"  {name:10} {value:g} {unit} (the amplifier's, from the file)"
    yield "channels:"
    for one in info.channels:
        why = f": {one.reason}" if one.reason else ""
        yield f"  {one.index}  {one.name} ({one.units}) is {_role(one.role)}{why}"
    yield from _of_command(info)
    if info.tags:
        yield "tags:"
        yield from (f"  {tag.time_s:g} s: {tag.text}" for tag in info.tags)


def _role(role: str) -> str:
    return {"current": "the current", "command": "the command", "other": "not used"}[role]


def _of_command(info: RecordingInfo) -> Iterator[str]:
    yield f"command: {info.command_source}"
    if not knows_command(info):
        return
    epochs = list_epochs(info)
    yield from (f"  {epoch.words}" for epoch in epochs[:MOST_STRETCHES])
    if len(epochs) > MOST_STRETCHES:
        yield f"  and {len(epochs) - MOST_STRETCHES} more stretches"


def _of_measurement(result: RecordingResult) -> Iterator[str]:
    seen, fit = result.measurement, result.fit
    assert seen is not None
    yield "what can give a current–voltage curve:"
    for family in seen.families:
        yield f"  {'→' if family == seen.family else ' '} {family.title}"
    yield "what a run would measure, if the sheet says no more than the file's name:"
    used = sum(point.used for point in seen.points)
    yield f"  {seen.window_reason}"
    yield f"  {used} of {len(seen.points)} points used"
    for correction in seen.corrections:
        value = "" if correction.value is None else f" {correction.value:.4g} {correction.unit}"
        applied = "" if correction.applied else " (not applied)"
        yield f"  {correction.name.replace('_', ' ')}{value}{applied}: {correction.reason}"
    if fit.status == "ok":
        yield f"  g = {_interval(fit.g_ns, fit.g_low_ns, fit.g_high_ns, 'nS')}"
        if fit.e_rev_mv is not None:
            reversal = _interval(fit.e_rev_mv, fit.e_rev_low_mv, fit.e_rev_high_mv, "mV")
            yield f"  E_rev = {reversal} ({fit.e_rev_status})"
        else:
            yield f"  E_rev: {fit.e_rev_status}"
        if fit.e_rev_reason:
            yield f"    {fit.e_rev_reason}"
    elif not result.problems:
        yield f"  no fit: {fit.reason}"


def _interval(value: float | None, low: float | None, high: float | None, unit: str) -> str:
    if value is None:
        return "not known"
    if low is None or high is None:
        return f"{value:.4g} {unit}, no interval"
    return f"{value:.4g} {unit} ({low:.4g} to {high:.4g}, 95 %)"
