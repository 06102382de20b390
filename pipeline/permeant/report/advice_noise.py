"""What findings of noise analysis and of costs mean, and what can be done about them."""

from __future__ import annotations

OF_NOISE_AND_COSTS: dict[str, tuple[str, str]] = {
    "noise_filtered": (
        "i would be too small and N too large by what the filter took; both are corrected for it",
        "record with a faster filter; state the amplifier's (measures: channel_filter_khz)",
    ),
    "noise_leak": (
        "i and N lean on the zero of the current, several times as much as on anything else",
        "subtract the leak while recording (P/N), or take the zero from where all channels have "
        "shut at the same voltage (measures: noise_zero: end)",
    ),
    "noise_run_down": (
        "N is that of the middle of the recording if channels were lost, and too large by a few "
        "percent if they opened less",
        "take the sweeps in two rows (sweeps) and compare",
    ),
    "noise_parabola_poor": (
        "i is a mean over unequal currents, and N may be far off",
        "look at the picture; leave the first moments of the step out (measures: noise_delay_ms)",
    ),
    "excess_below_one": (
        "the excess factor is no measure of overlap",
        "check c_m_pf, the space clamp and what was blocked",
    ),
    "no_charge_window": (
        "no charge was taken",
        "give window_start_ms and window_end_ms in the sheet",
    ),
    "no_charge_baseline": (
        "no charge was taken, since its zero is not known",
        "let the window begin later, or record a longer stretch before the waveform",
    ),
    "control_differs": (
        "no charge was taken",
        "record the control with the same protocol, or leave subtract empty",
    ),
    "no_repeated_step": (
        "there are no repeated sweeps whose variance could be taken",
        "name the epoch that is repeated, or another measure",
    ),
}
