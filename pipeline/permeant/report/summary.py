"""One line a cell: what the batch's table shows, and the verdict that heads a page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

# imported for good: a CellSummary is read back from a file by the types of its fields
from permeant.records import CellResult, RecordingResult, ReversalStatus, Severity, Status
from permeant.report import wording
from permeant.report.advice import advice_for
from permeant.report.channels import unitary_text
from permeant.report.gravity import gravity
from permeant.report.told import told_otherwise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Attention = Literal["rejected", "error", "warning", "ok", "excluded"]

_MOST_IN_THUMBNAIL = 24
_RANK: dict[str, int] = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Remark:
    """A finding or a problem, with the recordings that it belongs to."""

    severity: Severity
    recordings: tuple[str, ...]
    check: str
    message: str
    value: float | None = None
    limit: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class CellSummary:
    """A cell in one row: its verdict and the numbers of the recording that leads.

    The numbers are those of the first recording of the sheet with a measured reversal
    potential (else the first with a fit), never a mean; one that is only subtracted from
    another comes last.
    """

    cell: str
    condition: str
    href: str
    status: Status
    attention: Attention
    verdict: str
    reason: str = ""
    recording: str = ""
    g_ns: float | None = None
    g_low_ns: float | None = None
    g_high_ns: float | None = None
    e_rev_mv: float | None = None
    e_rev_low_mv: float | None = None
    e_rev_high_mv: float | None = None
    e_rev_status: ReversalStatus = "none"
    ratios: str = ""
    n_recordings: int = 0
    n_ok: int = 0
    n_errors: int = 0
    n_warnings: int = 0
    n_infos: int = 0
    worst_severity: str = ""
    worst_finding: str = ""
    simulated: bool = False
    thumbnail: tuple[tuple[float, float], ...] = ()
    """Voltage and current of the points of the recording that leads, for a tiny picture."""


def summarise_cell(cell: CellResult) -> CellSummary:
    """Say what a cell came to, in one line."""
    remarks = collect_remarks(cell)
    many = {severity: sum(r.severity == severity for r in remarks) for severity in _RANK}
    lead = leading_recording(cell)
    fit = lead.fit if lead else None
    used = [r for r in cell.recordings if not r.row.exclude]
    worst = remarks[0] if remarks else None
    return CellSummary(
        cell=cell.cell,
        condition=", ".join(
            dict.fromkeys(filter(None, (r.row.condition for r in cell.recordings)))
        ),
        href=f"cells/{cell.cell}.html",
        status="ok" if fit or told_otherwise(cell) else "rejected",
        attention=_attention(cell, lead, many),
        verdict=verdict(cell),
        reason=_why_less(lead) if lead else told_otherwise(cell) or _why_nothing(cell),
        recording=lead.row.recording if lead else "",
        g_ns=fit.g_ns if fit else None,
        g_low_ns=fit.g_low_ns if fit else None,
        g_high_ns=fit.g_high_ns if fit else None,
        e_rev_mv=fit.e_rev_mv if fit else None,
        e_rev_low_mv=fit.e_rev_low_mv if fit else None,
        e_rev_high_mv=fit.e_rev_high_mv if fit else None,
        e_rev_status=fit.e_rev_status if fit else "none",
        ratios="; ".join(wording.ratio_text(r) for r in cell.ratios if r.status != "rejected"),
        n_recordings=len(cell.recordings),
        n_ok=sum(r.fit.status == "ok" for r in used),
        n_errors=many["error"],
        n_warnings=many["warning"],
        n_infos=many["info"],
        worst_severity=worst.severity if worst else "",
        worst_finding=worst.message if worst and worst.severity != "info" else "",
        simulated=is_simulated(cell),
        thumbnail=_thumbnail(lead) if lead else (),
    )


def _thumbnail(lead: RecordingResult) -> tuple[tuple[float, float], ...]:
    measured = lead.measurement.points if lead.measurement else ()
    points = [p for p in lead.subtracted_points or measured if p.used]
    points = points[:: len(points) // _MOST_IN_THUMBNAIL + 1]
    return tuple(sorted((float(f"{p.v_membrane_mv:.4g}"), float(f"{p.i_pa:.4g}")) for p in points))


def is_simulated(cell: CellResult) -> bool:
    """Whether any recording of the cell was written by permeant's own simulator."""
    return any(r.info is not None and r.info.provenance.simulated for r in cell.recordings)


def leading_recording(cell: CellResult) -> RecordingResult | None:
    """Return the recording whose numbers stand for the cell, if any has a fit."""
    fitted = [r for r in cell.recordings if r.fit.status == "ok" and not r.row.exclude]
    controls = {one for r in cell.recordings if not r.row.exclude for one in r.row.controls}
    # what is subtracted from another recording shows the leak, not the channel
    fitted = [r for r in fitted if r.row.recording not in controls] or fitted
    measured = [r for r in fitted if r.fit.e_rev_status == "measured"]
    return next(iter(measured or fitted), None)


