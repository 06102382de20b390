"""Damaged recordings: what becomes of ten thousand mutants of files of every format.

    python tests/bench/fuzz_recordings.py --mutants 10000 --seed 1 --recordings FOLDER
    python tests/bench/fuzz_recordings.py --only NWB --lines nwb.jsonl    (a piece)
    python tests/bench/fuzz_recordings.py --table *.jsonl --docs          (the table of all)

Each mutant of a sound file (flipped bits, cut off, blocks swapped or zeroed, absurd counts in the
header, fields of text replaced) is read, measured and fitted as a run would do it.  Counted are:

refused    the recording is refused in words
same       g and E_rev lie within the intervals of the sound file, or are refused in the fit
told       another result, with a finding or a refused reversal that the sound file does not have
silent     another result without a word: a wrong number that looks right

and what must not be: crashes of this process, readers that computed for more than 10 s, more than
1 GB.  The time by the clock is told as well; on a machine that others use it says more of them.
A seed gives the same mutants every time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "recording"))

import foreign_files as ff
from headers import abf1_bytes, ohmic_sweeps

from permeant.config import Settings
from permeant.errors import PermeantError
from permeant.infer.iv import fit_iv
from permeant.measure import measure_recording
from permeant.recording import guard, open_recording
from permeant.records import SheetRow

SETTINGS = Settings().model_dump()
HEAD = 2048
PAGE = Path(__file__).resolve().parents[2] / "pipeline" / "docs" / "robustness.md"
START, END = "<!-- damaged files -->", "<!-- end of damaged files -->"
LONGEST_S, MOST_MB = 10.0, 1000.0


class Outcome(NamedTuple):
    """What reading, measuring and fitting one file gave."""

    code: str
    g_ns: tuple[float, float, float] | None = None
    e_rev_mv: tuple[float, float, float] | None = None
    said: frozenset[str] = frozenset()


def analyse(path: Path, **how: Any) -> Outcome:
    """Read, measure and fit a file; a refusal is an outcome."""
    try:
        recording = open_recording(path, **how)
        row = SheetRow(2, "cell", "recording", path.name, ljp_applied=True)
        sections = {name: SETTINGS[name] for name in ("steady_state", "corrections", "quality")}
        measurement = measure_recording(recording, row, {}, **sections, extra_ions={})
    except PermeantError as error:
        return Outcome(getattr(error, "code", "refused"))
    line = {name: value for name, value in SETTINGS["fit"].items() if name != "models"}
    fit = fit_iv(measurement.points, **line)
    findings = (*recording.info.findings, *measurement.findings, *fit.findings)
    said = frozenset(one.check for one in findings if one.severity != "info")
    said |= {one.reason for one in measurement.points if one.reason}
    if fit.status != "ok":
        return Outcome("not_fitted", said=said)
    reversal = (fit.e_rev_mv, fit.e_rev_low_mv, fit.e_rev_high_mv)
    known = None not in reversal
    return Outcome(
        "ok",
        (fit.g_ns, fit.g_low_ns, fit.g_high_ns),  # type: ignore[arg-type]
        reversal if known else None,  # type: ignore[arg-type]
        said | frozenset([] if known else ["no reversal"]),
    )


def judge(sound: Outcome, seen: Outcome) -> str:
    """Say what became of a mutant."""
    if seen.code != "ok":
        return "refused"
    if seen.said - sound.said:
        return "told"
    pairs = ((sound.g_ns, seen.g_ns), (sound.e_rev_mv, seen.e_rev_mv))
    same = all(a is None or b is None or (a[1] <= b[2] and b[1] <= a[2]) for a, b in pairs)
    return "same" if same else "silent"


# ------------------------------------------------------------------------------ mutations


def flip_bits(data: bytearray, dice: random.Random) -> str:
    for _ in range(dice.choice((1, 1, 4, 32))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return "bits"


def flip_header_bits(data: bytearray, dice: random.Random) -> str:
    for _ in range(dice.choice((1, 1, 4, 32))):
        data[dice.randrange(min(HEAD, len(data)))] ^= 1 << dice.randrange(8)
    return "header bits"


def cut_off(data: bytearray, dice: random.Random) -> str:
    del data[dice.randrange(1, len(data)) :]
    return "cut off"


def swap_blocks(data: bytearray, dice: random.Random) -> str:
    size = dice.choice((16, 256, 512, 4096))
    if len(data) < 4 * size:
        size = max(len(data) // 8, 1)
    a, b = (dice.randrange(len(data) - size) for _ in range(2))
    data[a : a + size], data[b : b + size] = data[b : b + size], data[a : a + size]
    return "swapped blocks"


def zero_block(data: bytearray, dice: random.Random) -> str:
    size = min(dice.choice((4, 64, 512, 4096)), len(data) // 2)
    at = dice.randrange(len(data) - size)
    data[at : at + size] = bytes(size)
    return "zeroed block"


def absurd_count(data: bytearray, dice: random.Random) -> str:
    at = dice.randrange(max(min(HEAD, len(data)) - 8, 1))
    absurd = dice.choice((b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\0\0\xff\x7f"))
    data[at : at + 4] = absurd
    return "absurd count"


def add_rubbish(data: bytearray, dice: random.Random) -> str:
    at = dice.randrange(len(data))
    data[at:at] = dice.randbytes(dice.choice((1, 7, 600)))
    return "inserted bytes"


MUTATIONS: tuple[Callable[[bytearray, random.Random], str], ...] = (
    flip_bits, flip_header_bits, cut_off, swap_blocks, zero_block, absurd_count, add_rubbish,
)  # fmt: skip


# ------------------------------------------------------------------------------ the files


def sound_files(folder: Path) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Write a small sound file of every format, and how each is opened."""
    command = ff.command_mv(n_samples=1024)
    command[:, :250], command[:, 250:800], command[:, 800:] = (
        -70.0, np.array(ff.LEVELS_MV)[:, np.newaxis], -70.0,
    )  # fmt: skip
    current = ff.ohmic_pa(command)
    times = np.arange(command.shape[1]) * ff.INTERVAL_MS
    files: dict[str, tuple[Path, dict[str, Any]]] = {}
    for name, write in {
        "WinWCP.wcp": ff.write_winwcp, "AxoGraph.axgx": ff.write_axograph_x,
        "AxoGraph2.axgd": ff.write_axograph_2, "Igor.pxp": ff.write_igor_packed,
        "Spike2.smr": ff.write_spike2, "Stimfit.h5": ff.write_stimfit, "NIX.nix": ff.write_nix,
        "NWB.nwb": ff.write_nwb, "ATF.atf": ff.write_atf,
    }.items():  # fmt: skip
        files[name.split(".", maxsplit=1)[0]] = (write(folder / name, current, command), {})
    table = ff.write_table(
        folder / "CSV.csv",
        ("time_ms", *[f"I{k}_pA" for k in range(8)], *[f"V{k}_mV" for k in range(8)]),
        [times, *current, *command],
    )
    files["CSV"] = (table, {})
    abf = folder / "ABF1.abf"
    abf.write_bytes(abf1_bytes(ohmic_sweeps()))
    files["ABF1"] = (abf, {})
    return files


