"""The gateway that answers at once, for several worker processes on one database."""

import os

from checkout.payments.fake.gateway import FakeGateway


class InstantGateway(FakeGateway):
    """Every process has its own; their intents must not share names."""

    def __init__(self) -> None:
        super().__init__()
        self.prefix = f"pi_{os.getpid()}_"
