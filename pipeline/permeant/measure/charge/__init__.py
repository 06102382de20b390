"""Charge: what flows through the membrane in a window, and what of it sodium costs."""
