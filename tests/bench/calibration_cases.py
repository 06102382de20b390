"""One simulated cell through our own measuring and fitting, an oracle, and a plain script."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from calibration_rivals import (
    NOTHING,
    Interval,
    noise_oracle,
    plain_script,
    ratio_by_hand,
    shape_oracle,
)
from numpy.typing import NDArray
from scenarios_parts import Case, Scenario, Simulated

from permeant.config.settings import Settings
from permeant.errors import PermeantError
from permeant.infer.iv import fit_iv
from permeant.infer.permeability import Uncertainty, permeability_ratios
from permeant.infer.shared import include_shared_errors
from permeant.measure import measure_recording
from permeant.records import Finding, IVFit
from permeant.workflow.permeability import observe

Array = NDArray[np.float64]
SETTINGS: dict[str, Any] = Settings().model_dump()
LINE = {name: value for name, value in SETTINGS["fit"].items() if name != "models"}


@dataclass(frozen=True)
class Outcome:
    """What was said of one quantity of one cell, beside what is true of it."""

    scenario: str
    seed: int
    label: str
    quantity: str
    answerable: bool
    truth: float
    value: float
    low: float
    high: float
    oracle_half: float
    shape_half: float
    plain: float
    plain_low: float
    plain_high: float
    reason: str
    right_reason: bool
    flagged: bool
    extrapolated: bool

    @property
    def given(self) -> bool:
        """Whether a number was given with its interval."""
        return math.isfinite(self.value)


def run_case(scenario: Scenario, seed: int) -> list[Outcome]:
    """Simulate one cell of a scenario and judge everything that can be judged of it.

    A seed gives other cells and other noise in every scenario, so that chance in one is not
    chance in all.
    """
    case = scenario.make(seed + 1000 * (zlib.crc32(scenario.name.encode()) % 100_000))
    fits = []
    outcomes: list[Outcome] = []
    for simulated in case.recordings:
        fit, findings, used = _analyse(simulated, case)
        fits.append(fit)
        flagged = any(one.check == scenario.flag for one in findings)
        outcomes += _judge_fit(scenario, seed, simulated, fit, flagged, used)
    if "ln_ratio" in scenario.answers:
        outcomes += _judge_ratios(scenario, seed, case, fits)
    return outcomes


def _analyse(simulated: Simulated, case: Case) -> tuple[IVFit, tuple[Finding, ...], frozenset[int]]:
    """Measure and fit a recording; also return the sweeps (from 0) whose points were used."""
    try:
        measurement = measure_recording(
            simulated.recording,
            simulated.row,
            case.solutions,
            steady_state=SETTINGS["steady_state"],
            corrections=SETTINGS["corrections"] | dict(case.corrections),
            quality=SETTINGS["quality"],
            extra_ions={},
        )
    except PermeantError as trouble:
        return IVFit.rejected(str(trouble)), (), frozenset()
    points = measurement.points
    fit = include_shared_errors(
        fit_iv(points, wander=measurement.wander, **LINE),
        points,
        measurement.shared_errors,
    )
    used = frozenset(point.sweep - 1 for point in points if point.used)
    return fit, (*measurement.findings, *fit.findings), used


def _judge_fit(
    scenario: Scenario,
    seed: int,
    simulated: Simulated,
    fit: IVFit,
    flagged: bool,
    used: frozenset[int],
) -> Iterator[Outcome]:
    truth = simulated.truth
    true = {
        "e_rev": truth.e_rev_mv,
        "g": truth.g_of_sweeps(used),
        "g_at_reversal": truth.g_at_reversal_ns,
    }
    measured = fit.e_rev_status == "measured"
    said = {
        "e_rev": (fit.e_rev_mv, fit.e_rev_low_mv, fit.e_rev_high_mv) if measured else None,
        "g": (fit.g_ns, fit.g_low_ns, fit.g_high_ns),
        "g_at_reversal": (
            fit.g_at_reversal_ns,
            fit.g_at_reversal_low_ns,
            fit.g_at_reversal_high_ns,
        ),
    }
    reason = {"e_rev": fit.e_rev_reason or fit.reason, "g": fit.reason, "g_at_reversal": fit.reason}
    halves, plain = noise_oracle(truth), plain_script(simulated.recording, truth)
    shapes = shape_oracle(truth)
    for quantity, answerable in scenario.answers.items():
        if quantity == "ln_ratio":
            continue
        yield _outcome(
            scenario,
            seed,
            simulated.row.recording,
            quantity,
            answerable,
            truth=true[quantity],
            said=said[quantity],
            oracle_half=halves.get(quantity, shapes.get(quantity, math.nan)),
            shape_half=shapes.get(quantity, math.nan),
            plain=plain.get(quantity, NOTHING),
            reason=reason[quantity],
            flagged=flagged,
            extrapolated=quantity == "e_rev" and fit.e_rev_status == "extrapolated",
        )


def _outcome(
    scenario: Scenario,
    seed: int,
    label: str,
    quantity: str,
    answerable: bool,
    *,
    truth: float | None,
    said: tuple[float | None, float | None, float | None] | None,
    oracle_half: float,
    shape_half: float,
    plain: Interval,
    reason: str,
    flagged: bool = False,
    extrapolated: bool = False,
) -> Outcome:
    value, low, high = (math.nan if one is None else one for one in said or NOTHING)
    wanted = scenario.reasons.get(quantity, "")
    return Outcome(
        scenario.name,
        seed,
        label,
        quantity,
        answerable,
        math.nan if truth is None else truth,
        value,
        low,
        high,
        oracle_half,
        shape_half,
        *plain,
        reason,
        right_reason=bool(wanted and re.search(wanted, reason, re.IGNORECASE)),
        flagged=flagged,
        extrapolated=extrapolated,
    )


def _judge_ratios(
    scenario: Scenario, seed: int, case: Case, fits: list[IVFit]
) -> Iterator[Outcome]:
    settings = SETTINGS["permeability"] | dict(case.permeability)
    pairs = [
        (simulated, fit)
        for simulated, fit in zip(case.recordings, fits, strict=True)
        if fit.status == "ok" and fit.e_rev_status == "measured"
    ]
    found = permeability_ratios(
        [observe(simulated.row, fit, case.solutions) for simulated, fit in pairs],
        permeant=settings["permeant"],
        reference=settings["reference"],
        fixed=settings["fixed"],
        activities=settings["activities"],
        uncertainty=Uncertainty(
            **{one.name: settings[one.name] for one in fields(Uncertainty) if one.name in settings}
        ),
    )
    for ratio in found:
        true = math.log(case.ratios[ratio.ion])
        said = (ratio.ratio, ratio.ratio_low, ratio.ratio_high) if ratio.status == "ok" else None
        logs = None if said is None else tuple(_log(one) for one in said)
        half, plain = ratio_by_hand(ratio.ion, case, settings)
        yield _outcome(
            scenario,
            seed,
            ratio.ion,
            "ln_ratio",
            scenario.answers["ln_ratio"],
            truth=true,
            said=logs,  # type: ignore[arg-type]
            oracle_half=half,
            shape_half=half,
            plain=plain,
            reason=ratio.reason,
        )


def _log(value: float | None) -> float:
    return math.log(value) if value is not None and value > 0 else math.nan
