"""Residuals against the curves they are taken from."""

from __future__ import annotations

import pytest

from permeant.infer.iv import fit_iv
from permeant.infer.residuals import with_residuals
from permeant.records import IVFit, IVPoint


def point(sweep: int, v_mv: float, i_pa: float, *, used: bool = True) -> IVPoint:
    return IVPoint(sweep, 1, v_mv, v_mv, i_pa, 0.5, 30.0, 0.0, 10.0, 20.0, used=used)


VOLTS = range(-80, 61, 10)
OFF = (0.4, -0.3, 0.2, -0.4, 0.1, 0.3, -0.2, -0.1, 0.35, -0.25, 0.15, -0.35, 0.05, 0.25, -0.15)


def curved(v_mv: float) -> float:
    return 2.0 * (v_mv + 15.0) + 0.02 * (v_mv + 15.0) ** 2


def test_residuals_off_the_line_average_to_nothing() -> None:
    points = [
        point(k, v, 3.0 * v + 30.0 + off)
        for k, (v, off) in enumerate(zip(VOLTS, OFF, strict=True), 1)
    ]
    fit = with_residuals(fit_iv(points), points)
    assert [r.sweep for r in fit.residuals] == list(range(1, 16))
    off = [r.off_line_pa for r in fit.residuals]
    # normal equations of a line with equal weights: residuals are orthogonal to 1 and to V
    assert sum(off) == pytest.approx(0.0, abs=2e-2)
    assert sum(o * v for o, v in zip(off, VOLTS, strict=True)) == pytest.approx(0.0, abs=2.0)
    assert fit.g_ns is not None
    for r, v, noise in zip(fit.residuals, VOLTS, OFF, strict=True):
        # off the true line by the noise, and the fitted line by little of it
        assert r.off_line_pa == pytest.approx(noise, abs=0.25)
        assert r.v_membrane_mv == v


def test_a_bend_shows_off_the_line_and_not_off_the_curve_for_the_reversal() -> None:
    points = [
        point(k, v, curved(v) + off) for k, (v, off) in enumerate(zip(VOLTS, OFF, strict=True), 1)
    ]
    fit = with_residuals(fit_iv(points), points)
    near = [abs(r.off_reversal_pa) for r in fit.residuals if r.off_reversal_pa is not None]
    assert len(near) >= 5
    assert max(near) < 4 * 0.5  # four standard errors
    assert max(abs(r.off_line_pa) for r in fit.residuals) > 20 * 0.5


def test_unused_points_and_rejected_fits_have_none() -> None:
    points = [
        point(k, v, 3.0 * v + off) for k, (v, off) in enumerate(zip(VOLTS, OFF, strict=True), 1)
    ]
    points[4] = point(5, VOLTS[4], 9e3, used=False)
    fit = with_residuals(fit_iv(points), points)
    assert [r.sweep for r in fit.residuals] == [k for k in range(1, 16) if k != 5]
    assert with_residuals(IVFit.rejected("no reason"), points).residuals == ()
