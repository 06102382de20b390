"""The calculators as subcommands: their options, their help, and one way to run them."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from permeant.errors import PermeantError, did_you_mean
from permeant.options import PlainParser

if TYPE_CHECKING:
    from permeant.calculators.answers import Answer

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_SOLUTION = (
    "a solution: its name in the project's solutions.csv, a file (saline.csv with rows ION,MM; "
    "sheet.csv:NAME), or written out (K=140,Cl=140)"
)
_EXAMPLES = {
    "nernst": """\
  permeant nernst K --in 140 --out 5 --temperature 37
  permeant nernst Ca --in 100nM --out 2
  permeant nernst --pipette K_gluconate_in --bath bath_Na_K --project .""",
    "forces": """\
  permeant forces Na --in 15 --out 145 --at -65 --temperature 37
  permeant forces K --in 140 --out 5 --at -65 --exponent 2.5""",
    "ghk": """\
  permeant ghk K=1:140/5 Na=0.04:15/145 Cl=0.45:10/110 --at -65
  permeant ghk K=1:140/5 --at -80,-40,0 --p-unit 1e-8 --area 1000
  permeant ghk --project . --pipette KCl_in --bath bath_Na -P K=1 -P Na=0.04""",
    "ljp": """\
  permeant ljp pipette.csv bath.csv --temperature 22
  permeant ljp K=140,gluconate=140 Na=145,Cl=145 --command -60
  permeant ljp --project . --pipette KCl_in --bath bath_Ca --zeroed-in bath_Na""",
    "activity": """\
  permeant activity Na=145 K=4 Ca=2 Cl=153
  permeant activity K_gluconate_in --project . --substitute gluconate=Cl --substitute HEPES=Cl""",
    "ratio": """\
  permeant ratio Na/K --e-rev -62 K=140/4 Na=10/145 --sigma 1
  permeant ratio Ca/Cs --e-rev 12 --pipette Cs=140,Cl=140 --bath Cs=140,Ca=10,Cl=160
  permeant ratio Li/Na --shift -2.4 --temperature 22""",
    "design": """\
  permeant design --pipette K=140,Cl=140 --bath Na=140,Cl=140 --bath Na=70,Li=70,Cl=140 \\
      --bath Li=140,Cl=140 -P Na=0.9 -P Li=0.6 --reference K
  permeant design --project . --pipette KCl_in --all -P Na=1 -P Li=0.6 -P Cs=1.1 -P Ca=8 \\
      --reference K --sigma 0.5 --first bath_Na --largest 4""",
    "energy": """\
  permeant energy charge 1 --carrier Na
  permeant energy action-potential --pf 100 --mv 100
  permeant energy rest --g-na 0.15 --at -70 Na=10/140 --temperature 22
  permeant energy pump --at -70 Na=15/145 K=140/5 --temperature 37""",
}

_STATUS = "exit status: 0 with an answer, 2 where the question cannot be answered (and why)"


def add_calculators(subparsers: Subparsers) -> None:
    """Register all calculators.

    Parameters
    ----------
    subparsers : argparse subparsers action
        What ``ArgumentParser.add_subparsers`` returned.  Each calculator's namespace gets
        ``run``, a function of the namespace that prints and returns an exit status.
    """
    _add_nernst(_begin(subparsers, "nernst", "equilibrium potential of an ion"))
    _add_forces(_begin(subparsers, "forces", "chemical and electrical force on an ion"))
    _add_ghk(_begin(subparsers, "ghk", "GHK reversal and currents of a mixture of ions"))
    _add_ljp(_begin(subparsers, "ljp", "liquid junction potential, and what a command really is"))
    _add_activity(_begin(subparsers, "activity", "activity coefficients of a solution"))
    _add_ratio(_begin(subparsers, "ratio", "permeability ratio from a reversal potential"))
    _add_design(_begin(subparsers, "design", "which baths would tell permeability ratios best"))
    _add_energy(_begin(subparsers, "energy", "what currents cost: ions, ATP, pump work"))


def run_calculator(name: str, arguments: argparse.Namespace) -> int:
    """Print the answer of a calculator, or what is wrong with the question.

    Parameters
    ----------
    name : str
        The calculator.
    arguments : argparse.Namespace
        What was given.

    Returns
    -------
    int
        0, or 2 where the question could not be answered.
    """
    from permeant.calculators.answers import as_json, as_text  # noqa: PLC0415  (not for --help)

    calculator: Callable[[argparse.Namespace], Answer] = import_module(
        f"permeant.calculators.{name}"
    ).answer
    try:
        answer = calculator(arguments)
    except PermeantError as trouble:
        _write(f"permeant {name}: {_said(trouble)}", sys.stderr)
        return 2
    _write(as_json(name, answer) if arguments.json else as_text(answer), sys.stdout)
    return 0


def _said(trouble: PermeantError) -> str:
    from permeant.physics import UnknownIonError  # noqa: PLC0415  (not for --help)

    if isinstance(trouble, UnknownIonError):
        return (
            f"unknown ion {trouble.name!r}.{trouble.nearest} Another ion can be declared with "
            "--ion NAME:VALENCE"
        )
    return str(trouble)


def _write(text: str, stream: object) -> None:
    """Print, also where the terminal cannot show µ or °."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), file=stream)  # type: ignore[call-overload]


