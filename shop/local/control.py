"""Commands to a running ``manage.py up``: one JSON line each way, by a unix socket."""

import json
import socketserver
import threading
from pathlib import Path
from socket import AF_UNIX, socket
from typing import Any, Self

from shop.local.paths import prepare_socket
from shop.local.supervisor import Supervisor, UnknownService

ACTIONS = ("status", "start", "stop", "kill")
ANSWER_TIMEOUT = 60.0  # seconds; stopping a service takes as long as its last task
LONGEST_COMMAND = 4096  # bytes


class NotRunning(Exception):
    """``manage.py up`` does not run on this DATA_DIR."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        super().__init__(
            f"Nothing runs on {data_dir}. Start it with: make up "
            "(with the same DATA_DIR as here)"
        )


class CommandRefused(Exception):
    """The supervisor refused a command; the text says why."""


def ask(path: Path, action: str, service: str = "") -> dict[str, Any]:
    """Send one command and return the answer.

    Raises:
        NotRunning: no process listens on ``path``.
        CommandRefused: the supervisor refused the command.
    """
    with socket(AF_UNIX) as connection:
        connection.settimeout(ANSWER_TIMEOUT)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            raise NotRunning(path.parent) from None
        command = json.dumps({"action": action, "service": service})
        connection.sendall(f"{command}\n".encode())
        with connection.makefile() as stream:
            answer: dict[str, Any] = json.loads(stream.readline())
    if "error" in answer:
        raise CommandRefused(answer["error"])
    return answer


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Listener"

    def handle(self) -> None:
        answer = self._answer(self.rfile.readline(LONGEST_COMMAND))
        self.wfile.write(f"{json.dumps(answer)}\n".encode())

    def _answer(self, line: bytes) -> dict[str, Any]:
        supervisor = self.server.supervisor
        try:
            command = json.loads(line)
            action, service = str(command["action"]), str(command["service"])
        except (ValueError, KeyError, TypeError):
            return {"error": "a command is one line of JSON: action and service"}
        if action not in ACTIONS:
            return {"error": f"no such action; there are {', '.join(ACTIONS)}"}
        try:
            if action != "status":
                getattr(supervisor, action)(service)
        except UnknownService as error:
            return {"error": str(error)}
        return {"ready": supervisor.ready, "services": supervisor.status()}


class _Listener(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        super().__init__(str(path), _Conversation)


class Control:
    """Listens for commands while the supervisor runs. Only its owner can connect."""

    def __init__(self, path: Path, supervisor: Supervisor) -> None:
        self._path = path
        prepare_socket(path)
        path.unlink(missing_ok=True)
        self._listener = _Listener(path, supervisor)
        path.chmod(0o600)
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(0.1,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._path.unlink(missing_ok=True)
