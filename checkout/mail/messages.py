"""Mails about an order, text and HTML, in the order's language.

Templates are ``orders/mail/KIND_subject.txt``, ``KIND.txt`` and ``KIND.html``; what a
kind's templates read besides the order is in ``checkout.mail.context``. The saga itself
sends the confirmation once; all other mails go through ``checkout.mail.outbox``.
"""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from checkout.mail.context import context_of
from checkout.mail.models import OrderMail
from orders.models import Order
from shop.profile.envelope import make_mail
from shop.profile.selectors import read_profile


def send_confirmation(order: Order, to: str = "") -> None:
    """Hand the confirmation mail to the mail server, for ``to`` or the order's address.

    A second mail, sent after a crash, has the same Message-ID, so that mail programs
    recognise the copy. Raises what the mail backend raises.
    """
    _send(order, "confirmation", to or order.email, order.uid.hex, {})


def send(mail: OrderMail) -> None:
    """Hand a queued mail to the mail server. Raises what the mail backend raises.

    ``to`` in its data is an address that replaces the order's.
    """
    message_id = ".".join(filter(None, [mail.order.uid.hex, mail.kind, mail.key]))
    context = context_of(mail)
    to = context.pop("to", "") or mail.order.email
    _send(mail.order, mail.kind, to, message_id, context)


def _send(
    order: Order, template: str, to: str, message_id: str, more: dict[str, Any]
) -> None:
    profile = read_profile()
    page = reverse("checkout:order", args=[order.uid])
    with translation.override(order.language):
        context = {
            "order": order,
            "lines": list(order.lines.all()),
            "site_url": settings.SITE_URL,
            "order_url": f"{settings.SITE_URL}{page}",
            "shop": profile,
            "shop_name": profile.shop_name,
            **more,
        }
        subject = render_to_string(f"orders/mail/{template}_subject.txt", context)
        text = render_to_string(f"orders/mail/{template}.txt", context)
        html = render_to_string(f"orders/mail/{template}.html", context)
        mail = make_mail(profile, to, subject, text, message_id)
    mail.attach_alternative(html, "text/html")
    mail.send()
