"""The process behind ``Watchdog``: kills what it watches when its starter has ended.

Run as a plain script, so it imports nothing of ours and starts within milliseconds.
It reads lines from standard input:

``watch PGID [SIGNAL]``  when the pipe closes, send this process group SIGNAL (KILL)
``forget PGID``          this process group has ended: do not signal it

The pipe closes when the last process that holds its other end has ended.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE = 3.0  # seconds between the wanted signal and SIGKILL


def read_watched(lines: Iterable[str]) -> dict[int, int]:
    """Read lines until the pipe closes. Return process group -> signal to send."""
    watched: dict[int, int] = {}
    for line in lines:
        verb, group, *rest = line.split()
        if verb == "watch":
            name = rest[0] if rest else "KILL"
            watched[int(group)] = signal.Signals[f"SIG{name}"]
        else:
            watched.pop(int(group), None)
    return watched


def send(group: int, number: int) -> bool:
    """Signal a process group. Return whether it still existed."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def end_groups(watched: dict[int, int], grace: float = GRACE) -> None:
    """Send every group its signal, then SIGKILL to those alive after ``grace`` s."""
    signalled = {group for group, number in watched.items() if send(group, number)}
    # Do not wait for groups that got SIGKILL: a parent that is alive may not have
    # collected its child yet, and until then the group still exists.
    left = {group for group in signalled if watched[group] != signal.SIGKILL}
    deadline = time.monotonic() + grace
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = {group for group in left if send(group, 0)}
    for group in left:
        send(group, signal.SIGKILL)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    end_groups(read_watched(sys.stdin))
