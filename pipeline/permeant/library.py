"""The stages as functions for scripts and notebooks: records in, records and pandas out.

These are the functions of the pipeline itself with its default settings filled in, so a number
from here is the number of a run.  ``import permeant`` loads none of it; each name is loaded
when it is used for the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from permeant.config import Settings
from permeant.errors import PermeantError, did_you_mean
from permeant.infer.iv import fit_iv as fit_points
from permeant.infer.permeability import Observation, Uncertainty
from permeant.infer.permeability import permeability_ratios as infer_ratios
from permeant.measure import measure_recording as measure_row
from permeant.recording import open_recording as open_path
from permeant.recording.neo_objects import is_neo, open_neo
from permeant.records import (
    IVFit,
    IVPoint,
    Measurement,
    PermeabilityRatio,
    Recording,
    SheetRow,
    Solution,
)

if TYPE_CHECKING:
    import pandas as pd
    from lmfit.model import ModelResult

Ions = Mapping[str, float]
_NORMAL_95 = 1.959964
_SECTIONS = ("steady_state", "measures", "corrections", "quality", "fit", "permeability")
_UNCERTAINTY = (
    "sigma_ljp_mv",
    "sigma_temperature_c",
    "sigma_concentration_fraction",
    "draws",
    "seed",
)


def open_recording(source: Any, **columns: Any) -> Recording:
    """Open a recording: a file of any format that a run reads, or neo objects.

    Parameters
    ----------
    source : str, path, neo.Block, neo.Segment or list of neo.Segment
        What to open.
    **columns
        As the sheet's columns of that name: ``current_channel``, ``command_channel``,
        ``command_offset_mv`` …; for neo objects also ``command_mv``, an array.

    Returns
    -------
    Recording
        ``current_pa`` (sweeps, samples), ``command_mv`` where it was recorded, and ``info``.

    Raises
    ------
    RecordingError
        Where it cannot be read or is no voltage clamp.
    """
    if is_neo(source):
        return open_neo(source, **columns)
    if not isinstance(source, (str, PathLike)):
        raise PermeantError(
            f"a {type(source).__name__} cannot be opened; give a path, a neo Block or a Segment"
        )
    return open_path(Path(source), **columns)


def measure_recording(
    recording: Recording,
    *,
    measure: Literal["steady", "instantaneous", "peak", "ramp"] = "steady",
    pipette: Ions | None = None,
    bath: Ions | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    **columns: Any,
) -> Measurement:
    """Measure the points of a recording's current–voltage curve, corrected, as a run would.

    Parameters
    ----------
    recording : Recording
        What was opened.
    measure : {'steady', 'instantaneous', 'peak', 'ramp'}
        What is measured.
    pipette, bath : mapping of str to float, optional
        Concentrations in mM; with both and ``temperature_c`` the junction potential is
        corrected.
    settings : mapping, optional
        Sections of ``config.yaml``: ``{"corrections": {"leak": "ramp"}}``.
    **columns
        As the sheet's columns: ``epoch``, ``temperature_c``, ``r_s_mohm``,
        ``r_s_compensation``, ``ljp_mv``, ``window_start_ms`` …

    Returns
    -------
    Measurement
        Points with membrane voltages in mV, currents in pA and standard errors.

    Raises
    ------
    RecordingError
        Where there is nothing of the kind to measure.
    PermeantError
        Where a setting or a column is not known.
    """
    known = set(SheetRow.__dataclass_fields__) - {"line", "cell", "recording", "file", "measure"}
    known -= {"pipette", "bath"}
    for name in columns:
        if name not in known:
            raise PermeantError(f"{name} is no column of the sheet.{did_you_mean(name, known)}")
    solutions = {
        name: Solution(name, dict(ions))
        for name, ions in (("pipette", pipette), ("bath", bath))
        if ions is not None
    }
    row = SheetRow(
        line=0, cell="cell", recording="recording", file=recording.info.provenance.file,
        measure=measure, pipette="pipette" if pipette is not None else None,
        bath="bath" if bath is not None else None, **columns,
    )  # fmt: skip
    given = _settings(settings)
    return measure_row(
        recording,
        row,
        solutions,
        steady_state=given["steady_state"],
        measures=given["measures"],
        corrections=given["corrections"],
        quality=given["quality"],
        extra_ions={},
    )


def measure_steady_state(recording: Recording, **given: Any) -> Measurement:
    """Measure steady-state currents at the steps; as :func:`measure_recording`."""
    return measure_recording(recording, measure="steady", **given)


def _settings(sections: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Any]:
    """Check sections of the configuration as those of a project are, and fill in the rest."""
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        return Settings.model_validate(dict(sections or {})).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise PermeantError(f"settings: {where}: {first['msg']}") from None


def fit_iv(
    points: Measurement | Sequence[IVPoint], settings: Mapping[str, Any] | None = None
) -> IVFit:
    """Fit conductance and reversal potential with 95 % intervals.

    Parameters
    ----------
    points : Measurement or sequence of IVPoint
        What was measured.
    settings : mapping, optional
        Keys of the section ``fit`` of ``config.yaml``.

    Returns
    -------
    IVFit
        ``g_ns``, ``e_rev_mv`` and their intervals, or rejected with a reason.

    Notes
    -----
    The intervals are those of the points; what a run adds (errors that all points share, leak
    and controls) is in :mod:`permeant.workflow.fit`.
    """
    section = _settings({"fit": settings or {}})["fit"]
    section.pop("models", None)
    return fit_points(_points(points), **section)


def _points(points: Measurement | Sequence[IVPoint]) -> Sequence[IVPoint]:
    return points.points if isinstance(points, Measurement) else points


def observe(
    fit: IVFit, *, inside: Ions, outside: Ions, temperature_c: float, recording: str
) -> Observation:
    """Turn a measured reversal into what permeability ratios are found from.

    Parameters
    ----------
    fit : IVFit
        With ``e_rev_status`` measured.
    inside, outside : mapping of str to float
        Concentrations on both sides of the membrane in mM.
    temperature_c : float
        In °C.
    recording : str
        A name; the random draws of the interval are handed out in the order of the names.

    Raises
    ------
    PermeantError
        Where the reversal was not measured: an extrapolated one gives no ratio.
    """
    low, high = fit.e_rev_low_mv, fit.e_rev_high_mv
    if fit.e_rev_status != "measured" or fit.e_rev_mv is None or low is None or high is None:
        raise PermeantError(
            f"{recording}: the reversal potential is {fit.e_rev_status} "
            f"({fit.e_rev_reason or fit.reason}); only a measured one can give a ratio"
        )
    return Observation(
        recording=recording,
        e_rev_mv=fit.e_rev_mv,
        e_rev_se_mv=(high - low) / (2 * _NORMAL_95),
        temperature_c=temperature_c,
        inside_mm=dict(inside),
        outside_mm=dict(outside),
    )


def permeability_ratios(
    observations: Iterable[Observation],
    *,
    permeant: Sequence[str],
    reference: str,
    fixed: Mapping[str, float] | None = None,
    activities: Literal["none", "davies", "pitzer"] = "none",
    **uncertainty: float,
) -> tuple[PermeabilityRatio, ...]:
    """Find permeability ratios from reversals in one bath or several.

    Parameters
    ----------
    observations : iterable of Observation
        From :func:`observe`, of one cell.
    permeant : sequence of str
        Ions that may pass.
    reference : str
        The ion that ratios are over.
    fixed : mapping of str to float, optional
        Ratios that are known.
    activities : {'none', 'davies', 'pitzer'}
        What stands in the equation.
    **uncertainty
        ``sigma_ljp_mv``, ``sigma_temperature_c``, ``sigma_concentration_fraction``, ``draws``,
        ``seed``; default as in a run.

    Returns
    -------
    tuple of PermeabilityRatio
        With 95 % intervals, a bound, or a reason.
    """
    section = _settings({"permeability": uncertainty})["permeability"]
    return infer_ratios(
        list(observations),
        permeant=permeant,
        reference=reference,
        fixed=fixed or {},
        activities=activities,
        uncertainty=Uncertainty(**{name: section[name] for name in _UNCERTAINTY}),
    )


def to_frame(records: object) -> pd.DataFrame:
    """Put records into a data frame, a row each, units in the names of the columns.

    Parameters
    ----------
    records : Measurement, a record, or an iterable of records
        Of a measurement its points.
    """
    import pandas as pd  # noqa: PLC0415  (half a second)

    if isinstance(records, Measurement):
        records = records.points
    several = records if isinstance(records, Iterable) else [records]
    rows = []
    for one in several:
        if not is_dataclass(one) or isinstance(one, type):
            raise PermeantError(f"{type(one).__name__} is no record of this program")
        rows.append({k: v for k, v in asdict(one).items() if not isinstance(v, (tuple, dict))})
    return pd.DataFrame(rows)


def to_model_result(points: Measurement | Sequence[IVPoint], degree: int = 1) -> ModelResult:
    """Fit a polynomial to the points as lmfit's own model, for its reports and plots.

    Parameters
    ----------
    points : Measurement or sequence of IVPoint
        What was measured; points that are not used are left out.
    degree : int
        1 to 3.  ``c1`` of a straight line is the conductance in nS, ``-c0 / c1`` its zero in
        mV.

    Returns
    -------
    lmfit.model.ModelResult
        Weighted by the standard errors of the points, covariance not scaled.
    """
    from permeant.infer.model_result import polynomial_result  # noqa: PLC0415

    return cast("ModelResult", polynomial_result(_points(points), degree))
