"""A whole simulated project: planned recordings in; files, sheets and the truth out."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from permeant.physics.junction import bath_change_shift_mv, henderson_mv
from permeant.simulate.abf import ACQUIRED, write_abf1
from permeant.simulate.cells import (
    Carrier,
    Membrane,
    find_reversal_mv,
    membrane_current_pa,
    slope_conductance_ns,
)
from permeant.simulate.protocol import played_commands_mv
from permeant.simulate.repeats import (
    ensemble_truth,
    sodium_truth,
    write_ensemble,
    write_sodium,
)
from permeant.simulate.rig import Rig, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from permeant.simulate.channels import Patch
    from permeant.simulate.ensemble import Ensemble
    from permeant.simulate.protocol import Protocol
    from permeant.simulate.sodium import SodiumCurrent

Solutions = dict[str, dict[str, float]]

VALENCES = {"Na": 1, "K": 1, "Li": 1, "Cs": 1, "Ca": 2}
"""The ions that the simulated channels may pass."""

REFERENCE = "K"

SHEET_COLUMNS = (
    "cell",
    "recording",
    "file",
    "pipette",
    "bath",
    "temperature_c",
    "condition",
    "r_s_mohm",
    "r_s_compensation",
    "c_m_pf",
    "ljp_applied",
    "zeroed_in",
    "subtract",
    "exclude",
    "note",
    "measure",
    "configuration",
    "viscosity_ratio",
    "conductivity_ratio",
    "sodium_fraction",
    "v_rest_mv",
    "g_na_ns",
)
TRUTH_COLUMNS = ("cell", "recording", "quantity", "value", "unit")


@dataclass(frozen=True)
class Plan:
    """One recording to be made, and what its row of the sheet will say.

    ``ratios`` are permeabilities over that of K; they are the truth of the cell.  ``rig``
    comes without the voltage offset, which follows from the solutions.
    """

    cell: str
    pipette: str
    bath: str
    membrane: Membrane
    protocol: Protocol
    rig: Rig
    seed: int
    recording: str = ""
    condition: str = ""
    ratios: Mapping[str, float] = field(default_factory=dict)
    zeroed_in: str = ""
    ljp_applied: bool = False
    interval_ms: float = 0.2
    n_samples: int = 1500
    sweep_interval_s: float = 2.0
    records_command: bool = True
    full_scale_pa: float | None = None
    tells_series_resistance: bool = True
    tells_temperature: bool = False
    is_steady: bool = True
    truncated_at_bytes: int | None = None
    exclude: bool = False
    subtract: str = ""
    note: str = ""
    shows: str = ""
    measure: str = ""
    configuration: str = ""
    patch: Patch | None = None
    viscosity_ratio: float | None = None
    conductivity_ratio: float | None = None
    exponents: Mapping[str, float] = field(default_factory=dict)
    ensemble: Ensemble | None = None
    sodium: SodiumCurrent | None = None
    sheet: Mapping[str, str] = field(default_factory=dict)

    @property
    def file_stem(self) -> str:
        """Name of the file without its ending."""
        return f"{self.cell}_{self.recording}" if self.recording else self.cell

    @property
    def recording_id(self) -> str:
        """Id of the recording within the cell, as tables will show it."""
        return self.recording or self.file_stem


def build_carriers(
    ratios: Mapping[str, float],
    inside_mm: Mapping[str, float],
    outside_mm: Mapping[str, float],
    permeability_k_m3_per_s: float,
) -> tuple[Carrier, ...]:
    """Return the ions that pass a channel, from their ratios to K and two solutions."""
    return tuple(
        Carrier(
            ion,
            VALENCES[ion],
            ratio * permeability_k_m3_per_s,
            inside_mm.get(ion, 0.0),
            outside_mm.get(ion, 0.0),
        )
        for ion, ratio in ratios.items()
        if inside_mm.get(ion, 0.0) or outside_mm.get(ion, 0.0)
    )


def junction_mv(plan: Plan, solutions: Solutions) -> float:
    """Return the junction potential of the bath in which the pipette was zeroed."""
    zeroed_in = solutions[plan.zeroed_in or plan.bath]
    return float(henderson_mv(solutions[plan.pipette], zeroed_in, plan.membrane.temperature_c))


def electrode_shift_mv(plan: Plan, solutions: Solutions) -> float:
    """Return the shift of a salt-bridge reference since the pipette was zeroed."""
    if plan.zeroed_in in ("", plan.bath):
        return 0.0
    zeroed_in, bath = solutions[plan.zeroed_in], solutions[plan.bath]
    return float(
        bath_change_shift_mv(zeroed_in, bath, plan.membrane.temperature_c, electrode="salt_bridge")
    )


def write_recording(
    path: Path, plan: Plan, solutions: Solutions, acquired: datetime = ACQUIRED
) -> None:
    """Simulate one planned recording and write its file."""
    offset_mv = electrode_shift_mv(plan, solutions)
    if not plan.ljp_applied:
        offset_mv += junction_mv(plan, solutions)
    if plan.patch is not None:
        _write_patch(path, plan, plan.patch, offset_mv, acquired)
        return
    if plan.sodium is not None:
        write_sodium(path, plan, plan.sodium, offset_mv, acquired)
        return
    if plan.ensemble is not None:
        write_ensemble(path, plan, plan.ensemble, offset_mv, acquired)
        return
    current_pa, command_mv = record(
        plan.membrane,
        plan.protocol,
        replace(plan.rig, voltage_offset_mv=plan.rig.voltage_offset_mv + offset_mv),
        interval_ms=plan.interval_ms,
        n_samples=plan.n_samples,
        sweep_interval_s=plan.sweep_interval_s,
        seed=plan.seed,
    )
    write_abf1(
        path,
        current_pa,
        plan.protocol,
        plan.interval_ms,
        recorded_command_mv=command_mv if plan.records_command else None,
        comment=f"(cell {plan.cell})",
        acquired=acquired,
        sweep_interval_s=plan.sweep_interval_s,
        full_scale_pa=plan.full_scale_pa,
    )
    if plan.truncated_at_bytes is not None:
        path.write_bytes(path.read_bytes()[: plan.truncated_at_bytes])


def _write_patch(
    path: Path, plan: Plan, patch: Patch, offset_mv: float, acquired: datetime
) -> None:
    """Simulate single channels, whose current follows the voltage at once."""
    v_mv = played_commands_mv(plan.protocol, plan.n_samples) - offset_mv
    still = np.ones(v_mv.shape)
    write_abf1(
        path,
        patch.record(membrane_current_pa(v_mv, plan.membrane, still), plan.interval_ms, plan.seed),
        plan.protocol,
        plan.interval_ms,
        comment=f"(cell {plan.cell})",
        acquired=acquired,
        sweep_interval_s=plan.sweep_interval_s,
        full_scale_pa=plan.full_scale_pa,
    )


def write_recordings(
    folder: Path,
    plans: Sequence[Plan],
    solutions: Solutions,
    tell: Callable[[int, int, str], None] = lambda *_: None,
) -> None:
    """Write the files of all plans, ten minutes apart; ``tell`` is told of the progress."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, plan in enumerate(plans):
        tell(number, len(plans), plan.file_stem)
        acquired = ACQUIRED + timedelta(minutes=10 * number)
        write_recording(folder / f"{plan.file_stem}.abf", plan, solutions, acquired)
    tell(len(plans), len(plans), "")


