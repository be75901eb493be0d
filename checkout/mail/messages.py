"""Mails about an order, text and HTML, in the order's language.

Templates are ``orders/mail/KIND_subject.txt``, ``KIND.txt`` and ``KIND.html``. The
saga itself sends the confirmation once; all others go through ``checkout.mail.outbox``.
"""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from checkout.aftersales.shortages import links
from checkout.mail.models import MailKind, OrderMail
from checkout.status import progress
from orders import selectors
from orders.models import Order, Refund, Shortage, Substitute
from orders.parcels import counted


def send_confirmation(order: Order, to: str = "") -> None:
    """Hand the completion mail to the mail server, for ``to`` or the order's address.

    Raises what the mail backend raises. Sent again after a crash it bears the same
    Message-ID, by which mail programs recognise the copy.
    """
    _send(order, "confirmation", to or order.email, order.uid.hex, {})


def send(mail: OrderMail) -> None:
    """Hand a queued mail to the mail server. Raises what the mail backend raises.

    ``to`` among its data is an address in place of the order's.
    """
    name = ".".join(filter(None, [mail.order.uid.hex, mail.kind, mail.key]))
    context = dict(mail.data)
    context["substitutes"] = list(Substitute.objects.sent_for(mail.order))
    if mail.kind == MailKind.PAYMENT_NEEDED:
        context["progress"] = progress.progress_of(mail.order)
    if mail.kind in (MailKind.VOUCHER, MailKind.CANCELLED):
        context["voucher"] = selectors.voucher_of(mail.order)
    if mail.kind == MailKind.SHIPPED:
        context["shipment"] = mail.order.shipment
    if mail.kind == MailKind.REFUNDED:
        context |= refund_words(Refund.objects.get(pk=mail.key))
    if mail.kind in (MailKind.SHORTAGE, MailKind.SHORTAGE_DECIDED):
        shortage = Shortage.objects.get(pk=context["shortage"])
        context |= shortage_words(shortage)
        context["choice_url"] = links.url_of(shortage)
        context["choice_until"] = links.link_ends(timezone.now())
    to = context.pop("to", "") or mail.order.email
    _send(mail.order, mail.kind, to, name, context)


def refund_words(refund: Refund) -> dict[str, Any]:
    """Return what a template says of a refund: to which card, for which goods."""
    rows = refund.lines.select_related("line")
    return {"refund": refund, "refund_lines": list(rows), "payment": refund.payment}


def last_shortage(order: Order) -> dict[str, Any]:
    """Return the words of the newest shortage, for the customer's page; or nothing."""
    shortage = order.shortages.first()
    return shortage_words(shortage) if shortage else {}


def shortage_words(shortage: Shortage) -> dict[str, Any]:
    """Return what a template says of missing goods: which, and what is decided."""
    rows = shortage.lines.select_related("line", "substitute")
    sent = Substitute.objects.chosen().filter(place__shortage=shortage)
    return {
        "shortage": shortage,
        "missing": list(rows),
        "instead": ", ".join(counted(each) for each in sent),
    }


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
        to=[to],
        # Short: a folded one is read as empty by some programs.
        headers={"Message-ID": f"<{message_id}@{domain}>"},
    )
    mail.attach_alternative(html, "text/html")
    mail.send()
