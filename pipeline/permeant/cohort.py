"""What travels of many cells: values of a cell, of a condition, and between conditions.

Plain, frozen records beside those of ``records``.  ``None`` means "not known"; the fields
that a table writes bear the names of its columns.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CellValue:
    """One quantity of one cell under one condition, from all its recordings there.

    ``value`` is ``None`` where no recording gave one, and ``note`` says why.  ``se`` is the
    standard error of the cell's own; what all recordings of a rig share is in none of these.
    """

    cell: str
    condition: str
    bath: str
    pipette: str
    measure: str
    quantity: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    n_recordings: int
    recordings: str
    se: float | None = None
    sd_between: float | None = None
    temperature_low_c: float | None = None
    temperature_high_c: float | None = None
    note: str = ""
    acquired: str = ""
    """When the first of the recordings was made; empty: the files do not say."""
    configurations: str = ""
    uncorrected: bool = False
    """Whether a voltage among them stands as commanded, junction potential and all."""


@dataclass(frozen=True, slots=True)
class CellRatio:
    """A permeability ratio of one cell, with what it was measured in.

    ``status`` is that of the ratio.  ``ln_sd`` is the standard error of ln ratio as a whole,
    ``ln_sd_own`` and ``ln_sd_shared`` its parts where they are known: from the reversals
    alone, and from what every cell of the rig shares.
    """

    cell: str
    condition: str
    bath: str
    pipette: str
    measure: str
    ion: str
    reference_ion: str
    activities: str
    status: str
    ratio: float | None = None
    ln_sd: float | None = None
    ln_sd_own: float | None = None
    ln_sd_shared: float | None = None
    temperature_low_c: float | None = None
    temperature_high_c: float | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One cell in a group: its value and its own 95 % interval."""

    cell: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class GroupValue:
    """One quantity of the cells of one condition.

    For a ratio ``mean`` is the geometric mean, and the standard deviations and
    ``sigma_shared`` are those of the natural logarithm.
    """

    condition: str
    bath: str
    pipette: str
    measure: str
    quantity: str
    n_cells: int
    mean: float | None = None
    sd_between: float | None = None
    low: float | None = None
    high: float | None = None
    sigma_shared: float | None = None
    low_total: float | None = None
    high_total: float | None = None
    unit: str = ""
    reason: str = ""
    sd_beyond_error: float | None = None
    n_left_out: int = 0
    temperature_low_c: float | None = None
    temperature_high_c: float | None = None
    activities: str = ""
    note: str = ""
    ion: str = ""
    """The ion of a ratio; empty for any other quantity."""
    reference_ion: str = ""
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """What changed from ``condition_a`` to ``condition_b`` within the cells that saw both.

    For a conductance the change is in % (from the mean of ln g_b / g_a), and ``sd`` and
    ``sd_beyond_error`` are 100 times those of the logarithm.
    """

    condition_a: str
    bath_a: str
    condition_b: str
    bath_b: str
    pipette: str
    measure: str
    quantity: str
    n_cells: int
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    sigma_shared: float | None = None
    sd_beyond_error: float | None = None
    reason: str = ""
    note: str = ""
    cells: str = ""


@dataclass(frozen=True, slots=True)
class SelectivitySequence:
    """The ions of one condition in the order of their permeability.

    ``sequence`` writes ``>`` between neighbours whose intervals are apart and ``>=`` between
    those that overlap.  ``eisenman`` is the sequence (I to XI) that the order of the means is,
    ``eisenman_compatible`` are all that the pairs told apart allow.
    """

    condition: str
    bath: str
    pipette: str
    measure: str
    reference_ion: str
    activities: str
    n_cells: int
    sequence: str
    eisenman: str = ""
    eisenman_compatible: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CellCurve:
    """The points of one recording in rising voltage, and the group that they belong to."""

    cell: str
    condition: str
    bath: str
    pipette: str
    measure: str
    v_mv: tuple[float, ...]
    i_pa: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class GroupCurve:
    """The current–voltage curves of one group, with their mean and its 95 % interval.

    The mean is over cells, at voltages that every cell reached; empty, and ``reason`` says why,
    where these are too few.  ``low_pa`` and ``high_pa`` are empty for a single cell.
    """

    condition: str
    bath: str
    pipette: str
    measure: str
    n_cells: int
    v_mv: tuple[float, ...] = ()
    i_pa: tuple[float, ...] = ()
    low_pa: tuple[float, ...] = ()
    high_pa: tuple[float, ...] = ()
    members: tuple[CellCurve, ...] = ()
    """Some of the cells, for a picture."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """Why some recordings did not get any further, and the cells that they belong to."""

    reason: str
    n_recordings: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many recordings got so far, and why others of the step before did not."""

    name: str
    n_recordings: int
    n_cells: int
    losses: tuple[Loss, ...] = ()
