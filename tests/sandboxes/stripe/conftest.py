"""One sandbox for the session, emptied before each test; tests can start more."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stripe

from tests.sandboxes.stripe.receiver import Receiver
from tests.support.sandbox import SandboxProcess

NewSandbox = Callable[..., SandboxProcess]


@pytest.fixture(scope="session")
def hook_receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="session")
def sandbox_process(
    tmp_path_factory: pytest.TempPathFactory, hook_receiver: Receiver
) -> Iterator[SandboxProcess]:
    process = SandboxProcess(
        tmp_path_factory.mktemp("sandbox"),
        *("--webhook-url", hook_receiver.url, "--webhook-backoff", "0.2"),
        *("--search-lag", "0", "--settle-seconds", "600"),
    ).start()
    yield process
    assert process.stop() == 0


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    sandbox_process.control("POST", "reset", {})
    return sandbox_process


@pytest.fixture
def receiver(sandbox: SandboxProcess, hook_receiver: Receiver) -> Receiver:
    hook_receiver.forget()
    return hook_receiver


@pytest.fixture
def client(sandbox: SandboxProcess) -> stripe.StripeClient:
    return sandbox.client()


@pytest.fixture
def new_sandbox(tmp_path: Path) -> Iterator[NewSandbox]:
    """Start another sandbox: ``new_sandbox("--webhook-url", url)``."""
    started: list[SandboxProcess] = []

    def start(*options: str) -> SandboxProcess:
        process = SandboxProcess(tmp_path / f"sandbox{len(started)}", *options).start()
        started.append(process)
        return process

    yield start
    for process in started:
        if process.is_running:
            process.stop()
