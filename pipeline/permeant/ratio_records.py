"""What is known of a cell's permeability ratios beside the ratios themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReversalShift:
    """How far the reversal of one recording lies from that in the reference bath.

    ``drift_mv`` is what was taken off the reversal because the reference bath had moved by then;
    the shift is between corrected reversals, with its 95 % interval.  What both recordings share
    (the junction potential of one zeroing) cancels in it and is not in the interval.
    """

    recording: str
    bath: str
    reference_bath: str
    e_rev_mv: float
    drift_mv: float
    shift_mv: float
    shift_low_mv: float
    shift_high_mv: float
    note: str = ""


@dataclass(frozen=True)
class ReferenceDrift:
    """How far the reversal in one and the same bath moved from its first to its last recording.

    ``timed`` tells whether the files say when they were recorded: then a course linear in time
    was taken off, else the drift was added to the errors.  ``without`` holds the ratios that
    would come out if nothing were done, by ion.
    """

    bath: str
    first: str
    last: str
    drift_mv: float
    drift_low_mv: float
    drift_high_mv: float
    timed: bool
    without: dict[str, float]


@dataclass(frozen=True)
class ConventionRatio:
    """One ratio under one convention of activities; ``chosen`` marks that of the configuration."""

    ion: str
    reference_ion: str
    activities: str
    convention: str
    status: str
    reason: str = ""
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    chosen: bool = False


@dataclass(frozen=True)
class Lens:
    """Permeability and conductance side by side: one ion in one recording.

    ``conductance_ratio`` is what constant conductances would need to give the measured reversal
    as their weighted mean; ``chord_ratio`` and ``slope_ratio`` are the conductances at the
    reversal that the permeability ratios imply.  All are over the reference ion.
    """

    recording: str
    bath: str
    ion: str
    reference_ion: str
    e_rev_mv: float
    e_nernst_mv: float | None = None
    permeability_ratio: float | None = None
    conductance_ratio: float | None = None
    conductance_low: float | None = None
    conductance_high: float | None = None
    chord_ratio: float | None = None
    slope_ratio: float | None = None
    note: str = ""


@dataclass(frozen=True)
class RatioDetails:
    """Everything beside the ratios: shifts, drift, conventions, and the two lenses."""

    shifts: tuple[ReversalShift, ...] = ()
    drift: ReferenceDrift | None = None
    conventions: tuple[ConventionRatio, ...] = ()
    lenses: tuple[Lens, ...] = ()
