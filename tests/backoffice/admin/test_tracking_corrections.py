"""Staff correct a tracking number after the hand-over."""

import uuid

import pytest
from django.core import mail
from django.test import Client

from checkout.aftersales import corrections, exchanges
from checkout.mail.models import OrderMail
from checkout.mail.outbox import send
from checkout.payments.fake.gateway import FakeGateway
from orders import transitions
from orders.errors import CorrectedMeanwhile
from orders.models import Exchange, Order, OrderChange
from orders.models.change import TRACKING
from orders.transitions.corrections import Correction
from tests.backoffice.answers import messages, text_of
from tests.support.corrections import (
    agree,
    exchange_page,
    filled,
    hand_over,
    tracking_page,
)
from tests.support.refunding import make_charged_order
from tests.support.returns import arrive, make_sent_order, register

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def order(gateway: FakeGateway) -> Order:
    return make_charged_order({"MUG-01": 2})


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


@pytest.fixture
def sent(gateway: FakeGateway) -> Exchange:
    """Return an exchange that has left."""
    returned = register(make_sent_order())
    arrive(returned)
    exchange = exchanges.begin(returned, "yuki")
    assert exchange
    exchanges.send(exchange, carrier="yamato", tracking_number="40-1", actor="aki")
    return Exchange.objects.get()


def test_the_number_of_an_exchange_is_corrected_like_that_of_a_parcel(
    clerk: Client, sent: Exchange
) -> None:
    order, parcel = sent.order, sent.parcels.get()
    page = exchange_page(sent)
    data = {**filled(parcel, TRACKING, tracking_number="40-9"), "with_mail": "on"}
    mail.outbox.clear()

    assert "“40-1” becomes “40-9”." in text_of(clerk.post(page, data))
    answer = agree(clerk, page, data)
    again = agree(clerk, page, data)

    assert messages(answer) == [f"{order.number}: the tracking number is corrected."]
    assert messages(again) == [f"{order.number}: changed before."]
    parcel.refresh_from_db()
    assert (parcel.tracking_number, parcel.tracking_key) == ("40-9", "409")
    assert f"{sent.number}, 1" in text_of(answer)
    assert send(OrderMail.objects.get(kind="tracking").pk)
    message = mail.outbox[-1].message()
    bodies = [part.get_payload(decode=True).decode() for part in message.get_payload()]
    assert len(bodies) == 2
    for body in bodies:
        assert "Sent in exchange:" in body
        assert "40-9" in body


def test_what_was_not_sent_or_changed_meanwhile_is_not_overwritten(
    clerk: Client, sent: Exchange
) -> None:
    wrong = Correction(
        uuid.uuid4(), {"tracking_number": "7"}, {"tracking_number": "8"}, "aki", "x"
    )
    with pytest.raises(CorrectedMeanwhile):
        transitions.correct_tracking(sent.order, sent.parcels.get(), wrong)
    other = make_charged_order()
    assert clerk.get(exchange_page(sent)).status_code == 200
    elsewhere = exchange_page(sent).replace(f"/{sent.order.pk}/", f"/{other.pk}/")
    assert clerk.get(elsewhere).status_code == 404
    second = exchange_page(sent).replace("/parcels/1/", "/parcels/2/")
    assert clerk.get(second).status_code == 404
