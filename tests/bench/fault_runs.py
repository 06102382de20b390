"""What a run leaves behind when it is killed, starved, locked out, or its files are changed.

    python tests/bench/fault_runs.py [--kills 100] [--seed 1] [--docs]
    python tests/bench/fault_runs.py --only kill --kills 50 --seed 2 --lines 2.jsonl    (a piece)
    python tests/bench/fault_runs.py --table *.jsonl --docs                    (the table of all)

Simulates a project, runs it undisturbed, then disturbs runs on fresh copies of it and runs each
again without the fault.  After that every table must be the same to the byte as those of the
undisturbed run, every page must be whole, and nothing half written may lie about.
``--docs`` writes the table into pipeline/docs/robustness.md.

Needs a POSIX system.  As root a full disk is a small tmpfs, and a read-only folder is one of
another user; otherwise they are a limit on the size of a file, and permissions taken away.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))
from runs import ROOT, Program, Run, make_project, read_csv, tables_of

import permeant

PAGE = ROOT / "pipeline" / "docs" / "robustness.md"
NOBODY = 65534
BATCH_SIZE = 2
WHOLE_DISK = "256m"
REFUSED = "another `permeant run` is at work"


@dataclass(frozen=True)
class Outcome:
    """One disturbed run and the one after it: what was wrong, in words; nothing if all was well."""

    fault: str
    wrong: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Study:
    """The program, a project before its first run, and what an undisturbed run makes of it."""

    program: Program
    fresh: Path
    tables: dict[str, bytes]
    pages: dict[str, bytes]
    seconds: float

    def copy(self, source: Path | None = None) -> Path:
        place = Path(tempfile.mkdtemp(dir=self.fresh.parent)) / "project"
        place.parent.chmod(0o755)
        return Path(shutil.copytree(source or self.fresh, place))

    def run(self, project: Path) -> Run:
        return call(self.program, project)

    def after(self, project: Path) -> tuple[str, ...]:
        """Run again, now undisturbed; return what differs from the undisturbed run."""
        again = self.run(project)
        wrong = list(half_written(project))
        if again.status:
            wrong.append(f"the run after it ended with {again.status}: {last(again.said)}")
        if "Traceback" in again.said:
            wrong.append("a traceback in the run after it")
        wrong += differing("table", tables_of(project), self.tables)
        wrong += differing("page", pages_of(project), self.pages)
        left = [path.name for path in (project / "reports").rglob(".*") if path.is_file()]
        return (*wrong, *(f"{name} is left over" for name in left))


def start(
    program: Program,
    project: Path,
    prefix: tuple[str, ...] = (),
    preexec: Callable[[], None] | None = None,
) -> subprocess.Popen[str]:
    """Start a run in its own process group."""
    command = program.command("permeant.cli", "run", project, "--cores", "1")
    home = project.parent / "home"
    home.mkdir(exist_ok=True)
    home.chmod(0o777)
    return subprocess.Popen(
        [*prefix, *command], env={**program.environment, "HOME": str(home)}, cwd=program.folder,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        preexec_fn=preexec,  # noqa: PLW1509
    )  # fmt: skip


def call(
    program: Program,
    project: Path,
    prefix: tuple[str, ...] = (),
    preexec: Callable[[], None] | None = None,
) -> Run:
    process = start(program, project, prefix, preexec)
    said, _ = process.communicate()
    return Run(process.returncode, said)


def pages_of(project: Path) -> dict[str, bytes]:
    reports = project / "reports"
    pages = [*reports.glob("cells/*.html"), *reports.glob("*.html")]
    return {path.relative_to(reports).as_posix(): path.read_bytes() for path in sorted(pages)}


def half_written(project: Path) -> Iterator[str]:
    for name, content in pages_of(project).items():
        if not content.rstrip().endswith(b"</html>"):
            yield f"{name} is half written"


def differing(kind: str, found: dict[str, bytes], wanted: dict[str, bytes]) -> Iterator[str]:
    for name in sorted(found.keys() | wanted.keys()):
        if found.get(name) != wanted.get(name):
            yield f"{kind} {name} differs"


def last(said: str) -> str:
    return next((line for line in reversed(said.splitlines()) if line.strip()), "nothing said")


def sentence(run: Run, *words: str) -> tuple[str, ...]:
    """Return what is wrong with how a run that cannot succeed ended."""
    wrong = []
    if run.status == 0:
        wrong.append("the disturbed run ended as if all were well")
    if not any(word in run.said for word in words):
        wrong.append(f"no sentence that names the cause: {last(run.said)}")
    if "Traceback" in run.said:
        wrong.append("a traceback instead of a sentence")
    return tuple(wrong)


def kills(study: Study, count: int, seed: int) -> Iterator[Outcome]:
    """Kill the whole process group after a random part of the undisturbed time."""
    draw = random.Random(seed)
    done = 0
    while done < count:
        wait_s = draw.random() * study.seconds
        project = study.copy()
        process = start(study.program, project)
        time.sleep(wait_s)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            # what stands before the next run must be whole, too
            wrong = [*half_written(project), *half_tables(study, project)]
            yield Outcome("kill -9", (*wrong, *study.after(project)), f"after {wait_s:.1f} s")
            done += 1
        else:  # it was faster than the undisturbed run: no kill, draw again
            process.communicate()
        shutil.rmtree(project.parent)


def half_tables(study: Study, project: Path) -> Iterator[str]:
    if (project / "reports" / "tables").is_dir():
        for name, content in tables_of(project).items():
            if not name.startswith(".") and content != study.tables.get(name):
                yield f"table {name} is half written"


def full_disks(study: Study) -> Iterator[Outcome]:
    """Let the disk be full at several moments: a folder of so much of what is needed."""
    needed = sum(map(len, [*study.tables.values(), *study.pages.values()]))
    for part in (0.02, 0.3, 0.8):
        project = study.copy()
        if os.geteuid() == 0:
            yield full_tmpfs(study, project, int(part * needed))
        else:
            limit = int(part * max(map(len, study.pages.values())))
            run = call(study.program, project, preexec=lambda limit=limit: limit_files(limit))
            wrong = sentence(run, "No space left", "File too large", "disk is full")
            yield Outcome("disk full (file size limit)", (*wrong, *study.after(project)))
        shutil.rmtree(project.parent)


def limit_files(size_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))


def full_tmpfs(study: Study, project: Path, size_bytes: int) -> Outcome:
    reports = project / "reports"
    reports.mkdir(exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", reports], check=True
    )
    try:
        run = study.run(project)
        wrong = (*sentence(run, "No space left", "disk is full"), *half_written(project))
        subprocess.run(["mount", "-o", f"remount,size={WHOLE_DISK}", reports], check=True)
        return Outcome("disk full (tmpfs)", (*wrong, *study.after(project)), last(run.said))
    finally:
        subprocess.run(["umount", "--lazy", reports], check=True)


def locked_out(study: Study, finished: Path) -> Iterator[Outcome]:
    """Run on folders that nobody may write to: before the first run, and after one."""
    root = os.geteuid() == 0
    if root and not shutil.which("setpriv"):
        yield Outcome("read-only folder", (), "skipped: setpriv is not there")
        return
    prefix = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    for source in (study.fresh, finished):
        project = study.copy(source)
        (project / "config" / "config.yaml").open("a").write("# changed\n")
        everything = [project, *project.rglob("*")]
        modes = {path: path.stat().st_mode for path in everything}
        for path in everything:
            path.chmod(modes[path] & ~0o222)
        if source is finished:
            (project / "data").chmod(0o555)
        before = tables_of(project) if source is finished else {}
        run = call(study.program, project, prefix if root else ())
        wrong = list(sentence(run, "permission", "Permission", "read-only"))
        if source is finished:
            wrong += differing("table", tables_of(project), before)
        for path, mode in modes.items():
            path.chmod(mode)
        yield Outcome("read-only folder", (*wrong, *study.after(project)), last(run.said))
        shutil.rmtree(project.parent)


def changing_files(study: Study) -> Iterator[Outcome]:
    """Take a recording away, or put another in its place, once it was read for the first time."""
    for back in (True, False):
        for when in ("reading the recordings of batch 0001", "reading the recordings"):
            for change in (vanish, overwrite):
                yield changed_during(study, when, change, back)


def vanish(path: Path) -> None:
    path.unlink()


def overwrite(path: Path) -> None:
    """Put the recording of the last cell in the place of another."""
    shutil.copyfile(sorted(path.parent.glob("*.abf"))[-1], path)


def changed_during(study: Study, when: str, change: Callable[[Path], None], back: bool) -> Outcome:
    project, apart = study.copy(), study.copy()
    process = start(study.program, project)
    line = next((line for line in process.stdout or () if when in line), "")
    # a recording of batch 0001; or one that was not read yet, of 0001 or 0002
    cell = BATCH_SIZE if not when.endswith("0001") and line.rstrip().endswith("0001") else 0
    file = read_csv(project / "config" / "recordings.csv")[cell]["file"]
    change(project / file)
    said, _ = process.communicate()
    fault = f"recording {'vanishes' if change is vanish else 'changes'}" + (
        " and comes back" if back else ""
    )
    wrong = [*half_written(project)]
    wrong += ["a traceback"] if "Traceback" in said else []
    if process.returncode == 0:
        wrong += others_differ(study, project, Path(file).stem)
    note = last(said)
    if back:  # with its old time stamp, as from a backup
        shutil.copy2(study.fresh / file, project / file)
        wrong += study.after(project)
    else:  # an undisturbed run on a project that never held anything else
        change(apart / file)
        undisturbed, again = study.run(apart), study.run(project)
        if undisturbed.status != again.status:
            wrong.append(f"ended with {again.status}, not {undisturbed.status}")
        elif undisturbed.status == 0:
            wrong += differing("table", tables_of(project), tables_of(apart))
            wrong += differing("page", pages_of(project), pages_of(apart))
        else:
            note = last(again.said)
    for place in (project, apart):
        shutil.rmtree(place.parent)
    return Outcome(fault, tuple(wrong), note)


def others_differ(study: Study, project: Path, victim: str) -> Iterator[str]:
    """Say which tables hold other lines for cells whose files nobody touched."""
    mark = f"{victim},".encode()
    found = tables_of(project)
    for name in ("fits.csv", "permeability.csv", "iv_points.csv"):
        kept = [line for line in found[name].splitlines() if not line.startswith(mark)]
        whole = [line for line in study.tables[name].splitlines() if not line.startswith(mark)]
        if kept != whole:
            yield f"{name} differs in cells that nobody touched"


def two_at_once(study: Study, count: int = 2) -> Iterator[Outcome]:
    """Start two runs on one project, together and one later."""
    for number in range(count):
        project = study.copy()
        first = start(study.program, project)
        if number:
            time.sleep(study.seconds * number / count)
        runs = [first, start(study.program, project)]
        ends = [Run(0, run.communicate()[0]) for run in runs[::-1]][::-1]
        statuses = sorted(run.returncode for run in runs)
        wrong = [*half_written(project)]
        told = sum(REFUSED in end.said for end in ends)
        if statuses[0] != 0 or statuses[1] == 0 or told != 1:
            wrong.append(f"ended with {statuses}, {told} refused")
        wrong += differing("table", tables_of(project), study.tables)
        yield Outcome("two runs at once", (*wrong, *study.after(project)))
        shutil.rmtree(project.parent)


def prepare(folder: Path, n_cells: int) -> tuple[Study, Path]:
    folder.chmod(0o755)
    program = Program(folder / "program")
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "pipeline", program.folder / "pipeline", ignore=ignore)
    for name in ("Snakefile", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, program.folder)
    fresh = make_project(folder / "fresh", n_cells, BATCH_SIZE)
    finished = Path(shutil.copytree(fresh, folder / "first" / "project"))
    call(program, finished)  # the first one also compiles
    shutil.rmtree(finished)
    shutil.copytree(fresh, finished)
    began = time.monotonic()
    run = call(program, finished)
    seconds = time.monotonic() - began
    if run.status:
        raise SystemExit(f"the undisturbed run ended with {run.status}:\n{run.said}")
    return Study(program, fresh, tables_of(finished), pages_of(finished), seconds), finished


def table_of(outcomes: list[Outcome]) -> list[str]:
    lines = ["| fault | runs | all well | what was wrong |", "|---|---|---|---|"]
    for fault in dict.fromkeys(outcome.fault for outcome in outcomes):
        seen = [outcome for outcome in outcomes if outcome.fault == fault]
        well = sum(not outcome.wrong for outcome in seen)
        wrong = sorted({word for outcome in seen for word in outcome.wrong})
        skipped = [one.note for one in seen if one.note.startswith("skipped")]
        if skipped:
            lines.append(f"| {fault} | 0 | 0 | {skipped[0]} |")
        else:
            lines.append(f"| {fault} | {len(seen)} | {well} | {'; '.join(wrong) or 'nothing'} |")
    return lines


START, END = "<!-- fault runs -->", "<!-- end of fault runs -->"


def code_digest() -> str:
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted((ROOT / "pipeline" / "permeant").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def tell(fault: Callable[[], Iterator[Outcome]], lines: Path | None) -> list[Outcome]:
    """Try one kind of fault, and print how each run of it went."""
    outcomes = []
    for outcome in fault():
        outcomes.append(outcome)
        print(outcome.fault, outcome.wrong or "well", outcome.note, sep=" | ", flush=True)
        if lines is not None:
            with lines.open("a") as out:
                print(json.dumps({**asdict(outcome), "code": code_digest()}), file=out)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cells", type=int, default=6)
    parser.add_argument("--only", help="a part of the name of a fault: kill, disk, read, file, two")
    parser.add_argument("--jobs", type=int, default=1, help="kinds of faults tried at once")
    parser.add_argument("--docs", action="store_true", help="write pipeline/docs/robustness.md")
    parser.add_argument("--lines", type=Path, help="add a line of JSON for each disturbed run")
    parser.add_argument("--table", type=Path, nargs="+", help="of such lines; nothing is run")
    asked = parser.parse_args()
    if asked.table:
        lines = [json.loads(line) for path in asked.table for line in path.open()]
        outcomes = [Outcome(one["fault"], tuple(one["wrong"]), one["note"]) for one in lines]
        codes = sorted({one["code"] for one in lines})
    else:
        outcomes, codes = disturb(asked), [code_digest()]
    table = "\n".join(table_of(outcomes))
    print(table)
    if asked.docs:
        before, rest = PAGE.read_text(encoding="utf-8").split(START)
        behind = rest.split(END)[1]
        said = f"Produced until {datetime.now(UTC):%Y-%m-%d} with permeant {permeant.__version__} "
        said += f"(code {', '.join(codes)})."
        PAGE.write_text(f"{before}{START}\n{table}\n\n{said}\n{END}{behind}", encoding="utf-8")
    return int(any(outcome.wrong for outcome in outcomes))


def disturb(asked: argparse.Namespace) -> list[Outcome]:
    """Try the kinds of faults that are asked for."""
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        study, finished = prepare(Path(folder), asked.cells)
        faults = {
            "kill": lambda: kills(study, asked.kills, asked.seed),
            "disk": lambda: full_disks(study),
            "read": lambda: locked_out(study, finished),
            "two": lambda: two_at_once(study),
            "file": lambda: changing_files(study),
        }
        with ThreadPoolExecutor(asked.jobs) as pool:
            parts = [fault for name, fault in faults.items() if asked.only in (None, name)]
            for part in pool.map(lambda fault: tell(fault, asked.lines), parts):
                outcomes += part
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