def collect_remarks(cell: CellResult) -> tuple[Remark, ...]:
    """Gather every finding and problem of a cell, the gravest first, none twice."""
    remarks = [
        Remark(f.severity, (), f.check, f.message, f.value, f.limit, f.unit) for f in cell.findings
    ]
    for recording in cell.recordings:
        remarks.extend(_remarks_of(recording))
    return tuple(sorted(_merge(remarks), key=lambda r: (_RANK[r.severity], gravity(r.check))))


def verdict(cell: CellResult) -> str:
    """Say in one sentence what the cell gave, or what stands in the way."""
    lead = leading_recording(cell)
    used = [r for r in cell.recordings if not r.row.exclude]
    if lead is None:
        parts = [told_otherwise(cell) or _why_nothing(cell)]
    else:
        where = f" in recording {lead.row.recording}" if len(used) > 1 else ""
        ratios = [wording.ratio_text(r) for r in cell.ratios if r.status != "rejected"]
        measured = lead.fit.e_rev_status == "measured" and not where
        text = wording.fit_text(lead.fit) + where
        parts = [", ".join([text, *ratios])] if measured else [text, *ratios]
        parts += [
            f"pore or gate: {limit.verdict}"
            for limit in cell.limits.viscosity
            if limit.verdict != "not to be told"
        ]
        lost = sum(r.fit.status == "rejected" for r in used)
        if lost:
            parts.append(f"{lost} of {wording.count(len(used), 'recording')} gave no result")
    remarks = collect_remarks(cell)
    for severity, noun in (("error", "error"), ("warning", "remark")):
        many = sum(r.severity == severity for r in remarks)
        if many and (lead is not None or told_otherwise(cell)):
            parts.append(wording.count(many, noun))
    return "; ".join(parts) + (_doubt(remarks) if lead is not None else "")


def _doubt(remarks: Sequence[Remark]) -> str:
    """Say what the first remark means where it puts the numbers themselves in doubt."""
    first = remarks[0] if remarks else None
    if first is None or first.severity == "info" or gravity(first.check) > 0:
        return ""
    advice = advice_for(first.check)
    return f": {advice.means}" if advice else ""


def _merge(remarks: Iterable[Remark]) -> list[Remark]:
    """Make one of remarks that say the same of several recordings."""
    merged: dict[Remark, tuple[str, ...]] = {}
    for remark in remarks:
        same = replace(remark, recordings=())
        names = merged.get(same, ())
        merged[same] = names + tuple(n for n in remark.recordings if n not in names)
    return [replace(remark, recordings=names) for remark, names in merged.items()]


def _remarks_of(recording: RecordingResult) -> Iterable[Remark]:
    """Yield what there is to say of a recording; of an excluded one it is only a note."""
    name = (recording.row.recording,)
    out = recording.row.exclude
    for problem in recording.problems:
        check = f"{problem.stage}: {problem.code}"
        yield Remark("info" if out else "error", name, check, problem.message)
    findings = [
        *(recording.info.findings if recording.info else ()),
        *(recording.measurement.findings if recording.measurement else ()),
        *recording.fit.findings,
    ]
    told = {problem.message for problem in recording.problems}
    for f in findings:
        if f.message in told:
            continue
        severity: Severity = "info" if out else f.severity
        yield Remark(severity, name, f.check, f.message, f.value, f.limit, f.unit)


def _attention(cell: CellResult, lead: RecordingResult | None, many: dict[str, int]) -> Attention:
    if lead is None and told_otherwise(cell):
        return "error" if many["error"] else "warning" if many["warning"] else "ok"
    if lead is None:
        excluded = cell.recordings and all(r.row.exclude for r in cell.recordings)
        return "excluded" if excluded else "rejected"
    if many["error"]:
        return "error"
    lost = any(r.fit.status == "rejected" and not r.row.exclude for r in cell.recordings)
    unsure = lead.fit.e_rev_status != "measured"
    return "warning" if lost or unsure or many["warning"] else "ok"


def _why_less(lead: RecordingResult) -> str:
    """Say why a cell with a fit has no measured reversal potential."""
    fit = lead.fit
    if fit.e_rev_status == "measured":
        return ""
    if fit.e_rev_status == "extrapolated":
        return fit.e_rev_reason or "the reversal potential is extrapolated"
    return fit.e_rev_reason or "no reversal potential"


def _why_nothing(cell: CellResult) -> str:
    if not cell.recordings:
        return "No result: the cell has no recordings"
    used = [r for r in cell.recordings if not r.row.exclude]
    if not used:
        return "No result: every recording of the cell is excluded in the sheet"
    patches = [text for r in used if (text := unitary_text(r))]
    if patches:
        return "; ".join(patches)
    reasons = list(dict.fromkeys(r.fit.reason or _first_problem(r) for r in used))
    if len(used) == 1:
        return f"No result: {reasons[0]}"
    if len(reasons) == 1:
        return f"No result from any of {len(used)} recordings: {reasons[0]}"
    told = "; ".join(f"{r.row.recording}: {r.fit.reason or _first_problem(r)}" for r in used[:3])
    more = f"; and {len(used) - 3} more" if len(used) > 3 else ""
    return f"No result from any of {len(used)} recordings ({told}{more})"


def _first_problem(recording: RecordingResult) -> str:
    return recording.problems[0].message if recording.problems else "no reason was recorded"
