"""The sandbox's time: the machine's clock plus an offset that a tester can move."""

import time
from datetime import UTC, datetime

from sandboxes.stripe.store import Store

_OFFSET = "clock_offset"


class Clock:
    """The sandbox's time. The offset is stored, so it survives a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._offset = float(store.setting(_OFFSET) or 0)

    @property
    def offset(self) -> float:
        """Return the seconds by which the sandbox is ahead of the machine."""
        return self._offset

    def now(self) -> int:
        """Return the time in Unix seconds."""
        return int(self.precise())

    def date(self) -> datetime:
        return datetime.fromtimestamp(self.precise(), UTC)

    def precise(self) -> float:
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Move the sandbox forward, or back with a negative number."""
        self._offset += seconds
        self._store.set_setting(_OFFSET, str(self._offset))

    def reset(self) -> None:
        self._offset = 0.0
        self._store.set_setting(_OFFSET, "0")
