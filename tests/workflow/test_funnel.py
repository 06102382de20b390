"""The funnel counts every recording once, and says where it was lost."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from permeant.records import (
    CellResult,
    IVFit,
    PermeabilityRatio,
    Problem,
    RecordingResult,
    SheetRow,
)
from permeant.workflow.funnel import Funnel, how_far


def recording(cell: str, name: str, fit: IVFit, **more: object) -> RecordingResult:
    row = SheetRow(line=0, cell=cell, recording=name, file=f"{name}.abf")
    return RecordingResult(row, info=None, measurement=None, fit=fit, **more)  # type: ignore[arg-type]


def whole(cell: str, name: str, fit: IVFit) -> RecordingResult:
    something: object = object()
    return replace(recording(cell, name, fit), info=something, measurement=something)  # type: ignore[arg-type]


OK = IVFit(status="ok", e_rev_mv=-20.0, e_rev_status="measured")


def add(funnel: Funnel, cell: CellResult) -> None:
    funnel.add(cell.cell, [how_far(one, cell) for one in cell.recordings])


def test_every_loss_has_its_reason() -> None:
    funnel = Funnel()
    broken = recording(
        "a", "a1", IVFit.rejected("x"), problems=(Problem("ingest", "file_truncated", "short"),)
    )
    out = recording("b", "b1", IVFit.rejected("excluded"))
    out = replace(out, row=replace(out.row, exclude=True))
    few = [
        whole("c", f"c{k}", IVFit.rejected(f"{k} usable points at {k} voltages")) for k in (1, 2)
    ]
    beyond = whole("d", "d1", IVFit(status="ok", e_rev_status="extrapolated"))
    good = whole("e", "e1", OK)
    ratio = PermeabilityRatio("Na", "K", "ok", ratio=0.3)
    for name, recordings, ratios in (
        ("a", (broken,), ()),
        ("b", (out,), ()),
        ("c", tuple(few), ()),
        ("d", (beyond,), ()),
        ("e", (good,), (ratio,)),
    ):
        add(funnel, CellResult(name, recordings, ratios, settings={}, versions={}))
    steps = funnel.steps()
    assert [step.n_recordings for step in steps] == [6, 5, 4, 4, 2, 1, 1]
    assert [step.n_cells for step in steps] == [5, 4, 3, 3, 2, 1, 1]
    for before, after in pairwise(steps):
        lost = sum(loss.n_recordings for loss in after.losses)
        assert before.n_recordings - after.n_recordings == lost
    told = {loss.reason: (loss.n_recordings, loss.cells) for s in steps for loss in s.losses}
    assert told == {
        "excluded in the sheet": (1, ("b",)),
        "file truncated": (1, ("a",)),
        "… usable points at … voltages": (2, ("c",)),
        "E_rev extrapolated": (1, ("d",)),
    }


def test_without_ratios_the_last_step_is_left_out() -> None:
    funnel = Funnel()
    add(funnel, CellResult("e", (whole("e", "e1", OK),), (), settings={}, versions={}))
    assert funnel.steps()[-1].name == "reversal measured"
