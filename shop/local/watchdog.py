"""Kill the processes that this one started when this one is killed.

``kill -9`` gives a process no chance to clean up. So a second, tiny process holds
the read end of a pipe whose write end is ours. When we end, for whatever reason, the
pipe closes and the watchdog kills the process groups on its list.
"""

import os
import pwd
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

PROGRAM = Path(__file__).with_name("watchdog_process.py")

# The child announces itself before it becomes the real program, with the pipe as its
# standard input: were we killed between the fork and an announcement of our own, the
# watchdog would not know of it.
ANNOUNCE = 'echo "watch $$ {signal}" >&0; exec "$@" </dev/null'


@dataclass
class Watchdog:
    """Starts processes that end with us; also keeps ``keeps_open`` descriptors open."""

    keeps_open: tuple[int, ...] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _watched: dict[int, str] = field(default_factory=dict, init=False)

    def spawn(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        output: int | IO[Any],
        cwd: Path | None = None,
        last_signal: str = "KILL",
        user: str | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start ``argv`` as the leader of its own session and process group.

        ``last_signal`` is what its group gets when the pipe closes.
        """
        announce = ANNOUNCE.format(signal=last_signal)
        child = subprocess.Popen(  # noqa: S603 - our own command lines
            ["/bin/sh", "-c", announce, argv[0], *argv],
            stdin=self._pipe(),
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
        )
        self._watched[child.pid] = last_signal
        return child

    def forget(self, child: subprocess.Popen[bytes]) -> None:
        """Stop watching a child whose group has ended: its number may be reused."""
        self._watched.pop(child.pid, None)
        self._tell(f"forget {child.pid}")

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def renew(self) -> None:
        """Start another watchdog, with the same children, if this one was killed.

        No effect while it runs.
        """
        if self.is_running():
            return
        self._close_pipe()
        self._start()
        for group, last_signal in self._watched.items():
            self._tell(f"watch {group} {last_signal}")

    def dismiss(self) -> None:
        """Close the pipe: the watchdog kills what is left, and ends. Twice is once."""
        if self._process is None:
            return
        self._close_pipe()
        self._process.wait()
        self._process = None

    def _start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", str(PROGRAM)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=self.keeps_open,
        )

    def _close_pipe(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def _pipe(self) -> IO[bytes]:
        self.renew()
        if self._process is None or self._process.stdin is None:
            message = "the watchdog process has no pipe"
            raise RuntimeError(message)
        return self._process.stdin

    def _tell(self, order: str) -> None:
        pipe = self._pipe()
        try:
            # One write below PIPE_BUF is atomic: orders of several writers never mix.
            os.write(pipe.fileno(), f"{order}\n".encode())
        except BrokenPipeError:
            # It was killed at this moment; renew() gives the next one all children.
            if self._process is not None:
                self._process.wait()
            self.renew()
