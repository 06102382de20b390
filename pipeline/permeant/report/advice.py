"""What a finding means for the numbers, and what can be done about it.

The messages say what was seen in this recording; what follows from it is the same every time
and is said here, once, by the name of the check.
"""

from __future__ import annotations

from dataclasses import dataclass

from permeant.report.advice_noise import OF_NOISE_AND_COSTS
from permeant.report.problem_advice import NO_NUMBERS, PROBLEMS


@dataclass(frozen=True)
class Advice:
    """What a finding means for g and E_rev, and what to do."""

    means: str
    to_do: str


_UNREAD = NO_NUMBERS
_CHECK_COMMAND = "compare the command in the picture with the protocol that was played"
_VOLTS = "every voltage of the curve may be wrong by the same amount or factor"

_ADVICE: dict[str, tuple[str, str]] = {
    # the file
    "file_unreadable": (_UNREAD, "copy the file again from the computer that recorded it"),
    "file_empty": (_UNREAD, "copy the file again from the computer that recorded it"),
    "file_truncated": (
        "the sweeps that are whole are used; the rest of the file is missing",
        "copy the file again from the computer that recorded it",
    ),
    "sweep_broken_off": (
        "the last sweep is not whole and is left out",
        "nothing, if the recording was stopped by hand; else copy the file again",
    ),
    "sweeps_unequal": (
        "what is longer than the shortest sweep is left out",
        "see in the picture that the step that is measured lies in the part that is kept",
    ),
    "paused": (
        "the stretches of the recording are joined, and times are not those of the clock",
        "nothing, where the current is measured within steps",
    ),
    "split_clock": (
        "times after the change of the sampling interval are wrong, and so may the window be",
        "see in the picture that the window lies in the step, or set window_start_ms",
    ),
    "gap_free": (
        "the command of the steps is not in the file",
        "name the channel that recorded the command, or a protocol",
    ),
    "interval_doubtful": (
        "if the other interval is right, times are wrong by a factor; currents are not",
        "compare the length of a step in the picture with the protocol",
    ),
    "times_beside": ("the times are those of another file", "see that the two belong together"),
    "records_left_out": (
        "these records are not in the curve",
        "nothing, if they were rejected on purpose",
    ),
    "samples_frozen": (
        "means over such samples are no currents",
        "see in the picture that the window lies outside",
    ),
    "current_jumps": (
        "if samples of another place lie in the window, this point of the curve is wrong",
        "look at the sweep in the picture; copy the file again, or leave the sweep out (sweeps)",
    ),
    "too_quiet": (
        "if the scale is wrong, g is wrong by the same factor; E_rev is not",
        "compare the gain of the file with that of the amplifier",
    ),
    "scale_doubtful": (
        "if the header is damaged, g is wrong by a factor; E_rev only if the voltages are too",
        "copy the file again from its source, or check the gain with a model cell",
    ),
    "columns_are_sweeps": (
        "if the columns are channels, the curve mixes different things",
        "name the current_channel in the sheet in that case",
    ),
    "one_command_for_all": (
        "currents of other voltages would be given the voltage of one sweep",
        "export the command of every sweep, or name a protocol",
    ),
    # the amplifier
    "amplifier_changed": (
        "one value for all sweeps is wrong for some of them",
        "give the value in the sheet, or take the sweeps in rows of their own (sweeps)",
    ),
    "amplifier_unknown": (
        "the file's series resistance and junction potential are not used",
        "give r_s_mohm, r_s_compensation and ljp_mv in the sheet",
    ),
    "r_s_compensation_doubtful": (
        "the whole series resistance is taken as uncompensated",
        "give r_s_compensation in the sheet",
    ),
    "r_s_not_measured": (
        "the voltages are not corrected for it",
        "give r_s_mohm in the sheet if it is known",
    ),
    # channels
    "channel_left_out": ("the channel is not used", "nothing, unless it holds the command"),
    "no_current_channel": (_UNREAD, "name the current_channel in the sheet"),
    "several_current_channels": (
        "one of several currents was taken; another cell may be on the other channel",
        "name the current_channel in the sheet",
    ),
    "several_command_channels": (
        "if another channel is the command, all voltages are wrong",
        "name the command_channel in the sheet",
    ),
    "channel_name_contradicts_units": (
        "name and unit of the channel do not go together; a wrong scale makes g wrong by it",
        "look up the channel's settings in the acquisition program",
    ),
    "current_scale": (
        "if the scale is wrong, g is wrong by the same factor; E_rev is not",
        "compare the gain of the file with that of the amplifier",
    ),
    "scaled_copy": (
        "one of the two channels has a wrong gain; g leans on which one was taken",
        "compare the gains of both with the amplifier, and name the current_channel",
    ),
    "clipped": (
        "the current is larger than the input range; clipped windows are not used",
        "nothing, where only transients are clipped; else record with a lower gain",
    ),
    # command
    "command_unknown": (_UNREAD, "name a protocol or the channel that recorded the command"),
    "command_mismatch": (
        "the recorded command is used, and the header disagrees with it",
        _CHECK_COMMAND,
    ),
    "command_channel_not_used": (
        "the command was rebuilt from the header instead",
        "name the command_channel in the sheet if it is the command after all",
    ),
    "command_units": (_VOLTS, _CHECK_COMMAND),
    "command_offset": (
        "the amplifier's holding was added to the command",
        "see that the holding voltage in the picture is the one of the experiment",
    ),
    "command_offset_not_added": (
        "the recorded command holds the offset already",
        "take command_offset_mv out of the sheet if so; else " + _CHECK_COMMAND,
    ),
    "command_relative": (_VOLTS, "give the holding in command_offset_mv if it is relative"),
    "user_list": (
        "the levels or durations of a list were used instead of those of the header",
        _CHECK_COMMAND,
    ),
    "output_channel": ("the command of another output may have been taken", _CHECK_COMMAND),
    "alternating_outputs": ("every other sweep stays at holding", _CHECK_COMMAND),
    "conditioning_train": (
        "the channels may not be at rest when a sweep begins",
        "leave longer pauses, or take the window late in the step",
    ),
    "sweeps_beyond_run": (
        "the levels of later sweeps are a guess at how the protocol went on",
        _CHECK_COMMAND,
    ),
    "sweep_length": ("the end of the command may be wrong", _CHECK_COMMAND),
    # what was measured
    "no_voltage_family": (
        "there is no current–voltage curve to fit",
        "nothing, if this is another protocol; else name the epoch",
    ),
    "no_family": (
        "the curve is that of the levels within each sweep, as of a membrane test",
        "see that these are the steps that should be measured",
    ),
    "not_steady": (
        "g and E_rev depend on where in the step the window lies",
        "record longer steps, or set window_start_ms and window_end_ms where it is flat",
    ),
    "events": (
        "the means are those of the current between the events",
        "nothing, as long as the window of the picture looks quiet",
    ),
    "noise": (
        "intervals are wide; no number is shifted by it",
        "look for hum and a bad ground; more sweeps narrow the intervals",
    ),
    "holding_drift": (
        "points of early and late sweeps are of different cells, as it were",
        "leave out late sweeps, or record in random order and repeat the first step",
    ),
    "run_down": (
        "the curve mixes larger and smaller conductances of one channel",
        "record in random order, or leave late sweeps out (sweeps)",
    ),
    "filter_not_stated": (
        "open and shut times near the dead time lean on a filter that is known to a fifth",
        "state the amplifier's filter (measures: channel_filter_khz)",
    ),
    "several_channels": (
        "p_open and shut times are those of one of the channels that were seen, taken for all",
        "quote their number with them; the unitary current does not depend on it",
    ),
    "levels_not_independent": (
        "the levels may be those of one channel with a sublevel, and p_open of no channel at all",
        "look at the trace; take patches with one channel for open probability and times",
    ),
    "number_of_channels_not_told": (
        "p_open is an upper bound and the shut time a lower one: more channels may share them",
        "record longer, or where channels open more (voltage, agonist)",
    ),
    "viscosity_limit": (
        "the verdict is that of the rule; a wide pore with a narrow mouth, or an access "
        "resistance of the patch, gives the same exponent of the current",
        "repeat it with a viscogen of another size, one that cannot enter the pore",
    ),
    "viscosity_not_told": (
        "what the two solutions show does not tell pore from gate; no verdict is given",
        "follow the reason: more events, a larger viscosity, or solutions that differ in "
        "viscosity alone",
    ),
    "viscosity_not_single": (
        "the stated viscosity is not used",
        "measure single channels (measure: single_channel), or take the column out",
    ),
    **OF_NOISE_AND_COSTS,
    "zero_drift": (
        "E_rev depends on which sweep's zero is believed",
        "quote E_rev with the range between the two, or leave the drifting sweeps out",
    ),
    "seal_lost": (
        "sweeps from there on are not used",
        "nothing, if enough points are left; else leave the recording out (exclude = yes)",
    ),
    "history": (
        "one voltage has several currents, so that the curve depends on the protocol",
        "use longer steps, or measure tails (measure: instantaneous)",
    ),
    "measure_proposed": (
        "what was measured is perhaps not the current of the channel",
        "set measure in the sheet as proposed and compare the two curves",
    ),
    "peak_transient": (
        "part of the peak is the charging of the membrane; the intervals allow for it",
        "compensate the capacitance better, or subtract it (P/N)",
    ),
    "peaks": ("the current was read where it turns", "see the rings in the picture of the peaks"),
    "ramp_capacitance": (
        "the charging current of the ramp shifts all currents, and E_rev with them",
        "ramp there and back, so that it cancels",
    ),
    "ramp_hysteresis": (
        "the curve depends on the direction of the ramp, so channels gate while it runs",
        "use a slower ramp, or steps",
    ),
    "ramp_lag": (
        "E_rev is shifted along the ramp by as much as filter and clamp lag",
        "use a slower ramp if the shift matters",
    ),
    "ramp_sweeps": (
        "the mean of unequal sweeps belongs to none of them",
        "name the sweeps that belong together (sweeps) in rows of their own",
    ),
    "tail_capacitive": (
        "g and E_rev are perhaps those of a capacitance, not of channels",
        "compare with the recording after a blocker, or compensate better",
    ),
    "tail_not_settled": (
        "the current at the start of the step is not well known; the intervals allow for it",
        "lower the series resistance, or compensate more",
    ),
    "tails": (
        "the current was followed back to the start of the step",
        "see in the picture that the dashed curves follow the samples",
    ),
    # voltage
    "junction_potential": (
        "all voltages, and so E_rev, are shifted by the potential; g is not",
        "name pipette and bath in the sheet, or give ljp_mv",
    ),
    "reference_electrode": (
        "all voltages, and so E_rev, may be shifted; g is not",
        "name the bath in which the pipette was zeroed (zeroed_in)",
    ),
    "series_resistance": (
        "part of the command drops over the pipette: g comes out too small, the more so the "
        "larger the current; E_rev suffers where current flows at the reversal",
        "give r_s_mohm and r_s_compensation in the sheet, or record a membrane test",
    ),
    "series_resistance_change": (
        "one value for all sweeps bends the curve",
        "leave out the sweeps after the change",
    ),
    "voltage_error": (
        "the correction is large, and g is only as good as the stated resistance",
        "compensate more, block part of the current, or see g without it in the table of "
        "corrections",
    ),
    "membrane_test": (
        "series resistance and capacitance are not known from the recording",
        "give r_s_mohm and c_m_pf in the sheet",
    ),
    # leak
    "leak": (
        "what flows beside the channel adds to g and pulls E_rev towards 0 mV",
        "subtract a control (subtract) or a leak (corrections: leak), or leave the cell out",
    ),
    "leak_change": (
        "the points of one curve hold different leaks",
        "subtract the leak of every sweep (leak: ramp), or leave late sweeps out",
    ),
    "leak_refused": (
        "nothing was fitted, since the leak that was asked for cannot be told",
        "follow the reason, or write leak = none for this recording",
    ),
    "leak_reversal": (
        "part of the channel's own current was perhaps taken off",
        "choose a range in which the channel is closed, or a blocker",
    ),
    "leak_of_ungated": (
        "part of the channel's own current was perhaps taken off",
        "use a blocker (subtract) instead",
    ),
    "online_leak": (
        "the amplifier or the program had taken a leak off before the file was written",
        "see that the pulses of the subtraction open no channels",
    ),
    "no_leak_ramp": (
        "nothing was fitted, since there is no ramp to take the leak from",
        "write leak = none for this recording, or state a range",
    ),
    "control_bath": (
        "part of the leak is left in what was fitted",
        "record the control in the same bath",
    ),
    "controls_differ": (
        "the leak changed between the controls; what it was in between is a guess",
        "trust E_rev no further than the shift that is named",
    ),
    "controls_agree": ("the control held still", "nothing"),
    # the fit
    "no_crossing": (
        "E_rev is not used in any ratio",
        "record steps on both sides of the reversal",
    ),
    "line_poor": (
        "g is a mean over the tested voltages and changes with their range",
        "quote the slope at the reversal, or a model of the whole curve",
    ),
    "negative_slope": (
        "a conductance below zero is no leak; the curve bends or a sign is wrong",
        "look at the curve; swap the sign of the channel if the current is inverted",
    ),
    "two_levels": (
        "rectification would go unseen",
        "record more than two voltages if E_rev matters",
    ),
}


_COMPARED = frozenset({"measure_proposed"})


def limit_word(check: str) -> str:
    """Name the number that the value of a finding is held against."""
    return "against" if check in _COMPARED else "limit"


def advice_for(check: str) -> Advice | None:
    """Return the advice for a check; a problem's check is ``stage: code``."""
    name = check.rpartition(": ")[2]
    if name in PROBLEMS:
        return Advice(NO_NUMBERS, PROBLEMS[name])
    found = _ADVICE.get(name)
    return Advice(*found) if found else None


def known_checks() -> frozenset[str]:
    """Return the checks and problem codes that there is advice for."""
    return frozenset(_ADVICE) | frozenset(PROBLEMS)
