"""From patch-clamp recordings to conductances, reversal potentials and permeability ratios."""

__version__ = "0.1.0"
