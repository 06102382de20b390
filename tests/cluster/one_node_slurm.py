"""A SLURM of one controller and one node on this machine, for as long as a test needs it.

It takes Debian's ``slurm-wlm`` and ``munge`` and runs as root, since the daemons do.  Everything
lies in one folder, keys and sockets included, but for a link to the configuration in
``/etc/slurm``: jobs are not handed ``SLURM_CONF``.  A machine that has a configuration of its own
is left alone.  In the end the link is taken away and what was started is stopped.
"""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

CONFIG = Path("/etc/slurm/slurm.conf")
_PATIENCE_S = 60

# What runs where processes cannot be put into cgroups, and keeps no accounts.
_TEXT = """\
ClusterName=permeant-test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=bf_interval=2
MinJobAge=300
InactiveLimit=0
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory_mb} State=UNKNOWN
PartitionName=test Nodes={host} Default=YES MaxTime=60 State=UP
"""


def why_no_slurm() -> str:
    """Return why this machine cannot run a SLURM of its own; empty where it can."""
    programs = ("slurmctld", "slurmd", "sbatch", "squeue", "scancel", "munged")
    missing = [name for name in programs if _program(name) is None]
    if missing:
        return f"{', '.join(missing)} not installed (Debian: slurm-wlm munge)"
    if os.geteuid() != 0:
        return "the daemons of SLURM are started as root"
    if CONFIG.exists() or CONFIG.is_symlink():
        return f"{CONFIG} is there: a SLURM of this machine's own is left alone"
    return ""


@contextmanager
def one_node_slurm(folder: Path) -> Iterator[None]:
    """Start munge, controller and node; stop them in the end."""
    host = platform.node().split(".")[0]
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    config = folder / "slurm.conf"
    config.write_text(
        _TEXT.format(host=host, folder=folder, cpus=os.cpu_count() or 1, memory_mb=_memory_mb())
    )
    (folder / "munge.key").write_bytes(secrets.token_bytes(128))
    (folder / "munge.key").chmod(0o400)
    socket = f"--socket={folder}/munge.socket"
    files = [f"--{name}-file={folder}/munge.{name}" for name in ("key", "log", "pid", "seed")]
    with ExitStack() as stack:
        CONFIG.parent.mkdir(exist_ok=True)
        CONFIG.symlink_to(config)
        stack.callback(CONFIG.unlink)

        def start(*command: str) -> None:
            stack.enter_context(_running(command, folder))

        def until(what: str, *command: str, said: bytes = b"") -> None:
            _wait_for(lambda: _answers(command, said), what, folder)

        start("munged", "--foreground", "--force", socket, *files)
        until("munge", "munge", "--no-input", socket)
        start("slurmctld", "-D", "-c")
        until("the controller", "scontrol", "ping", said=b"UP")
        start("slurmd", "-D", "-N", host)
        until("the node", "sinfo", "-h", "-o", "%T", said=b"idle")
        yield


@contextmanager
def _running(command: Sequence[str], folder: Path) -> Iterator[None]:
    program = _program(command[0])
    assert program is not None
    with (folder / f"{command[0]}.out").open("wb") as out:
        daemon = subprocess.Popen([program, *command[1:]], stdout=out, stderr=out)
        try:
            yield
        finally:
            daemon.terminate()
            with suppress(subprocess.TimeoutExpired):
                daemon.wait(20)
            daemon.kill()
            daemon.wait()


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _answers(command: Sequence[str], said: bytes = b"") -> bool:
    """Whether a program ends well and says something."""
    found = subprocess.run(command, capture_output=True, check=False)
    return found.returncode == 0 and said in found.stdout


def _wait_for(condition: Callable[[], bool], what: str, folder: Path) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not condition():
        logs = "\n".join(
            f"{path.name}: {path.read_text(errors='replace')[-1500:]}"
            for path in sorted(folder.glob("*.log")) + sorted(folder.glob("*.out"))
        )
        assert time.monotonic() < end, f"waited in vain for {what}\n{logs}"
        time.sleep(0.1)


def _memory_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20 * 8 // 10
