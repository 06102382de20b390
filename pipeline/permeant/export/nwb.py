"""A cell as NWB: raw sweeps, the stepped command, the table of sweeps, and the results with units.

In the time series values are in the units of NWB (A, V, s, Ω), in the tables of results in those of
this program, with the unit in the name of the column.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from permeant.errors import PermeantError
from permeant.recording import render_command
from permeant.records import CellResult, Recording, RecordingResult

_A_OF_PA, _V_OF_MV = 1e-12, 1e-3
_POINTS = ("sweep", "level", "v_command_mv", "v_membrane_mv", "i_pa", "i_sem_pa", "used", "reason")
_FIT = (
    "status", "reason", "g_ns", "g_low_ns", "g_high_ns", "e_rev_mv", "e_rev_low_mv",
    "e_rev_high_mv", "e_rev_status",
)  # fmt: skip
_RATIO = ("ion", "reference_ion", "status", "reason", "ratio", "ratio_low", "ratio_high", "method")
_CIRCUIT = {
    "whole_cell_series_resistance_comp": 1e6,  # Ω of MΩ
    "whole_cell_capacitance_comp": 1e-12,  # F of pF
    "resistance_comp_correction": 100.0,  # % of a fraction
}


@dataclass(frozen=True)
class Subject:
    """What an archive wants to know of the animal or line, and no recording tells."""

    subject_id: str
    species: str
    sex: str = "U"
    age: str | None = None


def write_nwb(
    path: Path,
    cell: CellResult,
    recordings: dict[str, Recording],
    subject: Subject,
    *,
    experimenter: Sequence[str] = (),
    institution: str = "",
) -> None:
    """Write a cell with its raw sweeps and its results.

    Parameters
    ----------
    path : Path
        The file; must not exist.
    cell : CellResult
        What a run found.
    recordings : dict of str to Recording
        The samples, by the recording's id; those that could not be read are left out.
    subject : Subject
        For the archive.
    experimenter, institution
        For the archive; left out where empty.

    Raises
    ------
    PermeantError
        If the file exists, or no recording of the cell could be read.
    """
    from pynwb import NWBHDF5IO, NWBFile  # noqa: PLC0415  (a second to load, and an extra)
    from pynwb.file import Subject as NWBSubject  # noqa: PLC0415

    if path.exists():
        raise PermeantError(f"{path} exists; nothing was written: name another file")
    if not recordings:
        raise PermeantError(f"{cell.cell}: no recording of this cell could be read")
    shown = [one for one in cell.recordings if one.row.recording in recordings]
    start = min(_acquired(one) for one in shown)
    file = NWBFile(
        session_description=f"voltage clamp of cell {cell.cell}, exported by permeant",
        identifier=str(uuid5(NAMESPACE_URL, "/".join(_digests(shown)))),
        session_start_time=start,
        session_id=cell.cell,
        experimenter=list(experimenter) or None,
        institution=institution or None,
        # no keywords: neo refuses files that have any (it takes a list for no annotation)
        experiment_description="whole sweeps of voltage clamp with their commands; conductance, "
        "reversal potential and permeability ratios are in processing/permeant",
        protocol="; ".join(dict.fromkeys(_protocols(shown))) or None,
        notes=json.dumps(_conditions(shown), ensure_ascii=False),
        subject=NWBSubject(
            subject_id=subject.subject_id,
            species=subject.species,
            sex=subject.sex,
            age=subject.age,
            description=f"source of cell {cell.cell}",
        ),
    )
    _add_sweeps(file, cell, shown, recordings, start)
    _add_results(file, cell, shown)
    with NWBHDF5IO(path, "w") as out:
        out.write(file)


def _digests(shown: Iterable[RecordingResult]) -> list[str]:
    return [one.info.provenance.sha256 for one in shown if one.info]


def _protocols(shown: Iterable[RecordingResult]) -> list[str]:
    return [
        one.info.provenance.protocol for one in shown if one.info and one.info.provenance.protocol
    ]


def _acquired(one: RecordingResult) -> datetime:
    """Return when a recording was made; a file without a zone is taken as UTC."""
    said = one.info.provenance.acquired if one.info else None
    when = datetime.fromisoformat(said) if said else datetime(1970, 1, 1, tzinfo=UTC)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _conditions(shown: Iterable[RecordingResult]) -> dict[str, Any]:
    """Solutions, temperature and corrections of every recording, as far as known."""
    return {
        one.row.recording: {
            "file": one.row.file,
            "pipette": asdict(one.pipette) if one.pipette else None,
            "bath": asdict(one.bath) if one.bath else None,
            "temperature_c": one.row.temperature_c,
            "configuration": one.row.configuration,
            "r_s_mohm": one.row.r_s_mohm,
            "r_s_compensation": one.row.r_s_compensation,
            "corrections": [
                {"name": c.name, "value": c.value, "unit": c.unit, "applied": c.applied}
                for c in (one.measurement.corrections if one.measurement else ())
            ],
        }
        for one in shown
    }


def _add_sweeps(
    file: Any,
    cell: CellResult,
    shown: Sequence[RecordingResult],
    recordings: dict[str, Recording],
    start: datetime,
) -> None:
    """Add the current and the command of every sweep, and the table that pairs them."""
    from pynwb.icephys import VoltageClampSeries, VoltageClampStimulusSeries  # noqa: PLC0415

    amplifier = file.create_device(
        name="amplifier", description="patch-clamp amplifier; its model is not in the recordings"
    )
    number = 0
    for one in shown:
        recording = recordings[one.row.recording]
        electrode = file.create_icephys_electrode(
            name=f"electrode_{one.row.recording}",
            device=amplifier,
            description=f"pipette with {one.row.pipette or 'a solution that is not stated'}",
            cell_id=cell.cell,
        )
        offset_s = (_acquired(one) - start).total_seconds()
        rate_hz = 1e3 / recording.info.interval_ms
        rows = []
        for sweep in range(recording.info.n_sweeps):
            given = {
                "electrode": electrode,
                "gain": 1.0,
                "rate": rate_hz,
                "starting_time": offset_s + recording.info.sweep_starts_s[sweep],
                "sweep_number": np.uint64(number),
                "stimulus_description": recording.info.provenance.protocol or "not stated",
            }
            name = f"{one.row.recording}_sweep_{recording.info.number_of(sweep):03d}"
            # neo puts series into blocks and segments by this; all else into one segment
            given["comments"] = json.dumps({"block": cell.cell, "segment": name})
            what = f"sweep {recording.info.number_of(sweep)} of recording {one.row.recording}"
            response = VoltageClampSeries(
                name=name,
                description=f"current in {what}",
                data=recording.current_pa[sweep].astype(np.float32),
                conversion=_A_OF_PA,
                resolution=-1.0,
                **_circuit(one),
                **given,
            )
            stimulus = VoltageClampStimulusSeries(
                name=f"{name}_command", data=_command_mv(recording, sweep),
                description=f"command in {what}", conversion=_V_OF_MV, **given,
            )  # fmt: skip
            rows.append(
                file.add_intracellular_recording(
                    electrode=electrode, stimulus=stimulus, response=response
                )
            )
            number += 1
        file.add_icephys_simultaneous_recording(recordings=rows)


def _circuit(one: RecordingResult) -> dict[str, float]:
    """Return resistance (Ω), capacitance (F) and compensation (%): the sheet's, else the file's."""
    row, info = one.row, one.info
    of_file: tuple[float | None, ...] = (None, None, None)
    if info is not None:
        of_file = (info.r_s_mohm, info.c_m_pf, info.r_s_compensation)
    of_sheet = (row.r_s_mohm, row.c_m_pf, row.r_s_compensation)
    found = {}
    for (name, factor), ours, theirs in zip(_CIRCUIT.items(), of_sheet, of_file, strict=True):
        value = theirs if ours is None else ours
        if value is not None:
            found[name] = value * factor
    return found


def _command_mv(recording: Recording, sweep: int) -> Any:
    """Return the command of a sweep: as recorded, else as rebuilt."""
    if recording.command_mv is not None:
        return recording.command_mv[sweep].astype(np.float32)
    info = recording.info
    return render_command(info.sweeps[sweep], info.n_samples).astype(np.float32)


def _add_results(file: Any, cell: CellResult, shown: Sequence[RecordingResult]) -> None:
    """Add points, fits and ratios as tables."""
    module = file.create_processing_module(
        name="permeant", description="results of permeant; units are in the names of the columns"
    )
    points = [
        {"recording": one.row.recording, **{name: getattr(point, name) for name in _POINTS}}
        for one in shown
        for point in (one.measurement.points if one.measurement else ())
    ]
    fits = [
        {"recording": one.row.recording, **{name: getattr(one.fit, name) for name in _FIT}}
        for one in shown
    ]
    ratios = [{name: getattr(ratio, name) for name in _RATIO} for ratio in cell.ratios]
    for name, about, rows in (
        ("iv_points", "points of the current-voltage curves", points),
        ("fits", "conductance and reversal potential with 95 % intervals", fits),
        ("permeability_ratios", "permeability ratios with 95 % intervals", ratios),
    ):
        if rows:
            module.add(_table(name, about, rows))


def _table(name: str, about: str, rows: Sequence[dict[str, Any]]) -> Any:
    from hdmf.common import DynamicTable, VectorData  # noqa: PLC0415

    columns = [
        VectorData(name=key, description=_describe(key), data=_values([row[key] for row in rows]))
        for key in rows[0]
    ]
    return DynamicTable(name=name, description=about, columns=columns)


def _values(values: Sequence[Any]) -> list[Any]:
    """Return a column of one kind; a number that is not known is NaN, as NWB has nothing else."""
    if any(isinstance(value, float) for value in values) or all(v is None for v in values):
        return [float("nan") if value is None else float(value) for value in values]
    return list(values)


def _describe(key: str) -> str:
    units = {"mv": "mV", "pa": "pA", "ns": "nS"}
    unit = units.get(key.rsplit("_", 1)[-1])
    return f"{key.replace('_', ' ')}, in {unit}" if unit else key.replace("_", " ")
