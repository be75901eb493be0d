"""Staff correct a tracking number after the hand-over."""

import json
import uuid
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from checkout.aftersales import corrections
from checkout.aftersales.dispatch import ship
from checkout.mail.models import OrderMail
from checkout.mail.outbox import send
from checkout.payments.fake.gateway import FakeGateway
from orders import transitions
from orders.errors import CorrectedMeanwhile
from orders.models import Order, OrderChange, Parcel
from orders.models.change import TRACKING
from orders.transitions.corrections import Correction
from tests.backoffice.answers import messages
from tests.support.refunding import make_charged_order
from tests.support.staff import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def clerk(client: Client, gateway: FakeGateway) -> Client:
    """Return a client who may correct orders."""
    client.force_login(make_staff("view_order", "view_orderchange", "correct_order"))
    return client


@pytest.fixture
def order(gateway: FakeGateway) -> Order:
    return make_charged_order({"MUG-01": 2})


def hand_over(order: Order, number: str = "1111-2222-3333") -> Parcel:
    parcel = ship(order, carrier="yamato", tracking_number=number, actor="aki")
    assert parcel
    return parcel


def tracking_page(order: Order, number: int = 1) -> str:
    return reverse("admin:orders_order_tracking", args=[order.pk, number])


def filled(row: Order | Parcel, names: tuple[str, ...], **typed: str) -> dict[str, str]:
    """Return the form as a browser sends it, with what was typed."""
    values = {name: getattr(row, name) for name in names}
    hidden = {"uid": str(uuid.uuid4()), "seen": json.dumps(values)}
    return {**values, **hidden, "reason": "The customer called", **typed}


def agree(client: Client, page: str, data: dict[str, str]) -> Any:
    """Send the form, read what it will change, and agree to it."""
    preview = client.post(page, data)
    assert preview.status_code == 200
    return client.post(page, {**data, "agreed": preview.context["agreed"]}, follow=True)


@pytest.mark.parametrize("with_mail", [True, False])
def test_a_tracking_number_is_corrected_and_the_customer_hears_if_wanted(
    clerk: Client, order: Order, with_mail: bool
) -> None:
    parcel = hand_over(order)
    OrderMail.objects.all().delete()
    data = filled(parcel, TRACKING, tracking_number="9999-2222-3333", carrier="sagawa")
    more = {"with_mail": "on"} if with_mail else {}

    answer = agree(clerk, tracking_page(order), {**data, **more})

    assert messages(answer) == [f"{order.number}: the tracking number is corrected."]
    parcel.refresh_from_db()
    assert (parcel.tracking_number, parcel.carrier) == ("9999-2222-3333", "sagawa")
    assert parcel.tracking_key == "999922223333"
    change = OrderChange.objects.get(parcel=parcel)
    assert change.before == {"carrier": "yamato", "tracking_number": "1111-2222-3333"}
    assert OrderMail.objects.filter(kind="tracking").count() == with_mail
    again = agree(clerk, tracking_page(order), {**data, **more})
    assert messages(again) == [f"{order.number}: changed before."]
    assert OrderMail.objects.filter(kind="tracking").count() == with_mail


@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        ("en", "Corrected tracking number for order", "we sent you a wrong tracking"),
        ("ja", "お問い合わせ番号の訂正", "誤ったお問い合わせ番号"),
    ],
)
def test_the_mail_has_the_right_number(
    order: Order, language: str, subject: str, text: str
) -> None:
    parcel = hand_over(order)
    Order.objects.update(language=language)
    wanted = Correction(
        uuid.uuid4(),
        {"tracking_number": "1111-2222-3333"},
        {"tracking_number": "9999"},
        "aki",
        "a typo",
    )
    order.refresh_from_db()
    corrections.correct_tracking(order, parcel, wanted, with_mail=True)
    mail.outbox.clear()

    assert send(OrderMail.objects.get(kind="tracking").pk)

    (sent,) = mail.outbox
    assert subject in sent.subject
    html = str(sent.alternatives[0][0])  # type: ignore[attr-defined]
    for body in (str(sent.body), html):
        assert text in body
        assert "9999" in body
        assert "1111" not in body


def test_a_number_changed_meanwhile_is_not_overwritten(order: Order) -> None:
    parcel = hand_over(order)
    other = Correction(
        uuid.uuid4(), {"tracking_number": "4444"}, {"tracking_number": "5"}, "aki", "x"
    )

    with pytest.raises(CorrectedMeanwhile):
        transitions.correct_tracking(order, parcel, other)

    parcel.refresh_from_db()
    assert parcel.tracking_number == "1111-2222-3333"
