"""The service manager of one host, as systemd is on a server.

``host.py FILE`` is process 1 of the host: it starts the services that the file names,
each again a second after it ended (``Restart=always``), holds the socket of the one
that listens (``todoku-web.socket``), and hears their ``READY=1``. It obeys over a
socket in the host's folder. When it ends, the kernel ends all the others.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

AGAIN_AFTER = 1.0  # seconds; RestartSec= of the units
STOPPED_AFTER = 90.0  # seconds; the longest TimeoutStopSec= of the units
HELD = 3  # SD_LISTEN_FDS_START of sd_listen_fds(3)
TICK = 0.1  # seconds
# The number of the process is known only once it runs.
ACTIVATED = ("/bin/sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh")


@dataclass
class Service:
    """One service: how it is started, and what it does now."""

    name: str
    argv: list[str]
    environment: dict[str, str]
    folder: str
    user: int | None = None  # the number of another user, such as PostgreSQL's
    listens: bool = False
    notifies: bool = False
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = True
    ready: bool = False
    starts: int = 0
    due: float = 0.0
    kill_at: float = 0.0


class Manager:
    """Keeps the services of one host running."""

    def __init__(self, home: Path, given: dict[str, Any]) -> None:
        self.home = home
        self.services = {each["name"]: Service(**each) for each in given["services"]}
        if given["port"]:
            hold(given["port"])  # first, while the number is free
        self.selector = selectors.DefaultSelector()
        self.control = listener(home / "control")
        self.selector.register(self.control, selectors.EVENT_READ, self.obey)
        for service in self.services.values():
            if service.notifies:
                self.hear(service)

    def hear(self, service: Service) -> None:
        """Listen for what the service says of itself (sd_notify(3))."""
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = self.home / f"{service.name}.notify"
        path.unlink(missing_ok=True)
        ear.bind(str(path))

        def said() -> None:
            if b"READY=1" in ear.recv(4096):
                service.ready = True

        self.selector.register(ear, selectors.EVENT_READ, said)

    def run(self) -> None:
        while True:
            for key, _events in self.selector.select(TICK):
                key.data()
            self.collect()
            now = time.monotonic()
            for service in self.services.values():
                if service.process is None and service.wanted and now >= service.due:
                    self.start(service)
                elif service.process and service.kill_at and now >= service.kill_at:
                    os.killpg(service.process.pid, signal.SIGKILL)

    def start(self, service: Service) -> None:
        said = {"NOTIFY_SOCKET": str(self.home / f"{service.name}.notify")}
        environment = {
            **service.environment,
            **service.extra,
            **(said if service.notifies else {}),
        }
        begin = [*ACTIVATED] if service.listens else []
        with (self.home / f"{service.name}.log").open("ab") as log:
            service.process = subprocess.Popen(
                [*begin, *service.argv],
                env=environment,
                cwd=service.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(HELD,) if service.listens else (),
                user=service.user,
                group=service.user,
                extra_groups=None if service.user is None else [],
            )
        service.starts += 1
        service.ready = not service.notifies
        service.kill_at = 0.0

    def collect(self) -> None:
        """Take note of processes that ended, those of lost parents included."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for service in self.services.values():
                if service.process and service.process.pid == pid:
                    service.process.returncode = os.waitstatus_to_exitcode(status)
                    service.process = None
                    service.ready = False
                    service.due = time.monotonic() + AGAIN_AFTER

    def obey(self) -> None:
        line, _address = self.control.accept()
        with line, line.makefile("rwb") as stream:
            wish = json.loads(stream.readline())
            for name in wish.get("services", self.services):
                self.do(wish["act"], self.services[name], wish.get("extra"))
            stream.write(json.dumps(self.status()).encode() + b"\n")

    def do(self, act: str, service: Service, extra: dict[str, str] | None) -> None:
        process = service.process
        if act == "start":
            service.extra = extra or {}
            service.wanted, service.due = True, 0.0
        elif act == "stop":
            service.wanted = False
            if process:
                process.send_signal(signal.SIGTERM)
                service.kill_at = time.monotonic() + STOPPED_AFTER
        elif act == "kill" and process:
            os.killpg(process.pid, signal.SIGKILL)

    def status(self) -> dict[str, dict[str, Any]]:
        return {
            service.name: {
                "running": service.process is not None,
                "ready": service.ready,
                "starts": service.starts,
            }
            for service in self.services.values()
        }


def hold(port: int) -> None:
    """Open the socket that outlives its service, under the number that it expects."""
    held = socket.create_server(("0.0.0.0", port), backlog=1024)  # noqa: S104 (the host's network is its own)
    number = held.detach()
    if number != HELD:
        os.dup2(number, HELD)
        os.close(number)


def listener(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    control.bind(str(path))
    control.listen(8)
    return control


def main(file: Path) -> None:
    given = json.loads(file.read_text())
    socket.sethostname(given["name"])
    Manager(file.parent, given).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
