"""The sandbox's shared state: store, clock, settings, and a bell for deliveries."""

import threading
from pathlib import Path
from typing import Any

from sandboxes.stripe import idempotency
from sandboxes.stripe.call import Call, Settings
from sandboxes.stripe.clock import Clock
from sandboxes.stripe.store import Store


class Sandbox:
    """State shared by the HTTP threads, the webhook threads and the timer."""

    def __init__(self, directory: Path, settings: Settings) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.store = Store(directory / "stripe_sandbox.sqlite3")
        self.clock = Clock(self.store)
        self.stopping = threading.Event()
        self.bell = threading.Condition()
        # An open key belongs to a process that died before the effect.
        idempotency.release_open(self.store)
        self.store.run(
            "UPDATE deliveries SET state = 'pending' WHERE state = 'sending'"
        )

    def call(self, **parts: Any) -> Call:
        return Call(self.store, self.clock, self.settings, **parts)

    def ring(self) -> None:
        """Wake a webhook thread, since a delivery may be due. The others poll.

        Waking all of them for every call would cost more than the call.
        """
        with self.bell:
            self.bell.notify()
