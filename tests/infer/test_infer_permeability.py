"""Ratios from reversals: there and back through the physics, and honest about the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permeant.infer.permeability import Observation, Uncertainty, permeability_ratios
from permeant.physics.activity import activity_coefficients
from permeant.physics.constants import thermal_voltage_mv
from permeant.physics.ghk_inversion import invert_ghk
from permeant.physics.ghk_reversal import ghk_reversal_mv
from permeant.records import PermeabilityRatio

CELSIUS = 23.0
VALENCE = {"K": 1, "Na": 1, "Cs": 1, "Ca": 2, "Cl": -1, "gluconate": -1, "Li": 1}
EXACT = Uncertainty(0.0, 0.0, 0.0)
INSIDE = {"K": 140.0, "Na": 10.0, "Ca": 1e-4, "Cl": 30.0, "gluconate": 120.0}
OUTSIDE = {"K": 4.0, "Na": 145.0, "Ca": 2.0, "Cl": 153.0}


def reversal(
    p: Mapping[str, float],
    inside: Mapping[str, float],
    outside: Mapping[str, float],
    celsius: float = CELSIUS,
) -> float:
    return float(
        ghk_reversal_mv(  # type: ignore[arg-type]
            list(p.values()),
            [inside.get(ion, 0.0) for ion in p],
            [outside.get(ion, 0.0) for ion in p],
            [VALENCE[ion] for ion in p],
            celsius,
        )
    )


def seen(
    e_mv: float,
    inside: Mapping[str, float] = INSIDE,
    outside: Mapping[str, float] = OUTSIDE,
    **more: object,
) -> Observation:
    known: dict[str, object] = {"recording": "a", "e_rev_se_mv": 0.5, "temperature_c": CELSIUS}
    return Observation(
        e_rev_mv=e_mv,
        inside_mm=inside,
        outside_mm=outside,
        **(known | more),  # type: ignore[arg-type]
    )


def find(
    observations: Sequence[Observation],
    permeant: Sequence[str],
    uncertainty: Uncertainty = EXACT,
    **more: object,
) -> dict[str, PermeabilityRatio]:
    given: dict[str, object] = {"reference": permeant[0], "fixed": {}, "activities": "none"}
    found = permeability_ratios(
        observations,
        permeant=permeant,
        uncertainty=uncertainty,
        **(given | more),  # type: ignore[arg-type]
    )
    return {one.ion: one for one in found}


@pytest.mark.parametrize("ratio", [0.01, 0.3, 1.0, 12.0])
@pytest.mark.parametrize("ion", ["Na", "Ca", "Cl"])
def test_there_and_back(ion: str, ratio: float) -> None:
    e_mv = reversal({"K": 1.0, ion: ratio}, INSIDE, OUTSIDE)
    found = find([seen(e_mv, e_rev_se_mv=0.01)], ["K", ion])[ion]
    assert (found.status, found.n_recordings, found.reference_ion) == ("ok", 1, "K")
    form = "GHK with divalents (quadratic in exp(FE/RT))" if ion == "Ca" else "GHK voltage equation"
    assert found.method.startswith(f"GHK zero current, 1 bath; {form}")
    assert found.ratio == pytest.approx(ratio, rel=1e-9)
    assert found.ratio_low < ratio < found.ratio_high  # type: ignore[operator]


TRUTH = {
    "T081": ("K", "Na", 1.0, 17.9, 293.13, (0.0, 100.0), (100.0, 0.0), 0.492317938724279),
    "T082": ("K", "Ca", 1.0, -5.0, 293.13, (100.0, 0.0), (0.0, 100.0), 0.373375824504939),
    "T083": ("K", "Na", 1.0, -30.0, 295.15, (150.0, 0.0), (0.0, 150.0), 0.307426043183961),
    "T085": ("Na", "Cs", 1.0, 10.0, 296.15, (10.0, 150.0), (140.0, 0.0), 0.652651650433078),
    "T088": ("Cs", "Ca", 1.0, 45.0, 295.15, (140.0, 0.0), (0.0001, 10.0), 141.042656201674),
    "T110": ("K", "Na", 1.0, -62.0, 296.15, (140.0, 4.0), (10.0, 145.0), 0.0578132738294414),
}


@pytest.mark.parametrize("case", TRUTH.values(), ids=TRUTH)
def test_against_the_truth(case: tuple) -> None:
    known, unknown, _, e_mv, kelvin, (k_in, k_out), (x_in, x_out), ratio = case
    observation = seen(
        e_mv,
        {known: k_in, unknown: x_in},
        {known: k_out, unknown: x_out},
        temperature_c=kelvin - 273.15,
    )
    found = find([observation], [known, unknown], replace(EXACT, draws=1000))[unknown]
    assert found.ratio == pytest.approx(ratio, rel=1e-9)


def test_an_anion_with_a_fixed_cation() -> None:
    """Truth T091."""
    observation = seen(
        5.0,
        {"Cl": 10.0, "Cs": 140.0, "gluconate": 130.0},
        {"Cl": 140.0, "Cs": 145.0},
        temperature_c=22.0,
    )
    found = find([observation], ["Cl", "Cs", "gluconate"], fixed={"Cs": 0.1})
    assert found["gluconate"].ratio == pytest.approx(1.2535008280419, rel=1e-9)
    assert (found["Cs"].ratio, found["Cs"].method) == (0.1, "fixed")
    assert "not measured" in found["Cs"].reason


def test_inside_and_outside_are_not_mixed_up() -> None:
    """The same two solutions swapped reverse at minus the voltage and give the same ratio."""
    e_mv = reversal({"K": 1.0, "Na": 0.3, "Ca": 2.0}, INSIDE, OUTSIDE)
    turned = reversal({"K": 1.0, "Na": 0.3, "Ca": 2.0}, OUTSIDE, INSIDE)
    assert turned == pytest.approx(-e_mv)
    here = find([seen(e_mv)], ["K", "Na", "Ca"], fixed={"Ca": 2.0})["Na"]
    there = find([seen(-e_mv, OUTSIDE, INSIDE)], ["K", "Na", "Ca"], fixed={"Ca": 2.0})["Na"]
    assert there.ratio == pytest.approx(here.ratio) == pytest.approx(0.3)


@pytest.mark.parametrize("model", ["davies", "pitzer"])
def test_activities_take_the_place_of_concentrations(model: str) -> None:
    inside, outside = {"Na": 140.0, "Cl": 140.0}, {"Na": 140.0, "Ca": 10.0, "Cl": 160.0}
    gamma = [activity_coefficients(mm, model, CELSIUS).gamma for mm in (inside, outside)]  # type: ignore[arg-type]
    active = [
        {ion: mm * g[ion] for ion, mm in solution.items()}
        for solution, g in zip((inside, outside), gamma, strict=True)
    ]
    found = find([seen(12.0, inside, outside)], ["Na", "Ca"], activities=model)["Ca"]
    by_hand = find([seen(12.0, active[0], active[1])], ["Na", "Ca"])["Ca"]
    assert found.ratio == pytest.approx(by_hand.ratio)
    assert found.activities == model
    assert found.ratio > 1.5 * find([seen(12.0, inside, outside)], ["Na", "Ca"])["Ca"].ratio  # type: ignore[operator]


BATHS = {
    "r0": OUTSIDE,
    "r1": {"K": 145.0, "Na": 4.0, "Ca": 2.0},
    "r2": {"Cs": 145.0, "Na": 4.0, "Ca": 2.0},
    "r3": {"Na": 100.0, "Ca": 20.0},
    "r4": {"K": 75.0, "Cs": 75.0, "Ca": 1.0},
    "r5": {"Ca": 60.0, "Na": 60.0},
}
JOINT = {"K": 1.0, "Na": 0.4, "Cs": 0.7, "Ca": 3.0}


def joint(se_mv: float = 0.3) -> list[Observation]:
    return [
        seen(reversal(JOINT, INSIDE, bath), INSIDE, bath, recording=name, e_rev_se_mv=se_mv)
        for name, bath in BATHS.items()
    ]


def test_several_baths_together() -> None:
    found = find(joint(), list(JOINT), Uncertainty())
    assert list(found) == ["Na", "Cs", "Ca"]
    for ion, one in found.items():
        assert (one.status, one.reason, one.n_recordings) == ("ok", "", 6)
        assert one.ratio == pytest.approx(JOINT[ion], rel=1e-6)
        assert one.ratio_low < JOINT[ion] < one.ratio_high  # type: ignore[operator]


def test_the_order_of_the_baths_does_not_matter() -> None:
    assert find(joint()[::-1], list(JOINT), Uncertainty()) == find(
        joint(), list(JOINT), Uncertainty()
    )


def test_baths_that_contradict_each_other_are_named() -> None:
    wrong = [*joint()[:5], replace(joint()[5], e_rev_mv=joint()[5].e_rev_mv + 12.0)]
    found = find(wrong, list(JOINT), Uncertainty())
    assert all("the baths do not agree" in one.reason for one in found.values())


# ------------------------------------------------------------------------- what is not determined


def test_symmetric_solutions_determine_nothing() -> None:
    """Truth T108; a reversal a millivolt off zero says no more, within the errors."""
    mm = {"Na": 75.0, "K": 75.0, "Cl": 150.0}
    for e_mv in (0.0, 0.4, -1.0):
        found = find([seen(e_mv, mm, mm, e_rev_se_mv=0.1)], ["K", "Na"], Uncertainty())["Na"]
        assert found.status == "rejected"
        assert "not determined" in found.reason
        assert "symmetric" in found.reason
        assert found.ratio is None


def test_two_unknowns_and_one_bath_name_both() -> None:
    found = find([seen(-40.0)], ["K", "Na", "Cl"], Uncertainty())
    for ion in ("Na", "Cl"):
        assert found[ion].status == "rejected"
        assert "not determined: 1 bath for 2 unknown ratios" in found[ion].reason
        assert "only P_Na - 0.0134 P_Cl is determined by these baths" in found[ion].reason


def test_what_other_baths_determine_stands() -> None:
    """Li and Cs are only ever together; Na is told by a bath without them."""
    p = {"K": 1.0, "Na": 0.4, "Cs": 0.7, "Li": 0.5}
    mixed = {"Cs": 75.0, "Li": 75.0}
    observations = [
        seen(reversal(p, INSIDE, OUTSIDE), recording="a"),
        seen(reversal(p, INSIDE, mixed), INSIDE, mixed, recording="b"),
    ]
    found = find(observations, list(p))
    assert (found["Na"].status, found["Na"].n_recordings) == ("ok", 1)
    assert found["Na"].ratio == pytest.approx(0.4, rel=1e-9)
    for ion in ("Cs", "Li"):
        assert "P_Cs + P_Li" in found[ion].reason


def test_an_ion_only_in_a_bath_that_tells_nothing() -> None:
    same = {"K": 140.0, "Na": 10.0, "Cs": 5.0}
    observations = [
        seen(reversal({"K": 1.0, "Na": 0.4}, INSIDE, OUTSIDE), recording="a"),
        seen(0.0, same, same, recording="b"),
    ]
    found = find(observations, ["K", "Na", "Cs"])
    assert found["Na"].ratio == pytest.approx(0.4, rel=1e-9)
    assert found["Cs"].status == "rejected"
    assert "holds Cs" in found["Cs"].reason


def test_no_observation_and_no_reference() -> None:
    none = find([], ["K", "Na"], why_none="no recording with a measured reversal")["Na"]
    assert (none.status, none.reason) == ("rejected", "no recording with a measured reversal")
    absent = find([seen(-10.0)], ["Cs", "Na"])["Na"]
    assert "reference ion Cs is in no solution" in absent.reason


def test_an_infeasible_reversal_is_refused() -> None:
    """Truth T092: both ions are driven inwards at +30 mV."""
    observation = seen(30.0, {"Na": 10.0}, {"Na": 145.0, "Cs": 140.0}, temperature_c=22.0)
    found = find([observation], ["Na", "Cs"], Uncertainty())["Cs"]
    assert (found.status, found.ratio, found.ratio_high) == ("rejected", None, None)
    assert "infeasible: the equation gives -0.803" in found.reason


def test_a_ratio_that_may_be_zero_has_an_upper_limit() -> None:
    """E_rev 2 mV above E_K, known to 1.5 mV: little Na, perhaps none."""
    e_k = reversal({"K": 1.0}, INSIDE, OUTSIDE)
    found = find([seen(e_k + 2.0, e_rev_se_mv=1.5)], ["K", "Na"])["Na"]
    assert (found.status, found.ratio, found.ratio_low) == ("bound", None, None)
    at_limit = find([seen(e_k + 2.0 + 1.96 * 1.5)], ["K", "Na"])["Na"]
    assert found.ratio_high == pytest.approx(at_limit.ratio, rel=0.03)
    assert "upper limit" in found.reason


def test_a_ratio_that_may_be_infinite_has_a_lower_limit() -> None:
    """The same seen from sodium: P_K / P_Na has no upper end."""
    e_k = reversal({"K": 1.0}, INSIDE, OUTSIDE)
    found = find([seen(e_k + 2.0, e_rev_se_mv=1.5)], ["Na", "K"])["K"]
    other_way = find([seen(e_k + 2.0, e_rev_se_mv=1.5)], ["K", "Na"])["Na"]
    assert (found.status, found.ratio, found.ratio_high) == ("bound", None, None)
    assert found.ratio_low == pytest.approx(1.0 / other_way.ratio_high, rel=1e-3)  # type: ignore[operator]
    assert "lower limit" in found.reason


# ----------------------------------------------------------------------------------- intervals


def test_small_errors_agree_with_the_linear_formula() -> None:
    """Science section 7: K 140/4, Na 10/145, -62 mV, 23 degrees; truth T110 for E."""
    observation = seen(-62.0, {"K": 140.0, "Na": 10.0}, {"K": 4.0, "Na": 145.0}, e_rev_se_mv=1.0)

    def relative(uncertainty: Uncertainty, se_mv: float = 1e-3) -> float:
        found = find([replace(observation, e_rev_se_mv=se_mv)], ["K", "Na"], uncertainty)["Na"]
        return float(np.log(found.ratio_high / found.ratio_low) / (2 * 1.96))  # type: ignore[operator]

    assert relative(EXACT, 1.0) == pytest.approx(0.0582357097076245, rel=0.04)
    assert relative(Uncertainty(2.0, 0.0, 0.0)) == pytest.approx(0.117, rel=0.05)
    assert relative(Uncertainty(0.0, 1.0, 0.0)) == pytest.approx(0.012, rel=0.1)
    assert relative(Uncertainty(0.0, 0.0, 0.02)) == pytest.approx(0.037, rel=0.1)


def test_large_errors_are_not_linear() -> None:
    """Science section 7: with 8 mV the interval is 0.0185 to 0.131, not symmetric."""
    observation = seen(-62.0, {"K": 140.0, "Na": 10.0}, {"K": 4.0, "Na": 145.0}, e_rev_se_mv=8.0)
    found = find([observation], ["K", "Na"])["Na"]
    assert found.ratio_low == pytest.approx(0.0185, rel=0.1)
    assert found.ratio_high == pytest.approx(0.131, rel=0.05)


def width(observations: Sequence[Observation], uncertainty: Uncertainty, ion: str) -> float:
    found = find(observations, ["Na", ion], uncertainty)[ion]
    return float(np.log(found.ratio_high / found.ratio_low))  # type: ignore[operator]


def test_what_recordings_share_does_not_average_out() -> None:
    """A wash in the control's bath halves the variance of the reversals, of nothing else."""
    inside, outside = {"K": 150.0}, {"Na": 150.0}
    p = {"Na": 1.0, "K": 3.0}
    once = [seen(reversal(p, inside, outside), inside, outside, recording="a", e_rev_se_mv=1e-3)]
    twice = [*once, replace(once[0], recording="b")]
    for shared in (
        Uncertainty(1.0, 0.0, 0.0),
        Uncertainty(0.0, 3.0, 0.0),
        Uncertainty(0.0, 0.0, 0.03),
    ):
        assert width(twice, shared, "K") == pytest.approx(width(once, shared, "K"), rel=0.05)
    loose = [replace(one, e_rev_se_mv=1.0) for one in twice]
    assert width(loose, EXACT, "K") == pytest.approx(
        width(loose[:1], EXACT, "K") / 2**0.5, rel=0.05
    )


