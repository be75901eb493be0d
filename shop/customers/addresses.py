"""The address book: kept addresses, of which the first one is suggested."""

from typing import Any

from django.db import transaction

from shop.customers.models import MOST_ADDRESSES, Customer, SavedAddress

FIELDS = (
    *("name", "phone", "country", "postcode", "prefecture", "region"),
    *("city", "street", "building"),
)


def suggestion(customer: Customer, chosen: str = "") -> dict[str, Any]:
    """Return what to fill into an empty form: the mail address, and an address.

    ``chosen`` is the key of an address; without it, or if it is not the customer's, the
    first one is taken.
    """
    book = list(customer.addresses.all())
    found = [each for each in book if str(each.pk) == chosen] or book[:1]
    address = {name: getattr(found[0], name) for name in FIELDS} if found else {}
    return {"email": customer.email, **address}


@transaction.atomic
def add(customer: Customer, address: dict[str, Any]) -> SavedAddress | None:
    """Keep an address; None if the book is full. The first one is suggested."""
    # Of two at once, the second waits here, and finds the first.
    Customer.objects.filter(pk=customer.pk).update(language=customer.language)
    count = customer.addresses.count()
    if count >= MOST_ADDRESSES:
        return None
    kept = {name: address.get(name) or "" for name in FIELDS}
    return SavedAddress.objects.create(customer=customer, is_first=not count, **kept)


def keep_first(customer: Customer, information: dict[str, Any]) -> None:
    """Keep the address of the first order; a pick-up has none."""
    if information.get("street") and not customer.addresses.exists():
        add(customer, information)


def change(address: SavedAddress, changed: dict[str, Any]) -> None:
    kept = {name: changed.get(name) or "" for name in FIELDS}
    SavedAddress.objects.filter(pk=address.pk).update(**kept)


@transaction.atomic
def remove(address: SavedAddress) -> None:
    """Remove an address. If it was the suggested one, the next takes its place."""
    customer = address.customer
    address.delete()
    following = customer.addresses.first()
    if address.is_first and following:
        SavedAddress.objects.filter(pk=following.pk).update(is_first=True)


@transaction.atomic
def suggest_first(address: SavedAddress) -> None:
    address.customer.addresses.filter(is_first=True).update(is_first=False)
    SavedAddress.objects.filter(pk=address.pk).update(is_first=True)
