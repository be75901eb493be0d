"""A wire that is slow and loses frames, for kernels without netem.

``wire.py PORT DELAY LOSS`` runs in the network of the bridge. It
stands between the bridge and PORT, the link to a host: each frame arrives DELAY to
1.5 DELAY seconds late, each way, and LOSS of 100 never do. Ends by SIGTERM.
"""

import fcntl
import heapq
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

# linux/if_tun.h, linux/if_packet.h, linux/if_ether.h
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 15, 23
ETH_P_ALL = 0x0003
# Frames of several segments that the kernel has not cut yet, with the note about that.
LARGEST = 70_000
LATEST = 1.5  # times the delay


@dataclass
class Delays:
    """Frames on their way, the next one first."""

    delay: float  # seconds
    loss: float  # percent
    chance: random.Random = field(default_factory=random.Random)
    lost: int = 0
    _queue: list[tuple[float, int, int, bytes]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def send(self, frame: bytes, to: int, now: float) -> None:
        """Let a frame leave for the descriptor ``to``, or be lost."""
        if self.chance.random() * 100 < self.loss:
            self.lost += 1
            return
        due = now + self.chance.uniform(self.delay, LATEST * self.delay)
        heapq.heappush(self._queue, (due, next(self._numbers), to, frame))

    def due(self, now: float) -> list[tuple[int, bytes]]:
        """Return the frames that have arrived, with their descriptors."""
        arrived = []
        while self._queue and self._queue[0][0] <= now:
            _due, _number, to, frame = heapq.heappop(self._queue)
            arrived.append((to, frame))
        return arrived

    def pause(self, now: float) -> float | None:
        """Return the seconds until the next arrival; None if nothing is under way."""
        return max(0.0, self._queue[0][0] - now) if self._queue else None


def open_port(name: str) -> socket.socket:
    """Return a socket that reads and writes the frames of a link."""
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    port.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    port.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    port.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
    port.bind((name, 0))
    return port


def open_tap(name: str) -> int:
    """Return a new port of the bridge whose frames this process carries."""
    tap = os.open("/dev/net/tun", os.O_RDWR)
    flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    link = ("ip", "link", "set", name, "master", "bridge", "up")
    subprocess.run(link, check=True)
    return tap


def main(name: str, delay: float, loss: float) -> None:
    port, tap = open_port(name), open_tap(f"t-{name}"[:15])
    delays = Delays(delay, loss)
    ends = {port.fileno(): tap, tap: port.fileno()}
    while True:
        readable, _, _ = select.select([*ends], [], [], delays.pause(time.monotonic()))
        for end in readable:
            delays.send(os.read(end, LARGEST), ends[end], time.monotonic())
        for to, frame in delays.due(time.monotonic()):
            try:
                os.write(to, frame)
            except OSError as error:
                # A frame that the link does not take is lost, as on any wire.
                sys.stderr.write(f"{name}: {error}\n")


if __name__ == "__main__":
    link, seconds, percent = sys.argv[1:]
    main(link, float(seconds), float(percent))
