"""Two patches of the example in two viscosities: a pore that feels it, and a gate that does."""

from __future__ import annotations

from permeant.simulate.cells import Membrane, Ohmic, find_reversal_mv
from permeant.simulate.channels import Patch, two_state
from permeant.simulate.example_setup import NONSELECTIVE, TEMPERATURE_C, USUAL_RIG, pass_ions
from permeant.simulate.project import Plan
from permeant.simulate.protocol import plan_steps

_VISCOSITY_RATIO = 2.5
_CONDUCTIVITY_RATIO = 0.45
_G_NS = 0.05
_OPEN_MS, _SHUT_MS = 2.5, 4.0


def _pair(
    cell: str, condition: str, *, alpha_i: float, alpha_gate: float, seed: int, shows: str
) -> list[Plan]:
    """Return one patch in a control bath and in a viscous one."""
    reversal_mv = find_reversal_mv(pass_ions(NONSELECTIVE, "KCl_in", "bath_Na"))
    plans = []
    for number, (recording, ratio) in enumerate((("control", 1.0), ("sucrose", _VISCOSITY_RATIO))):
        slower = ratio**alpha_gate
        gate = two_state(_OPEN_MS * slower, _SHUT_MS * slower)
        g_ns = _G_NS * ratio**-alpha_i
        plans.append(
            Plan(
                cell=cell,
                recording=recording,
                condition=condition,
                pipette="KCl_in",
                bath="bath_Na" if ratio == 1.0 else "bath_Na_sucrose",
                membrane=Membrane(TEMPERATURE_C, ohmic=(Ohmic(g_ns, reversal_mv),)),
                ratios=NONSELECTIVE,
                protocol=plan_steps(
                    name="patch_steps",
                    interval_ms=0.1,
                    first_mv=-100.0,
                    last_mv=80.0,
                    step_mv=30.0,
                    step_ms=2000.0,
                    before_ms=5.0,
                ),
                rig=USUAL_RIG,
                seed=seed + 20 * number,
                interval_ms=0.1,
                n_samples=20600,
                records_command=False,
                tells_series_resistance=False,
                measure="single_channel",
                configuration="outside-out",
                viscosity_ratio=ratio,
                conductivity_ratio=None if ratio == 1.0 else _CONDUCTIVITY_RATIO,
                exponents={"alpha_i": alpha_i, "alpha_open": alpha_gate, "alpha_shut": alpha_gate},
                patch=Patch(gate, n_channels=1, noise_pa=0.15, filter_khz=1.5),
                shows=shows * (number == 0),
            )
        )
    return plans


def plan_viscosity() -> list[Plan]:
    """Return the recordings of both patches."""
    return [
        *_pair(
            "viscous-pore",
            "wide pore",
            alpha_i=0.95,
            alpha_gate=0.0,
            seed=300,
            shows="one channel before and in a bath that is 2.5 times as viscous: its current "
            "falls as diffusion does, its gate does not feel it",
        ),
        *_pair(
            "viscous-gate",
            "large gate",
            alpha_i=0.0,
            alpha_gate=0.7,
            seed=340,
            shows="the same with a channel whose gate slows with viscosity while its current stays",
        ),
    ]
