"""Numbers to parameters: conductance, reversal potential, permeability ratios."""