def write_solutions(path: Path, solutions: Solutions) -> None:
    """Write the solution sheet: a column for every ion that occurs, in mM."""
    ions = list(dict.fromkeys(ion for ions_mm in solutions.values() for ion in ions_mm))
    rows = [
        (name, *(f"{ions_mm.get(ion, 0.0):g}" for ion in ions))
        for name, ions_mm in solutions.items()
    ]
    _write_csv(path, ("solution", *ions), rows)


def write_sheet(path: Path, plans: Iterable[Plan], data_folder: str) -> None:
    """Write the recording sheet, leaving out the columns that nobody fills."""
    rows = [_sheet_row(plan, data_folder) for plan in plans]
    used = [name for name in SHEET_COLUMNS if any(row.get(name) for row in rows)]
    _write_csv(path, used, [[row.get(name, "") for name in used] for row in rows])


def write_truth(path: Path, plans: Iterable[Plan], solutions: Solutions) -> None:
    """Write what was put in, one quantity a row."""
    lines: list[tuple[str, str, str, str, str]] = []
    said: set[tuple[str, str]] = set()
    for plan in plans:
        for quantity, value, unit in list_truth(plan, solutions):
            lines.append((plan.cell, plan.recording_id, quantity, f"{value:.6g}", unit))
        for ion, ratio in plan.ratios.items():
            present = solutions[plan.bath].get(ion, 0) or solutions[plan.pipette].get(ion, 0)
            if ion != REFERENCE and present and (plan.cell, ion) not in said:
                said.add((plan.cell, ion))
                lines.append((plan.cell, "", f"P_{ion}/P_{REFERENCE}", f"{ratio:.6g}", ""))
        for name, exponent in plan.exponents.items():
            if (plan.cell, name) not in said:
                said.add((plan.cell, name))
                lines.append((plan.cell, "", name, f"{exponent:.6g}", ""))
    _write_csv(path, TRUTH_COLUMNS, lines)


