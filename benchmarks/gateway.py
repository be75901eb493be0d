"""A gateway that answers at once, for several worker processes on one database."""

import os

from checkout.payments.fake.gateway import FakeGateway


class InstantGateway(FakeGateway):
    """The gateway of one process; the prefix keeps the ids of processes distinct."""

    def __init__(self) -> None:
        super().__init__()
        self.prefix = f"pi_{os.getpid()}_"
