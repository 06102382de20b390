"""The cells of the example project, one for each thing that the program is for."""

from __future__ import annotations

from dataclasses import replace

from permeant.simulate.cells import Gate, Membrane, Ohmic, find_reversal_mv
from permeant.simulate.channels import Patch, two_state
from permeant.simulate.example_channels import plan_energy, plan_noise
from permeant.simulate.example_setup import (
    NONSELECTIVE,
    POTASSIUM,
    TEMPERATURE_C,
    USUAL_RIG,
    pass_ions,
)
from permeant.simulate.example_viscosity import plan_viscosity
from permeant.simulate.project import Plan
from permeant.simulate.protocol import plan_steps

RANDOM_ORDER_MV = (10, -70, 50, -20, -100, 30, -40, 60, -80, 0, -50, 20, -90, 40, -10, -60, -30)


def _ohmic() -> Plan:
    ghk = pass_ions(NONSELECTIVE, "KCl_in", "bath_Na")
    return Plan(
        cell="ohmic",
        pipette="KCl_in",
        bath="bath_Na",
        membrane=Membrane(TEMPERATURE_C, ohmic=(Ohmic(6.0, find_reversal_mv(ghk)),)),
        ratios=NONSELECTIVE,
        protocol=plan_steps(),
        rig=USUAL_RIG,
        seed=101,
        shows="a nonselective channel with a straight current-voltage line through about 0 mV",
    )


def _rectifying_k() -> Plan:
    temperature_c = 32.0
    return Plan(
        cell="rectifying-k",
        pipette="K_gluconate_in",
        bath="bath_Na_K",
        membrane=pass_ions(
            POTASSIUM, "K_gluconate_in", "bath_Na_K", 1.5, temperature_c=temperature_c
        ),
        ratios=POTASSIUM,
        protocol=plan_steps(first_mv=-120.0, last_mv=40.0),
        rig=USUAL_RIG,
        seed=102,
        tells_temperature=True,
        shows="a K channel that rectifies after GHK (140 against 5 mM, 32 °C); a straight line "
        "through all points would miss its reversal potential",
    )


def _ion_substitution() -> list[Plan]:
    baths = {"Na": "bath_Na", "Li": "bath_Li", "Cs": "bath_Cs", "Na-wash": "bath_Na"}
    return [
        Plan(
            cell="ion-substitution",
            recording=recording,
            condition=recording,
            pipette="KCl_in",
            bath=bath,
            zeroed_in="bath_Na",
            membrane=pass_ions(NONSELECTIVE, "KCl_in", bath, 1.2),
            ratios=NONSELECTIVE,
            protocol=plan_steps(),
            rig=USUAL_RIG,
            seed=110 + number,
            shows="one cell in four baths (Na, Li, Cs, Na again), each replacing the one before: "
            "a permeability ratio from each reversal potential" * (number == 0),
        )
        for number, (recording, bath) in enumerate(baths.items())
    ]


def _calcium() -> list[Plan]:
    baths = {"Na": "bath_Na", "Ca": "bath_Ca"}
    return [
        Plan(
            cell="calcium",
            recording=recording,
            condition=recording,
            pipette="KCl_in",
            bath=bath,
            zeroed_in="bath_Na",
            membrane=pass_ions(NONSELECTIVE, "KCl_in", bath, 0.8),
            ratios=NONSELECTIVE,
            protocol=plan_steps(),
            rig=USUAL_RIG,
            seed=120 + number,
            shows="a divalent ion: 20 mM Ca is the only permeant ion of the second bath"
            * (number == 0),
        )
        for number, (recording, bath) in enumerate(baths.items())
    ]


def _reversal_outside() -> Plan:
    return Plan(
        cell="reversal-outside",
        pipette="KCl_in",
        bath="bath_Na_K",
        membrane=pass_ions(POTASSIUM, "KCl_in", "bath_Na_K"),
        ratios=POTASSIUM,
        protocol=plan_steps(first_mv=-40.0, last_mv=60.0),
        rig=USUAL_RIG,
        seed=130,
        shows="a K channel tested between -40 and 60 mV only: its reversal potential lies outside "
        "and must not be made up",
    )


