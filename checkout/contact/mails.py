"""The mails of a message: to the shop, the copy, and the answer.

Whether the typed number names an order is looked up when a mail is sent. So neither the
page nor the time that it takes tells of orders.
"""

from datetime import timedelta
from email.utils import formataddr
from typing import Any

from django.conf import settings

from checkout.contact.models import Enquiry, EnquiryAnswer
from orders.models import Order
from orders.numbers import order_of
from shop.customers import outbox
from shop.customers.models import AccountMail
from shop.database_clock import Now
from shop.profile.selectors import read_profile
from shop.text.mail_address import quote_mail_address
from shop.web.admin_addresses import row_page

TO_SHOP, COPY, ANSWER = "enquiry", "enquiry_copy", "enquiry_answer"
# So many mails come to the shop in an hour; what is beyond waits in the admin.
MAILS_AN_HOUR = 100
# So many copies go to one address in a day: anybody can type somebody else's.
COPIES_A_DAY = 3
_ANSWER_LASTS = timedelta(days=14)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def tell(enquiry: Enquiry) -> None:
    """Store the mail to the shop and the copy, unless there were too many lately."""
    others = Enquiry.objects.filter(suspicion="").exclude(pk=enquiry.pk)
    to = read_profile().email
    if to and others.filter(created_at__gt=Now(-_HOUR)).count() < MAILS_AN_HOUR:
        outbox.queue(to, TO_SHOP, enquiry.language, enquiry=enquiry.pk)
    same = others.filter(email=enquiry.email, created_at__gt=Now(-_DAY))
    if same.count() < COPIES_A_DAY:
        outbox.queue(enquiry.email, COPY, enquiry.language, enquiry=enquiry.pk)


def send_answer(answer: EnquiryAnswer) -> None:
    """Store the mail with an answer."""
    enquiry = answer.enquiry
    outbox.queue(
        enquiry.email,
        ANSWER,
        enquiry.language,
        lasts=_ANSWER_LASTS,
        enquiry=enquiry.pk,
        answer=answer.pk,
    )


def is_waiting(answer: EnquiryAnswer) -> bool:
    """Return whether the mail server has not taken the answer yet."""
    rows = AccountMail.objects.filter(kind=ANSWER, to=answer.enquiry.email)
    return answer.pk in [
        data.get("answer") for data in rows.values_list("data", flat=True)
    ]


def order_named(enquiry: Enquiry) -> Order | None:
    """Return the order of the typed number, whoever placed it. For staff only."""
    if not enquiry.order_number:
        return None
    return Order.objects.filter(number=order_of(enquiry.order_number)).first()


def is_own_order(enquiry: Enquiry, order: Order | None) -> bool:
    """Return whether the order was placed with the address that wrote."""
    return order is not None and order.email.lower() == enquiry.email


def describe_for_shop(mail: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the mail to the shop shows; None: the message was removed."""
    enquiry = Enquiry.objects.filter(pk=mail["enquiry"]).first()
    if enquiry is None:
        return None
    order = order_named(enquiry)
    sender = formataddr((enquiry.name, quote_mail_address(enquiry.email)))
    return {
        "message": enquiry,
        "order": order,
        "is_own_order": is_own_order(enquiry, order),
        "page": _staff_page(enquiry),
        "reply_to": sender,
    }


def describe_copy(mail: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the copy shows; None: the message was removed.

    What was written is repeated to its writer alone: to an address that was signed in,
    or has the order of that number. Else anybody could have the shop send his words to
    anybody.
    """
    enquiry = Enquiry.objects.filter(pk=mail["enquiry"]).first()
    if enquiry is None:
        return None
    is_writer = enquiry.is_proven or is_own_order(enquiry, order_named(enquiry))
    return {"message": enquiry if is_writer else None}


def describe_answer(mail: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the answer's mail shows; None: the message was removed."""
    rows = EnquiryAnswer.objects.select_related("enquiry")
    answer = rows.filter(pk=mail["answer"]).first()
    return {"answer": answer, "message": answer.enquiry} if answer else None


def _staff_page(enquiry: Enquiry) -> str:
    page = row_page("checkout_enquiry", enquiry.pk)
    return f"{settings.SITE_URL}{page}"


READERS = {TO_SHOP: describe_for_shop, COPY: describe_copy, ANSWER: describe_answer}
