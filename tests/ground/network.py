"""No test reaches out: a connection to anything but this machine is an error."""

import ipaddress
import sys
from typing import Any

LOCAL_NAMES = frozenset({"", "localhost"})
WATCHED = frozenset({"socket.connect", "socket.sendto"})


class ReachedOut(RuntimeError):
    """A test tried to talk to another machine. Not an OSError: nobody expects it."""

    def __init__(self, target: object) -> None:
        self.target = target
        super().__init__(f"tests stay on this machine, but this one called {target}")


def is_local(host: str) -> bool:
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in WATCHED:
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(str(address[0])):
            raise ReachedOut(address)
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        if isinstance(host, bytes):
            host = host.decode()
        if host is not None and not is_local(str(host)):
            raise ReachedOut(host)


def stay_on_this_machine() -> None:
    """Refuse from now on, for the rest of this process; Python offers no way back."""
    sys.addaudithook(refuse)
