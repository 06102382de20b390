"""The capacitance that densities are taken over: from sheet, file, test pulse or ramp pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from permeant.measure.circuit import CellState
from permeant.measure.pulse import capacitance_from_ramps, find_ramp_pair
from permeant.records import Capacitance, Correction, IVPoint, Recording, SheetRow

_LEAST_PF = 5.0
"""What is below this after a ramp pair is no whole cell's: the amplifier cancelled the rest."""
_RELATIVE_ERROR = 0.2
_ADVICE = "write c_m_pf in the sheet to have densities"


@dataclass(frozen=True)
class KnownCapacitance:
    """The capacitance, or why it cannot be told; both ``None`` and empty: nothing tells it."""

    value: Capacitance | None
    why_not: str = ""

    @property
    def rows(self) -> list[Correction]:
        """For the list of corrections: it corrects nothing, but is known."""
        if self.value is not None:
            size = self.value.c_m_pf
            error = f" ± {self.value.se_pf:.2g} pF" if self.value.se_pf else ""
            why = f"{size:.3g}{error or ' pF'} {self.value.source}; for densities"
            return [Correction("capacitance", size, "pF", False, why)]
        if not self.why_not:
            return []
        why = f"{self.why_not}; no densities: {_ADVICE}"
        return [Correction("capacitance", None, "pF", False, why)]


def find_capacitance(recording: Recording, state: CellState, row: SheetRow) -> KnownCapacitance:
    """Return the capacitance of the membrane, or say why it cannot be told.

    Parameters
    ----------
    recording : Recording
        Searched for a ramp and its mirror image where nothing else tells the capacitance.
    state : CellState
        The membrane tests of the sweeps.
    row : SheetRow
        Its ``c_m_pf`` goes before all else.

    Returns
    -------
    KnownCapacitance
        In pF, with a standard error where it was measured.  A transient that the amplifier
        cancelled, wholly or in part, tells none.
    """
    if row.c_m_pf is not None:
        return KnownCapacitance(Capacitance(row.c_m_pf, None, "from the sheet"))
    if recording.info.c_m_pf is not None:
        source = "from the amplifier's telegraph"
        return KnownCapacitance(Capacitance(recording.info.c_m_pf, None, source))
    tests = [one for one in (*state.circuits, state.mean_circuit) if one is not None]
    told = [(one.c_m_pf, one.c_m_se_pf or 0.0) for one in tests if one.c_m_pf]
    if told:
        return KnownCapacitance(_from_tests(told))
    if tests:
        reasons = [one.reason for one in tests if one.reason] or ["no sweep tells it"]
        why = max(reasons, key=reasons.count)
        return KnownCapacitance(None, f"cannot be told from the membrane test: {why}")
    return _from_ramps(recording)


def _from_tests(told: Sequence[tuple[float, float]]) -> Capacitance:
    values = np.array([value for value, _ in told])
    middle = float(np.median(values))
    scatter = 1.4826 * float(np.median(np.abs(values - middle)))
    # the sweeps share the error of the method, which is most of what each of them states
    shared = float(np.median([se for _, se in told]))
    se_pf = float(np.hypot(1.25 * scatter / values.size**0.5, shared))
    n = values.size
    source = f"from the membrane test, median of {n} sweep{'s' if n > 1 else ''}"
    return Capacitance(middle, se_pf, source)


def _from_ramps(recording: Recording) -> KnownCapacitance:
    pair = find_ramp_pair(recording.info)
    if pair is None:
        return KnownCapacitance(None)
    each_pf, each_se = capacitance_from_ramps(recording.current_pa, *pair)
    c_pf, n = float(np.median(each_pf)), each_pf.size
    scatter = float(np.std(each_pf, ddof=1)) if n > 1 else 0.0
    se_pf = max(1.25 * scatter, float(np.median(each_se))) / n**0.5
    if c_pf < _LEAST_PF:
        return KnownCapacitance(
            None,
            f"cannot be told: the ramp pair shows {c_pf:.2g} pF, less than a cell has, since the "
            "amplifier cancelled the capacitive current",
        )
    if se_pf > _RELATIVE_ERROR * c_pf:
        return KnownCapacitance(None, "cannot be told: the ramp pair is lost in the noise")
    source = (
        f"from a ramp and its mirror image, median of {n} sweep{'s' if n > 1 else ''} (what the "
        "amplifier cancelled, if it did, is missing from it)"
    )
    return KnownCapacitance(Capacitance(c_pf, se_pf, source))


def with_densities(
    points: Sequence[IVPoint], capacitance: Capacitance | None
) -> tuple[IVPoint, ...]:
    """Give every point its current density in pA/pF, the leak taken off where it is."""
    if capacitance is None:
        return tuple(points)
    return tuple(
        replace(
            point,
            i_density_pa_per_pf=(point.i_pa - (point.i_leak_pa or 0.0)) / capacitance.c_m_pf,
        )
        for point in points
    )
