from __future__ import annotations

from dataclasses import replace

from report_examples import (
    bare_cell,
    baths_cell,
    make_fit,
    make_recording,
    ok_cell,
    rejected_cell,
)

from permeant.records import CellResult, Finding, IVFit, Problem
from permeant.report import summarise_cell
from permeant.report.summary import collect_remarks


def test_a_good_cell() -> None:
    cell = ok_cell()
    summary = summarise_cell(cell)
    fit = cell.recordings[0].fit
    assert summary.verdict == (
        "E_rev = −17.2 mV (−18.0 … −16.5), g = 8.2 nS (7.9 … 8.5), "
        "P_Na/P_K = 0.31 (0.28 … 0.35); 1 remark"
    )
    assert (summary.status, summary.attention) == ("ok", "warning")
    assert (summary.g_ns, summary.e_rev_mv) == (fit.g_ns, fit.e_rev_mv)
    assert (summary.n_warnings, summary.n_infos, summary.n_errors) == (1, 1, 0)
    assert summary.href == "cells/c1.html"
    assert summary.simulated


def test_a_cell_without_remarks_is_ok() -> None:
    recording = make_recording()
    assert recording.measurement is not None
    recording = replace(recording, measurement=replace(recording.measurement, findings=()))
    assert summarise_cell(replace(ok_cell(), recordings=(recording,))).attention == "ok"


def test_a_rejected_cell_says_why() -> None:
    summary = summarise_cell(rejected_cell())
    assert (summary.status, summary.attention) == ("rejected", "rejected")
    assert summary.reason.startswith("No result: data/broken.abf: 512 bytes")
    assert summary.g_ns is None
    assert summary.worst_severity == "error"
    assert not summary.simulated


def test_excluded_recordings_neither_lead_nor_trouble() -> None:
    out = make_recording(
        "out", fit=make_fit(), problems=(Problem("measure", "noise", "too noisy"),)
    )
    out = replace(out, row=replace(out.row, exclude=True))
    summary = summarise_cell(replace(ok_cell(), recordings=(out, make_recording("in"))))
    assert summary.recording == "in"
    assert (summary.n_ok, summary.n_recordings, summary.n_errors) == (1, 2, 0)
    alone = summarise_cell(replace(ok_cell(), recordings=(out,)))
    assert (alone.status, alone.attention) == ("rejected", "excluded")
    assert alone.verdict == "No result: every recording of the cell is excluded in the sheet"


def test_several_recordings() -> None:
    summary = summarise_cell(baths_cell())
    assert "in recording nacl" in summary.verdict
    assert "P_NMDG/P_Na ≤ 0.040" in summary.verdict
    assert (summary.n_ok, summary.n_recordings) == (3, 4)
    lost = replace(baths_cell().recordings[1], fit=IVFit.rejected("no family"))
    cell = replace(baths_cell(), recordings=(baths_cell().recordings[0], lost))
    assert "1 of 2 recordings gave no result" in summarise_cell(cell).verdict
    assert summarise_cell(cell).attention == "warning"


def test_all_recordings_rejected() -> None:
    one = replace(make_recording("a"), fit=IVFit.rejected("no family"))
    same = replace(make_recording("b"), fit=IVFit.rejected("no family"))
    other = replace(make_recording("b"), fit=IVFit.rejected("empty"))
    cell = ok_cell()
    said = summarise_cell(replace(cell, recordings=(one, same))).verdict
    assert said == "No result from any of 2 recordings: no family"
    said = summarise_cell(replace(cell, recordings=(one, other))).verdict
    assert said == "No result from any of 2 recordings (a: no family; b: empty)"
    assert summarise_cell(CellResult("x", (), (), {}, {})).status == "rejected"


def test_a_cell_without_a_reversal_wants_attention() -> None:
    summary = summarise_cell(bare_cell())
    assert (summary.status, summary.attention) == ("ok", "warning")
    assert summary.reason.startswith("the current keeps its sign")


def test_remarks_are_sorted_and_said_once() -> None:
    cell = replace(baths_cell(), findings=(Finding("cell", "error", "grave"),))
    remarks = collect_remarks(cell)
    assert [r.severity for r in remarks] == ["error", "warning", "info", "info"]
    assert remarks[1].recordings == ("nacl", "kcl", "nmdg")


def test_a_control_that_is_subtracted_does_not_lead() -> None:
    blocked = make_recording("blocked")
    whole = make_recording("whole", fit=make_fit(e_rev=2.1))
    whole = replace(whole, row=replace(whole.row, subtract="blocked"))
    cell = replace(ok_cell(), recordings=(blocked, whole))
    assert summarise_cell(cell).recording == "whole"


def test_a_finding_that_repeats_a_problem_is_said_once() -> None:
    said = "the command is unknown"
    recording = make_recording(problems=(Problem("measure", "command_unknown", said),))
    assert recording.info is not None
    info = replace(recording.info, findings=(Finding("command_unknown", "error", said),))
    cell = replace(ok_cell(), recordings=(replace(recording, info=info),))
    assert [r.check for r in collect_remarks(cell) if r.message == said] == [
        "measure: command_unknown"
    ]


def test_the_verdict_says_when_the_numbers_may_be_those_of_something_else() -> None:
    cell = ok_cell()
    first = cell.recordings[0]
    proposed = Finding("measure_proposed", "warning", "the current deactivates", 8.7, 1.7, "nS")
    doubted = replace(first, fit=replace(first.fit, findings=(*first.fit.findings, proposed)))
    changed = replace(cell, recordings=(doubted,))
    assert collect_remarks(changed)[0].check == "measure_proposed", "before those of less weight"
    told = summarise_cell(changed).verdict
    assert told.endswith("2 remarks: what was measured is perhaps not the current of the channel")
    assert "perhaps" not in summarise_cell(cell).verdict
