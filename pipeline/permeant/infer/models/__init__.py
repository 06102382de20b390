"""Models of whole current–voltage curves, and what each is worth on the points at hand.

Four of them: the straight line (``ohmic``), constant-field currents of the permeant ions
(``ghk``), and either behind a Boltzmann gate (``gated_ohmic``, ``gated_ghk``).

The rule which speaks for what:

- ``g_ns`` of the table ``fits`` is the slope of the straight line through all points, and its
  ``e_rev_mv`` comes from polynomials around the crossing.  Neither assumes how the channel
  conducts, so both stay the answer, whatever the models say.
- A model stands beside them.  It speaks, with ``g_ns`` and ``e_rev_mv`` of its own in the table
  ``models`` and its parameters in ``model_parameters``, only where the points do not refute it:
  goodness of fit and runs test of at least 0.01, and no other model ahead by an AICc of 10.
- A refuted model keeps its test figures and gives no other number.  Among those that stand the
  lowest AICc is ``best``; models within 2 of it cannot be told apart.
- Absolute permeabilities are told only where the GHK curve stands and the points determine
  every ion's; else the combination that they do determine is said.

Intervals hold the errors of the points.  What all points share (series
resistance, leak, junction potential, temperature, solutions) is not in them.
"""
