"""No test reaches out: a connection to anything but this machine is an error.

With one exception: given a key of Stripe's test mode, the tests marked stripe_live talk
to Stripe, and to nobody else.
"""

import ipaddress
import os
import socket
import sys
from typing import Any

LOCAL_NAMES = frozenset({"", "localhost"})
WATCHED = frozenset({"socket.connect", "socket.sendto"})
STRIPE = "api.stripe.com"
STRIPE_KEY = "STRIPE_TEST_SECRET_KEY"


class ReachedOut(RuntimeError):
    """A test tried to talk to another machine. Not an OSError: nobody expects it."""

    def __init__(self, target: object) -> None:
        self.target = target
        super().__init__(f"tests stay on this machine, but this one called {target}")


# Where the names that may be asked for were found; only there may be connected to.
_permitted: set[str] = set()


def is_local(host: str) -> bool:
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_stripe(name: str) -> bool:
    """Whether a name is Stripe's, and a key says that Stripe is to be asked."""
    return name == STRIPE and bool(os.environ.get(STRIPE_KEY))


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in WATCHED:
        address = arguments[1]
        host = str(address[0]) if isinstance(address, tuple) else ""
        if not is_local(host) and host not in _permitted:
            raise ReachedOut(address)
    elif event == "socket.getaddrinfo":
        name = arguments[0]
        if isinstance(name, bytes):
            name = name.decode()
        if name is not None and not is_local(str(name)) and not is_stripe(str(name)):
            raise ReachedOut(name)


def stay_on_this_machine() -> None:
    """Refuse from now on, for the rest of this process; Python offers no way back."""
    sys.addaudithook(refuse)
    if os.environ.get(STRIPE_KEY):
        _remember_what_is_found()


def _remember_what_is_found() -> None:
    """Let connections go where Stripe's name leads; addresses change all the time."""
    look_up = socket.getaddrinfo

    def remember(host: Any, *arguments: Any, **options: Any) -> Any:
        found = look_up(host, *arguments, **options)
        if host == STRIPE:
            _permitted.update(str(address[0]) for *_rest, address in found)
        return found

    socket.getaddrinfo = remember
