"""The way in on the command line: subcommands that load nothing until one is called."""

from permeant.commands.register import add_commands

__all__ = ["add_commands"]
