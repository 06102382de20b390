"""How far the recordings of a run got, and what became of those that got no further."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from permeant.cohort import FunnelStep, Loss
from permeant.records import CellResult, RecordingResult

_STEPS = (
    "in the sheet",
    "not excluded",
    "read",
    "measured",
    "fitted",
    "reversal measured",
    "in a ratio",
)
_MOST_REASONS = 6
_MOST_CELLS = 5
_NUMBER = re.compile(r"[−+-]?\d+(\.\d+)?(e[+-]?\d+)?")
_LONGEST = 160


@dataclass
class Funnel:
    """Counts the recordings of the cells as they pass by."""

    _recordings: list[int] = field(default_factory=lambda: [0] * len(_STEPS))
    _cells: list[int] = field(default_factory=lambda: [0] * len(_STEPS))
    _lost: list[dict[str, list[str]]] = field(default_factory=lambda: [{} for _ in _STEPS])

    def add(self, cell: str, recordings: Sequence[tuple[int, str]]) -> None:
        """Take one cell, with what ``how_far`` says of its recordings."""
        furthest = -1
        for reached, why in recordings:
            furthest = max(furthest, reached)
            for step in range(reached + 1):
                self._recordings[step] += 1
            if why:
                self._lost[reached + 1].setdefault(why, []).append(cell)
        for step in range(furthest + 1):
            self._cells[step] += 1

    def steps(self) -> tuple[FunnelStep, ...]:
        """Return every step with its losses, the commonest first; the last only where asked for."""
        found = [
            FunnelStep(name, many, cells, _losses(lost))
            for name, many, cells, lost in zip(
                _STEPS, self._recordings, self._cells, self._lost, strict=True
            )
        ]
        asked = found[-1].n_recordings or found[-1].losses
        return tuple(found if asked else found[:-1])


def how_far(one: RecordingResult, cell: CellResult) -> tuple[int, str]:
    """Return the last step that a recording reached, and why it got no further."""
    fit = one.fit
    said = one.problems[0].code.replace("_", " ") if one.problems else ""
    if one.row.exclude:
        return 0, "excluded in the sheet"
    if one.info is None or one.measurement is None:
        return 1 if one.info is None else 2, said or _in_general(fit.reason)
    if fit.status != "ok":
        return 3, _in_general(fit.reason) or said
    if fit.e_rev_status != "measured":
        return 4, f"E_rev {fit.e_rev_status}"
    if any(ratio.status != "rejected" for ratio in cell.ratios):
        return 6, ""
    return 5, _in_general(cell.ratios[0].reason) if cell.ratios else ""


def _in_general(reason: str) -> str:
    """Return a reason without its numbers, so that like ones can be counted."""
    text = _NUMBER.sub("…", reason)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _losses(lost: dict[str, list[str]]) -> tuple[Loss, ...]:
    ranked = sorted(lost.items(), key=lambda item: (-len(item[1]), item[0]))
    losses = [
        Loss(why, len(cells), tuple(dict.fromkeys(cells))[:_MOST_CELLS])
        for why, cells in ranked[:_MOST_REASONS]
    ]
    rest = sum(len(cells) for _, cells in ranked[_MOST_REASONS:])
    if rest:
        losses.append(Loss("other reasons", rest, ()))
    return tuple(losses)
