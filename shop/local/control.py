"""Orders to a running ``manage.py up``: one JSON line each way, over a unix socket."""

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
LONGEST_ORDER = 4096  # bytes


class NotRunning(Exception):
    """Nobody listens: ``manage.py up`` does not run on this DATA_DIR."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        super().__init__(
            f"Nothing runs on {data_dir}. Start it with: make up "
            "(a DATA_DIR given there has to be given here, too)"
        )


class OrderRefused(Exception):
    """The supervisor did not do what it was asked; the text says why."""


def ask(path: Path, action: str, service: str = "") -> dict[str, Any]:
    """Send one order and return the answer.

    Raises:
        NotRunning: nobody listens on ``path``.
        OrderRefused: the order was understood but refused.
    """
    with socket(AF_UNIX) as connection:
        connection.settimeout(ANSWER_TIMEOUT)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            raise NotRunning(path.parent) from None
        order = json.dumps({"action": action, "service": service})
        connection.sendall(f"{order}\n".encode())
        with connection.makefile() as stream:
            answer: dict[str, Any] = json.loads(stream.readline())
    if "error" in answer:
        raise OrderRefused(answer["error"])
    return answer


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Listener"

    def handle(self) -> None:
        answer = self._answer(self.rfile.readline(LONGEST_ORDER))
        self.wfile.write(f"{json.dumps(answer)}\n".encode())

    def _answer(self, line: bytes) -> dict[str, Any]:
        supervisor = self.server.supervisor
        try:
            order = json.loads(line)
            action, service = str(order["action"]), str(order["service"])
        except (ValueError, KeyError, TypeError):
            return {"error": "an order is one line of JSON: action and service"}
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
    """Listens for orders while the supervisor runs; only the owner can connect."""

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