def real_files(folder: Path | None) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Return real files of the formats that nothing here writes."""
    if folder is None or not folder.is_dir():
        return {}
    return {
        "ABF2": (folder / "pyabf" / "171116sh_0013.abf", {}),
        "HEKA": (folder / "seal_leak" / "20191010_sg_rrsol_ls_noc3.dat", {}),
    }


class Watch(threading.Thread):
    """Looks every few milliseconds how much memory the readers and this process hold."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most_mb = 0.0

    def run(self) -> None:
        while True:
            worker = guard._worker().process.pid
            children = Path(f"/proc/{worker}/task/{worker}/children")
            try:
                pids = [*children.read_text(encoding="ascii").split(), str(os.getpid())]
                self.most_mb = max(self.most_mb, *map(held_mb, pids))
            except OSError:
                continue
            finally:
                time.sleep(0.003)


def held_mb(pid: str) -> float:
    """Return the most memory that a process held so far, in MB."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    lines = [line for line in text.splitlines() if line.startswith("VmHWM")]
    return float(lines[0].split()[1]) / 1024 if lines else 0.0


def computed_s() -> float:
    """Return the seconds of computing of this process, the readers and all their copies."""
    worker = guard._worker().process.pid
    try:
        fields = Path(f"/proc/{worker}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except OSError:
        return time.process_time()
    return time.process_time() + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def fuzz(
    files: dict[str, tuple[Path, dict[str, Any]]],
    shares: dict[str, int],
    seed: int,
    folder: Path,
    tell: Callable[[dict[str, Any]], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Read mutants of all files in turn; returns a line for each."""
    lines = []
    watch = Watch()
    watch.start()
    for name, (path, how) in files.items():
        data = path.read_bytes()
        sound = analyse(path, **how)
        if sound.code != "ok":
            raise SystemExit(f"the sound {name} file gives {sound}")
        for number in range(shares[name]):
            dice = random.Random(f"{seed} {name} {number}")
            damaged = bytearray(data)
            kind = dice.choice(MUTATIONS)(damaged, dice)
            mutant = folder / f"mutant{path.suffix}"
            mutant.write_bytes(damaged)
            start, watch.most_mb = time.perf_counter(), 0.0
            worker, computed = guard._worker().process.pid, computed_s()
            try:
                seen = analyse(mutant, **how)
                outcome = judge(sound, seen)
            except Exception as error:  # what a run would report as a fault of the program
                seen, outcome = Outcome(f"{type(error).__name__}: {error}"), "fault"
            seconds = time.perf_counter() - start
            # a new reader took the place of one that had to be ended: only the clock knows
            same = guard._worker().process.pid == worker
            line = {"format": name, "number": number, "kind": kind, "outcome": outcome,
                    "code": seen.code, "s": seconds, "mb": watch.most_mb,
                    "computed_s": computed_s() - computed if same else seconds,
                    "g_ns": seen.g_ns, "e_rev_mv": seen.e_rev_mv}  # fmt: skip
            lines.append(line)
            tell(line)
    return lines


