"""The physics of ions across membranes: numbers in, numbers out, numpy only.

Voltages are inside minus outside, an outward current is positive.  Units are in the names:
mV, mM, °C, pA, nS; m/s for permeabilities and A/m² for current densities.
"""
