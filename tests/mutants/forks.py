"""Processes that run tests with one mutant: forks of one that has all in memory.

A fork has a copy of the database. Its time limit counts processor time, so that a busy
machine kills no mutant.
"""

import gc
import math
import os
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections
from mutmut.mutation.trampoline import set_mutant_under_test

from tests.mutants.outcomes import Outcome

# A test may take so many times as long as without the mutant, and so many seconds more.
SLOWER = 10
MORE = 5
# Seconds by the clock: threads that lock each other up use no processor time.
LONGEST = 120.0
# Seconds of processor time. On a busy machine even a slow test has used more by then.
NOTHING = 0.1
# Seconds: short beside what a fork takes, which is 0.05.
POLLED_EVERY = 0.005
# In a fork's folder: the test that it runs, or ran last.
_PRESENT = "present"


@dataclass(frozen=True)
class Job:
    """Tests to run with a mutant; "" is none. ``tests``: test -> its usual seconds.

    ``is_whole``: these are all the tests that might notice it.
    """

    mutant: str
    tests: Mapping[str, float]
    is_whole: bool = True


@dataclass(frozen=True)
class Ended:
    """A job that was done. ``test`` is the last one that ran."""

    job: Job
    outcome: Outcome
    test: str


@dataclass
class _Fork:
    """A job that runs. ``used``: its processor time when that was last seen to grow."""

    job: Job
    used: float = 0.0
    since: float = field(default_factory=time.monotonic)

    def hangs(self, used: float) -> bool:
        """Return whether it has done next to nothing for too long."""
        now = time.monotonic()
        if used - self.used > NOTHING:
            self.used, self.since = used, now
        return now - self.since > LONGEST


def run_forked(
    next_job: Callable[[], Job | None], passes: Callable[[str], bool], children: int
) -> Iterator[Ended]:
    """Run each job in a fork, some at a time. Yield what became of each.

    ``next_job`` is asked for a job whenever there is room for one. ``passes`` runs a
    test. A fork ends with the first that does not pass.
    """
    # SQLite's connections do not survive a fork.
    connections.close_all()
    # A fork that looks for garbage would copy all that it shares with its parent.
    gc.freeze()
    with tempfile.TemporaryDirectory(prefix="todoku-forks-", dir=_memory()) as folder:
        running: dict[int, _Fork] = {}
        while True:
            while len(running) < children and (job := next_job()):
                running[_begin(job, passes, Path(folder))] = _Fork(job)
            if not running:
                return
            yield _wait(running, Path(folder))


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def _wait(running: dict[int, _Fork], folder: Path) -> Ended:
    """Wait until one of the forks has ended, and end those that hang."""
    while True:
        for pid, fork in running.items():
            present = folder / str(pid) / _PRESENT
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                job = running.pop(pid).job
                test = present.read_text() if present.is_file() else ""
                shutil.rmtree(present.parent, ignore_errors=True)
                code = os.waitstatus_to_exitcode(status)
                if not test:
                    message = f"a fork for {job.mutant} ended with {code} at its start"
                    raise RuntimeError(message)
                return Ended(job, Outcome.TIMEOUT if code < 0 else Outcome(code), test)
            if fork.hangs(_used_by(pid)):
                os.kill(pid, signal.SIGKILL)
        time.sleep(POLLED_EVERY)


def _used_by(pid: int) -> float:
    """Return the seconds of processor time of a process; 0 where there is no /proc."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    # Behind the name, which may hold blanks: the 14th and the 15th field of all.
    user, system = text.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _begin(job: Job, passes: Callable[[str], bool], folder: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    outcome = Outcome.KILLED
    try:
        own = folder / str(os.getpid())
        own.mkdir()
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        _use_own_database(own)
        set_mutant_under_test(job.mutant)
        if all(_passes_in_time(own, passes, *each) for each in job.tests.items()):
            outcome = Outcome.SURVIVED if job.is_whole else Outcome.UNDECIDED
    finally:
        # Without cleaning up: all of it belongs to the parent process.
        os._exit(outcome)


def _passes_in_time(
    folder: Path, passes: Callable[[str], bool], test: str, seconds: float
) -> bool:
    (folder / _PRESENT).write_text(test)
    limit = math.ceil(time.process_time() + SLOWER * seconds) + MORE
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    return passes(test)


def _use_own_database(folder: Path) -> None:
    shared = Path(connections["default"].settings_dict["NAME"])
    for file in shared.parent.glob(f"{shared.name}*"):
        shutil.copy(file, folder)
    # The second is what connections of other threads are made from.
    for settings in (
        connections["default"].settings_dict,
        connections.settings["default"],
    ):
        settings["NAME"] = str(folder / shared.name)
