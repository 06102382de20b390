"""Published worked examples: what was printed, and what the library makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from permeant import physics as ph

ROOM_C = 25.0
#: 20 °C, at which RT/F is the 25.26 mV that the table's footnote states.
CASTOR_C = 293.13 - 273.15
#: The temperature at which 26 mV and 61 mV a decade, as the two lessons write, are RT/F.
LESSON_26_C = 26.0 / ph.thermal_voltage_mv(25.0) * 298.15 - 273.15
LESSON_61_C = 61.0 / (ph.thermal_voltage_mv(25.0) * np.log(10)) * 298.15 - 273.15


@dataclass(frozen=True)
class Example:
    """One published example with what was printed and what comes out here."""

    title: str
    citation: str
    seen: str
    solutions: str
    printed: str
    computed: str
    verdict: str
    printed_value: float
    computed_value: float


def examples() -> list[Example]:
    """Return all examples, computed."""
    return [
        _castor_sodium(), _castor_calcium(), _argr(), _fonticin(), _lesson(), _exercise(),
        _squid(), _ammonium(),
    ]  # fmt: skip


def _ratio(
    e_mv: float, known: tuple[float, float, int], unknown: tuple[float, float, int], celsius: float
) -> float:
    """Return P_unknown/P_known; ions as (inside mM, outside mM, valence)."""
    ions = known, unknown
    found = ph.invert_ghk(
        e_mv, [1.0, 0.0], [ion[0] for ion in ions], [ion[1] for ion in ions],
        [ion[2] for ion in ions], celsius, 1,
    )  # fmt: skip
    return float(found.ratio)


def _at(ratio: Callable[[float], float], e_mv: float, within_mv: float) -> str:
    low, high = sorted((ratio(e_mv - within_mv), ratio(e_mv + within_mv)))
    return f"{low:.2f} to {high:.2f}"


def _castor_sodium() -> Example:
    def ratio(e_mv: float) -> float:
        return _ratio(e_mv, (100.0, 0.0, 1), (0.0, 100.0, 1), CASTOR_C)

    found = ratio(17.9)
    return Example(
        "CASTOR, K⁺ against Na⁺",
        "*Plant Cell* 20:3467 (2008), doi:10.1105/tpc.108.063255, Table 3 (PMC2630432)",
        "read: the table with its footnotes",
        "KCl against NaCl, RT/F = 25.26 mV; the table names no concentrations, equal ones are "
        "taken, and its equation holds K⁺ over Na⁺ in the sense in which E is positive",
        "E_rev = 17.9 ± 2 mV, P_K/P_Na = 2.0",
        f"P_K/P_Na = {found:.3f}; within ± 2 mV {_at(ratio, 17.9, 2.0)}",
        "agrees to the digits printed",
        2.0,
        found,
    )


def _castor_calcium() -> Example:
    def ratio(e_mv: float) -> float:
        # the printed equation: Ca2+ opposite K+, equal concentrations
        return 1 / _ratio(e_mv, (100.0, 0.0, 1), (0.0, 100.0, 2), CASTOR_C)

    found = ratio(5.0)
    wanted = 0.5 * (np.sqrt(1 + 16 / 1.4) - 1)
    at = float(ph.thermal_voltage_mv(CASTOR_C) * np.log(wanted))
    return Example(
        "CASTOR, K⁺ against Ca²⁺",
        "the same table, second row",
        "read: the table with its footnotes",
        "KCl against CaCl₂, equal concentrations taken; the printed equation is the bi-ionic form "
        "with a divalent, E = RT/F ln(√(4 P_Ca [Ca]/(P_K [K]) + 1/4) − 1/2)",
        "E_rev = 5.0 ± 1 mV, P_K/P_Ca = 1.4",
        f"P_K/P_Ca = {found:.3f}; within ± 1 mV {_at(ratio, 5.0, 1.0)}",
        f"differs by 5 %: exactly 1.4 would need {at:.1f} mV, inside the printed ± 1 mV. The "
        "concentrations, which the table does not give, would do the same if they differed by 5 %",
        1.4,
        found,
    )


def _argr() -> Example:
    def ratio(e_mv: float, activity: tuple[float, float] = (1.0, 1.0)) -> float:
        low, high = 25.0 * activity[0], 100.0 * activity[1]
        return 1 / _ratio(e_mv, (high, low, 1), (high, low, -1), ROOM_C)

    gammas = [
        ph.activity_coefficients({"Na": mm, "Cl": mm}, "pitzer", ROOM_C).gamma["Na"]
        for mm in (25.0, 100.0)
    ]
    found = ratio(-14.0)
    active = ratio(-14.0, (gammas[0], gammas[1]))
    side = ph.ghk_reversal_mv([2.2, 1.0], [100.0, 100.0], [25.0, 25.0], [1, -1], ROOM_C)
    return Example(
        "L-ArgR channels in a bilayer, Na⁺ against Cl⁻",
        "Grosvenor et al., *BMC Neuroscience* 5:25 (2004), Figure 8",
        "read: the caption",
        "100 mM NaCl cis, 25 mM NaCl trans",
        "E_rev = −14 mV, P_Na/P_Cl = 2.2",
        f"P_Na/P_Cl = {found:.2f} (25 °C); {_at(ratio, -14.0, 0.5)} for what rounds to −14; with "
        f"Pitzer's activities {active:.2f}",
        f"differs: 2.2 belongs to {side:.1f} mV. Neither rounding nor activities explain the "
        "2.4 mV between; the caption names no temperature and no correction of the electrodes",
        2.2,
        found,
    )


def _fonticin() -> Example:
    found = 1 / _ratio(-0.8, (100.0, 10.0, 1), (100.0, 10.0, -1), ROOM_C)
    return Example(
        "Fonticin pores, Na⁺ against Cl⁻",
        "PMC9879110, Figure 5C",
        "read: the caption",
        "a tenfold NaCl gradient (the ratio of concentrations alone enters)",
        "U_rev = −0.8 mV, selectivity 1:1",
        f"P_Na/P_Cl = {found:.3f}, or {1 / found:.3f} if the dilute side is counted as inside",
        "agrees: 1:1 to the digits printed",
        1.0,
        found,
    )


def _lesson() -> Example:
    ions = (140.0, 5.0, 1), (10.0, 145.0, 1)
    e = ph.ghk_reversal_mv([1.0, 0.04], [140.0, 10.0], [5.0, 145.0], [1, 1], LESSON_26_C)
    back, printed = (_ratio(each, *ions, LESSON_26_C) for each in (e, -70.0))
    return Example(
        "A lesson on the resting potential",
        "J. Koolstra's pages on bioelectricity, jkoolstr.home.xs4all.nl/fysio, 1.26",
        "read: the page",
        "K⁺ 140 inside, 5 outside; Na⁺ 10 inside, 145 outside (mM); RT/F = 26 mV",
        "P_K : P_Na = 1 : 0.04 gives about −70 mV",
        f"{e:.1f} mV, and from it P_Na/P_K = {back:.4f}; from −70 mV it would be {printed:.4f}",
        "differs by rounding on the page: its own last line, 26 mV × ln(10.8/140.4), is −66.7 mV, "
        "and it writes the logarithm's value, −2.6, in place of its argument",
        0.04,
        back,
    )


def _exercise() -> Example:
    found = _ratio(-70.0, (150.0, 5.0, 1), (15.0, 150.0, 1), LESSON_61_C)
    e = ph.ghk_reversal_mv([1.0, 0.04], [150.0, 15.0], [5.0, 150.0], [1, 1], LESSON_61_C)
    return Example(
        "An exercise with its solution",
        "questionai.com, “Goldman–Hodgkin–Katz equation”",
        "read: the page, of unknown authorship",
        "K⁺ 150 inside, 5 outside; Na⁺ 15 inside, 150 outside (mM); 61 mV a decade",
        "P_K : P_Na = 1 : 0.04 gives −70 mV",
        f"{e:.1f} mV; from −70 mV P_Na/P_K = {found:.4f}",
        "differs by rounding on the page: its own last line, 61 mV × log(11/150.6), is −69.3 mV",
        0.04,
        found,
    )


def _squid() -> Example:
    invert = partial(
        ph.invert_ghk,
        permeabilities=[1.0, 0.0, 0.45],
        inside_mm=[400.0, 50.0, 52.0],
        outside_mm=[20.0, 440.0, 560.0],
        valences=[1, 1, -1],
        temperature_c=20.0,
        unknown=1,
    )
    found = float(invert(-60.0).ratio)
    e = ph.ghk_reversal_mv(
        [1.0, 0.04, 0.45], [400.0, 50.0, 52.0], [20.0, 440.0, 560.0], [1, 1, -1], 20.0
    )
    return Example(
        "The squid axon at rest",
        "Hodgkin & Katz, *J. Physiol.* 108:37 (1949), doi:10.1113/jphysiol.1949.sp004310; "
        "concentrations as in Kandel's table of the squid axon",
        "from memory, high confidence; the Nernst potentials of the same concentrations were read "
        "in a public notebook",
        "K⁺ 400/20, Na⁺ 50/440, Cl⁻ 52/560 mM (inside/outside), 20 °C",
        "P_K : P_Na : P_Cl = 1 : 0.04 : 0.45 gives −60 mV",
        f"{e:.1f} mV; from −60 mV, with P_Cl/P_K = 0.45 fixed, P_Na/P_K = {found:.4f}",
        "agrees to the digits printed; an anion and two cations in one equation",
        0.04,
        found,
    )


def _ammonium() -> Example:
    decade = float(ph.thermal_voltage_mv(0.0) * np.log(10)) / 273.15
    celsius = 56.0 / decade - 273.15
    change = 10 ** (1 - 42 / 56)
    e = [
        float(ph.ghk_reversal_mv([1.0, 0.3], [0.0, mm], [440.0, 0.0], [1, 1], celsius))
        for mm in (200.0, 20.0)
    ]
    return Example(
        "Sodium channels of the squid, Na⁺ against NH₄⁺",
        "*J. Physiol.* 307:217 (1980), PubMed 6259334",
        "read: the abstract",
        "a tenfold change of internal NH₄⁺, Na⁺ outside",
        "GHK with a constant P_Na/P_NH₄ expects a shift of 56 mV; 42 mV was measured",
        f"the full equation gives {e[1] - e[0]:.1f} mV at {celsius:.1f} °C, where RT ln 10/F is "
        f"56 mV; the measured 42 mV make the ratio change {change:.2f}-fold",
        "agrees (the abstract names no temperature; squid axons are kept that cold), and shows why "
        "a ratio stands beside its solutions: it is no constant of this channel",
        56.0,
        e[1] - e[0],
    )
