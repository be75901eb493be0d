"""A warehouse sandbox as a process of its own, and a receiver of its reports."""

import json
import subprocess
import sys
import threading
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.sandbox import ROOT


@dataclass
class Received:
    """Reports as they came in; ``status`` is what each is answered."""

    url: str = ""
    status: int = 200
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    def start(self) -> "Received":
        given = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                given.messages.append((headers, body))
                self.send_response(given.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Log nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True
        ).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/reports/"
        return self

    def stop(self) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()

    def kinds(self) -> list[str]:
        """Return what was reported, in the order of arrival."""
        return [json.loads(body)["type"] for _headers, body in self.messages]


class WarehouseSandbox:
    """``python -m sandboxes.warehouse`` on a free port."""

    def __init__(self, folder: Path, report_url: str, pace: float = 0.05) -> None:
        self._argv = [
            *(sys.executable, "-m", "sandboxes.warehouse", "--port", "0"),
            *("--data", str(folder), "--report-url", report_url),
            *("--pace", str(pace)),
        ]
        self.url = ""

    def start(self) -> "WarehouseSandbox":
        self.process = subprocess.Popen(
            self._argv, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[-1] + "/"
        return self

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def control(self, name: str, **fields: Any) -> Any:
        """Ask for something at its control address."""
        request = urllib.request.Request(
            f"{self.url}_sandbox/{name}", data=json.dumps(fields).encode()
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def order(self, shipment: str) -> Any:
        """Return an order as the sandbox has it."""
        found = self.control("orders")["orders"]
        return next(one for one in found if one["shipment"] == shipment)
