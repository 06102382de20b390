"""Reading in a process of its own, so that a file that kills its reader costs itself alone.

Most formats are read by libraries that trust what a header says: a damaged one can make them
ask for any memory, never end, or crash in C.  They run in a worker with a limit on memory and on
computing time.  The worker is kept for the next file, so that its start is paid once, and reads
each file in a copy of itself; it ends with the process that started it.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

from permeant.errors import RecordingError
from permeant.recording.command import Wishes
from permeant.recording.doors import open_here, preload
from permeant.recording.files import Format
from permeant.records import Recording

LEAST_MEMORY = 700_000_000
"""Bytes that a reader may take whatever the size of the file."""
MEMORY_PER_BYTE = 16
LEAST_SECONDS = 5.0
"""Seconds of computing that a reader may take whatever the size of the file."""
SECONDS_PER_BYTE = 1e-7
PATIENCE = 40.0
"""The clock may run this many times longer than the computing: other jobs want the cores too.

The limit of computing ends what loops; the clock is for a reader that waits without end.  A file
that is refused because the computer was busy would be called damaged.
"""
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"
"""Windows has no copies of a process; on macOS a copy of one with such libraries may hang."""
_LENGTH = struct.Struct("<Q")


@dataclass
class Worker:
    """A process that opens files for this one."""

    process: subprocess.Popen[bytes] = field(repr=False)
    owner: int
    """The process that started it: a fork must not talk into the pipes of its parent."""

    def ask(self, question: tuple[Any, ...], seconds: float) -> Any:
        """Hand over a question and wait for its answer; ``None`` where there is none."""
        assert self.process.stdin is not None
        answers: list[Any] = []
        reader = threading.Thread(target=self._listen, args=(answers.append,), daemon=True)
        try:
            send(self.process.stdin, question)
        except OSError:
            return None
        reader.start()
        reader.join(seconds)
        return answers[0] if answers else None

    def _listen(self, put: Callable[[Any], None]) -> None:
        assert self.process.stdout is not None
        try:
            put(receive(self.process.stdout))
        except (EOFError, OSError, ValueError):
            return

    def _kill(self) -> None:
        if hasattr(os, "killpg"):
            os.killpg(self.process.pid, signal.SIGKILL)  # with the copy that reads the file
        else:
            self.process.kill()

    def end(self) -> int:
        """Stop it, whatever it is doing; returns how it ended."""
        code = self.process.poll()
        if code is None:
            try:
                # one that died of itself may need a moment to say how
                code = self.process.wait(0.5)
            except subprocess.TimeoutExpired:
                self._kill()
                code = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        return code


def open_guarded(path: Path, known: Format, shown_as: str, wishes: Wishes) -> Recording:
    """Open a file in the worker.

    Raises
    ------
    RecordingError
        What the reader says of the file, or that the file killed its reader.
    """
    worker = _worker()
    if worker.process.poll() is not None or worker.owner != os.getpid():
        _worker.cache_clear()
        worker = _worker()
    size = path.stat().st_size
    seconds = LEAST_SECONDS + SECONDS_PER_BYTE * size
    memory = LEAST_MEMORY + MEMORY_PER_BYTE * size
    question = (path.absolute(), known, shown_as, wishes, seconds, memory)
    answer = worker.ask(question, PATIENCE * seconds)
    if isinstance(answer, Recording):
        return answer
    if isinstance(answer, tuple):
        raise RecordingError(*answer)
    code = answer
    if answer is None:
        code = worker.end()
        _worker.cache_clear()
    raise RecordingError(
        "reader_died",
        f"{shown_as}: {_say_death(code, seconds)}; the file is damaged: copy it again from its "
        "source, or leave the row out",
    )


def _say_death(code: int, seconds: float) -> str:
    too_long = {
        -int(getattr(signal, name)) for name in ("SIGPROF", "SIGKILL") if hasattr(signal, name)
    }
    if code in too_long:
        return f"reading it did not end within {seconds:.0f} s of computing"
    return f"reading it killed the reader (exit status {code})"


@cache
def _worker() -> Worker:
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "MKL", "OMP")}
    process = subprocess.Popen(
        [sys.executable, "-c", "from permeant.recording.guard import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, **threads, "PYTHONPATH": os.pathsep.join(paths)},
    )
    return Worker(process, os.getpid())


# ------------------------------------------------------------------------- in the worker


def serve() -> None:
    """Open files one after the other until nobody asks any more.

    Where the system can, each file is read in a copy of this process, which has the libraries
    loaded already: a library that a damaged file left in disorder must not read the next one.
    """
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # what a library prints must not get among the answers
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks decides
    while True:
        try:
            question = receive(questions)
        except EOFError:
            return
        if not CAN_FORK:
            send(answers, _answer(*question))
            continue
        path, known, *_ = question
        preload(path, Format(*known))
        gc.freeze()  # what is there stays: a copy must not touch it to find out
        child = os.fork()
        if child == 0:
            try:
                send(answers, _answer(*question))
            finally:
                os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code != 0:
            send(answers, code)


def _answer(  # noqa: PLR0917 - a question as it comes through the pipe
    path: Path, known: Format, shown_as: str, wishes: Wishes, seconds: float, memory: int
) -> Recording | tuple[str, str]:
    _limit(seconds, memory)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return open_here(path, Format(*known), shown_as, wishes)
    except RecordingError as error:
        return error.code, str(error)
    finally:
        _limit(0.0, None)


def _limit(seconds: float, memory: int | None) -> None:
    """Limit what may be used from now on; no limit where the system knows none."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = resource.RLIM_INFINITY if memory is None else _mapped() + memory
    with suppress(ValueError, OSError):  # macOS has the call, and refuses most limits
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _mapped() -> int:
    """Return the bytes that this process has mapped already."""
    import resource  # noqa: PLC0415

    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 2_000_000_000
    return pages * resource.getpagesize()


def send(pipe: IO[bytes], message: object) -> None:
    """Write one message."""
    data = pickle.dumps(message, protocol=5)
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read one message; raises EOFError where the other side is gone."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)
