"""Build the pages of the documentation, with every number and output made by the program.

    python pipeline/docs/build.py            write the pages, and the figures (needs matplotlib)
    python pipeline/docs/build.py --check    compare with what is there; status 1 if it differs

Pages are compared to the letter.  Figures are compared by their words and by how many lines and
points they hold, since another version of matplotlib may write the same figure in other bytes;
without matplotlib only that they are there is checked.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

from founding import numbers
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from published import examples
from reference import reference_pages

from permeant import physics as ph
from permeant.calculators.__main__ import main as calculate

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
FIGURES = ("nernst", "two-forces", "ohmic-and-ghk", "conductance-and-permeability")
_SVG = "{http://www.w3.org/2000/svg}"

#: The library by subject: what a reader looks for, in the order of the issue's text.
SUBJECTS = {
    "Ions and solutions": (
        "find_ion", "composition", "charge_residual_mm", "check_electroneutrality", "balanced_by",
        "ionic_strength_mm", "osmolarity_mosm",
    ),
    "Forces and equilibrium": (
        "nernst_mv", "driving_force_mv", "chemical_driving_force_j_per_mol",
        "electrical_free_energy_j_per_mol", "free_energy_j_per_mol", "free_energy_j_per_ion",
        "direction_of_movement", "ussing_flux_ratio", "one_way_flux_densities",
        "thermal_voltage_mv", "to_kelvin",
    ),
    "Ohmic conductances": (
        "ohmic_current_pa", "fit_two_points", "chord_conductance_ns", "slope_conductance_ns",
        "conductance_weighted_reversal_mv", "conductance_ratio_from_reversal",
        "symmetric_conductance_s_per_m2", "resistance_mohm",
    ),
    "Constant field (GHK)": (
        "ghk_current_density", "ghk_current_pa", "ghk_current_per_permeability",
        "ghk_slope_per_permeability", "ghk_chord_conductance_s_per_m2",
        "ghk_slope_conductance_s_per_m2", "ghk_reversal_mv", "ghk_voltage_mv", "has_reversal",
        "phi",
    ),
    "Permeability from data": (
        "invert_ghk", "biionic_ratio_from_shift", "shift_from_ratio", "solve_permeabilities",
        "solve_permeability_draws", "assess_identifiability", "fit_curve_permeabilities",
        "absolute_permeability_m_per_s", "area_from_capacitance_um2",
        "permeability_from_symmetric_conductance",
    ),
    "Activities": (
        "activity_coefficients", "mean_activity_coefficient", "limiting_law", "guntelberg",
        "bates_guggenheim", "davies", "pitzer_activity_coefficients",
        "pitzer_mean_activity_coefficient", "hamer_wu_mean_activity_coefficient",
        "debye_huckel_slope", "dielectric_constant",
    ),
    "Junction potentials": (
        "henderson_mv", "henderson_from_arrays_mv", "nernst_planck_mv",
        "nernst_planck_from_arrays_mv", "membrane_potential_mv", "bath_change_shift_mv",
    ),
    "Temperature, gating, viscosity": (
        "q10_factor", "q10_from_rates", "boltzmann", "effective_gating_charge",
        "viscosity_exponent", "assess_viscosity",
    ),
    "Energy": (
        "ions_from_charge", "moles_from_charge", "atp_from_sodium_charge",
        "atp_from_calcium_charge", "synaptic_current_atp", "atp_per_second_at_rest",
        "minimal_sodium_ions", "action_potential_atp", "sodium_pump_work_j_per_mol",
    ),
}  # fmt: skip


def pages() -> dict[str, str]:
    """Return every page of the documentation by its file name."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["mv"] = lambda value: _signed(value, 1) + " mV"
    environment.filters["signed"] = _signed
    environment.filters["minus"] = lambda text: re.sub(r"(?<![\w)])-(?=\d)", "−", text)
    environment.filters["fixed"] = lambda value, digits: _minus(f"{value:.{digits}f}")
    names = {
        "run": run,
        "ions": len(ph.IONS),
        "subjects": _subjects(),
        "published": examples(),
        **numbers(),
    }
    with _inside(PROJECT):
        written = {
            path.name: environment.get_template(path.name).render(**names)
            for path in sorted((HERE / "templates").glob("*.md"))
        }
    return {**written, **reference_pages()}


def run(command: str) -> str:
    """Return a calculator's command line and its output as a block of a page."""
    program, *arguments = shlex.split(command)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        calculate(arguments)
    if program != "permeant":
        raise ValueError(f"{command!r} is no command of permeant")
    return f"```console\n$ {command}\n{said.getvalue().rstrip()}\n```"


def problems() -> list[str]:
    """Return what differs between the pages and figures that are there and those to be built."""
    found = []
    for name, text in pages().items():
        there = HERE / name
        if not there.is_file():
            found.append(f"{name} is missing")
        elif there.read_text("utf-8") != text:
            found.append(f"{name} differs from what the program computes now")
    drawn = {name: HERE / "figures" / f"{name}.svg" for name in FIGURES}
    found += [
        f"figures/{name}.svg is missing" for name, path in drawn.items() if not path.is_file()
    ]
    if found or find_spec("matplotlib") is None:
        return found
    from figures import draw_all  # noqa: PLC0415  (matplotlib is there in some environments only)

    with tempfile.TemporaryDirectory() as folder:
        for name, path in draw_all(Path(folder)).items():
            if structure(path) != structure(drawn[name]):
                found.append(f"figures/{name}.svg differs in its words or lines")
    return found


def structure(path: Path) -> tuple[tuple[str, ...], int]:
    """Return the words of a figure, and how many coloured lines it draws."""
    root = ElementTree.fromstring(path.read_text("utf-8"))
    words = tuple(sorted("".join(text.itertext()).strip() for text in root.iter(f"{_SVG}text")))
    strokes = [part.get("style", "") for part in root.iter(f"{_SVG}path")]
    return words, sum(bool(re.search(r"stroke: #[0-9a-f]{6}", style)) for style in strokes)


def write() -> None:
    """Write all pages, and all figures."""
    for name, text in pages().items():
        (HERE / name).write_text(text, "utf-8", newline="\n")
    if find_spec("matplotlib") is None:
        print("matplotlib is not installed: figures are left as they are", file=sys.stderr)
        return
    from figures import draw_all  # noqa: PLC0415  (matplotlib is there in some environments only)

    draw_all(HERE / "figures")


def _subjects() -> dict[str, list[tuple[str, str]]]:
    """Return the functions of the library by subject, each with its first sentence."""
    listed = [name for names in SUBJECTS.values() for name in names]
    functions = {name for name in ph.__all__ if inspect.isfunction(getattr(ph, name))}
    if functions != set(listed):
        raise ValueError(f"SUBJECTS and permeant.physics differ: {functions ^ set(listed)}")
    return {
        subject: [
            (name, (inspect.getdoc(getattr(ph, name)) or "").split("\n\n")[0].replace("|", "\\|"))
            for name in names
        ]
        for subject, names in SUBJECTS.items()
    }


def _signed(value: float, digits: int = 1) -> str:
    return _minus(f"{value:+.{digits}f}")


def _minus(text: str) -> str:
    return text.replace("-", "−")


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def main(argv: Sequence[str] | None = None) -> int:
    """Build or check; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    if not parser.parse_args(argv).check:
        write()
        return 0
    found = problems()
    for problem in found:
        print(f"pipeline/docs/{problem}; run python pipeline/docs/build.py", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