def _leaky() -> Plan:
    channel = pass_ions(POTASSIUM, "KCl_in", "bath_Na_K", 2.0)
    return Plan(
        cell="leaky",
        pipette="KCl_in",
        bath="bath_Na_K",
        membrane=replace(channel, leak=Ohmic(6.0, 0.0)),
        ratios=POTASSIUM,
        protocol=plan_steps(first_mv=-120.0, last_mv=40.0),
        rig=USUAL_RIG,
        seed=140,
        note="poor seal: E_rev and the ratio are those of channel and leak together",
        shows="a K channel beside a leak of 6 nS: the whole current reverses far from where the "
        "channel does, and a ratio from it is wrong",
    )


def _noisy() -> Plan:
    return Plan(
        cell="noisy",
        pipette="KCl_in",
        bath="bath_Na",
        membrane=pass_ions(NONSELECTIVE, "KCl_in", "bath_Na", 0.3),
        ratios=NONSELECTIVE,
        protocol=plan_steps(),
        rig=replace(USUAL_RIG, white_pa=25.0, pink_pa=6.0, mains_pa=20.0),
        seed=150,
        shows="a small current under 1/f noise and 50 Hz hum",
    )


def _series_resistance() -> Plan:
    return Plan(
        cell="series-resistance",
        pipette="KCl_in",
        bath="bath_Na",
        membrane=pass_ions(NONSELECTIVE, "KCl_in", "bath_Na", 5.0),
        ratios=NONSELECTIVE,
        protocol=plan_steps(),
        rig=replace(USUAL_RIG, r_s_mohm=15.0, r_s_compensation=0.7, c_m_pf=60.0),
        seed=160,
        shows="a large current over 15 MΩ, 70 % compensated: the membrane is not where the "
        "command says",
    )


def _slow_activation() -> Plan:
    gate = Gate(v_half_mv=-45.0, slope_mv=20.0, tau_ms=55.0, floor=0.05)
    return Plan(
        cell="slow-activation",
        pipette="KCl_in",
        bath="bath_Na",
        membrane=pass_ions(NONSELECTIVE, "KCl_in", "bath_Na", 1.5, gates=(gate,)),
        ratios=NONSELECTIVE,
        protocol=plan_steps(step_ms=450.0),
        rig=USUAL_RIG,
        seed=170,
        n_samples=2600,
        shows="a channel that opens with 55 ms: steady late in a step of 450 ms",
    )


def _not_steady() -> Plan:
    gate = Gate(v_half_mv=-45.0, slope_mv=-12.0, tau_ms=260.0, floor=0.1)
    return Plan(
        cell="not-steady",
        pipette="KCl_in",
        bath="bath_Na",
        membrane=pass_ions(NONSELECTIVE, "KCl_in", "bath_Na", 2.0, gates=(gate,)),
        ratios=NONSELECTIVE,
        protocol=plan_steps(),
        rig=USUAL_RIG,
        seed=180,
        is_steady=False,
        shows="a channel that inactivates through the whole step: there is no steady state",
    )


def _random_order() -> Plan:
    return Plan(
        cell="random-order",
        pipette="KCl_in",
        bath="bath_Na",
        membrane=pass_ions(NONSELECTIVE, "KCl_in", "bath_Na"),
        ratios=NONSELECTIVE,
        protocol=plan_steps(name="iv_user_list", interval_ms=0.2, levels_mv=RANDOM_ORDER_MV),
        rig=USUAL_RIG,
        seed=190,
        records_command=False,
        shows="levels in random order from a user list; the epoch table alone gives wrong ones",
    )


def _membrane_test() -> Plan:
    return Plan(
        cell="membrane-test",
        pipette="KCl_in",
        bath="bath_Na",
        membrane=pass_ions(NONSELECTIVE, "KCl_in", "bath_Na", 0.8),
        ratios=NONSELECTIVE,
        protocol=plan_steps(
            name="iv_with_test",
            interval_ms=0.05,
            test_mv=-10.0,
            test_ms=20.0,
            step_ms=120.0,
            before_ms=15.0,
        ),
        rig=replace(
            USUAL_RIG,
            r_s_mohm=9.0,
            r_s_compensation=0.0,
            c_m_pf=28.0,
            transient_cancelled=0.0,
            low_pass_khz=5.0,
        ),
        seed=200,
        interval_ms=0.05,
        n_samples=4000,
        records_command=False,
        tells_series_resistance=False,
        shows="a test step of -10 mV before each step tells series resistance and capacitance",
    )


