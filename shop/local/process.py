"""One run of one service: its process group, its log and its end."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from shop.local.console import Console
from shop.local.service_spec import Service
from shop.local.watchdog import Watchdog

LINES_KEPT = 40
FIRST_LINES = 400  # a run says that it is ready within its first lines


class Process:
    """A started service: a child that leads a process group, ended as a whole."""

    def __init__(
        self,
        service: Service,
        watchdog: Watchdog,
        console: Console,
        *,
        env: Mapping[str, str],
        cwd: Path,
    ) -> None:
        self.service = service
        self.started = time.monotonic()
        self.last_lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._first_lines: list[str] = []
        self._watchdog = watchdog
        self._console = console
        self._ended = False
        self._child = watchdog.spawn(
            service.argv,
            env={**env, **service.environment},
            output=subprocess.PIPE,
            cwd=cwd,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def is_running(self) -> bool:
        return self._child.poll() is None

    def exit_code(self) -> int | None:
        """Return the exit code, or None while it runs.

        If the leader has ended, the rest of its group is killed.
        """
        code = self._child.poll()
        if code is not None and not self._ended:
            self._end_group()
        return code

    def said(self, text: str) -> bool:
        """Return whether one of the first FIRST_LINES lines holds ``text``."""
        return any(text in line for line in tuple(self._first_lines))

    def stop(self) -> None:
        """Send SIGTERM, and kill the group if it has not ended in ``stop_seconds``."""
        # Only the leader gets the signal: Celery and gunicorn end their own children,
        # and a signal to the children would interrupt work they can still finish.
        if self._ended:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
            # A stopped (SIGSTOP) process would never see the signal.
            os.killpg(self.pid, signal.SIGCONT)
        try:
            self._child.wait(self.service.stop_seconds)
        except subprocess.TimeoutExpired:
            self._console.say(f"{self.service.name} did not end in time; killing it")
        self.kill()

    def kill(self) -> None:
        """Kill the whole group and wait until the leader has ended. Twice is once."""
        if self._ended:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._child.wait()
        self._end_group()

    def _end_group(self) -> None:
        # Leftover children of a dead leader (a worker's pool) must not live on.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._ended = True
        self._watchdog.forget(self._child)
        # The last lines often name the cause, so read the log to its end.
        self._reader.join(timeout=2)

    def _read(self) -> None:
        stream = self._child.stdout
        if stream is None:
            return
        with stream:
            for raw in stream:
                line = raw.decode(errors="replace").rstrip()
                self.last_lines.append(line)
                if len(self._first_lines) < FIRST_LINES:
                    self._first_lines.append(line)
                self._console.line(self.service.name, line)
