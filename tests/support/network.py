"""Refuse connections of tests to other machines.

There is one exception: with a key of Stripe's test mode, the tests marked stripe_live
talk to Stripe.
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
    """A test tried to reach another machine. Not an OSError, which code may catch."""

    def __init__(self, target: object) -> None:
        self.target = target
        super().__init__(f"tests stay on this machine, but this one called {target}")


# The addresses of Stripe's name, to which connections are allowed.
_permitted: set[str] = set()


def is_local(host: str) -> bool:
    if host in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # The second is "all addresses of this machine", of a server that listens.
    return address.is_loopback or address.is_unspecified


def is_stripe(name: str) -> bool:
    """Return whether a name is Stripe's and a key is set."""
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
    """Refuse for the rest of this process: an audit hook cannot be removed."""
    sys.addaudithook(refuse)
    if os.environ.get(STRIPE_KEY):
        _allow_found_addresses()


def _allow_found_addresses() -> None:
    """Allow connections to the addresses of Stripe's name, which change."""
    look_up = socket.getaddrinfo

    def remember(host: Any, *arguments: Any, **options: Any) -> Any:
        found = look_up(host, *arguments, **options)
        if host == STRIPE:
            _permitted.update(str(address[0]) for *_rest, address in found)
        return found

    socket.getaddrinfo = remember
