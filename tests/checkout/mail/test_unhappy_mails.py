"""Mails about orders that were cancelled or need the customer."""

# ruff: noqa: RUF001 - Japanese punctuation is wide

import pytest
from django.core import mail
from django.utils import translation

from checkout.mail import outbox
from checkout.mail.models import OrderMail
from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from checkout.tracking.services import try_another_card
from inventory.services import adjust
from orders.models import Order
from saga.engine import run
from saga.operations import cancel
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.ordering import place
from tests.support.orders import VISA

pytestmark = pytest.mark.django_db

SHORT_OF_FUNDS = "pm_card_visa_chargeDeclinedInsufficientFunds"


def written() -> tuple[str, str, str]:
    """Send the queued mails. Return subject, text and HTML of the last one."""
    # A process of any language may send them.
    with translation.override("en"):
        outbox.sweep_mails()
    sent = mail.outbox[-1]
    assert isinstance(sent, mail.EmailMultiAlternatives)
    return str(sent.subject), str(sent.body), str(sent.alternatives[0][0])


def let_it_lapse(order: Order, clock: Clock, pk: int) -> None:
    clock.shift(30 * 60)
    sweep()
    run(pk)
    clock.shift(5)
    order.refresh_from_db()


def test_an_order_that_was_not_paid_is_cancelled_with_a_mail(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=SHORT_OF_FUNDS)
    run(saga.pk)

    let_it_lapse(order, clock, saga.pk)

    subject, text, html = written()
    assert subject == (
        f"The payment for your order {order.number} was not completed – Minato TV Shop"
    )
    for body in (text, html):
        assert "Dear Hanako Minato," in body
        assert "nothing was charged" in body
        assert "The payment was not completed in time" in body
        assert str(order.uid) in body
        assert "¥600" in body, "the sum adds up"
        assert "¥2,400" in body
    assert len(mail.outbox) == 1


def test_a_japanese_order_is_cancelled_in_japanese(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=SHORT_OF_FUNDS)
    Order.objects.update(language="ja")
    run(saga.pk)

    let_it_lapse(order, clock, saga.pk)

    subject, text, html = written()
    assert subject == (
        f"【みなと TV ショップ】お支払いが完了しませんでした（{order.number}）"
    )
    for body in (text, html):
        assert "Hanako Minato 様" in body
        assert "期限までにお支払いが完了しなかったため" in body
        assert "Minato TV" not in body
    assert '<html lang="ja">' in html


def test_a_customer_whose_goods_sold_out_gets_a_mail(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()
    adjust("MUG-01", -10, "C-1", "fire", "ken")
    run(saga.pk)
    clock.shift(5)

    subject, text, _html = written()

    assert subject.startswith(f"Your order {order.number} was cancelled")
    assert "An item sold out" in text


def test_an_order_that_staff_cancel_is_mailed(
    gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = place(token=SHORT_OF_FUNDS)
    run(saga.pk)
    saga.refresh_from_db()
    cancel(saga, "ken", "asked for it", seen=saga.fence)
    run(saga.pk)
    clock.shift(5)

    assert "Our staff cancelled this order." in written()[1]


@pytest.mark.parametrize(
    ("token", "said", "deadline"),
    [
        (
            SHORT_OF_FUNDS,
            "Insufficient funds.",
            "by 09:30 (Japan time), as long as the goods are in stock",
        ),
        (
            CHALLENGED,
            "Your bank wants to make sure it is you.",
            "set aside for you until 09:30 (Japan time)",
        ),
    ],
)
def test_a_customer_who_left_before_paying_is_reminded_once(
    gateway: FakeGateway, clock: Clock, token: str, said: str, deadline: str
) -> None:
    order, saga = place(token=token)
    run(saga.pk)
    clock.shift(119)
    assert outbox.sweep_mails() == 0, "who is still there needs no mail"
    clock.shift(1)

    subject, text, html = written()

    assert subject.startswith(f"Your order {order.number} waits for your payment")
    for body in (text, html):
        assert said in body
        # 00:30 in the clock's UTC.
        assert deadline in body
    clock.shift(600)
    assert outbox.sweep_mails() == 0


def test_a_customer_who_paid_meanwhile_is_not_reminded(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=SHORT_OF_FUNDS)
    run(saga.pk)
    try_another_card(order, VISA)
    run(saga.pk)
    clock.shift(120)
    sent = len(mail.outbox)

    outbox.sweep_mails()

    assert len(mail.outbox) == sent
    assert OrderMail.objects.get().state == "dropped"