def test_different_baths_have_errors_of_their_own_on_either_side() -> None:
    """Inside-out the bath is inside and the pipette outside: who is shared turns with them."""
    p = {"Na": 1.0, "K": 3.0}
    pipette, spread = {"K": 150.0}, Uncertainty(0.0, 0.0, 0.03)
    baths = [{"Na": 150.0}, {"Na": 149.9}]
    out = [
        seen(reversal(p, pipette, bath), pipette, bath, recording=str(k), e_rev_se_mv=1e-3)
        for k, bath in enumerate(baths)
    ]
    turned = [
        replace(one, e_rev_mv=-one.e_rev_mv, inside_mm=one.outside_mm, outside_mm=one.inside_mm)
        for one in out
    ]
    single, both = width(out[:1], spread, "K"), width(out, spread, "K")
    # two solutions of 3 % each; the bath's half of the variance is halved by a second bath
    assert both / single == pytest.approx(0.75**0.5, rel=0.04)
    assert width(turned, spread, "K") == pytest.approx(both, rel=0.04)


@settings(max_examples=60, deadline=None)
@given(st.floats(-120, 120), st.floats(0.05, 5.0), st.sampled_from(["Na", "Ca", "Cl"]))
def test_every_reversal_ends_in_a_status_that_is_consistent(
    e_mv: float, se_mv: float, ion: str
) -> None:
    found = find([seen(e_mv, e_rev_se_mv=se_mv)], ["K", ion], Uncertainty(draws=1000))[ion]
    if found.status == "ok":
        assert 0 < found.ratio_low <= found.ratio_high < np.inf  # type: ignore[operator]
        exact = invert_ghk(
            e_mv,
            [1.0, np.nan],
            [INSIDE["K"], INSIDE[ion]],
            [OUTSIDE["K"], OUTSIDE[ion]],
            [1, VALENCE[ion]],
            CELSIUS,
            1,
        )
        assert found.ratio == pytest.approx(exact.ratio, rel=1e-6)
    elif found.status == "bound":
        assert found.ratio is None
        assert (found.ratio_low is None) != (found.ratio_high is None)
    else:
        assert found.reason
        assert (found.ratio, found.ratio_low, found.ratio_high) == (None, None, None)


