"""A refund from request to money: once, whatever the provider answers."""

from typing import Any

import pytest
from django.core import mail

from checkout.aftersales.refunds import services as refunds
from checkout.aftersales.refunds.services import request_refund, settle, sweep_refunds
from checkout.mail.models import OrderMail
from checkout.mail.outbox import sweep_mails
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.refunds_and_disputes import RefundStatus
from inventory.errors import NotShipped
from inventory.models import Movement
from orders.errors import RefundStale
from orders.models import Order, Payment, Refund
from saga.models import Alert
from tests.conftest import Clock
from tests.saga.broker import nobody_listens
from tests.saga.tables import dump
from tests.support.invariants import assert_invariants
from tests.support.ordering import counters, place
from tests.support.refunding import (
    TOTAL,
    make_charged_order,
    make_refund,
    refunded_total,
    wish,
)
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def topics() -> list[str]:
    return [alert.topic for alert in Alert.objects.all()]


def events(order: Order) -> list[str]:
    found = order.events.filter(name__startswith="refund")
    return [event.name for event in found]


@pytest.mark.parametrize(
    ("email", "sent"),
    [
        ("hanako@docomo.ne.jp", "hanako@docomo.ne.jp"),
        ("ha..na@docomo.ne.jp", ""),
        ("hana.@ezweb.ne.jp", ""),
    ],
)
def test_the_provider_gets_no_mail_address_that_it_would_refuse(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, email: str, sent: str
) -> None:
    order = make_charged_order()
    Order.objects.update(email=email)
    Payment.objects.update(method="konbini")
    addresses: list[str] = []
    refund_there = gateway.refund

    def listen(*args: Any, **kwargs: Any) -> Any:
        addresses.append(kwargs["email"])
        return refund_there(*args, **kwargs)

    monkeypatch.setattr(gateway, "refund", listen)
    settled = settle(make_refund(order, 1800).pk)

    assert (settled.status, addresses) == ("succeeded", [sent])


