"""Mails about an order, text and HTML, in the order's language."""

from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from orders.models import Order


def send_confirmation(order: Order, to: str = "") -> None:
    """Hand the completion mail to the mail server, for ``to`` or the order's address.

    Raises what the mail backend raises. Sent again after a crash it bears the same
    Message-ID, by which mail programs recognise the copy.
    """
    context = {
        "order": order,
        "lines": list(order.lines.all()),
        "site_url": settings.SITE_URL,
        "order_url": settings.SITE_URL + reverse("checkout:order", args=[order.uid]),
        "shop_name": settings.SHOP_NAME.get(order.language, settings.SHOP_NAME["en"]),
    }
    with translation.override(order.language):
        subject = render_to_string("orders/mail/confirmation_subject.txt", context)
        text = render_to_string("orders/mail/confirmation.txt", context)
        html = render_to_string("orders/mail/confirmation.html", context)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=text,
        to=[to or order.email],
        # Short: a folded one is read as empty by some programs.
        headers={"Message-ID": f"<{order.uid.hex}@{domain}>"},
    )
    mail.attach_alternative(html, "text/html")
    mail.send()
