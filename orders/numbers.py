"""The numbers of orders, and of the exchanges that follow them."""

import re

# An order's number, and which exchange of it: 261122-7K3QX9-X1.
_EXCHANGE = re.compile(r"(?P<order>[0-9]{6}-[0-9A-Z]{6})-X[0-9]{1,5}")


def is_exchange(number: str) -> bool:
    """Return whether it is the number of an exchange."""
    return _EXCHANGE.fullmatch(number) is not None


def order_of(number: str) -> str:
    """Return the order's number, also of one of its exchanges."""
    found = _EXCHANGE.fullmatch(number)
    return found["order"] if found else number
