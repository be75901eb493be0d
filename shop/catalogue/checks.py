"""A system check that looks at the goods."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count

from shop.catalogue.models import Variant


@register(Tags.compatibility)
def check_currency(**_options: Any) -> list[CheckMessage]:
    """Refuse a currency in which the goods are not priced: no cart could be shown.

    Without a database, or before its tables are made, nothing is refused: other
    messages say so.
    """
    if not database_exists():
        return []
    was_open = connection.connection is not None
    try:
        rows = Variant.objects.exclude(currency=settings.CURRENCY).order_by("currency")
        counts = dict(rows.values_list("currency").annotate(Count("pk")))
    except (DatabaseError, InterfaceError):
        return []
    finally:
        if not was_open:
            # A server forks after the checks, and children cannot share a connection.
            connection.close()
    return [mismatch(currency, count) for currency, count in counts.items()]


def mismatch(currency: str, count: int) -> CheckMessage:
    return Error(
        f"CURRENCY={settings.CURRENCY}, but {count} goods are priced in {currency}: "
        "their carts and orders could not be shown.",
        hint=f"Set CURRENCY={currency}. To sell in {settings.CURRENCY}, start a second "
        "shop with its own goods: another DATABASE_URL or DATA_DIR.",
        id="shop.E031",
    )


def database_exists() -> bool:
    """Return whether there may be a database. SQLite would make an empty file."""
    name = connection.settings_dict["NAME"]
    return connection.vendor != "sqlite" or Path(name).exists()
