"""Cells made by hand for the tests of the pages: no analysis, only plausible records."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from permeant.records import (
    CellResult,
    Channel,
    Correction,
    Curve,
    DrivingForce,
    Family,
    Finding,
    IVFit,
    IVPoint,
    Measurement,
    PermeabilityRatio,
    Problem,
    Provenance,
    RecordingInfo,
    RecordingResult,
    Segment,
    SheetRow,
    Solution,
    SweepTest,
    Trace,
)

HOSTILE = (
    "</script><script>alert('x')</script> \"quoted\" & <img src=x onerror=alert(1)> %{y} \u2028 µ"
)
VERSIONS = {"permeant": "0.1.0", "neo": "0.14.6", "numpy": "2.4.6", "lmfit": "1.3.4"}
INSIDE = {"K": 140.0, "Na": 10.0, "Cl": 30.0, "gluconate": 120.0, "Ca": 1e-4}
OUTSIDE = {"K": 4.0, "Na": 145.0, "Cl": 153.0, "gluconate": 0.0, "Ca": 2.0}
VALENCE = {"K": 1, "Na": 1, "Cl": -1, "gluconate": -1, "Ca": 2}


def make_provenance(name: str, *, simulated: bool = True, **more: object) -> Provenance:
    values: dict[str, object] = {
        "file": f"data/{name}.abf",
        "sha256": "9f2c" * 16,
        "size_bytes": 251_904,
        "reader": "neo",
        "reader_version": "0.14.6",
        "format": "ABF2",
        "acquired": "2024-03-12T14:05:11",
        "protocol": "vc_steps_-100_+60",
        "comment": "",
        "simulated": simulated,
    }
    return Provenance(**{**values, **more})  # type: ignore[arg-type]


def make_info(
    name: str, sweeps: int = 9, *, simulated: bool = True, **more: object
) -> RecordingInfo:
    segments = (Segment("before", 0, 2000, -70, -70), Segment("A", 2000, 12000, -100, -100))
    values: dict[str, object] = {
        "provenance": make_provenance(name, simulated=simulated),
        "channels": (
            Channel(0, "IN 0", "pA", "current", "unit pA; follows the command with a step"),
            Channel(1, "10 Vm", "mV", "command", "unit mV; equals the command of the header"),
        ),
        "interval_ms": 0.05,
        "n_sweeps": sweeps,
        "n_samples": 14000,
        "sweep_starts_s": tuple(float(k) for k in range(sweeps)),
        "command_source": "recorded channel 1 (10 Vm)",
        "sweeps": (segments,) * sweeps,
    }
    return RecordingInfo(**{**values, **more})  # type: ignore[arg-type]


def current(v: float, g: float, e_rev: float, bend: float) -> float:
    return g * (v - e_rev) + bend * (v - e_rev) ** 2


def make_trace(sweep: int, v: float, i: float, hold: float, samples: int) -> Trace:
    random.seed(sweep)
    times, values = [], []
    for k in range(samples):
        t = 700.0 * k / (samples - 1)
        inside = 100 <= t < 600
        value = i if inside else hold
        if inside:
            value += (v + 70) * 40 * math.exp(-(t - 100) / 1.2) - 0.25 * i * math.exp(
                -(t - 100) / 30
            )
        elif t >= 600:
            value -= (v + 70) * 40 * math.exp(-(t - 600) / 1.2)
        times.append(t)
        values.append(value + random.gauss(0, 6))
    return Trace(
        sweep=sweep,
        time_ms=tuple(times),
        current_pa=tuple(values),
        command_time_ms=(0.0, 100.0, 100.05, 600.0, 600.05, 700.0),
        command_mv=(-70.0, -70.0, v, v, -70.0, -70.0),
    )


def make_measurement(
    *,
    sweeps: int = 9,
    g: float = 8.2,
    e_rev: float = -17.2,
    bend: float = 0.012,
    first_mv: float = -100.0,
    step_mv: float = 20.0,
) -> Measurement:
    random.seed(7)
    family = Family(
        2, "family", ("B",), 100, 600, first_mv, first_mv + step_mv * (sweeps - 1), sweeps
    )
    test = Family(1, "levels", ("A",), 10, 30, -75, -70, 2)
    points = []
    for k in range(sweeps):
        v = first_mv + step_mv * k
        i = current(v - 4.2, g, e_rev, bend)
        bad = k == sweeps - 1 and sweeps > 4
        points.append(
            IVPoint(
                sweep=k + 1,
                level=1,
                v_command_mv=v,
                v_membrane_mv=v - 4.2,
                i_pa=i + random.gauss(0, 5),
                i_sem_pa=4.0 + abs(i) / 90,
                n_effective=38.4,
                drift_pa_per_ms=0.0123 if bad else -0.00041,
                window_start_ms=402.5,
                window_end_ms=597.5,
                used=not bad,
                reason="not steady: drift 0.0123 pA/ms" if bad else "",
            )
        )
    return Measurement(
        families=(test, family),
        family=family,
        window_reason="the family with most levels; the last 39 % of the step are steady",
        points=tuple(points),
        corrections=(
            Correction(
                "junction potential", 4.2, "mV", True, "generalised Henderson from the solutions"
            ),
            Correction("series resistance", None, "MΩ", False, "R_s is not known"),
            Correction("leak", None, "nS", False, "off by default"),
        ),
        findings=(
            Finding(
                "steady_state",
                "warning",
                "sweep 9 is not steady in the window, so its point is not used",
                0.0123,
                0.01,
                "pA/ms",
            ),
            Finding(
                "series_resistance", "info", "R_s is not known; at 15 MΩ the error would be 9 mV"
            ),
        ),
        membrane_tests=tuple(
            SweepTest(k, 12.0 + 0.1 * k, 0.2, 480.0 + k, 5.0, 492.0 + k, 5.0, 31.5, 0.4)
            for k in range(1, sweeps + 1)
        ),
    )


def make_traces(
    *,
    sweeps: int = 9,
    g: float = 8.2,
    e_rev: float = -17.2,
    bend: float = 0.012,
    samples: int = 1200,
    first_mv: float = -100.0,
    step_mv: float = 20.0,
) -> tuple[Trace, ...]:
    random.seed(8)
    rest = current(-74.2, g, e_rev, bend)
    levels = [first_mv + step_mv * k for k in range(sweeps)]
    return tuple(
        make_trace(k, v, current(v - 4.2, g, e_rev, bend), rest, samples)
        for k, v in enumerate(levels, 1)
    )


def make_curve(g: float, e_rev: float, bend: float, low: float, high: float) -> Curve:
    volts = [low + (high - low) * k / 80 for k in range(81)]
    mid = [current(v, g, e_rev, bend) for v in volts]
    width = [9 + abs(v - e_rev) * 0.5 for v in volts]
    return Curve(
        tuple(volts),
        tuple(mid),
        tuple(m - w for m, w in zip(mid, width, strict=True)),
        tuple(m + w for m, w in zip(mid, width, strict=True)),
    )


def make_fit(g: float = 8.2, e_rev: float = -17.2, bend: float = 0.012, **more: object) -> IVFit:
    values: dict[str, object] = {
        "status": "ok",
        "model": "line",
        "g_ns": g + 0.0123,
        "g_low_ns": g - 0.3,
        "g_high_ns": g + 0.3,
        "e_rev_mv": e_rev - 0.0321,
        "e_rev_low_mv": e_rev - 0.8,
        "e_rev_high_mv": e_rev + 0.7,
        "e_rev_status": "measured",
        "n_points": 8,
        "v_min_mv": -104.2,
        "v_max_mv": 35.8,
        "chi2_p": 0.4321,
        "rectification": 1.31,
        "g_at_reversal_ns": g - 0.1,
        "e_rev_reason": "quadratic through the 5 points around the crossing",
        "curve": make_curve(g + bend * -17, e_rev - 5, 0, -104.2, 35.8),
        "reversal_curve": make_curve(g, e_rev, bend, -64.2, 15.8),
    }
    return IVFit(**{**values, **more})  # type: ignore[arg-type]


def make_forces(v: float = -17.2) -> tuple[DrivingForce, ...]:
    forces = []
    for ion, z in VALENCE.items():
        if not INSIDE[ion] or not OUTSIDE[ion]:
            forces.append(DrivingForce(ion, z, None, v, None, None, None))
            continue
        e = 25.0 / z * math.log(OUTSIDE[ion] / INSIDE[ion])
        ratio = math.exp(-z * (v - e) / 25.0)
        forces.append(DrivingForce(ion, z, e, v, v - e, 96.485 * z * (v - e), ratio))
    return tuple(forces)


def make_recording(
    name: str = "r1", *, bath: str = "ACSF", simulated: bool = True, **more: object
) -> RecordingResult:
    values: dict[str, object] = {
        "row": SheetRow(
            line=2,
            cell="c1",
            recording=name,
            file=f"data/{name}.abf",
            pipette="K-gluconate",
            bath=bath,
            temperature_c=22.0,
            condition="control",
            r_s_mohm=12.5,
            r_s_compensation=0.7,
        ),
        "info": make_info(name, simulated=simulated),
        "measurement": make_measurement(),
        "traces": make_traces(),
        "fit": make_fit(),
        "driving_forces": make_forces(),
        "pipette": Solution("K-gluconate", INSIDE),
        "bath": Solution(bath, OUTSIDE),
    }
    return RecordingResult(**{**values, **more})  # type: ignore[arg-type]


def ok_cell() -> CellResult:
    return CellResult(
        cell="c1",
        recordings=(make_recording(),),
        ratios=(
            PermeabilityRatio("Na", "K", "ok", "", 0.3123, 0.28, 0.35, "GHK voltage equation", 1),
            PermeabilityRatio(
                "Ca", "K", "rejected", "one reversal potential cannot give two ratios"
            ),
        ),
        settings={"corrections.series_resistance": True, "quality.r_s_limit_mohm": 20.0},
        versions=VERSIONS,
    )


def baths_cell() -> CellResult:
    first = make_recording("nacl", bath="NaCl 150")
    second = make_recording(
        "kcl",
        bath="KCl 150",
        measurement=make_measurement(e_rev=2.1),
        traces=make_traces(e_rev=2.1),
        fit=make_fit(e_rev=2.1),
    )
    third = make_recording(
        "nmdg",
        bath="NMDG 150",
        measurement=make_measurement(e_rev=-68.0, g=4.1, first_mv=-60.0, step_mv=15.0),
        traces=make_traces(e_rev=-68.0, g=4.1, first_mv=-60.0, step_mv=15.0),
        fit=make_fit(
            e_rev=-88.0,
            g=4.1,
            e_rev_status="extrapolated",
            v_min_mv=-64.2,
            e_rev_reason="the current does not change its sign at the tested voltages",
            curve=make_curve(4.1, -68.0, 0.012, -64.2, 50),
            reversal_curve=None,
        ),
    )
    wash = make_recording("wash", bath="NaCl 150")
    wash = replace(
        wash,
        row=replace(wash.row, exclude=True, note="seal lost"),
        fit=IVFit.rejected("excluded in the sheet"),
    )
    return CellResult(
        cell="c2_baths",
        recordings=(first, second, third, wash),
        ratios=(
            PermeabilityRatio(
                "NMDG", "Na", "bound", "extrapolated", None, None, 0.04, "bi-ionic", 2
            ),
        ),
        settings={},
        versions=VERSIONS,
    )


def rejected_cell() -> CellResult:
    message = "data/broken.abf: 512 bytes; an ABF2 header needs 6144; the file is truncated"
    row = SheetRow(line=9, cell="c3", recording="broken", file="data/broken.abf")
    return CellResult(
        cell="c3_broken",
        recordings=(
            RecordingResult(
                row=row,
                info=None,
                measurement=None,
                fit=IVFit.rejected(message),
                problems=(Problem("ingest", "truncated", message),),
            ),
        ),
        ratios=(),
        settings={},
        versions=VERSIONS,
    )


def hostile_cell() -> CellResult:
    base = make_recording()
    info = make_info("x", simulated=False)
    info = replace(
        info,
        provenance=make_provenance("x", simulated=False, comment=HOSTILE, protocol=HOSTILE),
        channels=(Channel(0, HOSTILE, HOSTILE, "current", HOSTILE),),
        findings=(Finding(HOSTILE, "error", HOSTILE, 1.0, 2.0, HOSTILE),),
    )
    assert base.measurement is not None
    points = tuple(replace(p, used=p.sweep > 2, reason=HOSTILE) for p in base.measurement.points)
    corrections = (Correction(HOSTILE, 1.0, HOSTILE, True, HOSTILE),)
    measurement = replace(
        base.measurement, points=points, window_reason=HOSTILE, corrections=corrections
    )
    row = replace(
        base.row, recording=HOSTILE, bath=HOSTILE, condition=HOSTILE, note=HOSTILE, protocol=HOSTILE
    )
    forces = (DrivingForce(HOSTILE, 1, -20.0, 0.0, 20.0, 1.0, 1.0), *base.driving_forces)
    hostile = replace(
        base,
        row=row,
        info=info,
        measurement=measurement,
        driving_forces=forces,
        problems=(Problem(HOSTILE, HOSTILE, HOSTILE),),
    )
    return CellResult(
        cell="c4",
        recordings=(hostile, make_recording("r2")),
        ratios=(PermeabilityRatio(HOSTILE, "K", "ok", HOSTILE, 1.0, 0.5, 2.0, HOSTILE),),
        settings={HOSTILE: HOSTILE},
        versions={HOSTILE: HOSTILE},
        findings=(Finding("cell", "info", HOSTILE),),
    )


def bare_cell() -> CellResult:
    """Every field that may be empty is empty."""
    measurement = replace(make_measurement(), corrections=(), findings=())
    row = SheetRow(line=3, cell="c5", recording="only", file="only.abf")
    info = make_info("only", simulated=False, channels=())
    info = replace(info, provenance=replace(info.provenance, acquired=None, protocol=""))
    fit = IVFit(
        status="ok",
        model="line",
        g_ns=2.0,
        n_points=8,
        e_rev_reason="the current keeps its sign at the tested voltages (−80 to −40 mV)",
    )
    return CellResult(
        cell="c5_bare",
        recordings=(RecordingResult(row=row, info=info, measurement=measurement, fit=fit),),
        ratios=(),
        settings={},
        versions={},
    )


def all_cells() -> list[CellResult]:
    return [ok_cell(), baths_cell(), rejected_cell(), hostile_cell(), bare_cell()]
