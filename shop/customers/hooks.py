"""What rooms above do when a customer signs in or out, and with a customer's data.

They register it when the application starts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from shop.customers.models import Customer

SignedIn = Callable[[HttpRequest, HttpResponseBase, Customer], None]
SignedOut = Callable[[HttpResponseBase], None]
# Returns what a room knows of a customer, as JSON has it.
Exporter = Callable[[Customer], Any]
# Erases what a room knows of a customer's key and mail address, in the transaction of
# the deletion.
Eraser = Callable[[int, str], None]


@dataclass(frozen=True)
class Deletion:
    """What becomes of a customer's wish to delete the account.

    ``request`` returns when it is erased, ``pending`` too, or None if nobody asked.
    ``withdraw`` returns whether the account is kept.
    """

    request: Callable[[Customer], datetime]
    pending: Callable[[Customer], datetime | None]
    withdraw: Callable[[Customer], bool]


_deletion: list[Deletion] = []
# In the order of registration.
_on_sign_in: dict[SignedIn, None] = {}
_on_sign_out: dict[SignedOut, None] = {}
_exporters: dict[str, Exporter] = {}
_erasers: dict[Eraser, None] = {}


def register(
    *,
    signed_in: SignedIn,
    signed_out: SignedOut,
    exports: Mapping[str, Exporter],
    eraser: Eraser,
) -> None:
    """Register a room's part. Twice is once."""
    _on_sign_in[signed_in] = None
    _on_sign_out[signed_out] = None
    _exporters.update(exports)
    _erasers[eraser] = None


def signed_in(
    request: HttpRequest, response: HttpResponseBase, customer: Customer
) -> None:
    for each in _on_sign_in:
        each(request, response, customer)


def signed_out(response: HttpResponseBase) -> None:
    for each in _on_sign_out:
        each(response)


def exported(customer: Customer) -> dict[str, Any]:
    return {name: export(customer) for name, export in _exporters.items()}


def erase(customer_pk: int, email: str) -> None:
    for each in _erasers:
        each(customer_pk, email)


def register_deletion(
    *,
    request: Callable[[Customer], datetime],
    pending: Callable[[Customer], datetime | None],
    withdraw: Callable[[Customer], bool],
) -> None:
    """Register what keeps deletion requests. Twice is once."""
    _deletion[:] = [Deletion(request, pending, withdraw)]


def deletion() -> Deletion:
    """Return what keeps deletion requests."""
    return _deletion[0]
