"""Numbers of orders, which people read out on the phone."""

import secrets
from datetime import date

# Crockford's alphabet has no I, L, O or U, so a number can be read out on the phone.
_NUMBER_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number(day: date) -> str:
    """Return a new order number such as ``261121-7K3QX9``: the day and 30 bits."""
    tail = "".join(secrets.choice(_NUMBER_ALPHABET) for _position in range(6))
    return f"{day:%y%m%d}-{tail}"