def cell(
    random: np.random.Generator, p: Mapping[str, float], baths: Sequence[Mapping[str, float]]
) -> list[Observation]:
    """Record one cell with every error that is allowed for, of the stated size."""
    stated = Uncertainty()

    def mixed(mm: Mapping[str, float]) -> dict[str, float]:
        off = stated.sigma_concentration_fraction
        return {ion: c * float(np.exp(random.normal(0, off))) for ion, c in mm.items()}

    pipette = mixed(INSIDE)
    celsius = CELSIUS + random.normal(0, stated.sigma_temperature_c)
    junction = random.normal(0, stated.sigma_ljp_mv)
    return [
        seen(
            reversal(p, pipette, mixed(bath), celsius) + junction + random.normal(0, 1.0),
            INSIDE,
            bath,
            recording=str(k),
            e_rev_se_mv=1.0,
        )
        for k, bath in enumerate(baths)
    ]


@pytest.mark.parametrize(
    ("p", "baths"),
    [
        ({"K": 1.0, "Na": 0.3}, [OUTSIDE]),
        ({"K": 1.0, "Na": 0.3}, [OUTSIDE, BATHS["r1"]]),
        ({"K": 1.0, "Na": 0.6, "Ca": 4.0}, [OUTSIDE, BATHS["r3"], BATHS["r5"]]),
        (JOINT, list(BATHS.values())),
    ],
    ids=["one bath", "two baths, one unknown", "with calcium", "six baths, three unknowns"],
)
def test_intervals_hold_the_truth(
    p: Mapping[str, float], baths: Sequence[Mapping[str, float]]
) -> None:
    """250 cells: between 92 and 99 % of the intervals, two standard errors for chance."""
    random = np.random.default_rng(0)
    held: list[bool] = []
    disagree = 0
    for _ in range(250):
        found = find(cell(random, p, baths), list(p), Uncertainty(draws=1000))
        held += [one.ratio_low <= p[ion] <= one.ratio_high for ion, one in found.items()]  # type: ignore[operator]
        disagree += any("do not agree" in one.reason for one in found.values())
    assert 0.92 - 0.034 <= np.mean(held) <= 0.99 + 0.0126
    assert disagree <= 10


def test_the_thermal_voltage_scales_a_biionic_ratio() -> None:
    """Truth T112: 1 mV is 3.89 % at 25 degrees."""
    found = [
        find([seen(e, {"K": 150.0}, {"Na": 150.0}, temperature_c=25.0)], ["K", "Na"])["Na"].ratio
        for e in (-20.0, -19.0)
    ]
    assert np.log(found[1] / found[0]) == pytest.approx(1.0 / thermal_voltage_mv(25.0))  # type: ignore[operator]
    assert 1.0 / float(thermal_voltage_mv(25.0)) == pytest.approx(0.038921744496227, rel=1e-10)