class _CalculatorParser(argparse.ArgumentParser):
    """A parser for formulas: ions and options in any order, -80,-40 a value, short errors."""

    _inside = False
    _check_value = PlainParser._check_value

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        # a minus before a digit begins a number, never an option: also -1e-3 and -80,-40
        self._negative_number_matcher = re.compile(r"^-\.?\d")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Let positional arguments stand before, between and after options."""
        if self._inside or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._inside = True
        try:
            found, unknown = self.parse_known_intermixed_args(args, namespace)
        finally:
            self._inside = False
        if unknown:
            options = [option for action in self._actions for option in action.option_strings]
            self.error(f"{unknown[0]!r} is not understood.{did_you_mean(unknown[0], options)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Say in one sentence what is wrong."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _begin(subparsers: Subparsers, name: str, about: str) -> argparse.ArgumentParser:
    before, subparsers._parser_class = subparsers._parser_class, _CalculatorParser
    try:
        return _register(subparsers, name, about)
    finally:
        subparsers._parser_class = before


def _register(subparsers: Subparsers, name: str, about: str) -> argparse.ArgumentParser:
    return subparsers.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=f"examples:\n{_EXAMPLES[name]}\n{_STATUS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _finish(parser: argparse.ArgumentParser, name: str, temperature: bool = True) -> None:
    """Add what all calculators share."""
    if temperature:
        parser.add_argument(
            "--temperature",
            "-t",
            metavar="C",
            help="°C (default: the project's, else 25, and said to be assumed)",
        )
    parser.add_argument(
        "--ion",
        action="append",
        default=[],
        metavar="NAME:Z[:U]",
        help="declare an ion with its valence and relative mobility (K = 1)",
    )
    parser.add_argument("--json", action="store_true", help="answer as JSON, units in the keys")
    parser.set_defaults(run=partial(run_calculator, name))


def _add_sides(parser: argparse.ArgumentParser, activities: bool = True) -> None:
    parser.add_argument("--pipette", "--inside", metavar="SOLUTION", help=f"inside: {_SOLUTION}")
    parser.add_argument("--bath", "--outside", metavar="SOLUTION", help="outside: as above")
    _add_project(parser)
    if activities:
        parser.add_argument(
            "--activities",
            choices=("none", "davies", "pitzer"),
            default="none",
            help="activities instead of concentrations (with --pipette and --bath)",
        )


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--project", metavar="FOLDER", help="where named solutions are (default: this folder)"
    )


def _add_one_ion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ion_name", nargs="?", metavar="ION", help="K, Na, Ca2+, chloride, …")
    parser.add_argument("--in", dest="inside", metavar="MM", help="mM inside (or 100nM, 5uM)")
    parser.add_argument("--out", dest="outside", metavar="MM", help="mM outside")


def _add_nernst(parser: argparse.ArgumentParser) -> None:
    _add_one_ion(parser)
    _add_sides(parser)
    _finish(parser, "nernst")


def _add_forces(parser: argparse.ArgumentParser) -> None:
    _add_one_ion(parser)
    parser.add_argument("--at", metavar="MV", help="membrane potential, inside minus outside (mV)")
    parser.add_argument(
        "--exponent", default="1", metavar="N", help="single-file exponent of the flux ratio"
    )
    parser.add_argument("-P", dest="p", metavar="M/S", help="permeability, for one-way fluxes")
    _add_sides(parser, activities=False)
    _finish(parser, "forces")


def _add_ghk(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "terms", nargs="*", metavar="ION=P:IN/OUT", help="permeability and mM inside/outside"
    )
    parser.add_argument("--at", metavar="MV", help="voltages for the current: -65 or -80,-40,0")
    parser.add_argument("--p-unit", metavar="M/S", help="what a permeability of 1 stands for")
    parser.add_argument("--area", metavar="UM2", help="membrane area, for pA instead of A/m²")
    _add_sides(parser)
    _add_permeabilities(parser)
    _finish(parser, "ghk")


def _add_permeabilities(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-P",
        dest="permeability",
        action="append",
        default=[],
        metavar="ION=P",
        help="a permeant ion of the two solutions; again for each. All others do not permeate",
    )


def _add_ljp(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("solutions", nargs="*", metavar="SOLUTION", help="pipette, then bath")
    _add_sides(parser, activities=False)
    parser.add_argument("--zeroed-in", metavar="SOLUTION", help="bath in which it was zeroed")
    parser.add_argument(
        "--electrode",
        choices=("salt_bridge", "ag_agcl"),
        default="salt_bridge",
        help="reference electrode in a changed bath (default: 3 M KCl bridge)",
    )
    parser.add_argument("--absorbed-by", metavar="ION", help="ion that takes up residual charge")
    parser.add_argument("--command", dest="v_command", metavar="MV", help="a command, to correct")
    parser.add_argument("--rest", metavar="MV", help="resting potential, for cell-attached")
    _finish(parser, "ljp")


def _add_activity(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "composition", nargs="*", metavar="ION=MM", help="the ions, or one solution by its name"
    )
    parser.add_argument("--model", choices=("davies", "pitzer", "both"), default="both")
    parser.add_argument(
        "--substitute",
        action="append",
        default=[],
        metavar="ION=OTHER",
        help="ion whose Pitzer parameters stand in: gluconate=Cl",
    )
    _add_project(parser)
    _finish(parser, "activity")


def _add_ratio(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ratio", metavar="ION/REFERENCE", help="which ratio, for example Na/K")
    parser.add_argument(
        "terms",
        nargs="*",
        metavar="ION=IN/OUT",
        help="mM of the two; other permeant ions as ION=RATIO:IN/OUT",
    )
    parser.add_argument("--e-rev", metavar="MV", help="reversal potential, corrected")
    parser.add_argument("--sigma", metavar="MV", help="its standard deviation, for an interval")
    parser.add_argument("--shift", metavar="MV", help="bi-ionic: E_rev(X) - E_rev(reference)")
    _add_sides(parser)
    _add_permeabilities(parser)
    _finish(parser, "ratio")


def _add_design(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pipette", "--inside", metavar="SOLUTION", help=f"inside: {_SOLUTION}")
    parser.add_argument(
        "--bath",
        action="append",
        default=[],
        metavar="SOLUTION",
        help="a bath that could be used; again for each",
    )
    parser.add_argument(
        "--all", action="store_true", help="every solution of the project but the pipette's"
    )
    parser.add_argument(
        "-P",
        dest="permeability",
        action="append",
        default=[],
        metavar="ION=RATIO",
        help="guessed P over that of the reference; again for each permeant ion",
    )
    parser.add_argument("--reference", metavar="ION", help="ion whose permeability is 1")
    parser.add_argument(
        "--fixed", action="append", default=[], metavar="ION", help="its ratio is known already"
    )
    parser.add_argument("--sigma", default="1", metavar="MV", help="error of each E_rev (1 mV)")
    parser.add_argument(
        "--sigma-ljp", default="1", metavar="MV", help="error of the junction potential (1 mV)"
    )
    parser.add_argument(
        "--sigma-concentration", default="0.01", metavar="F", help="of each concentration (0.01)"
    )
    parser.add_argument(
        "--sigma-temperature", default="0.5", metavar="C", help="of the temperature (0.5 °C)"
    )
    parser.add_argument("--largest", metavar="N", help="most baths in a set (unknowns + 1)")
    parser.add_argument("--first", metavar="SOLUTION", help="bath of the zeroing: in every set")
    parser.add_argument("--show", default="5", metavar="N", help="sets to list (5)")
    _add_project(parser)
    _finish(parser, "design")


def _add_energy(parser: argparse.ArgumentParser) -> None:
    questions = parser.add_subparsers(dest="question", required=True, metavar="QUESTION")

    def ask(name: str, about: str, temperature: bool = False) -> argparse.ArgumentParser:
        asked = questions.add_parser(name, help=about, description=about, allow_abbrev=False)
        _finish(asked, "energy", temperature)
        asked.set_defaults(project=None)
        return asked

    charge = ask("charge", "ions and ATP behind a charge")
    charge.add_argument("pc", metavar="PC", help="charge (pC)")
    charge.add_argument("--carrier", dest="ion_name", default="Na", metavar="ION")
    synaptic = ask("synaptic", "ATP that undoes a synaptic current")
    synaptic.add_argument("pc", metavar="PC", help="charge of the whole current (pC)")
    synaptic.add_argument("--sodium-fraction", default="1", metavar="F", help="Na+ over total")
    spike = ask("action-potential", "ATP of one action potential")
    spike.add_argument("--pf", required=True, metavar="PF", help="membrane capacitance")
    spike.add_argument("--mv", required=True, metavar="MV", help="height")
    spike.add_argument("--excess", default="1.3", metavar="F", help="Na+ entry over its minimum")
    rest = ask("rest", "ATP per second of a steady Na+ current", temperature=True)
    rest.add_argument(
        "terms", nargs="+", metavar="PA|Na=IN/OUT", help="sodium current (pA), or Na=10/145"
    )
    rest.add_argument("--g-na", metavar="NS", help="sodium conductance, for I = g (V - E_Na)")
    rest.add_argument("--at", metavar="MV", help="resting potential, with --g-na")
    wave = ask("waveform", "ions and ATP of a current in a table: time_ms, i_pa and perhaps v_mv")
    wave.add_argument("file", metavar="FILE", help="a CSV file with these columns")
    wave.add_argument("--sodium-fraction", default="1", metavar="F", help="Na+ over total")
    wave.add_argument("--pf", metavar="PF", help="capacitance, for the least that v_mv needs")
    pump = ask("pump", "work of the sodium pump", temperature=True)
    pump.add_argument("terms", nargs="+", metavar="ION=IN/OUT", help="Na=15/145 K=140/5")
    pump.add_argument("--at", metavar="MV", help="membrane potential")
