"""The process behind ``Guardian``: kills what it watches once its starter is gone.

Run as a plain script, so it imports nothing of ours and starts within milliseconds.
Orders arrive as lines on standard input:

``watch PGID [SIGNAL]``  when the pipe closes, send this process group SIGNAL (KILL)
``forget PGID``          it has ended in an orderly way

The pipe closes when the last process holding its other end ends, however it ended.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE = 3.0  # seconds between the wanted signal and SIGKILL


def remaining(orders: Iterable[str]) -> dict[int, int]:
    """Read orders until the pipe closes; return process group -> signal to send."""
    watched: dict[int, int] = {}
    for order in orders:
        verb, group, *rest = order.split()
        if verb == "watch":
            name = rest[0] if rest else "KILL"
            watched[int(group)] = signal.Signals[f"SIG{name}"]
        else:
            watched.pop(int(group), None)
    return watched


def send(group: int, number: int) -> bool:
    """Signal a process group; return whether it was still there."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def finish(watched: dict[int, int], grace: float = GRACE) -> None:
    """End every process group: as asked first, with SIGKILL after a grace."""
    asked = {group for group, number in watched.items() if send(group, number)}
    # What was killed is not waited for: its parent may be alive and not have
    # collected it yet, and until then it would count as being there.
    left = {group for group in asked if watched[group] != signal.SIGKILL}
    deadline = time.monotonic() + grace
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = {group for group in left if send(group, 0)}
    for group in left:
        send(group, signal.SIGKILL)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    finish(remaining(sys.stdin))
