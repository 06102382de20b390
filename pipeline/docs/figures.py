"""The figures of the founding examples, drawn from the library's own numbers as SVG.

Text stays text, ids are hashed from a fixed salt and no date is written, so that the same
version of matplotlib writes the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from founding import CA, CL, NA, PERMEABILITY_M_PER_S, ROOM_C, WARM_C, K, nernst
from matplotlib.figure import Figure

from permeant import physics as ph

# Okabe & Ito: told apart with every kind of colour vision; labels and dashes do so in grey
BLUE, RED, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#AA4499", "#6b6b6b"

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "permeant",
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.9,
    "lines.linewidth": 2.0,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
}

ALTERNATIVES = {
    "nernst": "Equilibrium potential against the ratio of outside to inside concentration: "
    "straight lines on a logarithmic axis, steep for monovalent ions, half as steep for Ca2+, "
    "falling for Cl-.",
    "two-forces": "Free energy of entry against membrane potential for K+ and Na+: a constant "
    "chemical part, an electrical part proportional to voltage, and their sum, which crosses zero "
    "at the Nernst potential.",
    "ohmic-and-ghk": "Current against voltage for K+ 140/5 mM: the GHK curve bends from a shallow "
    "inward to a steep outward limb; an ohmic line touches it at the reversal potential.",
    "conductance-and-permeability": "Reversal potential against the share of Na+: a straight line "
    "from E_K to E_Na when conductances are weighed; a curve when permeabilities are weighed, "
    "13 mV above it for equal shares.",
}


def draw_all(folder: Path) -> dict[str, Path]:
    """Draw every figure into a folder and return the files by name."""
    drawers: dict[str, Callable[[], Figure]] = {
        "nernst": draw_nernst,
        "two-forces": draw_two_forces,
        "ohmic-and-ghk": draw_ohmic_and_ghk,
        "conductance-and-permeability": draw_conductance_and_permeability,
    }
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    with mpl.rc_context(STYLE):
        for name, draw in drawers.items():
            files[name] = folder / f"{name}.svg"
            draw().savefig(
                files[name],
                format="svg",
                metadata={"Date": None, "Creator": None, "Title": ALTERNATIVES[name]},
            )
            # no trailing blanks, and one kind of line end, wherever it was drawn
            lines = files[name].read_text("utf-8").splitlines()
            files[name].write_bytes("".join(f"{line.rstrip()}\n" for line in lines).encode())
    return files


def _cross(axes: Any, x_label: str, y_label: str) -> None:
    """Put the axes through zero, as current-voltage curves are drawn, and label their ends."""
    axes.spines["left"].set_position("zero")
    axes.spines["bottom"].set_position("zero")
    axes.tick_params(direction="inout", length=6, labelsize=9.5, colors="#333333")
    axes.annotate(
        x_label, (1, 0), xycoords=("axes fraction", "data"), xytext=(4, 4),
        textcoords="offset points", ha="right", va="bottom",
    )  # fmt: skip
    axes.annotate(
        y_label, (0, 1), xycoords=("data", "axes fraction"), xytext=(7, 2),
        textcoords="offset points", ha="left", va="bottom",
    )  # fmt: skip


def _skip_zero(axes: Any, x: list[float], y: list[float]) -> None:
    axes.set_xticks([tick for tick in x if tick])
    axes.set_yticks([tick for tick in y if tick])


def draw_nernst() -> Figure:
    """Draw E against the ratio of concentrations."""
    figure = Figure(figsize=(7.6, 4.8), layout="constrained")
    axes = figure.subplots()
    ratio = np.logspace(-2.2, 4.6, 200)
    for z, colour, dash, label in (
        (1, BLUE, "-", "z = +1"),
        (2, GREEN, (0, (6, 2)), "z = +2"),
        (-1, RED, (0, (2, 1.5)), "z = −1"),
    ):
        e = np.asarray(ph.nernst_mv(ratio, 1.0, z, WARM_C))
        shown = np.abs(e) <= 140
        axes.plot(ratio[shown], e[shown], color=colour, linestyle=dash)
        last = np.flatnonzero(shown)[-1]
        axes.annotate(
            label, (ratio[last], e[last]), xytext=(6, 0), textcoords="offset points",
            color=colour, va="center", weight="bold",
        )  # fmt: skip
    offsets = {"K⁺": (10, -14), "Na⁺": (-8, 2), "Ca²⁺": (4, -16), "Cl⁻": (10, 4)}
    for (name, offset), ion, colour in zip(
        offsets.items(), (K, NA, CA, CL), (BLUE, BLUE, GREEN, RED), strict=True
    ):
        own = nernst(ion, WARM_C)
        at = ion[1] / ion[0]
        axes.plot([at], [own], "o", color=colour, markersize=7, markeredgecolor="white")
        axes.annotate(
            f"{name} {_minus(own)}", (at, own), xytext=offset, textcoords="offset points",
            ha="right" if offset[0] < 0 else "left",
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(5e-3, 1.2e5)
    axes.set_ylim(-145, 150)
    axes.spines["bottom"].set_position("zero")
    axes.spines["left"].set_position(("data", 1.0))
    axes.tick_params(direction="inout", length=6, labelsize=9.5, colors="#333333")
    axes.minorticks_off()
    axes.set_xticks([1e-2, 1e-1, 1e1, 1e2, 1e3, 1e4], ["0.01", "0.1", "10", "100", "1000", "10⁴"])
    axes.set_yticks([-120, -60, 60, 120], ["−120", "−60", "60", "120"])
    axes.annotate(
        "outside / inside", (1, 0), xycoords=("axes fraction", "data"), xytext=(0, 5),
        textcoords="offset points", ha="right", va="bottom",
    )  # fmt: skip
    axes.annotate("E (mV), 37 °C", (1.0, 148), xytext=(7, -2), textcoords="offset points")
    return figure


def draw_two_forces() -> Figure:
    """Draw the chemical and the electrical part of the free energy of entry, and their sum."""
    figure = Figure(figsize=(8.6, 4.6), layout="constrained")
    v = np.linspace(-120, 100, 100)
    for axes, (name, ion) in zip(
        figure.subplots(1, 2, sharey=True), {"K⁺": K, "Na⁺": NA}.items(), strict=True
    ):
        inside, outside, z = ion
        chemical = -ph.chemical_driving_force_j_per_mol(outside, inside, WARM_C) / 1e3
        electrical = np.asarray(ph.electrical_free_energy_j_per_mol(v, z)) / 1e3
        total = np.asarray(ph.free_energy_j_per_mol(v, outside, inside, z, WARM_C)) / 1e3
        axes.axhline(chemical, color=GREEN, linestyle=(0, (6, 2)))
        axes.plot(v, electrical, color=RED, linestyle=(0, (2, 1.5)))
        axes.plot(v, total, color=BLUE)
        e = nernst(ion, WARM_C)
        axes.plot([e], [0], "o", color=BLUE, markersize=7, markeredgecolor="white", zorder=5)
        # where a label has room differs, since K+ is pulled out and Na+ in
        outwards = chemical > 0
        leader = {"arrowstyle": "-", "color": GREY, "linewidth": 0.8, "shrinkB": 4}
        axes.annotate(
            f"E = {_minus(e)} mV", (e, 0), xytext=(-121, 4.6) if outwards else (38, -4.3),
            arrowprops=leader,
        )  # fmt: skip
        axes.text(
            -121 if outwards else 104, chemical + (0.5 if outwards else -1.6),
            "chemical", color=GREEN, ha="left" if outwards else "right",
        )  # fmt: skip
        axes.text(
            -8 if outwards else 90, -9 if outwards else 11.2, "electrical",
            color=RED, ha="right",
        )  # fmt: skip
        place = 90 if outwards else 25
        axes.annotate(
            "sum", (v[place], total[place]), xytext=(-6, 4), textcoords="offset points",
            color=BLUE, weight="bold", ha="right",
        )  # fmt: skip
        axes.set_ylim(-20, 20)
        axes.set_xlim(-125, 105)
        _cross(axes, "", f"{name}: energy of entry (kJ/mol)")
        _skip_zero(axes, [-50, 50, 100], [-15, -10, -5, 5, 10, 15])
    figure.supxlabel("membrane potential (mV), inside minus outside, 37 °C", fontsize=11)
    return figure


def draw_ohmic_and_ghk() -> Figure:
    """Draw the GHK current of K+ with its tangent at the reversal and its two asymptotes."""
    figure = Figure(figsize=(7.6, 4.8), layout="constrained")
    axes = figure.subplots()
    inside, outside, z = K
    v = np.linspace(-140, 80, 300)
    arguments = PERMEABILITY_M_PER_S, inside, outside, z, ROOM_C
    current = np.asarray(ph.ghk_current_density(v, *arguments))
    e = nernst(K, ROOM_C)
    g = ph.ghk_slope_conductance_s_per_m2(e, *arguments) * 1e-3
    out, into = (
        ph.symmetric_conductance_s_per_m2(PERMEABILITY_M_PER_S, c, z, ROOM_C) * 1e-3
        for c in (inside, outside)
    )
    axes.plot(v[v >= 0], out * v[v >= 0], color=GREY, linewidth=1.2, linestyle=(0, (1, 2)))
    axes.plot(v[v <= 0], into * v[v <= 0], color=GREY, linewidth=1.2, linestyle=(0, (1, 2)))
    axes.plot(v, g * (v - e), color=RED, linestyle=(0, (6, 2)))
    axes.plot(v, current, color=BLUE)
    axes.plot([e], [0], "o", color=BLUE, markersize=7, markeredgecolor="white", zorder=5)
    axes.annotate(f"E_K = {_minus(e)} mV", (e, 0), xytext=(-2, 9), textcoords="offset points",
                  ha="right")  # fmt: skip
    place = int(np.searchsorted(v, 46))
    axes.annotate("GHK", (v[place], current[place]), xytext=(-10, 4), textcoords="offset points",
                  color=BLUE, ha="right", weight="bold")  # fmt: skip
    axes.text(80, 7.0, "ohmic, g (V − E)", color=RED, ha="right")
    axes.text(45, 17.5, "limit: 140 mM inside", color=GREY, fontsize=9.5)
    axes.text(-62, -2.9, "limit: 5 mM outside", color=GREY, fontsize=9.5)
    axes.set_xlim(-145, 85)
    axes.set_ylim(-7, 32)
    _cross(axes, "V (mV)", "J (A/m²), P = 10⁻⁶ m/s, 25 °C")
    _skip_zero(axes, [-120, -80, -40, 40, 80], [-5, 5, 10, 15, 20, 25, 30])
    axes.tick_params(axis="x", pad=30)  # below the inward currents
    return figure


def draw_conductance_and_permeability() -> Figure:
    """Draw the reversal of Na+ and K+ against the share of Na+, weighed in both ways."""
    figure = Figure(figsize=(7.6, 4.8), layout="constrained")
    axes = figure.subplots()
    share = np.linspace(0, 1, 201)
    pair = np.stack([share, 1 - share], axis=-1)
    inside, outside = [NA[0], K[0]], [NA[1], K[1]]
    e_na, e_k = nernst(NA, WARM_C), nernst(K, WARM_C)
    by_g = np.asarray(ph.conductance_weighted_reversal_mv(pair, [e_na, e_k]))
    by_p = np.asarray(ph.ghk_reversal_mv(pair, inside, outside, [1, 1], WARM_C))
    axes.plot(share, by_g, color=RED, linestyle=(0, (6, 2)))
    axes.plot(share, by_p, color=BLUE)
    for curve, colour, offset in ((by_g, RED, (8, -16)), (by_p, BLUE, (-62, 8))):
        e = float(curve[100])
        axes.plot([0.5], [e], "o", color=colour, markersize=7, markeredgecolor="white", zorder=5)
        axes.annotate(f"{_minus(e)} mV", (0.5, e), xytext=offset, textcoords="offset points",
                      color=colour)  # fmt: skip
    axes.text(0.06, 14, "weighed by permeability (GHK)", color=BLUE, weight="bold")
    axes.text(0.30, -58, "weighed by conductance (ohmic)", color=RED, weight="bold")
    for e, name in ((e_na, "E_Na"), (e_k, "E_K")):
        axes.axhline(e, color=GREY, linewidth=1, linestyle=(0, (1, 2)))
        axes.text(1.02, e, f"{name} {_minus(e)} mV", va="center", color="#333333")
    axes.set_xlim(0, 1)
    axes.set_ylim(-100, 75)
    axes.spines["bottom"].set_position("zero")
    axes.tick_params(direction="inout", length=6, labelsize=9.5, colors="#333333")
    axes.set_xticks([0.25, 0.5, 0.75, 1.0], ["0.25", "0.5", "0.75", "1"])
    axes.set_yticks([-75, -50, -25, 0, 25, 50], ["−75", "−50", "−25", "0", "25", "50"])
    axes.set_ylabel("E_rev (mV), 37 °C")
    axes.annotate("share of Na⁺", (1, 0), xycoords=("axes fraction", "data"), xytext=(0, 6),
                  textcoords="offset points", ha="right", va="bottom")  # fmt: skip
    return figure


def _minus(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
