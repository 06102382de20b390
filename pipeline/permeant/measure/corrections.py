"""From the command to the voltage across the membrane, one visible correction at a time.

Steady state, whole cell (Barry & Lynch 1991, doi:10.1007/BF01870526):

    V_membrane = V_command - V_LJ - I_total R_s (1 - compensation)

with V_LJ the junction potential, bath minus pipette, that the electrode was zeroed
against, and I_total the whole, unsubtracted pipette current.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from permeant.errors import PermeantError, RecordingError
from permeant.measure.circuit import TestedResistance
from permeant.physics.ions import Ion
from permeant.physics.junction import Electrode, bath_change_shift_mv, henderson_mv
from permeant.records import Correction, Finding, SheetRow, Solution

_OUTSIDE_OUT = ("whole-cell", "outside-out")
SUPPOSED_FRACTION = 0.1
"""How far a series resistance read off an amplifier's dial is usually off, during a recording."""


@dataclass(frozen=True)
class VoltageCorrection:
    """What turns a command into a membrane voltage, and how to say it.

    ``offset_mv`` is subtracted from the command, ``r_s_mohm`` is the uncompensated part of
    the series resistance, ``sign`` is -1 where the pipette faces the outside of the
    membrane.  ``r_s_by_sweep`` (sweeps from 1) goes before it where sweeps have their own;
    ``r_s_se_mohm`` is the error of the uncompensated part that all sweeps share; where nobody
    stated it, ``r_s_supposed_mohm`` is what ``SUPPOSED_FRACTION`` of the resistance would be.
    """

    offset_mv: float
    r_s_mohm: float
    sign: int
    corrections: tuple[Correction, ...]
    findings: tuple[Finding, ...]
    r_s_by_sweep: Mapping[int, float] = field(default_factory=dict)
    r_s_se_mohm: float = 0.0
    r_s_supposed_mohm: float = 0.0

    def membrane_mv(self, v_command_mv: float, i_pipette_pa: float, sweep: int = 0) -> float:
        """Return the membrane voltage in mV at a command and a pipette current in pA."""
        drop_mv = i_pipette_pa * self.r_s_by_sweep.get(sweep, self.r_s_mohm) * 1e-3
        return self.sign * (v_command_mv - self.offset_mv - drop_mv)


def _junction(
    row: SheetRow,
    solutions: Mapping[str, Solution],
    model: str,
    extra_ions: Mapping[str, Ion],
) -> tuple[float, Correction]:
    """Work out the junction potential between the pipette and the bath it was zeroed in."""

    def not_applied(reason: str) -> tuple[float, Correction]:
        return 0.0, Correction("junction potential", None, "mV", False, reason)

    if row.ljp_applied:
        return not_applied("the sheet says that the amplifier already corrected for it")
    if row.ljp_mv is not None:
        return row.ljp_mv, Correction(
            "junction potential", row.ljp_mv, "mV", True, "given in the sheet (bath minus pipette)"
        )
    if model == "none":
        return not_applied("switched off: corrections: junction_potential: none")
    zeroed_in = row.zeroed_in or row.bath
    missing = [
        name
        for name, known in (
            ("pipette", row.pipette),
            ("bath", zeroed_in),
            ("temperature_c", row.temperature_c),
        )
        if known is None
    ]
    if missing:
        return not_applied(f"not computed: the sheet names no {' and no '.join(missing)}")
    assert row.pipette is not None
    assert zeroed_in is not None
    assert row.temperature_c is not None
    try:
        ljp_mv = henderson_mv(
            solutions[row.pipette].ions_mm,
            solutions[zeroed_in].ions_mm,
            row.temperature_c,
            extra=extra_ions,
        )
    except (PermeantError, ValueError) as trouble:
        return not_applied(f"not computed: {trouble}")
    return ljp_mv, Correction(
        "junction potential",
        ljp_mv,
        "mV",
        True,
        f"generalised Henderson, {zeroed_in} minus {row.pipette}, {row.temperature_c:g} °C; "
        "subtracted from the command",
    )


def _junction_left(
    row: SheetRow,
    solutions: Mapping[str, Solution],
    model: str,
    extra_ions: Mapping[str, Ion],
    applied_mv: float | None,
) -> tuple[float, Correction]:
    """Work out the junction potential unless the acquisition took it off, by what the file says."""
    if not applied_mv:
        return _junction(row, solutions, model, extra_ions)
    if row.ljp_mv is not None:
        raise RecordingError(
            "ljp_twice",
            f"the sheet gives ljp_mv = {row.ljp_mv:g}, but the file says that the acquisition took "
            f"{applied_mv:g} mV off on line: a second correction would count it twice; leave "
            "ljp_mv empty",
        )
    why = f"the file says that the acquisition took {applied_mv:g} mV off on line already"
    return 0.0, Correction("junction potential", None, "mV", False, why)


