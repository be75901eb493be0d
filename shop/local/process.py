"""One run of one service: its process group, its log and how it is ended."""

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
from shop.local.service import Service
from shop.local.watchdog import Guardian

LINES_KEPT = 40
FIRST_LINES = 400  # a run says that it is ready within its first lines


class Process:
    """A started service. The child leads a process group, which is ended as a whole."""

    def __init__(
        self,
        service: Service,
        guardian: Guardian,
        console: Console,
        *,
        env: Mapping[str, str],
        cwd: Path,
    ) -> None:
        self.service = service
        self.started = time.monotonic()
        self.last_lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._first_lines: list[str] = []
        self._guardian = guardian
        self._console = console
        self._ended = False
        self._child = guardian.spawn(
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
        """Return None while it runs; when it ended, its whole group is ended too."""
        code = self._child.poll()
        if code is not None and not self._ended:
            self._end_group()
        return code

    def said(self, text: str) -> bool:
        return any(text in line for line in tuple(self._first_lines))

    def stop(self) -> None:
        """Ask it to end, and kill it if it does not within its time."""
        # Only the leader is asked: Celery's and gunicorn's children obey their parent,
        # and a signal to all of them would cut work off that may still be finished.
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
        """Kill the whole group at once; returns when it is gone."""
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
        self._guardian.forget(self._child)
        # Its last words matter most, so let the log be read to its end.
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
