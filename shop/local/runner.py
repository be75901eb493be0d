"""Start one service when it is due and restart it when it has ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from shop.local.process import Process
from shop.local.service_spec import Service

QUOTED = 15  # last lines shown when a service cannot be brought up


@dataclass(frozen=True)
class Patience:
    """Limits for restarts and starts; all but ``first_tries`` in seconds."""

    first_pause: float = 0.5  # before the first restart; doubled for each further one
    longest_pause: float = 30.0
    steady: float = 10.0  # after a run this long, earlier deaths no longer count
    first_start: float = 90.0  # until it has to be healthy for the first time
    first_tries: int = 3  # deaths before that, until the start has failed

    def pause(self, deaths: int) -> float:
        """Return the seconds to wait after this number of deaths in a row."""
        return float(min(self.longest_pause, self.first_pause * 2 ** (deaths - 1)))


class State(StrEnum):
    WAITING = "waiting"  # for the services it needs, or for the end of a pause
    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"  # a job that ran to its end
    STOPPED = "stopped"  # by a person, until a person starts it


class StartFailed(Exception):
    """A service does not start. The message quotes its last lines."""

    def __init__(self, name: str, reason: str, last_lines: list[str]) -> None:
        self.name = name
        self.reason = reason
        self.last_lines = last_lines
        lines = last_lines[-QUOTED:] or ["(no output)"]
        quoted = "\n".join(f"    {line}" for line in lines)
        super().__init__(f"{name} {reason}. Its last lines:\n{quoted}")


@dataclass
class Runner:
    """The state of one service over all its runs; ``step`` is called each tick."""

    service: Service
    launch: Callable[[Service], Process]
    say: Callable[[str], None]
    patience: Patience = Patience()
    state: State = State.WAITING
    restarts: int = 0
    process: Process | None = None
    _deaths: int = 0  # in a row, without a steady run in between
    _was_healthy: bool = False
    _due: float = field(default=0.0)

    @property
    def is_healthy(self) -> bool:
        return self.state in {State.RUNNING, State.DONE}

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def step(self, *, needs_met: bool) -> None:
        """Observe the process once and act. Raises StartFailed if it does not start."""
        if self.state is State.WAITING:
            if needs_met and time.monotonic() >= self._due:
                self._start()
            return
        if self.process is None:
            return
        code = self.process.exit_code()
        if code is not None:
            self._handle_end(self.process, code)
        elif self.state is State.STARTING:
            self._check_start(self.process)

    def probe(self) -> bool:
        """Ask the service now. Return whether it is healthy."""
        if self.state is State.DONE:
            return True
        process = self.process
        return (
            self.state is State.RUNNING
            and process is not None
            and process.is_running
            and self.service.healthy(process)
        )

    def start(self) -> None:
        """Let a stopped service run again; no effect on one that is not stopped."""
        if self.state is State.STOPPED:
            self._deaths = 0
            self._due = 0.0
            self.state = State.WAITING

    def stop(self) -> None:
        """End the service and keep it stopped. Twice is once."""
        if self.process is not None:
            self.process.stop()
            self.process = None
        if self.state is not State.DONE:
            self.state = State.STOPPED

    def kill(self) -> None:
        """Kill -9 its whole process group. The next step restarts it."""
        if self.process is not None:
            self.process.kill()
            self.state = State.STARTING  # not healthy from now on

    def _start(self) -> None:
        self.process = self.launch(self.service)
        self.state = State.STARTING

    def _check_start(self, process: Process) -> None:
        if self.service.once:
            return
        if self.service.healthy(process):
            self.state = State.RUNNING
            if self._deaths:
                self.say(f"{self.service.name} is back")
            self._was_healthy = True
        elif not self._was_healthy and process.seconds > self.patience.first_start:
            lines = list(process.last_lines)
            process.kill()
            reason = f"was not ready after {self.patience.first_start:g} s"
            raise StartFailed(self.service.name, reason, lines)

    def _handle_end(self, process: Process, code: int) -> None:
        self.process = None
        name = self.service.name
        if self.service.once:
            if code != 0:
                reason = f"failed (exit code {code})"
                raise StartFailed(name, reason, list(process.last_lines))
            self.state = State.DONE
            return
        if self._was_healthy and process.seconds > self.patience.steady:
            self._deaths = 0
        self._deaths += 1
        end = describe_exit(code)
        if not self._was_healthy and self._deaths >= self.patience.first_tries:
            reason = f"ended {self._deaths} times before it was ready ({end})"
            raise StartFailed(name, reason, list(process.last_lines))
        pause = self.patience.pause(self._deaths)
        self.say(f"{name} ended ({end}); starting it again in {pause:g} s")
        self.restarts += 1
        self._due = time.monotonic() + pause
        self.state = State.WAITING


def describe_exit(code: int) -> str:
    """Return in words how a process ended, from the exit code of ``subprocess``."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"