def _reference_electrode(
    row: SheetRow, solutions: Mapping[str, Solution], electrode: str, extra_ions: Mapping[str, Ion]
) -> tuple[float, Correction | None]:
    """Work out how the reference electrode moved when the bath was changed after zeroing."""
    if row.bath is None or row.zeroed_in is None or row.bath == row.zeroed_in:
        return 0.0, None
    name = "reference electrode after the bath change"
    if electrode == "none":
        return 0.0, Correction(
            name, None, "mV", False, "switched off: corrections: reference_electrode: none"
        )
    if row.temperature_c is None:
        return 0.0, Correction(name, None, "mV", False, "not computed: no temperature_c")
    try:
        shift_mv = bath_change_shift_mv(
            solutions[row.zeroed_in].ions_mm,
            solutions[row.bath].ions_mm,
            row.temperature_c,
            electrode=cast(Electrode, electrode),
            extra=extra_ions,
        )
    except (PermeantError, ValueError) as trouble:
        return 0.0, Correction(name, None, "mV", False, f"not computed: {trouble}")
    kind = "3 M KCl bridge" if electrode == "salt_bridge" else "Ag/AgCl wire"
    return shift_mv, Correction(
        name, shift_mv, "mV", True, f"{kind}, zeroed in {row.zeroed_in}, now in {row.bath}"
    )


def _series_resistance(
    row: SheetRow,
    r_s_of_file_mohm: float | None,
    switched_on: bool,
    tested: TestedResistance | None,
    compensation_of_file: float | None = None,
) -> tuple[float, Correction]:
    """Work out the part of the series resistance that the amplifier left uncompensated."""
    r_s_mohm = row.r_s_mohm if row.r_s_mohm is not None else r_s_of_file_mohm
    if not switched_on:
        why = "switched off: corrections: series_resistance: false"
        if r_s_mohm is None and tested is not None:
            r_s_mohm, why = tested.typical_mohm, f"{why}; {tested.reason}"
        return 0.0, Correction("series resistance", r_s_mohm, "MΩ", False, why)
    if r_s_mohm is None and tested is not None and tested.of_the_curve:
        return 0.0, Correction(
            "series resistance",
            tested.typical_mohm,
            "MΩ",
            False,
            f"{tested.typical_mohm:.3g} ± {tested.se_mohm:.2g} MΩ {tested.reason}; not taken off, "
            "since the curve is the test pulse itself: g is the input conductance, 1/(R_s + R_m)",
        )
    if r_s_mohm is None and tested is not None:
        why = (
            f"{tested.typical_mohm:.3g} ± {tested.se_mohm:.2g} MΩ {tested.reason}: what "
            "compensation, if any, left; times the whole pipette current, point by point"
        )
        return tested.typical_mohm, Correction(
            "series resistance", tested.typical_mohm, "MΩ", True, why
        )
    if r_s_mohm is None:
        return 0.0, Correction(
            "series resistance", None, "MΩ", False, "unknown: neither the sheet nor the file has it"
        )
    fraction, of_fraction = _compensation(row, compensation_of_file)
    left_mohm = r_s_mohm * (1.0 - fraction)
    source = "the sheet" if row.r_s_mohm is not None else "the amplifier's settings in the file"
    return left_mohm, Correction(
        "series resistance",
        left_mohm,
        "MΩ",
        True,
        f"{r_s_mohm:.4g} MΩ from {source}, {100 * fraction:.3g} % compensated{of_fraction}; "
        "times the whole pipette current, point by point",
    )


def _compensation(row: SheetRow, of_file: float | None) -> tuple[float, str]:
    """Return the compensated fraction, and where it is from unless the sheet says it."""
    if row.r_s_compensation is not None:
        differs = of_file is not None and abs(of_file - row.r_s_compensation) > 0.01
        return row.r_s_compensation, (
            f" (the file says {100 * (of_file or 0.0):.3g} %)" if differs else ""
        )
    return of_file or 0.0, " (by the file)" if of_file else ""


