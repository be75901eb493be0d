"""The mail of a parcel says when it arrives, as long as that can be true."""

# ruff: noqa: RUF001 - Japanese punctuation is wide

import re
from datetime import date

import pytest
from django.core import mail as sent_mails

from checkout.mail import outbox
from checkout.mail.models import OrderMail
from orders.models import Order
from tests.conftest import Clock
from tests.support.parcels import send
from tests.support.refunding import make_charged_order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway")]
# Tue 1 Dec in Tokyo.
TUESDAY = "2026-12-01T01:48:00+00:00"
PROMISED = {
    "ship_by": date(2026, 12, 1),
    "promised_from": date(2026, 12, 3),
    "promised_until": date(2026, 12, 4),
}
WISH = {"delivery_on": date(2026, 12, 6), "delivery_slot": "1416"}
UNPROMISED = dict.fromkeys(PROMISED)


def shipped(clock: Clock, **fields: object) -> tuple[str, str]:
    """Ship an order on that Tuesday. Return text and HTML of its mail."""
    clock.move_to(TUESDAY)
    order = make_charged_order({"MUG-01": 1})
    Order.objects.filter(pk=order.pk).update(**fields)
    order.refresh_from_db()
    send(order)
    sent_mails.outbox.clear()
    outbox.send(OrderMail.objects.get(kind="shipped").pk)
    [mail] = sent_mails.outbox
    assert isinstance(mail, sent_mails.EmailMultiAlternatives)
    return str(mail.body), str(mail.alternatives[0][0])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (PROMISED, "Arrives Thu 3 Dec – Fri 4 Dec"),
        (PROMISED | WISH, "Delivery day and time: Sun 6 Dec 14:00–16:00"),
        (
            PROMISED | WISH | {"language": "ja"},
            "お届け日時： 12月6日(日) 14:00–16:00",
        ),
    ],
)
def test_a_parcel_that_left_in_time_arrives_as_promised(
    clock: Clock, fields: dict[str, object], said: str
) -> None:
    for body in shipped(clock, **fields):
        assert said in " ".join(body.split())


@pytest.mark.parametrize(
    "fields", [PROMISED | WISH | {"ship_by": date(2026, 11, 30)}, UNPROMISED]
)
def test_one_that_left_late_or_was_not_promised_names_no_day(
    clock: Clock, fields: dict[str, object]
) -> None:
    for body in shipped(clock, **fields):
        # Of a promise, which is in December; the mail itself may be of that month.
        assert not re.search(r"\w{3}, [56] Dec", body)
        assert "Delivery day" not in body
