"""``permeant energy waveform``: what a current in a table costs."""

from __future__ import annotations

import argparse
import csv
from itertools import pairwise
from pathlib import Path

from permeant.calculators.answers import Answer, Quantity
from permeant.calculators.given import UsageError, read_number
from permeant.physics import atp_from_sodium_charge, ions_from_charge, minimal_sodium_ions

_NEEDED = ("time_ms", "i_pa")
_VOLTAGE = "v_mv"
_FEWEST = 3


def answer_waveform(arguments: argparse.Namespace) -> Answer:
    """Return ions and ATP of the current in a file, by the trapezoidal rule."""
    columns = _read(Path(arguments.file))
    fraction = read_number(arguments.sodium_fraction, "--sodium-fraction")
    time_ms, i_pa = columns["time_ms"], columns["i_pa"]
    charge_pc = 1e-3 * sum(
        0.5 * (a + b) * (t2 - t1)
        for (t1, t2), (a, b) in zip(pairwise(time_ms), pairwise(i_pa), strict=True)
    )
    sodium_pc = fraction * charge_pc
    if sodium_pc >= 0:
        raise UsageError(
            f"the charge is {charge_pc:+.4g} pC: sodium that enters is a negative current"
        )
    parts = [
        Quantity("charge_pc", "charge", charge_pc, "pC", "outward positive"),
        Quantity("sodium_ions", "Na+ in", ions_from_charge(sodium_pc), "ions"),
        Quantity("atp", "ATP", atp_from_sodium_charge(sodium_pc), "", "3 Na+ an ATP"),
    ]
    inputs: dict[str, object] = {"file": arguments.file, "sodium_fraction": fraction}
    if arguments.pf is not None:
        capacitance = read_number(arguments.pf, "--pf")
        if _VOLTAGE not in columns:
            raise UsageError(f"--pf needs a column {_VOLTAGE}, whose height the least goes with")
        v_mv = columns[_VOLTAGE]
        height = max(v_mv) - v_mv[0]
        if height <= 0 or capacitance <= 0:
            raise UsageError(
                f"{_VOLTAGE} rises by {height:g} mV over its first value; there is no least charge"
            )
        least = minimal_sodium_ions(capacitance, height)
        inputs["capacitance_pf"] = capacitance
        parts += [
            Quantity("depolarisation_mv", "height", height, "mV", "over the first value"),
            Quantity("minimal_sodium_ions", "least Na+", least, "ions", "C dV/e"),
            Quantity("excess_factor", "excess", ions_from_charge(sodium_pc) / least, ""),
        ]
    return Answer(
        title=f"What the current in {arguments.file} costs",
        equation="Q = integral of I dt; Na+ = fraction |Q|/e; ATP = Na+/3",
        inputs=inputs,
        parts=parts,
        notes=["the current is taken as it stands: its zero is that of the file"],
    )


def _read(path: Path) -> dict[str, list[float]]:
    """Read the columns of a table, or say what is wrong with it."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError) as trouble:
        raise UsageError(f"{path} cannot be read: {trouble}") from None
    names = [name for name in (*_NEEDED, _VOLTAGE) if rows and name in rows[0]]
    if missing := [name for name in _NEEDED if name not in names]:
        raise UsageError(f"{path} has no column {' and no column '.join(missing)}")
    columns = {
        name: [read_number(row[name] or "", f"{path} row {k}, {name}") for k, row in numbered(rows)]
        for name in names
    }
    steps = [b - a for a, b in pairwise(columns["time_ms"])]
    if len(rows) < _FEWEST or min(steps) <= 0:
        raise UsageError(f"{path}: time_ms has to rise from row to row, in at least {_FEWEST} rows")
    return columns


def numbered(rows: list[dict[str, str]]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows with the number of their line in the file."""
    return list(enumerate(rows, 2))