def _findings(row: SheetRow, corrections: tuple[Correction, ...]) -> tuple[Finding, ...]:
    # a sheet without any solution asks for no such correction: worth a note, not an alarm
    asked = row.pipette is not None or row.bath is not None
    uncorrected = [
        correction
        for correction in corrections
        if not correction.applied and correction.reason.startswith(("not computed", "unknown"))
    ]
    return tuple(
        Finding(
            check=correction.name.replace(" ", "_"),
            severity="warning" if asked and correction.name != "series resistance" else "info",
            message=(
                f"no correction for the {correction.name} ({correction.reason.rstrip('.')}): "
                + (
                    "E_rev may be off by as much as that potential, often 3 to 15 mV"
                    if correction.name != "series resistance"
                    else "g is too small where the current is large"
                )
            ),
        )
        for correction in uncorrected
    )


def voltage_correction(
    row: SheetRow,
    solutions: Mapping[str, Solution],
    *,
    r_s_of_file_mohm: float | None,
    junction_potential: str,
    reference_electrode: str,
    series_resistance: bool,
    extra_ions: Mapping[str, Ion],
    tested: TestedResistance | None = None,
    sigma_r_s_fraction: float | None = None,
    compensation_of_file: float | None = None,
    ljp_applied_mv: float | None = None,
) -> VoltageCorrection:
    """Decide every correction of the voltage of one recording.

    Parameters
    ----------
    row : SheetRow
        What the sheet says of the recording.
    solutions : mapping of str to Solution
        The solutions by name.
    r_s_of_file_mohm : float or None
        Series resistance that the file carries, used where the sheet gives none.
    junction_potential, reference_electrode, series_resistance
        As in the section ``corrections`` of the configuration.
    extra_ions : mapping of str to Ion
        Ions that the configuration adds.
    tested : TestedResistance, optional
        What membrane tests say of the series resistance, where sheet and file do not.
    sigma_r_s_fraction : float, optional
        Standard error of a series resistance from sheet or file, as a fraction of all of it:
        what compensation takes off is a fixed number of MΩ, so that an error of the whole
        resistance stays whole in the part that is left.  Without it the resistance counts as
        exact.
    compensation_of_file : float, optional
        Fraction of the series resistance that was compensated by what the file says, used where
        the sheet says nothing.
    ljp_applied_mv : float, optional
        Junction potential that the acquisition took off on line, by what the file says.

    Returns
    -------
    VoltageCorrection
        The numbers, and each correction with its reason, applied or not.

    Raises
    ------
    RecordingError
        Where sheet and file together would correct for the junction potential twice.
    """
    ljp_mv, junction = _junction_left(
        row, solutions, junction_potential, extra_ions, ljp_applied_mv
    )
    shift_mv, electrode = _reference_electrode(row, solutions, reference_electrode, extra_ions)
    r_s_mohm, resistance = _series_resistance(
        row, r_s_of_file_mohm, series_resistance, tested, compensation_of_file
    )
    sign = 1 if row.configuration in _OUTSIDE_OUT else -1
    corrections = [junction, *([electrode] if electrode else []), resistance]
    if sign < 0:
        corrections.append(
            Correction(
                "configuration",
                None,
                "",
                True,
                f"{row.configuration}: the pipette faces the outside of the membrane, so voltage "
                "and current of the amplifier change sign",
            )
        )
    if row.configuration == "cell-attached":
        corrections.append(
            Correction(
                "resting potential",
                None,
                "mV",
                False,
                "unknown in a cell-attached patch: voltages are relative to the cell's own "
                "potential",
            )
        )
    said = tuple(corrections)
    known_mohm = row.r_s_mohm if row.r_s_mohm is not None else r_s_of_file_mohm
    known = known_mohm is not None
    if tested is None or known or not series_resistance or tested.of_the_curve:
        whole_mohm = known_mohm or 0.0 if series_resistance else 0.0
        stated = sigma_r_s_fraction is not None
        return VoltageCorrection(
            ljp_mv + shift_mv,
            r_s_mohm,
            sign,
            said,
            _findings(row, said),
            r_s_se_mohm=(sigma_r_s_fraction or 0.0) * whole_mohm,
            r_s_supposed_mohm=0.0 if stated else SUPPOSED_FRACTION * whole_mohm,
        )
    return VoltageCorrection(
        ljp_mv + shift_mv,
        r_s_mohm,
        sign,
        said,
        _findings(row, said),
        tested.by_sweep,
        tested.se_mohm,
    )