def _junction_applied() -> Plan:
    return Plan(
        cell="junction-applied",
        pipette="K_gluconate_in",
        bath="bath_Na_K",
        membrane=pass_ions(POTASSIUM, "K_gluconate_in", "bath_Na_K"),
        ratios=POTASSIUM,
        protocol=plan_steps(first_mv=-120.0, last_mv=40.0),
        rig=USUAL_RIG,
        seed=210,
        ljp_applied=True,
        shows="the amplifier already took off the junction potential: not to be corrected twice",
    )


def _seal_lost() -> Plan:
    return Plan(
        cell="seal-lost",
        pipette="KCl_in",
        bath="bath_Na",
        membrane=pass_ions(NONSELECTIVE, "KCl_in", "bath_Na"),
        ratios=NONSELECTIVE,
        protocol=plan_steps(),
        rig=replace(USUAL_RIG, seal_lost_at_sweep=9, seal_leak_ns=20.0),
        seed=220,
        exclude=True,
        note="seal lost in sweep 10",
        shows="a row that the experimenter excluded: shown, but in no fit",
    )


def _broken_file() -> Plan:
    return replace(
        _ohmic(),
        cell="broken-file",
        seed=230,
        truncated_at_bytes=9000,
        note="copied while the disk was full",
        shows="a file that breaks off: a finding, the other cells are untouched",
    )


def _agonist() -> list[Plan]:
    leaks_ns = {"before": 2.0, "agonist": 2.4, "wash": 2.8}
    channel = pass_ions(NONSELECTIVE, "KCl_in", "bath_Na")
    closed = Membrane(TEMPERATURE_C)
    return [
        Plan(
            cell="agonist",
            recording=recording,
            condition=recording,
            pipette="KCl_in",
            bath="bath_Na",
            membrane=replace(channel, leak=Ohmic(g_ns, -30.0))
            if recording == "agonist"
            else replace(closed, ohmic=(Ohmic(g_ns, -30.0),)),
            ratios=NONSELECTIVE if recording == "agonist" else {},
            protocol=plan_steps(step_mv=20.0),
            rig=USUAL_RIG,
            seed=240 + number,
            records_command=False,
            subtract="before;wash" if recording == "agonist" else "",
            shows="a channel that is shut without its agonist, beside a leak that grows: controls "
            "before and after are subtracted, interpolated in time" * (number == 0),
        )
        for number, (recording, g_ns) in enumerate(leaks_ns.items())
    ]


def _single_channel() -> Plan:
    ghk = pass_ions(NONSELECTIVE, "KCl_in", "bath_Na")
    return Plan(
        cell="single-channel",
        pipette="KCl_in",
        bath="bath_Na",
        membrane=Membrane(TEMPERATURE_C, ohmic=(Ohmic(0.04, find_reversal_mv(ghk)),)),
        ratios=NONSELECTIVE,
        protocol=plan_steps(
            name="patch_steps",
            interval_ms=0.1,
            first_mv=-100.0,
            last_mv=80.0,
            step_mv=30.0,
            step_ms=1800.0,
            before_ms=5.0,
        ),
        rig=USUAL_RIG,
        seed=250,
        interval_ms=0.1,
        n_samples=18600,
        records_command=False,
        tells_series_resistance=False,
        measure="single_channel",
        configuration="outside-out",
        patch=Patch(two_state(3.0, 6.0), n_channels=1, noise_pa=0.25, filter_khz=1.0),
        shows="one channel in an outside-out patch, steps of 1.8 s: unitary currents, open "
        "probability, open and shut times, and g and E_rev of a single channel",
    )


def plan_example() -> list[Plan]:
    """Return all recordings of the example project in the order of its sheet."""
    return [
        _ohmic(),
        _rectifying_k(),
        *_ion_substitution(),
        *_calcium(),
        _reversal_outside(),
        _leaky(),
        _noisy(),
        _series_resistance(),
        _slow_activation(),
        _not_steady(),
        _random_order(),
        _membrane_test(),
        _junction_applied(),
        _seal_lost(),
        _broken_file(),
        *_agonist(),
        _single_channel(),
        *plan_viscosity(),
        plan_noise(),
        plan_energy(),
    ]
