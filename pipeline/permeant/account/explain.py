"""One cell from samples to ratio, step by step, each with its numbers, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from permeant.records import (
    CellResult,
    IVFit,
    IVPoint,
    Measurement,
    PermeabilityRatio,
    RecordingResult,
)

MOST_POINTS = 60


def explain_cell(cell: CellResult) -> str:
    """Return how every number of a cell came about, as text to be read in a terminal.

    Parameters
    ----------
    cell : CellResult
        What a run found.
    """
    lines = [f"cell {cell.cell}: {_count(len(cell.recordings), 'recording')}"]
    if cell.settings:
        lines.append("settings that differ from the defaults:")
        lines += [f"  {name} = {value}" for name, value in sorted(cell.settings.items())]
    for recording in cell.recordings:
        lines += ["", *_recording(recording)]
    lines += ["", *_ratios(cell)]
    lines += _limits(cell)
    return "\n".join(lines)


def _limits(cell: CellResult) -> Iterator[str]:
    for limit in cell.limits.viscosity:
        yield f"pore or gate ({limit.recordings}): {limit.verdict}; {limit.reason}"
        for name, what in (("i", "current"), ("open", "open time"), ("shut", "shut time")):
            alpha, sigma = getattr(limit, f"alpha_{name}"), getattr(limit, f"alpha_{name}_sigma")
            if alpha is not None:
                yield f"  power of viscosity of the {what}: {alpha:.3f}, standard error {sigma:.3f}"
    for charge in cell.limits.charge:
        yield f"{charge.ion} beside {charge.reference_ion}: {charge.meaning or charge.reason}"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _recording(one: RecordingResult) -> Iterator[str]:
    row = one.row
    yield f"recording {row.recording} ({row.file})"
    said = [
        f"{name} {value}"
        for name, value in (("pipette", row.pipette), ("bath", row.bath))
        if value is not None
    ]
    if row.temperature_c is not None:
        said.append(f"{row.temperature_c:g} °C")
    yield f"  sheet: {', '.join((*said, row.configuration))}; measure = {row.measure}"
    if row.exclude:
        yield f"  excluded in the sheet{f': {row.note}' if row.note else ''}"
    if one.info is not None:
        info = one.info
        yield (
            f"  1. samples: {_count(info.n_sweeps, 'sweep')} of {info.n_samples} samples, one "
            f"every {info.interval_ms * 1000:g} µs ({info.provenance.format}, sha256 "
            f"{info.provenance.sha256[:12]}…)"
        )
        yield f"  2. command: {info.command_source}"
    for problem in one.problems:
        yield f"  stopped at {problem.stage} ({problem.code}): {problem.message}"
    if one.measurement is not None:
        yield from _measurement(one.measurement)
        yield from _points(one.measurement.points, one.subtracted_points)
    yield from _fit(one.fit)
    for force in one.driving_forces:
        if force.e_nernst_mv is not None and force.driving_force_mv is not None:
            yield (
                f"     {force.ion}: E = {_plain(force.e_nernst_mv)} mV, driving force "
                f"{force.driving_force_mv:+.2f} mV at {force.v_mv:.2f} mV"
                f"{force.at and f', {force.at}'}"
            )


def _plain(e_mv: float) -> str:
    """Return a potential to 0.01 mV, zero without a sign."""
    return f"{round(e_mv, 2) + 0.0:.2f}"


def _measurement(seen: Measurement) -> Iterator[str]:
    yield f"  3. window: {seen.window_reason}"
    yield "  4. corrections:"
    for one in seen.corrections:
        value = "" if one.value is None else f" = {one.value:.4g} {one.unit}"
        done = "applied" if one.applied else "not applied"
        yield f"     {one.name.replace('_', ' ')}{value}, {done}: {one.reason}"
        if one.applied and one.v_mv:
            yield f"       moves the voltage by {min(one.v_mv):+.3g} to {max(one.v_mv):+.3g} mV"
        if one.applied and one.i_pa:
            yield f"       moves the current by {min(one.i_pa):+.4g} to {max(one.i_pa):+.4g} pA"


def _points(points: Sequence[IVPoint], fitted: Sequence[IVPoint]) -> Iterator[str]:
    used = sum(point.used for point in points)
    yield f"  5. points: {used} of {len(points)} used"
    yield "     sweep  command mV  membrane mV   current pA      ± s.e."
    for point in points[:MOST_POINTS]:
        why = "" if point.used else f"  left out: {point.reason}"
        yield (
            f"     {point.sweep:5d}  {point.v_command_mv:10.2f}  {point.v_membrane_mv:11.2f}"
            f"  {point.i_pa:11.3f}  {point.i_sem_pa:10.3f}{why}"
        )
    if len(points) > MOST_POINTS:
        yield f"     and {len(points) - MOST_POINTS} more in tables/iv_points.csv"
    if fitted:
        yield "     what is fitted, after a leak or a control was taken off:"
        for point in [one for one in fitted if one.used][:MOST_POINTS]:
            leak = point.i_leak_pa or 0.0
            yield f"     {point.v_membrane_mv:9.2f} mV  {point.i_pa - leak:11.3f} pA"


def _fit(fit: IVFit) -> Iterator[str]:
    if fit.status == "rejected":
        yield f"  6. fit: none: {fit.reason}"
        return
    yield (
        f"  6. conductance: g = {_number(fit.g_ns, fit.g_low_ns, fit.g_high_ns, 'nS')}, the slope "
        f"of the weighted line through {fit.n_points} points ({fit.model})"
    )
    if fit.g_at_reversal_ns is not None:
        slope = _number(
            fit.g_at_reversal_ns, fit.g_at_reversal_low_ns, fit.g_at_reversal_high_ns, "nS"
        )
        yield f"     slope at the reversal: {slope}"
    found = _number(fit.e_rev_mv, fit.e_rev_low_mv, fit.e_rev_high_mv, "mV")
    yield f"  7. reversal: {fit.e_rev_status}" + (
        f", E_rev = {found}" if fit.e_rev_mv is not None else ""
    )
    if fit.e_rev_reason:
        yield f"     {fit.e_rev_reason}"
    for effect in fit.effects:
        if effect.applied and effect.e_rev_change_mv is not None:
            yield (
                f"     {effect.correction.replace('_', ' ')} moved it by "
                f"{effect.e_rev_change_mv:+.3g} mV"
            )
    parts = [one for one in fit.contributions if one.quantity.startswith("e_rev") and one.share]
    if parts:
        told = ", ".join(f"{one.source.replace('_', ' ')} {one.share:.0%}" for one in parts)
        yield f"     what may be wrong with it, in shares of the variance: {told}"
        if any(one.source == "junction potential" for one in parts):
            yield (
                "     (the junction potential's is not in the interval, since all cells of a rig "
                "share it; it is in those of the ratios)"
            )
    for finding in fit.findings:
        yield f"     {finding.severity}: {finding.message}"


def _ratios(cell: CellResult) -> Iterator[str]:
    if not cell.ratios:
        yield "permeability ratios: none asked for (section permeability of config.yaml)"
        return
    yield "8. permeability ratios of the cell, from the reversals in all its baths:"
    yield from (f"   {_ratio(one)}" for one in cell.ratios)
    for one in cell.contributions:
        if one.share:
            yield f"   {one.quantity}: {one.share:.0%} of the variance from {one.source}"


def _ratio(one: PermeabilityRatio) -> str:
    name = f"P_{one.ion}/P_{one.reference_ion}"
    if one.status == "rejected":
        return f"{name}: none: {one.reason}"
    if one.status == "bound":
        low = "" if one.ratio_low is None else f"above {one.ratio_low:.4g}"
        high = "" if one.ratio_high is None else f"below {one.ratio_high:.4g}"
        return f"{name}: {' and '.join(filter(None, (low, high)))} (a limit only): {one.reason}"
    value = _number(one.ratio, one.ratio_low, one.ratio_high, "")
    return (
        f"{name} = {value}; {one.method}, {_count(one.n_recordings, 'recording')}, "
        f"activities: {one.activities}"
    )


def _number(value: float | None, low: float | None, high: float | None, unit: str) -> str:
    if value is None:
        return "not known"
    text = f"{value:.4g} {unit}".strip()
    if low is None or high is None:
        return f"{text} (no interval)"
    return f"{text} ({low:.4g} to {high:.4g}, 95 %)"
