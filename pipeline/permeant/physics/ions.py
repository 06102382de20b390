"""The ions a patch-clamp solution is made of: valence, mobility, and where they come from.

Mobilities are generalised, relative to K+ and per mole: u = lambda/(|z| lambda_K), with
lambda the limiting equivalent conductivity (per mole of charge, as handbooks print it for
½Ca2+) and lambda_K = 73.5 S cm²/mol at 25 °C.  Putting lambda itself into a junction
potential would count divalents twice.  Where a conductivity is known, u is computed from
it; the printed three-digit u of Barry & Lynch agrees to its last digit.

Tables disagree by a percent or two for some ions (Co 53…55, Tl 74.7…74.9, SCN 66…66.5
S cm²/mol, HPO4 33…57, taken here as u = 0.39); that is far below a junction potential's
own uncertainty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from permeant.errors import PermeantError, did_you_mean

LAMBDA_K_S_CM2_PER_MOL = 73.5

CRC = "CRC Handbook of Chemistry and Physics, ionic conductivity at infinite dilution, 25 °C"
BARRY_LYNCH = "Barry & Lynch 1991, doi:10.1007/BF01870526, and the JPCalc tables"
UNMEASURED = "no tabulated mobility"


@dataclass(frozen=True)
class Ion:
    """An ion (or an uncharged solute, valence 0) and what is known of it.

    ``relative_mobility`` is u (K = 1); ``limiting_conductivity`` is the equivalent
    conductivity at 25 °C (S cm² per mole of charge).  ``None`` means not known.
    """

    name: str
    valence: int
    relative_mobility: float | None
    limiting_conductivity: float | None
    source: str


class UnknownIonError(PermeantError, KeyError):
    """A name that is in no table; ``nearest`` says what may have been meant."""

    def __init__(self, name: str, nearest: str) -> None:
        self.name = name
        self.nearest = nearest
        self.message = (
            f"unknown ion {name!r}.{nearest} Further ions can be given with their valence and "
            "relative mobility (section 'ions' of config.yaml, or the argument 'extra')"
        )
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


def _conducting(rows: str) -> Iterator[Ion]:
    """Ions whose limiting conductivity has been measured: name, valence, S cm²/mol."""
    for row in rows.split(","):
        name, valence, conductivity = row.split()
        z, limiting = int(valence), float(conductivity)
        yield Ion(name, z, limiting / (abs(z) * LAMBDA_K_S_CM2_PER_MOL), limiting, CRC)


def _moving(rows: str) -> Iterator[Ion]:
    """Ions known by their mobility relative to K+: name, valence, u."""
    for row in rows.split(","):
        name, valence, mobility = row.split()
        yield Ion(name, int(valence), float(mobility), None, BARRY_LYNCH)


def _unmeasured(rows: str) -> Iterator[Ion]:
    """Ions and uncharged solutes without a mobility: name, valence."""
    for row in rows.split(","):
        name, valence = row.split()
        source = UNMEASURED if int(valence) else "uncharged: no part in any potential"
        yield Ion(name, int(valence), None, None, source)


_ALL = (
    # alkali, ammonium and other monovalent cations
    *_conducting(
        "H 1 350.1, Li 1 38.69, Na 1 50.11, K 1 73.5, Rb 1 77.8, Cs 1 77.3, NH4 1 73.55,"
        "Tl 1 74.7, Ag 1 61.9, methylammonium 1 58.3, dimethylammonium 1 51.5,"
        "trimethylammonium 1 47.2, ethylammonium 1 47.2, diethylammonium 1 42.0,"
        "TMA 1 44.9, TEA 1 32.6, TPA 1 23.5, TBA 1 19.5"
    ),
    *_moving("NMDG 1 0.33, choline 1 0.51, Tris 1 0.40, triethylammonium 1 0.467"),
    # divalent and trivalent cations
    *_conducting(
        "Ca 2 59.5, Mg 2 53.06, Ba 2 63.6, Sr 2 59.4, Zn 2 52.8, Mn 2 53.5, Ni 2 50.0,"
        "Cd 2 54.0, Cu 2 53.6, Fe2 2 54.0, Pb 2 71.0, La 3 69.7, Gd 3 67.3, Al 3 61.0"
    ),
    *_moving("Co 2 0.37, Fe3 3 0.308"),
    # inorganic anions
    *_conducting(
        "Cl -1 76.31, Br -1 78.1, I -1 76.8, F -1 55.4, OH -1 198, NO3 -1 71.42, NO2 -1 71.8,"
        "ClO3 -1 64.6, ClO4 -1 67.3, BrO3 -1 55.7, IO3 -1 40.5, SCN -1 66.0, CN -1 78.0,"
        "HCO3 -1 44.5, H2PO4 -1 33.0, CO3 -2 69.3, SO4 -2 80.0, PF6 -1 56.9"
    ),
    *_moving("HPO4 -2 0.39"),
    # organic anions
    *_conducting(
        "formate -1 54.6, acetate -1 40.9, propionate -1 35.8, butyrate -1 32.6,"
        "lactate -1 38.8, benzoate -1 32.4, MeSO3 -1 48.8, picrate -1 30.37,"
        "oxalate -2 74.11, succinate -2 58.8, malate -2 58.8, tartrate -2 59.6, citrate -3 70.2"
    ),
    *_moving(
        "gluconate -1 0.33, glutamate -1 0.26, aspartate -1 0.30, isethionate -1 0.52,"
        "HEPES -1 0.30, MES -1 0.37, MOPS -1 0.35, EGTA2- -2 0.24, EGTA3- -3 0.25,"
        "ATP2- -2 0.15, ATP3- -3 0.15, ATP4- -4 0.15"
    ),
    *_unmeasured("BAPTA4- -4, GTP4- -4, phosphocreatine2- -2, SO3 -2, TRIS0 0"),
    *_unmeasured("glucose 0, sucrose 0, mannitol 0, sorbitol 0, urea 0"),
)

#: Every known ion under its one canonical name.
IONS: Mapping[str, Ion] = MappingProxyType({ion.name: ion for ion in _ALL})

#: Other spellings, each for exactly one ion.  Plain "ATP" and "Glu" are left out on purpose:
#: the first has three charges, the second may be glutamate or gluconate.
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(["sodium"], "Na"),
        **dict.fromkeys(["potassium"], "K"),
        **dict.fromkeys(["lithium"], "Li"),
        **dict.fromkeys(["rubidium"], "Rb"),
        **dict.fromkeys(["cesium", "caesium"], "Cs"),
        **dict.fromkeys(["ammonium"], "NH4"),
        **dict.fromkeys(["thallium"], "Tl"),
        **dict.fromkeys(["proton", "hydrogen", "H3O"], "H"),
        **dict.fromkeys(["calcium"], "Ca"),
        **dict.fromkeys(["magnesium"], "Mg"),
        **dict.fromkeys(["barium"], "Ba"),
        **dict.fromkeys(["strontium"], "Sr"),
        **dict.fromkeys(["zinc"], "Zn"),
        **dict.fromkeys(["manganese"], "Mn"),
        **dict.fromkeys(["cobalt"], "Co"),
        **dict.fromkeys(["nickel"], "Ni"),
        **dict.fromkeys(["cadmium"], "Cd"),
        **dict.fromkeys(["lanthanum"], "La"),
        **dict.fromkeys(["gadolinium"], "Gd"),
        **dict.fromkeys(["chloride"], "Cl"),
        **dict.fromkeys(["bromide"], "Br"),
        **dict.fromkeys(["iodide"], "I"),
        **dict.fromkeys(["fluoride"], "F"),
        **dict.fromkeys(["hydroxide"], "OH"),
        **dict.fromkeys(["nitrate"], "NO3"),
        **dict.fromkeys(["nitrite"], "NO2"),
        **dict.fromkeys(["perchlorate"], "ClO4"),
        **dict.fromkeys(["chlorate"], "ClO3"),
        **dict.fromkeys(["thiocyanate"], "SCN"),
        **dict.fromkeys(["cyanide"], "CN"),
        **dict.fromkeys(["bicarbonate", "hydrogencarbonate"], "HCO3"),
        **dict.fromkeys(["carbonate"], "CO3"),
        **dict.fromkeys(["sulfate", "sulphate"], "SO4"),
        **dict.fromkeys(["sulfite"], "SO3"),
        **dict.fromkeys(["dihydrogenphosphate"], "H2PO4"),
        **dict.fromkeys(["hydrogenphosphate"], "HPO4"),
        **dict.fromkeys(["N-methyl-D-glucamine", "NMDG-H", "methylglucamine"], "NMDG"),
        **dict.fromkeys(["tetramethylammonium"], "TMA"),
        **dict.fromkeys(["tetraethylammonium"], "TEA"),
        **dict.fromkeys(["tetrapropylammonium"], "TPA"),
        **dict.fromkeys(["tetrabutylammonium"], "TBA"),
        **dict.fromkeys(["TrisH", "Tris-H"], "Tris"),
        **dict.fromkeys(["gluc", "D-gluconate", "gluconic"], "gluconate"),
        **dict.fromkeys(["glutamic", "L-glutamate"], "glutamate"),
        **dict.fromkeys(["asp", "aspartic", "L-aspartate"], "aspartate"),
        **dict.fromkeys(
            ["methanesulfonate", "methanesulphonate", "methylsulfonate", "mesylate"], "MeSO3"
        ),
        **dict.fromkeys(["MeSO3H", "CH3SO3", "MeS", "MSF"], "MeSO3"),
        **dict.fromkeys(["ise"], "isethionate"),
        **dict.fromkeys(["OAc", "ac", "CH3COO", "ethanoate"], "acetate"),
        **dict.fromkeys(["propanoate"], "propionate"),
        **dict.fromkeys(["butanoate"], "butyrate"),
        **dict.fromkeys(["HCOO"], "formate"),
        **dict.fromkeys(["EGTA", "H2EGTA"], "EGTA2-"),
        **dict.fromkeys(["MgATP2-"], "ATP2-"),
        **dict.fromkeys(["BAPTA"], "BAPTA4-"),
        **dict.fromkeys(["phosphocreatine"], "phosphocreatine2-"),
        **dict.fromkeys(["dextrose"], "glucose"),
    }
)

_SUPERSCRIPTS = str.maketrans("⁺⁻¹²³⁴−", "+-1234-")
# the charge behind a name: +, --, 2+, +2, (2+), ^2+
_CHARGE = re.compile(r"[\s^(_]*(?:(?P<before>[1-4])?(?P<sign>\++|-+)(?P<after>[1-4])?)\)?$")


def find_ion(name: str, extra: Mapping[str, Ion] | None = None) -> Ion:
    """Return the ion that a name stands for.

    Parameters
    ----------
    name : str
        A symbol, name or common spelling, with or without its charge (``"Ca"``, ``"Ca2+"``,
        ``"calcium"``); upper and lower case count only where they tell two ions apart.
    extra : mapping of str to Ion, optional
        Further ions, which come before the table.

    Returns
    -------
    Ion
        The ion; never one whose name merely begins alike.

    Raises
    ------
    UnknownIonError
        If no ion has that name, or it has another charge than the name says.
    """
    written = name.strip().translate(_SUPERSCRIPTS)
    for table in (extra, IONS):  # nearly all names are written as the tables write them
        if table and written in table:
            return table[written]
    known = {**IONS, **(extra or {})}
    found = _look_up(written, known)
    if found is not None:
        return found
    for base, valence in _without_charge(written):
        found = _look_up(base, known)
        if found is not None and found.valence == valence:
            return found
    raise UnknownIonError(name, did_you_mean(written, [*known, *ALIASES]))


def _look_up(name: str, known: Mapping[str, Ion]) -> Ion | None:
    if name in known:
        return known[name]
    if name in ALIASES:
        return known[ALIASES[name]]
    folded = name.casefold()
    found = {ion for word, ion in known.items() if word.casefold() == folded}
    if not found:
        found = {known[ion] for word, ion in ALIASES.items() if word.casefold() == folded}
    return found.pop() if len(found) == 1 else None


def _without_charge(name: str) -> Iterator[tuple[str, int]]:
    """Every way to read the end of a name as a charge: HCO3- is HCO3 and -1, never HCO and -3."""
    match = _CHARGE.search(name)
    if match is None:
        return
    sign = 1 if match["sign"][0] == "+" else -1
    size = len(match["sign"])
    if match["before"] is None and match["after"] is None:
        yield name[: match.start()], sign * size
        return
    if size == 1:
        yield name[: match.start()], sign * int(match["before"] or match["after"])
    if match["before"] is not None:
        yield name[: match.start("sign")], sign * size
