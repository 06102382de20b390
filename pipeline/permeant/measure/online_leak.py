"""A leak subtraction that was made while recording: what it takes from the corrections."""

from __future__ import annotations

from dataclasses import dataclass, replace

from permeant.measure.corrections import VoltageCorrection
from permeant.records import Correction, Finding, OnlineLeak


@dataclass(frozen=True)
class Heeded:
    """The correction of the voltage that is left, and what there is to say."""

    correction: VoltageCorrection
    rows: tuple[Correction, ...] = ()
    findings: tuple[Finding, ...] = ()


def heed_online_leak(
    correction: VoltageCorrection, online: OnlineLeak | None, samples: str
) -> Heeded:
    """Make no correction with a current that is not the whole one.

    Parameters
    ----------
    correction : VoltageCorrection
        As it would be with the whole current.
    online : OnlineLeak or None
        What the file says.
    samples : str
        ``subtracted`` or ``raw``, as the configuration says of such files.

    Returns
    -------
    Heeded
        Without the correction for the series resistance where the leak is gone: the whole
        current that flows through the pipette is then not in the file.
    """
    if online is None or online.of_this_channel is False:
        return Heeded(correction)
    name = f"a {online.title} leak subtraction was on while this was recorded"
    if samples == "raw":
        said = f"{name}; the samples are taken for raw, since corrections: online_leak says so"
        return Heeded(correction, findings=(Finding("online_leak", "info", said),))
    kept = tuple(
        replace(row, applied=False, reason=_NO_RESISTANCE.format(title=online.title))
        if row.name == "series resistance"
        else row
        for row in correction.corrections
    )
    left = replace(correction, r_s_mohm=0.0, r_s_by_sweep={}, r_s_se_mohm=0.0, corrections=kept)
    row = Correction("leak", None, "nS", True, f"made by the acquisition program: {online.title}")
    return Heeded(left, (row,), (Finding("online_leak", "warning", _meaning(online, name)),))


_NO_RESISTANCE = (
    "not made: it needs the whole current, and the file holds what a {title} subtraction left"
)


def _meaning(online: OnlineLeak, name: str) -> str:
    which = (
        " (the header does not tell for which of the channels)"
        if online.of_this_channel is None
        else ""
    )
    noise = ""
    if online.kind == "P/N" and online.n_pulses:
        factor = (1 + online.n_pulses) ** 0.5
        noise = f"; it made the noise {factor:.2f} times larger, which the stated errors hold"
    return (
        f"{name}{which}, and the header does not say whether the samples were stored before or "
        "after it. They are taken for subtracted: the leak is gone, the series resistance cannot "
        f"be corrected, so g is too small and voltages are off by the whole current times "
        f"it{noise}. Of a channel that is open at rest such a subtraction removes the channel "
        "itself, and neither g nor E_rev mean anything. Were the samples stored raw, write "
        "corrections: online_leak: raw"
    )
