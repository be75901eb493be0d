"""The Stripe sandbox: a process, and a client of its control pages."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import requests
import stripe

ROOT = Path(__file__).parents[2]
RETURN = "http://127.0.0.1:1/return"
SECRET_KEY = "sk_test_sandbox"
PUBLISHABLE_KEY = "pk_test_sandbox"
SECONDS = 30.0  # for one answer


class Sandbox:
    """A client of a running sandbox. Its methods raise requests.HTTPError."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Send a control request; return its JSON document."""
        return self._send(method, f"_sandbox/{path}", json=body)

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        return self.control("POST", path, body)

    def fault(self, operation: str, kind: str, **options: Any) -> dict[str, Any]:
        """Let the next matching call fail in this way; return the rule."""
        rule = {"operation": operation, "kind": kind, **options}
        return self.control("POST", "faults", rule)

    def forgive(self) -> None:
        """Remove the faults that were not used."""
        self.control("DELETE", "faults")

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock; what falls due happens."""
        self.control("POST", "clock", {"advance": seconds})

    def intents(self, limit: int = 100_000) -> list[dict[str, Any]]:
        """Return the newest intents, the newest first."""
        found = self.control("GET", f"intents?limit={limit}")["intents"]
        intents: list[dict[str, Any]] = found
        return intents

    def client(
        self, *, retries: int = 0, timeout: float = 20, key: str = SECRET_KEY
    ) -> stripe.StripeClient:
        """Return a client of the SDK; ``timeout`` in seconds."""
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.url},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=(3, timeout)),
        )

    def token(self, card: str) -> str:
        """Return the confirmation token that a browser gets for this test card."""
        data = {"payment_method": card, "return_url": RETURN}
        path = "v1/test_helpers/confirmation_tokens"
        return self._token(path, data, SECRET_KEY)

    def konbini_token(self, email: str = "hanako@example.com") -> str:
        """Return the confirmation token that a browser gets for a voucher."""
        prefix = "payment_method_data"
        data = {
            f"{prefix}[type]": "konbini",
            f"{prefix}[billing_details][name]": "Hanako Minato",
            f"{prefix}[billing_details][email]": email,
        }
        return self._token("v1/confirmation_tokens", data, PUBLISHABLE_KEY)

    def _token(self, path: str, data: dict[str, str], key: str) -> str:
        return str(self._send("POST", path, data=data, auth=(key, ""))["id"])

    def _send(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = requests.request(
            method, f"{self.url}/{path}", timeout=SECONDS, **options
        )
        if not answer.ok:
            raise requests.HTTPError(answer.text, response=answer)
        document: dict[str, Any] = answer.json()
        return document


class SandboxProcess(Sandbox):
    """A sandbox that can be killed and started again on the same data and port."""

    def __init__(self, data: Path, *options: str) -> None:
        super().__init__("")
        self.data = data
        self.options = options
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Start it, on a free port at the first time, and wait until it is ready."""
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
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self._wait()

    def stop(self) -> int:
        """Ask it to end; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self._wait()

    def _wait(self) -> int:
        assert self.process is not None
        status = self.process.wait(timeout=10)
        if self.process.stdout:
            self.process.stdout.close()
        return status


@contextmanager
def running_sandbox(folder: Path) -> Iterator[str]:
    """Run a sandbox with its data in ``folder``. Gives its address."""
    process = SandboxProcess(folder).start()
    try:
        yield process.url
    finally:
        process.stop()
