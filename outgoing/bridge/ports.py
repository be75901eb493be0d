"""What the bridge asks of a broker, whichever it is."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """An event as it is published. ``body`` is its CloudEvent in JSON."""

    id: str
    type: str
    subject: str
    body: str


class Broker(Protocol):
    def publish(self, message: Message) -> None:
        """Return when the broker has confirmed it. Raises BrokerAway.

        After that the broker may have it nevertheless.
        """

    def close(self) -> None:
        """Give the connection up; ``publish`` makes another one."""


class BrokerAway(Exception):
    """The broker does not answer, or takes nothing at present."""
