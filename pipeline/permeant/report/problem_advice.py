"""What to do about a recording that gave nothing, by the code of its problem."""

from __future__ import annotations

NO_NUMBERS = "the recording gives no numbers; the other recordings are not touched"

_WINDOW = "correct window_start_ms and window_end_ms, or leave them empty to have one found"
_TABLE = "write the table with one line a sample, a column of times and the same columns throughout"

PROBLEMS: dict[str, str] = {
    # the file
    "file_missing": "correct the path in the sheet; it is taken from the project's folder",
    "file_foreign": "see that the name ends as the format does; permeant inspect tells what it is",
    "file_too_large": "take a shorter stretch of the recording into a file of its own",
    "format_not_supported": "export it to ATF, NWB or a text table with times",
    "mode_not_supported": "export it to ATF, NWB or a text table with times",
    "reader_died": "open the file with the program that wrote it and save it again",
    "reader_missing": "install the reader as the message says, and run again",
    "not_numbers": "look for text or empty lines among the samples",
    "columns_unequal": _TABLE,
    "text_columns": "say in the column text_columns what each column of the table holds",
    "times_missing": _TABLE,
    "times_uneven": "resample to an even interval, or export again from the acquisition program",
    "units_missing": "say the unit in the header of the table, or in text_columns",
    # which part of the file
    "series_needed": "name one of those that are listed in the column series of the sheet",
    "series_not_found": "name one of those that the file holds (permeant inspect lists them)",
    "electrode_needed": "name the electrode in the column current_channel",
    "channel_needed": "name the channel in the column current_channel",
    "channel_not_found": "name one of the channels that are listed",
    "channel_unknown": "name one of the channels that are listed",
    "channel_conflict": "name two different channels, or leave one column empty",
    "current_clamp": "nothing: without a clamped voltage there is no current–voltage curve",
    "implausible_scale": "compare the gain of the file with that of the amplifier",
    "no_such_sweeps": "correct the column sweeps; the first sweep is 1",
    "no_such_tag": "correct the column sweeps; permeant inspect lists the tags of the file",
    # the command
    "command_shape": "give a command of the same shape as the current",
    "no_constant_voltage": "name an epoch with steps, or measure: ramp",
    "no_such_epoch": "correct the column epoch, or leave it empty to have one found",
    "protocol_too_long": "compare the durations of the protocol with the length of a sweep",
    # what is measured
    "no_peak": "measure: steady, or a window in which the current turns",
    "no_ramp": "measure: steady, or name the protocol that holds the ramp",
    "no_step_start": "name an epoch that begins with a step",
    "step_too_short": "record longer steps, or set measures: tail_delay_ms to less",
    "single_channel_needs_patch": "set configuration to outside-out, inside-out or cell-attached",
    "window_needs_one_step": "name the epoch that the window belongs to",
    "window_outside_ramp": _WINDOW,
    "window_outside_step": _WINDOW,
    "window_too_short": _WINDOW,
    # corrections
    "leak_range": "choose a leak_range_mv that holds more of the tested voltages",
    "no_leak_range": "choose a leak_range_mv that holds some of the tested voltages",
    "leak_twice": "write leak = none for this recording: its file had the leak taken off already",
    "ljp_twice": "take ljp_applied or ljp_mv out of the row: one correction is enough",
    # the program
    "refused": "follow the message",
    "internal_error": "report it with the log of the job; it is a fault of the program",
}
"""To do, by code; what all of them mean is `NO_NUMBERS`."""
