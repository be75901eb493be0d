"""The whole saga, step by step, with a payment provider in memory."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from checkout.cart.models import Cart
from checkout.payments.fake.gateway import FakeGateway
from inventory.models import Hold
from inventory.services import adjust, release, reserve
from orders.models import Order, Payment
from saga.branches import BRANCHES_LAST
from saga.changes import joining
from saga.engine import run
from saga.models import Saga, State
from saga.operations import resume
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import advance, charges, counters, place
from tests.support.orders import make_cart

pytestmark = pytest.mark.django_db


def test_an_order_goes_all_the_way(gateway: FakeGateway, clock: Clock) -> None:
    cart = make_cart({"MUG-01": 2})
    order, saga = place(cart)

    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    cart.refresh_from_db()
    assert (saga.state, order.status) == (State.DONE, Order.Status.CONFIRMED)
    assert charges(gateway) == [(str(order.uid), order.total_minor)]
    assert counters() == (8, 0)
    assert cart.state == Cart.State.CLOSED
    assert [message.to for message in mail.outbox] == [[order.email]]
    assert list(order.events.values_list("name", flat=True)) == [
        "order_placed",
        "payment_authorized",
        "payment_captured",
        "order_confirmed",
        "shipment_requested",
        "confirmation_sent",
    ]
    assert_invariants(charges(gateway), ended=True)


def test_the_provider_is_called_three_times_under_the_orders_own_keys(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()

    run(saga.pk)

    assert gateway.calls == [
        ("create", f"order:{order.uid}:create"),
        ("confirm", f"order:{order.uid}:confirm:1"),
        ("capture", f"order:{order.uid}:capture"),
    ]


def test_the_payment_keeps_what_the_provider_reported(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()

    run(saga.pk)

    payment = Payment.objects.get()
    assert (payment.intent_id, payment.charge_id) == ("pi_1", "ch_pi_1")
    assert (payment.card_brand, payment.card_last4) == ("visa", "4242")
    assert payment.captured_minor == order.total_minor


def test_out_of_stock_at_the_reservation_charges_nothing(
    gateway: FakeGateway, clock: Clock
) -> None:
    cart = make_cart({"MUG-01": 2, "CAP-01": 1})
    order, saga = place(cart)
    adjust("MUG-01", -9, "C-1", "a shelf fell down", "ken")
    key = cart.checkout_key

    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    cart.refresh_from_db()
    assert (saga.state, saga.reason) == (State.COMPENSATED, "out_of_stock")
    assert (order.status, order.cancel_reason) == ("cancelled", "out_of_stock")
    assert gateway.calls == []
    assert not Hold.objects.exists()
    assert (cart.state, cart.checkout_key != key) == (Cart.State.OPEN, True)
    assert order.payment.status == Payment.Status.CANCELLED
    assert order.payment.attempts.get().outcome == "abandoned"
    assert mail.outbox == []
    assert_invariants([], ended=True)


def test_the_cart_of_a_cancelled_order_can_be_ordered_again(
    gateway: FakeGateway, clock: Clock
) -> None:
    cart = make_cart({"MUG-01": 2})
    first, saga = place(cart)
    reserve("SOMEBODY", {"MUG-01": 9}, None)
    run(saga.pk)
    release("SOMEBODY")

    cart.refresh_from_db()
    second, again = place(cart)
    run(again.pk)

    assert second.pk != first.pk
    assert Saga.objects.get(pk=again.pk).state == State.DONE
    assert charges(gateway) == [(str(second.uid), second.total_minor)]
    assert_invariants(charges(gateway), ended=True)


def test_goods_are_set_aside_a_little_longer_than_the_customer_may_take(
    gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = place()

    run(saga.pk, link="checkout.reserve_stock")

    now = timezone.now()
    saga.refresh_from_db()
    assert saga.output("reserve_stock") == {
        "hold_until": (now + timedelta(minutes=30)).isoformat()
    }
    assert Hold.objects.get().expires_at == now + timedelta(minutes=35)


def test_the_hold_is_pinned_before_the_money_is_taken(
    gateway: FakeGateway, clock: Clock
) -> None:
    pinned = []
    gateway.meanwhile(
        "capture", lambda: pinned.append(Hold.objects.get().expires_at), after=False
    )
    _order, saga = place()

    run(saga.pk)

    assert pinned == [None]


def test_a_hold_that_lapsed_before_the_capture_is_taken_again(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()
    gateway.meanwhile("confirm", lambda: release(order.number))

    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert counters() == (9, 0)
    assert_invariants(charges(gateway), ended=True)


def test_goods_that_are_gone_before_the_capture_end_the_order_uncharged(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()

    def lose_them() -> None:
        release(order.number)
        reserve("SOMEBODY", {"MUG-01": 10}, None)

    gateway.meanwhile("confirm", lose_them)

    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, saga.pivot_at) == (State.COMPENSATED, None)
    assert (order.status, order.cancel_reason) == ("cancelled", "out_of_stock")
    assert gateway.intents["pi_1"].status.value == "canceled"
    assert order.payment.status == Payment.Status.CANCELLED
    assert_invariants(charges(gateway), ended=True)


def test_goods_that_are_gone_after_the_charge_are_a_persons_matter(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()

    def lose_them() -> None:
        release(order.number)
        reserve("SOMEBODY", {"MUG-01": 10}, None)

    gateway.meanwhile("capture", lose_them)
    run(saga.pk)
    sweep()

    saga.refresh_from_db()
    assert (saga.state, saga.step) == (State.FAILED, "fulfil_order")
    assert "paid, but the goods are gone" in saga.error
    assert saga.alerted_at is not None
    assert_invariants(charges(gateway))

    release("SOMEBODY")
    resume(saga, "ken", "found some")
    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, order.status) == (State.DONE, "confirmed")
    assert counters() == (9, 0)
    assert len(mail.outbox) == 1
    assert gateway.count("capture") == 1
    assert_invariants(charges(gateway), ended=True)


class MailServerDown(EmailBackend):
    """Refuses a given number of mails, then accepts them."""

    refusals = 0

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        if type(self).refusals:
            type(self).refusals -= 1
            message = "connection refused"
            raise ConnectionRefusedError(message)
        return int(super().send_messages(messages))


def test_a_mail_server_that_is_down_holds_nothing_but_the_mail(
    gateway: FakeGateway,
    clock: Clock,
    settings: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.MailServerDown"  # type: ignore[attr-defined]
    monkeypatch.setattr(MailServerDown, "refusals", 2)
    order, saga = place()

    run(saga.pk)

    order.refresh_from_db()
    saga.refresh_from_db()
    assert (order.status, saga.state) == ("confirmed", State.JOINING)
    assert mail.outbox == []
    advance(saga, clock)
    assert saga.state == State.DONE
    assert len(mail.outbox) == 1


def run_branch_again() -> None:
    """Set the mail's branch back to its step."""
    now = timezone.now()
    Saga.objects.main_paths().update(finished_at=None, **joining(BRANCHES_LAST))
    Saga.objects.exclude(branch="").update(
        state=State.RUNNING, finished_at=None, due_at=now
    )


def test_a_mail_that_was_sent_is_not_sent_again(
    gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = place()
    run(saga.pk)

    run_branch_again()
    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert len(mail.outbox) == 1


def test_the_mail_keeps_its_identity_when_it_must_be_sent_again(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()
    run(saga.pk)
    order.events.filter(name="confirmation_sent").delete()

    run_branch_again()
    run(saga.pk)

    ids = {message.extra_headers["Message-ID"] for message in mail.outbox}
    assert len(mail.outbox) == 2
    assert ids == {f"<{order.uid.hex}@minato-tv.example>"}
