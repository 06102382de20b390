"""Which permeabilities a set of solutions can tell apart, and which it cannot, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import Array, finite

WARN_CONDITION = 30.0
LARGEST_CONDITION = 1e3
_ABSENT = 1e-9  # net over gross effect, below which an ion has none


@dataclass(frozen=True)
class Identifiability:
    """What a sensitivity matrix determines.

    ``rank`` counts the combinations that are determined, ``needed`` the unknowns;
    ``condition`` is that of the column-normalised matrix; ``undetermined`` says in words
    what remains open, and is empty when everything is determined.
    """

    rank: int
    needed: int
    condition: float
    singular_values: tuple[float, ...]
    undetermined: tuple[str, ...]

    @property
    def identifiable(self) -> bool:
        """Whether every unknown is determined."""
        return self.rank == self.needed

    @property
    def doubtful(self) -> bool:
        """Whether it is determined but badly conditioned (above 30)."""
        return self.identifiable and self.condition > WARN_CONDITION


def assess_identifiability(
    sensitivity: ArrayLike, names: Sequence[str], gross: ArrayLike | None = None
) -> Identifiability:
    """Return what the rows of a sensitivity matrix determine about its columns.

    Parameters
    ----------
    sensitivity : array_like
        Effect of each unknown permeability on each measurement, shape (m, n).
    names : sequence of str
        The ion of each column, n names.
    gross : array_like, optional
        The same without cancellation (influx plus efflux), shape (m, n): an ion whose
        effect is below 1e-9 of it counts as having none.

    Returns
    -------
    Identifiability
        Rank, condition number and the undetermined combinations.  Directions 1000 times
        weaker than the strongest count as undetermined.

    Raises
    ------
    ArgumentError
        If a value is not finite.
    """
    matrix = np.atleast_2d(finite("sensitivity", sensitivity))
    if not matrix.size:
        nothing = np.zeros((0, len(names)))
        return Identifiability(
            0, len(names), 1.0 if not names else np.inf, (), _words(nothing, names)
        )
    length = np.linalg.norm(matrix, axis=0)
    yardstick = length if gross is None else np.linalg.norm(finite("gross", gross), axis=0)
    alive = length > _ABSENT * yardstick
    scale = np.where(alive, length, 1.0)
    normalised = np.where(alive, matrix / scale, 0.0)
    values, directions = np.linalg.svd(normalised)[1:]
    strongest = float(values[0])
    rank = int(np.sum(values > strongest / LARGEST_CONDITION)) if strongest > 0 else 0
    complete = values.size >= len(names) and values[-1] > 1e-15 * strongest
    condition = strongest / float(values[len(names) - 1]) if complete else np.inf
    determined = _echelon(directions[:rank]) * scale
    words = _words(determined, names) if rank < len(names) else ()
    return Identifiability(rank, len(names), condition, tuple(values.tolist()), words)


def _echelon(rows: Array) -> Array:
    """Reduced row echelon form, so that each row reads as one determined combination."""
    rows = rows.copy()
    done = 0
    for column in range(rows.shape[1]):
        if done == rows.shape[0]:
            break
        best = done + int(np.argmax(np.abs(rows[done:, column])))
        if abs(rows[best, column]) < 1e-6:
            continue
        rows[[done, best]] = rows[[best, done]]
        rows[done] /= rows[done, column]
        others = np.arange(rows.shape[0]) != done
        rows[others] -= np.outer(rows[others, column], rows[done])
        done += 1
    return np.where(np.abs(rows) < 1e-6, 0.0, rows)


def _words(determined: Array, names: Sequence[str]) -> tuple[str, ...]:
    said = []
    for row in determined:
        members = np.flatnonzero(row)
        if members.size > 1:
            combination = _combination(row[members], [names[int(i)] for i in members])
            said.append(f"only {combination} is determined by these baths")
    silent = [name for i, name in enumerate(names) if not np.any(determined[:, i])]
    said += [f"P_{name} is not determined by these baths" for name in silent]
    return tuple(said)


def _combination(weights: Array, names: Sequence[str]) -> str:
    text = f"P_{names[0]}"
    for weight, name in zip(weights[1:] / weights[0], names[1:], strict=True):
        size = f"{abs(weight):.3g}"
        text += f" {'+' if weight > 0 else '-'} {'' if size == '1' else size + ' '}P_{name}"
    return text
