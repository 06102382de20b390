"""The ions that a project knows, and the ions that its permeability section speaks of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from permeant.config.sections import Permeability
from permeant.config.settings import Settings
from permeant.config.wording import shown
from permeant.errors import did_you_mean
from permeant.physics.ions import IONS, Ion, UnknownIonError, find_ion

Where = Callable[[tuple[str | int, ...]], str]


def extra_ions(settings: Settings, where: Where, warnings: list[str]) -> dict[str, Ion]:
    """Return the ions of ``ions:`` as the physics knows them."""
    extra: dict[str, Ion] = {}
    for name, entry in settings.ions.items():
        extra[name] = Ion(
            name=name,
            valence=entry.valence,
            relative_mobility=entry.relative_mobility,
            limiting_conductivity=None,
            source="ions: in config.yaml",
        )
        if name in IONS:
            warnings.append(f"{where(('ions', name))}ions.{name} replaces the ion of the table")
    return extra


def find_known_ion(
    name: str, extra: Mapping[str, Ion], also: Collection[str] = ()
) -> tuple[Ion | None, str]:
    """Return the ion of a name, or ``None`` and why there is none.

    ``also`` are words other than ions that may have been meant.
    """
    try:
        return find_ion(name, extra), ""
    except UnknownIonError as error:
        near = did_you_mean(name, also) or error.nearest
        return None, (
            f"is no known ion.{near} A further ion is declared under ions: in config.yaml with "
            "its valence; uncharged substances are left out"
        )


def settle_permeability(
    settings: Settings,
    extra: Mapping[str, Ion],
    unsettled: Collection[str],
    where: Where,
    mistakes: list[str],
) -> Settings:
    """Check the ions of ``permeability:`` and write them by their canonical names."""
    section = settings.permeability

    def canonical(path: tuple[str | int, ...], word: str) -> str:
        if word in unsettled:
            return word
        said = f"{where(('permeability', *path))}permeability.{path[0]}: {shown(word)} "
        ion, problem = find_known_ion(word, extra)
        if ion is None:
            mistakes.append(said + problem)
            return word
        if ion.valence == 0:
            mistakes.append(f"{said}is uncharged; no potential depends on its permeability")
        return ion.name

    permeant = tuple(
        canonical(("permeant", place), word) for place, word in enumerate(section.permeant)
    )
    reference = section.reference and canonical(("reference",), section.reference)
    fixed = {canonical(("fixed", word), word): ratio for word, ratio in section.fixed.items()}
    resting = {
        canonical(("resting_permeabilities", word), word): p
        for word, p in section.resting_permeabilities.items()
    }
    substitutes = {
        canonical(("activity_substitutes", word), word): canonical(
            ("activity_substitutes", word), other
        )
        for word, other in section.activity_substitutes.items()
    }
    settled = section.model_copy(
        update={
            "permeant": permeant,
            "reference": reference,
            "fixed": fixed,
            "resting_permeabilities": resting,
            "activity_substitutes": substitutes,
        }
    )
    _check_substitutes(substitutes, extra, where, mistakes)
    if len(resting) < len(section.resting_permeabilities):
        mistakes.append(
            f"{where(('permeability', 'resting_permeabilities'))}"
            "permeability.resting_permeabilities names one ion in two spellings; keep one"
        )
    _check_roles(settled, len(section.fixed), where, mistakes)
    return settings.model_copy(update={"permeability": settled})


def _check_roles(
    settled: Permeability,
    fixed_as_written: int,
    where: Where,
    mistakes: list[str],
) -> None:
    """Check what the ions of a section are to each other, all under their canonical names."""
    permeant, reference, fixed = settled.permeant, settled.reference, settled.fixed
    listed = f"permeant: [{', '.join(map(shown, permeant))}]"
    for name in dict.fromkeys(name for name in permeant if permeant.count(name) > 1):
        mistakes.append(
            f"{where(('permeability', 'permeant'))}permeability.permeant names {shown(name)} more "
            "than once (perhaps in two spellings); keep one"
        )
    if len(fixed) < fixed_as_written:
        mistakes.append(
            f"{where(('permeability', 'fixed'))}permeability.fixed names one ion in two "
            "spellings; keep one"
        )
    if reference is not None and reference not in permeant:
        mistakes.append(
            f"{where(('permeability', 'reference'))}permeability.reference = {shown(reference)} "
            f"is not in {listed}; add it there"
        )
    for name in fixed:
        place = where(("permeability", "fixed"))
        if name not in permeant:
            mistakes.append(
                f"{place}permeability.fixed: {shown(name)} is not in {listed}; add it there, or "
                "leave it out: ions that are not listed do not permeate"
            )
        elif name == reference:
            mistakes.append(
                f"{place}permeability.fixed: {shown(name)} is the reference, its ratio is 1 by "
                "definition; leave it out"
            )


def _check_substitutes(
    substitutes: Mapping[str, str], extra: Mapping[str, Ion], where: Where, mistakes: list[str]
) -> None:
    """Check that an ion is stood in for by one of its own valence, and not by itself."""
    for name, other in substitutes.items():
        ion, stand_in = find_known_ion(name, extra)[0], find_known_ion(other, extra)[0]
        if ion is None or stand_in is None:
            continue
        said = (
            f"{where(('permeability', 'activity_substitutes'))}permeability.activity_substitutes: "
            f"{shown(name)}: {shown(other)} "
        )
        if ion == stand_in:
            mistakes.append(f"{said}lets an ion stand in for itself; leave it out")
        elif ion.valence != stand_in.valence:
            mistakes.append(
                f"{said}lets an ion of valence {stand_in.valence:+d} stand in for one of "
                f"{ion.valence:+d}; name an ion of the same valence"
            )
