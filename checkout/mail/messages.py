"""Mails about an order, text and HTML, in the order's language.

Templates are ``orders/mail/KIND_subject.txt``, ``KIND.txt`` and ``KIND.html``; what a
kind's templates read besides the order is in ``checkout.mail.context``. The saga itself
sends the confirmation once; all other mails go through ``checkout.mail.outbox``.
"""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from checkout.mail.context import context_of
from checkout.mail.models import OrderMail
from orders.models import Order
from shop.mail_address import quote_mail_address


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
    context = {
        "order": order,
        "lines": list(order.lines.all()),
        "site_url": settings.SITE_URL,
        "order_url": settings.SITE_URL + reverse("checkout:order", args=[order.uid]),
        "shop_name": settings.SHOP_NAME.get(order.language, settings.SHOP_NAME["en"]),
        **more,
    }
    with translation.override(order.language):
        subject = render_to_string(f"orders/mail/{template}_subject.txt", context)
        text = render_to_string(f"orders/mail/{template}.txt", context)
        html = render_to_string(f"orders/mail/{template}.html", context)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=text,
        to=[quote_mail_address(to)],
        # Short: a folded one is read as empty by some programs.
        headers={"Message-ID": f"<{message_id}@{domain}>"},
    )
    mail.attach_alternative(html, "text/html")
    mail.send()