def report(lines: list[dict[str, Any]]) -> str:
    """Return the table of the outcomes, format by format."""
    names = ("refused", "same", "told", "silent", "fault")
    rows = [
        "| format | mutants | "
        + " | ".join(names)
        + " | reader died | most s of computing | most s by the clock | most MB |"
    ]
    rows.append("|---" * (len(names) + 6) + "|")
    groups: dict[str, list[dict[str, Any]]] = {one["format"]: [] for one in lines}
    for one in lines:
        groups[one["format"]].append(one)
    for name, of_format in [*groups.items(), ("all", lines)]:
        seen = Counter(one["outcome"] for one in of_format)
        died = sum(one["code"] == "reader_died" for one in of_format)
        keys = ("computed_s", "s", "mb")
        busy, slow, large = (max(one[key] for one in of_format) for key in keys)
        counts = " | ".join(str(seen[outcome]) for outcome in names)
        rows.append(
            f"| {name} | {len(of_format)} | {counts} | {died} | {busy:.1f} | {slow:.1f} "
            f"| {large:.0f} |"
        )
    return "\n".join(rows)


def main() -> int:
    """Run, print the table, and say by the exit status whether anything was worse than allowed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=10_000, help="of all formats together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--recordings", type=Path, help="folder of real recordings, for HEKA, ABF2")
    parser.add_argument("--only", action="append", help="one format; may be given several times")
    parser.add_argument("--lines", type=Path, help="write a line of JSON for each mutant")
    parser.add_argument("--table", type=Path, nargs="+", help="of such lines; nothing is run")
    parser.add_argument("--docs", action="store_true", help="put the table into robustness.md")
    given = parser.parse_args()
    if given.table:
        lines = [json.loads(line) for path in given.table for line in path.open()]
    else:
        lines = run(given)
    print(report(lines))
    if given.docs:
        before, rest = PAGE.read_text(encoding="utf-8").split(START)
        behind = rest.split(END)[1]
        PAGE.write_text(f"{before}{START}\n{report(lines)}\n{END}{behind}", encoding="utf-8")
    bad = [
        one for one in lines
        if one["outcome"] == "fault" or one["computed_s"] > LONGEST_S or one["mb"] > MOST_MB
    ]  # fmt: skip
    return 1 if bad else 0


def run(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Read the mutants that are asked for; their lines are written as they come."""
    with tempfile.TemporaryDirectory(prefix="permeant-fuzz-") as name, ExitStack() as opened:
        folder = Path(name)
        files = sound_files(folder) | real_files(given.recordings)
        shares = dict.fromkeys(files, given.mutants // len(files))
        files = {k: v for k, v in files.items() if given.only is None or k in given.only}
        out = opened.enter_context(given.lines.open("w")) if given.lines else None

        def tell(line: dict[str, Any]) -> None:
            if out is not None:
                print(json.dumps(line), file=out, flush=True)

        return fuzz(files, shares, given.seed, folder, tell)


if __name__ == "__main__":
    sys.exit(main())
