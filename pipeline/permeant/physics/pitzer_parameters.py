"""Pitzer's interaction parameters at 25 °C, and where each comes from.

Two sets are kept apart on purpose.  PM73 is Pitzer & Mayorga (1973), J. Phys. Chem. 77:2300,
doi:10.1021/j100638a009, for single salts.  HMW84 is Harvie, Møller & Weare (1984), Geochim.
Cosmochim. Acta 48:723, doi:10.1016/0016-7037(84)90098-X, for mixtures; it prints 0.2644 for
beta1 of NaCl where PM73 has 0.2664, and rounds C_phi of CaCl2 (PM73: 2^(5/2)/3 C = -0.00064).
Mixtures use HMW84 where it has a pair and PM73 elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class PairParameters(NamedTuple):
    """beta0, beta1 and C_phi of a cation and an anion (molal scale)."""

    beta0: float
    beta1: float
    c_phi: float


Pair = tuple[str, str]


def _monovalent(rows: str) -> dict[Pair, PairParameters]:
    table = {}
    for row in rows.split(","):
        cation, anion, *numbers = row.split()
        table[cation, anion] = PairParameters(*(float(number) for number in numbers))
    return table


def _two_to_one(rows: str) -> dict[Pair, PairParameters]:
    """Read 2-1 salts, printed as 4/3 beta0, 4/3 beta1 and 2^(5/2)/3 C_phi."""
    table = {}
    for row in rows.split(","):
        cation, anion, beta0, beta1, c = row.split()
        table[cation, anion] = PairParameters(
            0.75 * float(beta0), 0.75 * float(beta1), 3 / 2**2.5 * float(c)
        )
    return table


#: Single salts, Pitzer & Mayorga (1973).
PM73: Mapping[Pair, PairParameters] = MappingProxyType(
    {
        **_monovalent(
            "H Cl .1775 .2945 .00080, Li Cl .1494 .3074 .00359, Na Cl .0765 .2664 .00127,"
            "K Cl .04835 .2122 -.00084, Rb Cl .0441 .1483 -.00101, Cs Cl .0300 .0558 .00038,"
            "NH4 Cl .0522 .1918 -.00301, Li Br .1748 .2547 .0053, Na Br .0973 .2791 .00116,"
            "K Br .0569 .2212 -.00180, Rb Br .0396 .1530 -.00144, Cs Br .0279 .0139 .00004,"
            "Na I .1195 .3439 .0018, K I .0746 .2517 -.00414, Rb I .0397 .1330 -.00108,"
            "Cs I .0244 .0262 -.00365, Na F .0215 .2107 0, K F .08089 .2021 .00093,"
            "Rb F .1141 .2842 -.0105, Cs F .1306 .2570 -.0043, Na NO3 .0068 .1783 -.00072,"
            "K NO3 -.0816 .0494 .0066, Rb NO3 -.0789 -.0172 .00529, Cs NO3 -.0758 -.0669 0,"
            "Na SCN .1005 .3582 -.00303, K SCN .0416 .2302 -.00252,"
            "Na acetate .1426 .3237 -.00629, K acetate .1587 .3251 -.0066,"
            "Na H2PO4 -.0533 .0396 .00795, K H2PO4 -.0678 -.1042 0"
        ),
        **_two_to_one(
            "Mg Cl .4698 2.242 .00979, Ca Cl .4212 2.152 -.00064, Sr Cl .3810 2.223 -.00246,"
            "Ba Cl .3504 1.995 -.03654"
        ),
    }
)

#: Pairs in mixtures, Harvie, Møller & Weare (1984).
HMW84: Mapping[Pair, PairParameters] = MappingProxyType(
    _monovalent(
        "Na Cl .0765 .2644 .00127, K Cl .04835 .2122 -.00084, Mg Cl .35235 1.6815 .00519,"
        "Ca Cl .3159 1.614 -.00034, H Cl .1775 .2945 .0008, Na SO4 .01958 1.113 .00497,"
        "K SO4 .04995 .7793 0, Na HCO3 .0277 .0411 0, K HCO3 .0296 -.013 -.008,"
        "Ca HCO3 .4 2.977 0, Mg HCO3 .329 .6072 0"
    )
)

#: Like-charged ions (theta) and triplets with an anion (psi); names in alphabetical order.
THETA: Mapping[Pair, float] = MappingProxyType(
    {
        ("K", "Na"): -0.012,
        ("Ca", "Na"): 0.07,
        ("Ca", "K"): 0.032,
        ("Mg", "Na"): 0.07,
        ("K", "Mg"): 0.0,
        ("Ca", "Mg"): 0.007,
        ("H", "Na"): 0.036,
        ("H", "K"): 0.005,
        ("Cl", "SO4"): 0.02,
        ("Cl", "HCO3"): 0.03,
    }
)
PSI: Mapping[tuple[str, str, str], float] = MappingProxyType(
    {
        ("K", "Na", "Cl"): -0.0018,
        ("Ca", "Na", "Cl"): -0.007,
        ("Ca", "K", "Cl"): -0.025,
        ("Mg", "Na", "Cl"): -0.012,
        ("K", "Mg", "Cl"): -0.022,
        ("Ca", "Mg", "Cl"): -0.012,
        ("H", "Na", "Cl"): -0.004,
        ("H", "K", "Cl"): -0.011,
        # HMW84's table prints -0.15; ten times less agrees with Peiper & Pitzer (1982)
        ("Cl", "HCO3", "Na"): -0.015,
        ("Cl", "SO4", "Na"): 0.0014,
    }
)
