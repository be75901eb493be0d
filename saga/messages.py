"""Messages to staff, and the channels that deliver them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from saga.models import Alert, Saga


@dataclass(frozen=True)
class Message:
    """A message about ``count`` sagas, of which ``sagas`` are the first few."""

    alert: Alert
    sagas: tuple[Saga, ...]
    count: int
    summary: bool


# Raises any exception if it could not deliver. Then it is called again later.
Channel = Callable[[Message], None]
Channels = Mapping[str, Channel]
