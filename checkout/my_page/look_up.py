"""Links by mail to the order of a guest, who has its number and mail address."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models.functions import Lower
from django.urls import reverse

from orders.models import Order
from shop.customers import outbox
from shop.customers.registration import language

KIND = "look_up"
LASTS = 24 * 3600  # seconds
_SALT = "checkout.my_page.look_up"


def send(email: str, number: str) -> None:
    """Store the mail. Whether there is such an order is looked at when it is sent.

    So nobody can tell by the answer, nor by how long it takes.
    """
    outbox.queue(email, KIND, language(), number=number)


def read(token: str) -> UUID | None:
    """Return the order of a link; None if it is forged or too old."""
    try:
        return UUID(signing.loads(token, salt=_SALT, max_age=LASTS))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None


def describe(mail: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the mail shows, or None: there is no such order, and no mail."""
    rows = Order.objects.alias(lower=Lower("email"))
    order = rows.filter(lower=mail["to"], number=mail["number"]).first()
    if order is None:
        return None
    token = signing.dumps(str(order.uid), salt=_SALT)
    path = reverse("checkout:look_up_link", args=[token])
    return {"link": settings.SITE_URL + path, "hours": LASTS // 3600}
