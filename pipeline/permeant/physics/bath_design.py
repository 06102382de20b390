"""Which baths would tell the permeability ratios best, before any recording is made.

Guessed ratios predict the reversal in every bath; the sensitivity of those reversals to the
ratios, and to everything else that may be off, says how well the ratios would come out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from permeant.physics.arguments import ArgumentError, Array
from permeant.physics.baths import Baths
from permeant.physics.identifiability import Identifiability, assess_identifiability

NORMAL_95 = 1.959964
MOST_SETS = 20_000
_STEP_FRACTION = 1e-6
_STEP_C = 1e-2


@dataclass(frozen=True)
class ExpectedErrors:
    """One standard deviation of everything that may be off, as the settings state it.

    ``sigma_e_mv`` is each reversal's own; the junction potential, the temperature and each
    solution are the same in all baths that share them.
    """

    sigma_e_mv: float = 1.0
    sigma_ljp_mv: float = 1.0
    sigma_temperature_c: float = 0.5
    sigma_concentration_fraction: float = 0.01
    sigma_bath_change_fraction: float = 0.2


@dataclass(frozen=True)
class BathSet:
    """What a set of baths would tell.

    ``sd_ln`` holds the standard deviation of ln(P_ion/P_reference) of each unknown, infinite
    where the set leaves it open; ``worst`` is the largest of them.
    """

    baths: tuple[str, ...]
    sd_ln: dict[str, float]
    identifiability: Identifiability
    e_rev_mv: tuple[float, ...]

    @property
    def worst(self) -> float:
        """The largest standard deviation of a logarithm."""
        return max(self.sd_ln.values())

    def interval(self, ion: str, ratio: float) -> tuple[float, float]:
        """Return the expected 95 % interval of a ratio."""
        half = NORMAL_95 * self.sd_ln[ion]
        return ratio * float(np.exp(-half)), ratio * float(np.exp(half))


def rank_bath_sets(
    pipette_mm: Mapping[str, float],
    baths_mm: Mapping[str, Mapping[str, float]],
    ratios: Mapping[str, float],
    valences: Mapping[str, int],
    temperature_c: float,
    *,
    reference: str,
    fixed: Sequence[str] = (),
    errors: ExpectedErrors | None = None,
    largest: int | None = None,
    first: str | None = None,
) -> list[BathSet]:
    """Return sets of baths, the one that determines the wanted ratios best first.

    Parameters
    ----------
    pipette_mm : mapping of str to float
        Concentrations inside (mM).
    baths_mm : mapping of str to mapping
        Candidate baths by name (mM of each ion).
    ratios : mapping of str to float
        Guessed permeabilities over that of the reference, for every permeant ion; the
        reference 1.
    valences : mapping of str to int
        Charge numbers of the permeant ions.
    temperature_c : float
        Temperature (°C).
    reference : str
        The ion whose permeability is 1.
    fixed : sequence of str, optional
        Ions whose ratio is known and not to be found.
    errors : ExpectedErrors, optional
        What may be off.
    largest : int, optional
        Most baths in a set; default: one more than there are unknown ratios.
    first : str, optional
        A bath that every set holds: the one in which the pipette is zeroed.

    Returns
    -------
    list of BathSet
        Sets in order of their worst expected error, smaller sets first where equal.

    Raises
    ------
    ArgumentError
        If no ratio is unknown, a guess is not positive, or there are more than 20,000 sets.

    Notes
    -----
    With A the sensitivities dE/d ln P and C the covariance of the reversals from all errors,
    shared ones included, the estimate's covariance is (Aᵀ C⁻¹ A)⁻¹: generalised least squares, as
    the fit does it.
    """
    ions = list(ratios)
    unknown = [ion for ion in ions if ion != reference and ion not in fixed]
    _check(ions, ratios, unknown, reference)
    names = list(baths_mm)
    most = min(largest or len(unknown) + 1, len(names))
    sets = [
        chosen
        for size in range(1, most + 1)
        for chosen in combinations(range(len(names)), size)
        if first is None or names.index(first) in chosen
    ]
    if len(sets) > MOST_SETS:
        raise ArgumentError(
            f"{len(names)} baths give {len(sets)} sets of up to {most}; name fewer baths or a "
            "smaller largest set"
        )
    prediction = _predict(pipette_mm, baths_mm, ratios, valences, temperature_c)
    zeroed = names.index(first) if first else 0
    moves = _input_moves(prediction, errors or ExpectedErrors(), zeroed)
    found = [
        _judge(chosen, names, prediction, moves, unknown, errors or ExpectedErrors())
        for chosen in sets
        if all(np.isfinite(prediction.e[list(chosen)]))
    ]
    return sorted(found, key=lambda one: (one.worst, len(one.baths), one.baths))


@dataclass(frozen=True)
class _Prediction:
    ions: tuple[str, ...]
    p: Array
    baths: Baths
    e: Array
    sensitivity: Array
    """dE/d ln P (mV), (baths, ions)."""


def _check(
    ions: Sequence[str], ratios: Mapping[str, float], unknown: Sequence[str], reference: str
) -> None:
    if reference not in ions or ratios[reference] != 1:
        raise ArgumentError(f"reference {reference} must be among the ratios, with 1")
    if not unknown:
        raise ArgumentError("no ratio is unknown: there is nothing to design for")
    wrong = [ion for ion in unknown if not ratios[ion] > 0]
    if wrong:
        raise ArgumentError(f"the guessed ratio of {', '.join(wrong)} must be larger than 0")


def _predict(
    pipette_mm: Mapping[str, float],
    baths_mm: Mapping[str, Mapping[str, float]],
    ratios: Mapping[str, float],
    valences: Mapping[str, int],
    temperature_c: float,
) -> _Prediction:
    ions = tuple(ratios)
    baths = Baths.of(
        e_rev_mv=np.zeros(len(baths_mm)),
        sigma_e_mv=1.0,
        inside_mm=[pipette_mm.get(ion, 0.0) for ion in ions],
        outside_mm=[[mm.get(ion, 0.0) for ion in ions] for mm in baths_mm.values()],
        valences=[valences[ion] for ion in ions],
        temperature_c=temperature_c,
    )
    p = np.array([ratios[ion] for ion in ions])
    e = baths.model(p)
    at = np.where(np.isfinite(e), e, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sensitivity = np.nan_to_num(baths.sensitivity(at, p) * p)
    return _Prediction(ions, p, baths, e, sensitivity)


def _input_moves(prediction: _Prediction, errors: ExpectedErrors, zeroed: int) -> Array:
    """Return by how much one standard deviation of each input moves E - E_model, (baths, inputs).

    Reversals' own errors are left to :func:`_judge`: they alone depend on the set.
    """
    n = prediction.e.size
    change = np.eye(n) * errors.sigma_bath_change_fraction * errors.sigma_ljp_mv
    change[zeroed, zeroed] = 0.0
    columns = [np.full((n, 1), errors.sigma_ljp_mv), change]
    warmer = _moved(prediction, "celsius", prediction.baths.celsius + _STEP_C)
    columns.append((warmer / _STEP_C * errors.sigma_temperature_c)[:, np.newaxis])
    spread = errors.sigma_concentration_fraction
    for side in ("inside", "outside"):
        for j in range(len(prediction.ions)):
            mm = getattr(prediction.baths, side)
            more = mm.copy()
            more[:, j] *= 1.0 + _STEP_FRACTION
            moved = _moved(prediction, side, more) / _STEP_FRACTION * spread
            # the pipette is one solution, every bath another
            columns.append(moved[:, np.newaxis] if side == "inside" else np.diag(moved))
    return np.asarray(np.nan_to_num(np.hstack(columns)))


def _moved(prediction: _Prediction, name: str, value: Array) -> Array:
    """Return by how much the reversals move (mV) when one input has another value."""
    changed = replace(prediction.baths, **{name: value})
    return np.asarray(changed.model(prediction.p) - prediction.e)


def _judge(  # noqa: PLR0917 - all that is known of a set
    chosen: tuple[int, ...],
    names: Sequence[str],
    prediction: _Prediction,
    moves: Array,
    unknown: Sequence[str],
    errors: ExpectedErrors,
) -> BathSet:
    rows = list(chosen)
    columns = [prediction.ions.index(ion) for ion in unknown]
    a = prediction.sensitivity[np.ix_(rows, columns)]
    guessed = prediction.p[columns]
    at = np.where(np.isfinite(prediction.e), prediction.e, 0.0)
    gross = prediction.baths.gross(at, prediction.p)[np.ix_(rows, columns)]
    found = assess_identifiability(a / guessed, unknown, gross)
    if found.identifiable:
        inputs = moves[rows]
        covariance = errors.sigma_e_mv**2 * np.eye(len(rows)) + inputs @ inputs.T
        information = a.T @ np.linalg.solve(covariance, a)
        sd = np.sqrt(np.diag(np.linalg.inv(information)))
    else:
        sd = np.full(len(unknown), np.inf)
    return BathSet(
        baths=tuple(names[k] for k in rows),
        sd_ln={ion: float(s) for ion, s in zip(unknown, sd, strict=True)},
        identifiability=found,
        e_rev_mv=tuple(float(prediction.e[k]) for k in rows),
    )
