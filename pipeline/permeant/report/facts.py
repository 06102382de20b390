"""What a page says about where a recording comes from: pairs of a term and its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from permeant.report import wording

if TYPE_CHECKING:
    from permeant.records import IVFit, RecordingResult, SheetRow

Facts = list[tuple[str, str]]

_ROW_NUMBERS = (
    ("temperature", "temperature_c", "°C"),
    ("window starts", "window_start_ms", "ms"),
    ("window ends", "window_end_ms", "ms"),
    ("command offset", "command_offset_mv", "mV"),
    ("series resistance", "r_s_mohm", "MΩ"),
    ("series resistance correction", "r_s_compensation", "of 1"),
    ("membrane capacitance", "c_m_pf", "pF"),
    ("junction potential", "ljp_mv", "mV"),
    ("resting potential", "v_rest_mv", "mV"),
)
_ROW_WORDS = (
    ("pipette", "pipette"),
    ("bath", "bath"),
    ("epoch", "epoch"),
    ("current channel", "current_channel"),
    ("command channel", "command_channel"),
    ("protocol", "protocol"),
    ("pipette zeroed in", "zeroed_in"),
    ("subtracted recording", "subtract"),
    ("series", "series"),
    ("columns of the text table", "text_columns"),
)


def sheet_facts(row: SheetRow) -> Facts:
    """Return what the sheet says of a recording, without what it left open."""
    facts = [("row", f"line {row.line} of the sheet")] if row.line else []
    if row.condition:
        facts.append(("condition", row.condition))
    facts += [(term, str(getattr(row, name))) for term, name in _ROW_WORDS if getattr(row, name)]
    for term, name, unit in _ROW_NUMBERS:
        value = getattr(row, name)
        if value is not None:
            facts.append((term, f"{wording.exact(value)} {unit}"))
    facts.append(("configuration", row.configuration))
    facts.append(("measured", row.measure))
    if row.sweeps:
        facts.append(("sweeps taken", row.sweeps))
    if row.ljp_applied:
        facts.append(("junction potential", "already corrected by the amplifier"))
    if row.exclude:
        facts.append(("excluded", "yes"))
    if row.note:
        facts.append(("note", row.note))
    return facts


def file_facts(recording: RecordingResult) -> Facts:
    """Return where the samples come from, as far as the file could be read."""
    info = recording.info
    if info is None:
        return [("file", recording.row.file), ("read", "no: the file could not be read")]
    source = info.provenance
    facts = [
        ("file", source.file),
        ("sha256", source.sha256),
        ("size", wording.file_size(source.size_bytes)),
        ("format", source.format),
        ("read with", f"{source.reader} {source.reader_version}".strip()),
        ("acquired", source.acquired or "not known"),
        ("series", info.series),
        ("protocol in the file", source.protocol),
        ("comment in the file", source.comment),
        ("sweeps", f"{info.n_sweeps} of {info.n_samples} samples"),
        ("sweeps taken", wording.ranges(info.sweep_numbers)),
        ("tags", "; ".join(f"{tag.text} at {tag.time_s:.6g} s" for tag in info.tags)),
        ("sampling interval", f"{wording.exact(info.interval_ms)} ms"),
        ("command taken from", info.command_source),
    ]
    if info.r_s_mohm is not None:
        facts.append(("series resistance in the file", f"{wording.number(info.r_s_mohm)} MΩ"))
    if info.c_m_pf is not None:
        facts.append(("membrane capacitance in the file", f"{wording.number(info.c_m_pf)} pF"))
    if info.r_s_compensation is not None:
        share = wording.number(100 * info.r_s_compensation)
        facts.append(("series resistance correction in the file", f"{share} %"))
    if info.ljp_applied_mv:
        taken = f"{wording.number(info.ljp_applied_mv)} mV, taken off on line"
        facts.append(("junction potential in the file", taken))
    if source.simulated:
        facts.append(("origin", "simulated by permeant"))
    return [(term, text) for term, text in facts if text]


def fit_facts(fit: IVFit) -> Facts:
    """Return what the fit gave beyond the table of results; nothing where there is none."""
    if fit.status == "rejected":
        return []
    facts = [
        ("conductance g", wording.quantity(fit.g_ns, "nS", fit.g_low_ns, fit.g_high_ns)),
        ("model of g", fit.model),
        ("voltages in the fit", wording.voltage_range(fit.v_min_mv, fit.v_max_mv)),
        ("points in the fit", str(fit.n_points or "")),
    ]
    if fit.g_density_ns_per_pf is not None:
        density = wording.quantity(
            fit.g_density_ns_per_pf,
            "nS/pF",
            fit.g_density_low_ns_per_pf,
            fit.g_density_high_ns_per_pf,
        )
        facts.append(("conductance density", density))
        facts.append(("capacitance", f"{wording.number(fit.c_m_pf)} pF {fit.c_m_source}"))
    if fit.e_rev_mv is not None:
        facts.append(("reversal potential", f"{wording.reversal_value(fit)}, {fit.e_rev_status}"))
    facts.append(("how it was found" if fit.e_rev_mv is not None else "reversal", fit.e_rev_reason))
    if fit.g_at_reversal_ns is not None:
        at_reversal = wording.quantity(
            fit.g_at_reversal_ns, "nS", fit.g_at_reversal_low_ns, fit.g_at_reversal_high_ns
        )
        facts.append(("slope conductance at the reversal", at_reversal))
    if fit.line_e_rev_mv is not None:
        zero = wording.quantity(
            fit.line_e_rev_mv, "mV", fit.line_e_rev_low_mv, fit.line_e_rev_high_mv
        )
        facts.append(("zero of the straight line", f"{zero}; E_rev only where nothing bends"))
    if fit.rectification is not None:
        words = (
            f"{wording.number(fit.rectification)} (outward over inward current at the "
            "same distance from the reversal, the largest tested on both sides; 1 is ohmic)"
        )
        facts.append(("rectification", words))
    if fit.chi2_p is not None:
        words = f"{wording.p_value(fit.chi2_p)} (chance of a worse fit if the model held)"
        facts.append(("goodness of fit", words))
    return [(term, text) for term, text in facts if text]