def list_truth(plan: Plan, solutions: Solutions) -> list[tuple[str, float, str]]:
    """Return quantity, value and unit of all that is true of one recording.

    ``e_rev_mv`` is the membrane voltage (after all corrections) at which the whole steady
    current, leak included, is zero; ``g_ns`` is its slope there.  Where controls are
    subtracted they are those of the channel alone.
    """
    membrane, rig = plan.membrane, plan.rig
    fitted = replace(membrane, leak=None) if plan.subtract else membrane
    truth = []
    if plan.ensemble is None and plan.sodium is None:  # else there is no curve to reverse
        e_rev_mv = find_reversal_mv(fitted)
        truth.append(("e_rev_mv", e_rev_mv, "mV"))
    if truth and plan.is_steady:
        truth.append(("g_ns", slope_conductance_ns(e_rev_mv, fitted), "nS"))
    if membrane.leak is not None:
        alone = replace(membrane, leak=None)
        alone_mv = find_reversal_mv(alone)
        truth += [
            ("e_rev_channel_mv", alone_mv, "mV"),
            ("g_channel_ns", slope_conductance_ns(alone_mv, alone), "nS"),
            ("g_leak_ns", membrane.leak.g_ns, "nS"),
            ("e_leak_mv", membrane.leak.e_rev_mv, "mV"),
        ]
    if plan.ensemble is not None:
        truth += ensemble_truth(plan, plan.ensemble, junction_mv(plan, solutions))
    if plan.sodium is not None:
        truth += sodium_truth(plan, plan.sodium, junction_mv(plan, solutions))
    if plan.patch is not None:
        opened = float(plan.patch.scheme.occupancy[np.array(plan.patch.scheme.levels) > 0].sum())
        truth += [
            ("p_open", opened, ""),
            ("open_ms", plan.patch.scheme.mean_dwell_ms(is_open=True), "ms"),
            ("shut_ms", plan.patch.scheme.mean_dwell_ms(is_open=False), "ms"),
        ]
    truth += [
        ("ljp_mv", junction_mv(plan, solutions), "mV"),
        ("electrode_shift_mv", electrode_shift_mv(plan, solutions), "mV"),
        ("r_s_mohm", rig.r_s_mohm, "MΩ"),
        ("r_s_compensation", rig.r_s_compensation, ""),
        ("c_m_pf", rig.c_m_pf, "pF"),
    ]
    return truth


def _sheet_row(plan: Plan, data_folder: str) -> dict[str, str]:
    row = {
        "cell": plan.cell,
        "recording": plan.recording,
        "file": f"{data_folder}/{plan.file_stem}.abf",
        "pipette": plan.pipette,
        "bath": plan.bath,
        "condition": plan.condition,
        "zeroed_in": plan.zeroed_in,
        "subtract": plan.subtract,
        "note": plan.note,
        "measure": plan.measure,
        "configuration": plan.configuration,
    }
    row |= plan.sheet
    if plan.tells_temperature:
        row["temperature_c"] = f"{plan.membrane.temperature_c:g}"
    if plan.tells_series_resistance:
        row["r_s_mohm"] = f"{plan.rig.r_s_mohm:g}"
        row["r_s_compensation"] = f"{plan.rig.r_s_compensation:g}"
        row["c_m_pf"] = f"{plan.rig.c_m_pf:g}"
    for name in ("viscosity_ratio", "conductivity_ratio"):
        if (stated := getattr(plan, name)) is not None:
            row[name] = f"{stated:g}"
    if plan.ljp_applied:
        row["ljp_applied"] = "yes"
    if plan.exclude:
        row["exclude"] = "yes"
    return row


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode())
