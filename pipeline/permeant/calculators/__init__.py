"""The physics at hand on the command line: one subcommand a question.

Each calculator is a function from parsed arguments to an :class:`~answers.Answer`, which is
printed as aligned text or as JSON.  Registering them imports nothing but argparse; a
calculator that runs imports the physics, and the project's files only if solutions are asked
for by name.
"""

from permeant.calculators.commands import add_calculators

__all__ = ["add_calculators"]
