"""The sandbox as a real process on a free port, and a client for it."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import stripe

ROOT = Path(__file__).resolve().parents[3]
SECRET_KEY = "sk_test_sandbox"
PUBLISHABLE_KEY = "pk_test_sandbox"


class SandboxProcess:
    """Start it, talk to it, kill it, start it again on the same data and port."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.options = options
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "SandboxProcess":
        command = [sys.executable, "-m", "sandboxes.stripe", "--data", str(self.data)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), *self.options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        ready = self.process.stdout.readline()
        assert "ready on" in ready, ready
        self.port = int(ready.rstrip().rpartition(":")[2])
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self._end()

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self._end()

    def _end(self) -> int:
        assert self.process is not None
        status = self.process.wait(timeout=10)
        if self.process.stdout:
            self.process.stdout.close()
        return status

    def client(
        self, *, retries: int = 0, timeout: float = 20, key: str = SECRET_KEY
    ) -> stripe.StripeClient:
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.url},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=(3, timeout)),
        )

    def control(self, method: str, name: str, fields: Any = None) -> dict[str, Any]:
        """A control request; raises urllib's HTTPError when it is refused."""
        data = None if fields is None else json.dumps(fields).encode()
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{name}", data=data, method=method
        )
        with urllib.request.urlopen(request, timeout=20) as reply:
            answer: dict[str, Any] = json.load(reply)
            return answer

    def fault(self, kind: str, operation: str = "any", **fields: Any) -> dict[str, Any]:
        rule = {"kind": kind, "operation": operation, **fields}
        return self.control("POST", "faults", rule)

    def advance(self, seconds: float) -> dict[str, Any]:
        return self.control("POST", "clock", {"advance": seconds})

    def intents(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "intents")["intents"]
        return found