def test_a_refund_returns_the_money_and_mails_the_customer(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    refund = make_refund(order, 1800)
    assert (refund.status, refunded_total(gateway)) == ("requested", 0)

    settled = settle(refund.pk)

    assert (settled.status, settled.refund_id) == ("succeeded", "re_1")
    assert settled.poll_at is None
    assert refunded_total(gateway) == 1800
    assert gateway.refunds["re_1"].name == str(refund.uid)
    clock.shift(10)
    sweep_mails()
    assert mail.outbox[-1].subject.startswith("We have refunded ¥1,800 for order")
    assert "ending in 4242" in mail.outbox[-1].body
    assert_invariants(ended=True)


def test_goods_go_back_into_stock_once_and_only_after_the_money(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    assert counters() == (8, 0)
    gateway.next_refund = RefundStatus.PENDING
    refund = make_refund(order, 1800, goods={"MUG-01": 1}, restock=True)

    settle(refund.pk)
    assert counters() == (8, 0)
    gateway.settle_refund("re_1", RefundStatus.SUCCEEDED)
    for _time in range(3):
        settle(refund.pk)

    assert counters() == (9, 0)
    (back,) = Movement.objects.filter(kind="return")
    assert (back.quantity, back.actor) == (1, "yuki")
    assert back.reference == f"{order.number} refund {refund.pk}"
    assert events(order) == ["refund_requested", "refund_succeeded"]
    assert order.events.get(name="goods_returned").data["units"] == {"MUG-01": 1}
    assert_invariants(ended=True)


def test_goods_that_never_left_do_not_come_back(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, _saga = place(units={"MUG-01": 1})
    before = dump()

    with pytest.raises(NotShipped):
        make_refund(order, 100, goods={"MUG-01": 1}, restock=True)

    assert dump() == before


UNCLEAR = [
    (provider.OutcomeUnknownError("no answer"), False),
    (provider.OutcomeUnknownError("no answer"), True),
    (provider.NotNow("patience"), False),
    (provider.Misconfigured("check STRIPE_SECRET_KEY"), False),
]


@pytest.mark.parametrize(("error", "after"), UNCLEAR)
@pytest.mark.parametrize("kept", [False, True])
def test_a_call_without_a_clear_answer_is_settled_later_and_gives_back_once(
    gateway: FakeGateway,
    clock: Clock,
    error: provider.PaymentError,
    after: bool,
    kept: bool,
) -> None:
    order = make_charged_order()
    refund = make_refund(order, 1800, goods={"MUG-01": 1}, restock=True)
    gateway.fail("refund", error, after=after, kept=kept)

    settle(refund.pk)
    refund.refresh_from_db()
    assert (refund.status, refund.error) == ("requested", str(error))
    assert refund.poll_at is not None
    if kept and not after:
        # The provider repeats its own fault until it forgets the key, a day later.
        clock.shift(60)
        sweep_refunds()
        assert Refund.objects.get().status == "requested"
        gateway._answers.pop(f"refund:{refund.uid}")
    clock.shift(3600)
    assert sweep_refunds() == 1

    refund.refresh_from_db()
    assert (refund.status, refund.error) == ("succeeded", "")
    assert refunded_total(gateway) == 1800
    assert len(gateway.refunds) == 1
    assert counters() == (9, 0)
    assert OrderMail.objects.filter(kind="refunded").count() == 1


def test_after_a_worker_died_during_the_call_the_sweeper_settles_the_refund(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    refund = make_refund(order, 1800)
    gateway.refund("pi_1", 1800, str(refund.uid), f"refund:{refund.uid}")

    clock.shift(9)
    assert sweep_refunds() == 0
    clock.shift(1)
    assert sweep_refunds() == 1

    assert Refund.objects.get().status == "succeeded"
    assert len(gateway.refunds) == 1


def test_it_is_one_refund_even_if_its_key_was_forgotten_after_a_day(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    refund = make_refund(order, 1800)
    gateway.fail("refund", provider.OutcomeUnknownError("cut"), after=True)
    settle(refund.pk)
    gateway._answers.clear()

    clock.shift(2 * 24 * 3600)
    sweep_refunds()

    assert Refund.objects.get().status == "succeeded"
    assert refunded_total(gateway) == 1800


def test_a_refund_that_the_provider_refuses_fails_and_raises_an_alert(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    gateway.refund_elsewhere("pi_1", 4000)
    refund = make_refund(order, 1800, goods={"MUG-01": 1}, restock=True)

    settled = settle(refund.pk)

    assert settled.status == "failed"
    assert "greater than what is left: 200" in settled.failure
    assert Payment.objects.get().refunded_minor == 0
    assert topics() == [f"refund_failed {refund.pk}"]
    assert counters() == (8, 0)
    assert not OrderMail.objects.exists()


@pytest.mark.parametrize("verdict", [RefundStatus.FAILED, RefundStatus.CANCELED])
def test_a_pending_refund_that_fails_counts_no_more(
    gateway: FakeGateway, clock: Clock, verdict: RefundStatus
) -> None:
    order = make_charged_order()
    gateway.next_refund = RefundStatus.PENDING
    refund = make_refund(order, TOTAL)
    assert settle(refund.pk).status == "pending"

    gateway.settle_refund("re_1", verdict, "account_closed")
    clock.shift(3600)
    sweep_refunds()

    refund.refresh_from_db()
    assert (refund.status, refund.failure) == ("failed", "account_closed")
    assert topics() == [f"refund_failed {refund.pk}"]
    assert settle(make_refund(order, TOTAL).pk).status == "succeeded"


def test_a_refund_that_fails_after_it_succeeded_is_noticed_and_can_be_repeated(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    refund = make_refund(order, TOTAL, goods={"MUG-01": 2}, restock=True)
    settle(refund.pk)
    gateway.settle_refund("re_1", RefundStatus.FAILED, "account_closed")

    refunds.poll_again(order.payment)
    clock.shift(10)
    sweep_refunds()

    refund.refresh_from_db()
    assert (refund.status, refund.failure) == ("failed", "account_closed")
    assert topics() == [f"refund_failed {refund.pk}"]
    # The goods did come back, and stay.
    assert counters() == (10, 0)
    again = make_refund(order, TOTAL, goods={"MUG-01": 2})
    assert settle(again.pk).status == "succeeded"
    assert refunded_total(gateway) == TOTAL
    assert_invariants(ended=True)


def test_a_refund_without_an_answer_raises_one_alert(
    gateway: FakeGateway, clock: Clock
) -> None:
    refund = make_refund(make_charged_order(), 1800)
    for _round in range(12):
        gateway.fail("refunds_of", provider.OutcomeUnknownError("no answer"))
        clock.shift(300)
        sweep_refunds()

    assert topics() == [f"refund_unanswered {refund.pk}"]
    assert Refund.objects.get().status == "requested"


def test_a_failed_refund_is_never_asked_for_again(
    gateway: FakeGateway, clock: Clock
) -> None:
    gateway.fail("refund", provider.Refused("charge_disputed"))
    refund = make_refund(make_charged_order(), 1800)
    settle(refund.pk)

    refunds.poll_again(refund.payment)
    settle(refund.pk)
    clock.shift(3600)
    sweep_refunds()

    assert gateway.count("refund") == 1
    assert refunded_total(gateway) == 0


def test_an_answer_that_is_older_than_what_is_known_changes_nothing(
    gateway: FakeGateway, clock: Clock
) -> None:
    refund = make_refund(make_charged_order(), 1800)

    def meanwhile() -> None:
        gateway.settle_refund("re_1", RefundStatus.FAILED, "account_closed")
        Refund.objects.update(polls=2)
        settle(refund.pk)

    gateway.meanwhile("refund", meanwhile)
    settle(refund.pk)

    refund.refresh_from_db()
    assert refund.status == "failed"
    assert topics() == [f"refund_failed {refund.pk}"]
    assert not OrderMail.objects.exists()


def test_a_report_that_comes_while_the_refund_is_read_is_not_missed(
    gateway: FakeGateway, clock: Clock
) -> None:
    refund = make_refund(make_charged_order(), 1800)
    gateway.meanwhile("refund", lambda: refunds.poll_again(refund.payment))

    settled = settle(refund.pk)

    assert settled.status == "succeeded"
    assert settled.poll_at is not None
    clock.shift(10)
    assert sweep_refunds() == 1
    assert Refund.objects.get().poll_at is None


@pytest.mark.django_db(transaction=True)
def test_two_members_of_staff_at_once_give_back_once(gateway: FakeGateway) -> None:
    order = make_charged_order()
    wishes = [wish(order, TOTAL, actor=name) for name in ("yuki", "ken", "miru")]

    answers = run_together(wishes, lambda one: request_refund(order, one).pk)

    assert [type(error) for error in exceptions_in(answers)] == [RefundStale] * 2
    settle(Refund.objects.get().pk)
    assert refunded_total(gateway) == TOTAL


@pytest.mark.django_db(transaction=True)
def test_ten_workers_at_one_refund_give_back_and_restock_once(
    gateway: FakeGateway,
) -> None:
    order = make_charged_order()
    refund = make_refund(order, 1800, goods={"MUG-01": 1}, restock=True)

    answers = run_together(range(10), lambda _n: settle(refund.pk).status)

    assert exceptions_in(answers) == []
    assert refunded_total(gateway) == 1800
    assert counters() == (9, 0)
    assert Refund.objects.get().status == "succeeded"
    assert OrderMail.objects.filter(kind="refunded").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_refund_is_recorded_while_the_broker_is_down_and_settled_by_the_sweeper(
    gateway: FakeGateway,
) -> None:
    order = make_charged_order()
    with nobody_listens():
        refund = make_refund(order, 1800)
        Refund.objects.update(poll_at=refund.requested_at)
        assert sweep_refunds() == 1

    assert Refund.objects.get().status == "succeeded"
