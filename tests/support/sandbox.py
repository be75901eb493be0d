"""The Stripe sandbox as a process of its own, for tests within this one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
RETURN = "http://127.0.0.1:1/return"


class Sandbox:
    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, path: str, body: Any = None) -> Any:
        answer = requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def fault(self, operation: str, kind: str, **options: Any) -> None:
        self.post("faults", {"operation": operation, "kind": kind, **options})

    def forgive(self) -> None:
        """Forget the faults that did not strike."""
        requests.delete(f"{self.url}/_sandbox/faults", timeout=10).raise_for_status()

    def intents(self) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.url}/_sandbox/intents", timeout=10)
        found: list[dict[str, Any]] = answer.json()["intents"]
        return found

    def konbini_token(self) -> str:
        prefix = "payment_method_data"
        data = {
            f"{prefix}[type]": "konbini",
            f"{prefix}[billing_details][name]": "Hanako Minato",
            f"{prefix}[billing_details][email]": "hanako@example.com",
        }
        answer = requests.post(
            f"{self.url}/v1/confirmation_tokens",
            data,
            auth=("pk_test_sandbox", ""),
            timeout=10,
        )
        answer.raise_for_status()
        return str(answer.json()["id"])

    def token(self, card: str) -> str:
        answer = requests.post(
            f"{self.url}/v1/test_helpers/confirmation_tokens",
            data={"payment_method": card, "return_url": RETURN},
            auth=("sk_test_sandbox", ""),
            timeout=10,
        )
        answer.raise_for_status()
        return str(answer.json()["id"])


@contextmanager
def running_sandbox(folder: Path) -> Iterator[str]:
    """Run the sandbox on a free port with its data in ``folder``; yield its address."""
    command = [sys.executable, "-m", "sandboxes.stripe", "--port", "0"]
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(
            [*command, "--data", str(folder)],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    def address() -> str:
        words = (folder / "log").read_text().split()
        return next((word for word in words if word.startswith("http://")), "")

    try:
        yield wait_until(address, "the sandbox is ready")
    finally:
        child.terminate()
        child.wait(timeout=10)
