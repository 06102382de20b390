"""Repeated sweeps at one voltage: which of them are sound, and what their variance tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from permeant.measure.corrections import VoltageCorrection
from permeant.measure.fluctuation.bandwidth import Bandwidth, autocovariance, judge_bandwidth
from permeant.measure.fluctuation.estimates import Estimates, estimate, student
from permeant.measure.fluctuation.leak import allow_for_leak, is_told, suggested_leak_pa
from permeant.measure.fluctuation.pairs import (
    Ensemble,
    Floats,
    covariance_of_mean,
    gather_bins,
    pair_differences,
)
from permeant.measure.fluctuation.parabola import Parabola, fit_parabola
from permeant.measure.fluctuation.soundness import (
    drift_share,
    judge_sweeps,
    largest_mean_pa,
    run_down_fraction,
)
from permeant.measure.fluctuation.steady import estimate_steady, is_steady
from permeant.measure.fluctuation.views import mean_trace, parabola_band
from permeant.records import Finding, Noise, VarianceBin

_BINS = 12
_FEWEST_BINS = 4
_MOST_RUN_DOWN = 0.5
_TOLD_RUN_DOWN = 0.15
_MOST_DRIFT = 0.05
_LEAST_KEPT = 0.85
_TOLD_KEPT = 0.98
_CUBIC_Z = 4.0
_OFFSET_Z = 4.0
_OFFSET_SHARE = 0.05
_LEFT_OUT = 0.2
_FEWEST = 20


@dataclass(frozen=True)
class Stretch:
    """Sweeps at one voltage: samples as the amplifier shows them, and what is used of them."""

    current_pa: NDArray[np.floating]
    level_mv: float
    interval_ms: float
    quiet: slice
    window: NDArray[np.intp]
    holding_mv: float | None = None
    """Command of the quiet stretch, where it is another than that of the step."""


@dataclass(frozen=True)
class _Seen:
    """What was worked out before it is said; currents as the amplifier shows them."""

    n_kept: int
    mean_pa: Floats
    differences: Floats
    zero_pa: float
    i_max_pa: float
    ensemble: Ensemble
    bandwidth: Bandwidth
    run_down: float


def reject_stretch(
    level_mv: float, n_sweeps: int, reason: str, correction: VoltageCorrection
) -> Noise:
    """Return the result of a voltage that cannot be analysed."""
    v_mv = correction.membrane_mv(level_mv, 0.0)
    return Noise(level_mv, v_mv, "rejected", reason, n_sweeps=n_sweeps)


def analyse_stretch(
    stretch: Stretch, correction: VoltageCorrection, measures: Mapping[str, Any]
) -> tuple[Noise, list[Finding]]:
    """Return what the variance between sweeps tells at one voltage, and what is to be said of it.

    Parameters
    ----------
    stretch : Stretch
        At least 20 sweeps.
    correction : VoltageCorrection
        Signs, and the membrane voltage at the largest mean current.
    measures : mapping
        The section of that name of the configuration.
    """
    n_sweeps = stretch.current_pa.shape[0]
    keep = judge_sweeps(stretch.current_pa, stretch.quiet)
    out = n_sweeps - int(keep.sum())
    if out > _LEFT_OUT * n_sweeps or n_sweeps - out < _FEWEST:
        why = f"{out} of {n_sweeps} sweeps have a zero current or a noise of their own"
        return reject_stretch(stretch.level_mv, n_sweeps, why, correction), []
    seen = _look(stretch, keep, measures)
    base = _base(stretch, seen, correction, out, measures)
    if refused := _refuse(stretch, seen):
        return replace(base, status="rejected", reason=refused), []
    leak_pa = (
        0.0
        if stretch.holding_mv is None
        else suggested_leak_pa(seen.zero_pa, stretch.holding_mv, stretch.level_mv)
    )
    if is_steady(seen.ensemble):
        steady = estimate_steady(
            seen.ensemble, seen.bandwidth.kept, leak_pa, measures["noise_open_probability"]
        )
        told = _signed(steady, correction.sign)
        return replace(base, method="stationary", **told), []
    found = fit_parabola(seen.ensemble)
    if refused := _refuse_zero(found, seen.i_max_pa, measures["noise_zero"]):
        return replace(base, status="rejected", reason=refused), []
    found, in_doubt, refused = allow_for_leak(seen.ensemble, found, leak_pa)
    if refused:
        return replace(base, status="rejected", reason=refused), []
    values = estimate(found, seen.i_max_pa, seen.bandwidth.kept)
    result = replace(base, **_signed(values, correction.sign))
    result = replace(result, **_conductance(result, measures["noise_reversal_mv"]))
    if values.status != "rejected":
        band = parabola_band(found, seen.i_max_pa, student(found.dof), correction.sign)
        result = replace(result, band=band)
    said = _findings(result, found, seen.bandwidth)
    if is_told(in_doubt) and result.status != "rejected":
        said.append(_leak_finding(seen.zero_pa, leak_pa, in_doubt))
    return result, said


def _look(stretch: Stretch, keep: NDArray[np.bool_], measures: Mapping[str, Any]) -> _Seen:
    sound = stretch.current_pa[keep]
    mean_pa = np.asarray(sound.mean(axis=0, dtype=np.float64))
    differences = pair_differences(stretch.current_pa, keep)
    zero_pa = float(mean_pa[stretch.quiet].mean())
    ensemble = gather_bins(mean_pa, differences, stretch.quiet, stretch.window, zero_pa, _BINS)
    of_quiet = differences[:, stretch.quiet]
    bandwidth = judge_bandwidth(
        autocovariance(differences[:, stretch.window], stretch.window.size // 2),
        autocovariance(of_quiet, of_quiet.shape[1] // 2),
        stretch.interval_ms,
        measures["channel_filter_khz"],
    )
    return _Seen(
        sound.shape[0],
        mean_pa,
        differences,
        zero_pa,
        largest_mean_pa(mean_pa[stretch.window] - zero_pa),
        ensemble,
        bandwidth,
        run_down_fraction(sound, stretch.window, stretch.quiet),
    )


def _base(
    stretch: Stretch,
    seen: _Seen,
    correction: VoltageCorrection,
    n_left_out: int,
    measures: Mapping[str, Any],
) -> Noise:
    """Return the part of the result that does not lean on the fit."""
    ensemble, sign = seen.ensemble, correction.sign
    errors = np.sqrt(np.diag(covariance_of_mean(ensemble.by_pair)).clip(0.0))
    bins = zip(
        ensemble.i_pa.tolist(),
        ensemble.variance.tolist(),
        errors.tolist(),
        ensemble.n_samples.tolist(),
        strict=True,
    )
    filter_khz = seen.bandwidth.filter_khz
    return Noise(
        stretch.level_mv,
        correction.membrane_mv(stretch.level_mv, seen.zero_pa + seen.i_max_pa),
        "ok",
        n_sweeps=seen.n_kept,
        n_left_out=n_left_out,
        i_max_pa=sign * seen.i_max_pa,
        background_pa2=ensemble.background,
        kept=seen.bandwidth.kept,
        filter_khz=filter_khz,
        filter_source=""
        if filter_khz is None
        else "stated"
        if seen.bandwidth.is_stated
        else "measured on the quiet stretch",
        tau_ms=seen.bandwidth.tau_ms,
        run_down_fraction=seen.run_down,
        zero="before the step" if measures["noise_zero"] == "before" else "end of the window",
        window_start_ms=float(stretch.window[0]) * stretch.interval_ms,
        window_end_ms=float(stretch.window[-1] + 1) * stretch.interval_ms,
        bins=tuple(VarianceBin(sign * i, v, se, n) for i, v, se, n in bins),
        trace=mean_trace(
            seen.mean_pa - seen.zero_pa, seen.differences, stretch.window, stretch.interval_ms, sign
        ),
    )


def _refuse(stretch: Stretch, seen: _Seen) -> str:
    if seen.ensemble.i_pa.size < _FEWEST_BINS or abs(seen.i_max_pa) < 1e-9:
        return (
            "the mean current does not move enough in the window to draw the variance against it: "
            "take a window that holds the rise or the decay"
        )
    if abs(seen.run_down) > _MOST_RUN_DOWN:
        return (
            f"the current changed by {100 * abs(seen.run_down):.0f} % over the sweeps (at most "
            f"{100 * _MOST_RUN_DOWN:.0f} %): there is no one number of channels; take some sweeps "
            "(column sweeps)"
        )
    kept = seen.bandwidth.kept
    if kept < _LEAST_KEPT:
        return (
            f"the filter left only about {100 * kept:.0f} % of the channels' variance (at least "
            f"{100 * _LEAST_KEPT:.0f} % are needed): record with a filter several times faster"
        )
    samples = stretch.current_pa[:, stretch.window]
    if _is_clipped(samples):
        return "the converter or the amplifier is at its end in the window: the variance is cut"
    share, z = drift_share(seen.differences[:, stretch.window], seen.ensemble.background)
    if share > _MOST_DRIFT and z > 3.0:
        return (
            f"about {100 * share:.0f} % of the variance between neighbouring sweeps is a change "
            "from sweep to sweep that goes on, not noise"
        )
    return ""


def _is_clipped(samples: NDArray[np.floating]) -> bool:
    """Tell whether samples stand at one end of their range far more often than noise would."""
    ends = (samples.max(), samples.min())
    return any(
        np.mean(samples == end) > 0.005 and np.mean(np.abs(samples - end) < 1e-3) > 0.005
        for end in ends
    ) and bool(np.unique(samples[: min(20, len(samples))]).size > 50)


def _refuse_zero(found: Parabola, i_max_pa: float, where: str) -> str:
    """Refuse where the variance is not that of the background at zero current."""
    moved_pa = -found.offset_pa2 / found.slope_pa if found.slope_pa else 0.0
    if abs(found.offset_z) < _OFFSET_Z or abs(moved_pa) < _OFFSET_SHARE * abs(i_max_pa):
        return ""
    other = "end" if where == "before" else "before"
    return (
        f"the variance falls to that of the background {moved_pa:+.3g} pA away from the zero that "
        f"was taken ({'before the step' if where == 'before' else 'at the end of the window'}): a "
        "leak or open channels shift it. Record with the leak subtracted, or say where all "
        f"channels are shut (measures: noise_zero: {other})"
    )


def _signed(values: Estimates, sign: int) -> dict[str, Any]:
    """Return the estimates with currents across the membrane, outward positive."""
    known = asdict(values)
    if sign < 0:
        names = {"i_unitary_pa": "i_unitary_pa", "i_low_pa": "i_high_pa", "i_high_pa": "i_low_pa"}
        turned = {name: known[other] for name, other in names.items()}
        known |= {name: None if value is None else -value for name, value in turned.items()}
    return known


def _conductance(result: Noise, reversal_mv: float | None) -> dict[str, Any]:
    """Return the unitary chord conductance (pS) where the reversal potential is stated."""
    if reversal_mv is None or result.i_unitary_pa is None:
        return {}
    force_mv = result.v_membrane_mv - reversal_mv
    if abs(force_mv) < 5.0 or result.i_unitary_pa / force_mv <= 0.0:
        return {}
    assert result.i_low_pa is not None
    assert result.i_high_pa is not None
    ends = sorted((1e3 * result.i_low_pa / force_mv, 1e3 * result.i_high_pa / force_mv))
    return {
        "g_unitary_ps": 1e3 * result.i_unitary_pa / force_mv,
        "g_low_ps": ends[0],
        "g_high_ps": ends[1],
    }


def _leak_finding(holding_pa: float, leak_pa: float, in_doubt: float) -> Finding:
    return Finding(
        "noise_leak",
        "warning",
        f"the current before the step, {holding_pa:.3g} pA, suggests a leak that moves the zero by "
        f"about {leak_pa:.2g} pA at the step and with it the unitary current by "
        f"{100 * in_doubt:.0f} %; the intervals allow for that",
        100 * in_doubt,
        None,
        "%",
    )


def _findings(result: Noise, found: Parabola, bandwidth: Bandwidth) -> list[Finding]:
    said: list[Finding] = []
    if result.status == "rejected":
        return said
    if bandwidth.kept < _TOLD_KEPT:
        said.append(
            Finding(
                "noise_filtered",
                "warning",
                f"the filter ({bandwidth.filter_khz or 0:.2g} kHz) left about "
                f"{100 * bandwidth.kept:.0f} % of the channels' variance, which flickers with "
                f"{bandwidth.tau_ms or 0:.2g} ms; the rest is put back, but i may still be "
                f"too small by {200 * (1.0 - bandwidth.kept):.0f} %",
                100 * bandwidth.kept,
                100 * _TOLD_KEPT,
                "%",
            )
        )
    run_down = result.run_down_fraction or 0.0
    if abs(run_down) > _TOLD_RUN_DOWN:
        said.append(
            Finding(
                "noise_run_down",
                "warning",
                f"the current changed by {100 * run_down:+.0f} % over the sweeps; i does not "
                "suffer, N is the mean number if channels were lost",
                100 * run_down,
                100 * _TOLD_RUN_DOWN,
                "%",
            )
        )
    if abs(found.cubic_z) > _CUBIC_Z:
        said.append(
            Finding(
                "noise_parabola_poor",
                "warning",
                f"the variance departs from a parabola by {abs(found.cubic_z):.1f} standard "
                "errors: sublevels, unequal channels, or a filter that is slow at the step",
                abs(found.cubic_z),
                _CUBIC_Z,
            )
        )
    return said
