"""Recordings made up by arithmetic, with a known truth: for the example, tests and load.

``protocol`` says which voltage is played, ``cells`` which current a membrane passes, ``rig``
what an amplifier makes of it, ``abf`` writes the file, ``project`` puts
whole folders together, ``example`` and ``batch`` say what is in them.
"""
