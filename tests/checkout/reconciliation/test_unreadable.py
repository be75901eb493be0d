"""One object at Stripe that cannot be read hides neither the others nor itself."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.aftersales.payment_sync import poll_again, sweep_payments
from checkout.aftersales.refunds import services as refunds
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.reconciliation.kinds import UNREADABLE
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.run import reconcile
from checkout.reconciliation.store import explain, wake_behind
from orders.models import Dispute, Order, Payment, Refund
from saga.alerting import alert_staff
from tests.checkout.reconciliation.books import buy, found, look, pay_elsewhere
from tests.conftest import Clock
from tests.support.canned_stripe import (
    Answer,
    CannedList,
    canned_gateway,
)
from tests.support.orders import make_order
from tests.support.refunding import make_refund

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

_numbers = count(1)
OURS = "pi_ours"
PAGE = 3
DAY = 86_400
PATHS = {
    "payment_intent": "/v1/payment_intents",
    "refund": "/v1/refunds",
    "dispute": "/v1/disputes",
}
# What is garbled -> the list that it is in, and the mismatch that it is before.
GARBLED = {
    "intent": ("payment_intent", "charge_without_order"),
    "charge": ("payment_intent", "charge_without_order"),
    "refund": ("refund", "refund_unknown_here"),
    "dispute": ("dispute", "dispute_unknown_here"),
}


class CannedAccount:
    """Four payments without an order, four refunds and four disputes of our payment."""

    def __init__(self) -> None:
        self.lists = {
            kind: CannedList([_thing(kind) for _number in range(4)], of_page=PAGE)
            for kind in PATHS
        }

    def answer(self, client_url: str, path: str) -> Answer:
        for kind, root in PATHS.items():
            if path == root:
                return self.lists[kind].answer(client_url)
            if path.startswith(f"{root}/"):
                return self._alone(kind, path.rpartition("/")[2])
        raise AssertionError(path)

    def _alone(self, kind: str, name: str) -> Answer:
        for thing in self.lists[kind].things:
            if name in (thing["id"], thing["metadata"].get("true_id")):
                return 200, thing
        param = "intent" if kind == "payment_intent" else kind
        return 404, {"error": {"code": "resource_missing", "param": param}}

    def garble(self, what: str, place: int, *, with_id: bool) -> dict[str, Any]:
        """Let the object at a place be unreadable. Return what it was."""
        things = self.lists[GARBLED[what][0]].things
        was = things[place]
        bad: dict[str, Any] = {"amount": "24.00"}
        if what == "charge":
            bad = {"latest_charge": {**was["latest_charge"], "amount_refunded": None}}
        named = {"id": was["id"] if with_id else None}
        things[place] = {**was, **bad, **named, "metadata": {"true_id": was["id"]}}
        return was

    def settle(self, what: str, place: int) -> None:
        """Let the object at a place be in order, so that it is no mismatch any more."""
        kind = GARBLED[what][0]
        things = self.lists[kind].things
        if kind == "payment_intent":
            things[place]["latest_charge"] |= {"amount_refunded": 2400}
        elif kind == "refund":
            things[place] |= {"status": "failed"}
        else:
            dispute = things.pop(place)
            assert dispute["id"]


def _thing(kind: str) -> dict[str, Any]:
    created = int((timezone.now() - timedelta(hours=1)).timestamp())
    common = {"object": kind, "id": f"{kind}_{next(_numbers)}", "created": created}
    common |= {"amount": 2400, "currency": "jpy", "metadata": {}}
    if kind == "payment_intent":
        charge = {"id": f"ch_{common['id']}", "amount": 2400, "amount_captured": 2400}
        charge |= {"amount_refunded": 0}
        more = {"amount_received": 2400, "latest_charge": charge}
        return {**common, **more, "status": "succeeded"}
    status = "succeeded" if kind == "refund" else "needs_response"
    return {**common, "payment_intent": OURS, "status": status}


@pytest.fixture
def account(settings: Settings) -> Iterator[CannedAccount]:
    order = make_order()
    Payment.objects.filter(order=order).update(intent_id=OURS)
    Order.objects.update(placed_at=timezone.now() - timedelta(days=90))
    account = CannedAccount()
    with canned_gateway(settings) as gateway:
        gateway.client.answers = lambda path: account.answer(gateway.client.url, path)
        yield account


def run_once() -> ReconciliationRun:
    since = timezone.now() - timedelta(days=1)
    return reconcile(since, grace=timedelta())


def kinds() -> list[str]:
    return sorted(kind for kind, _order in found())


ALL = sorted(
    4 * ["charge_without_order", "refund_unknown_here", "dispute_unknown_here"]
)


@pytest.mark.long
@pytest.mark.parametrize("place", range(PAGE), ids=["first", "middle", "last"])
@pytest.mark.parametrize("what", GARBLED)
def test_the_run_goes_on_without_it_and_finds_it_again(
    account: CannedAccount, what: str, place: int
) -> None:
    kind, mismatch = GARBLED[what]
    was = account.garble(what, place, with_id=True)

    run = run_once()

    (unread,) = Mismatch.objects.filter(kind__in=UNREADABLE)
    assert (unread.subject, unread.facts["id"]) == (was["id"], was["id"])
    assert unread.alerted_at is not None
    assert run.finished_at is not None
    assert (run.unreadable, run.found) == (1, 12)
    assert len([name for name in kinds() if name == mismatch]) == 3

    account.lists[kind].things[place] = was
    assert run_once().resolved == 1
    assert kinds() == ALL


@pytest.mark.long
@pytest.mark.parametrize("place", range(PAGE), ids=["first", "middle", "last"])
@pytest.mark.parametrize("what", GARBLED)
def test_what_concerns_it_stays_open_and_the_rest_is_resolved(
    account: CannedAccount, what: str, place: int
) -> None:
    kind, mismatch = GARBLED[what]
    run_once()
    assert kinds() == ALL
    was = account.garble(what, place, with_id=True)
    other = 3
    settled = account.lists[kind].things[other]["id"]
    account.settle(what, other)

    assert run_once().resolved == 1

    assert not Mismatch.objects.open().filter(subject=settled).exists()
    stays = Mismatch.objects.open().filter(kind=mismatch, subject=was["id"])
    assert stays.exists()
    account.lists[kind].things[place] = was
    account.settle(what, place)
    # The mismatch, and that it could not be read.
    assert run_once().resolved == 2
    assert not stays.exists()


@pytest.mark.long
@pytest.mark.parametrize("place", range(PAGE), ids=["first", "middle", "last"])
@pytest.mark.parametrize("what", GARBLED)
def test_without_an_id_it_may_concern_every_mismatch_of_its_kind(
    account: CannedAccount, what: str, place: int
) -> None:
    kind, _mismatch = GARBLED[what]
    run_once()
    Mismatch.objects.filter(
        subject=account.lists[kind].things[place]["id"]
    ).delete()  # Otherwise its id is known by that.
    was = account.garble(what, place, with_id=False)
    settled = account.lists[kind].things[3]["id"]
    account.settle(what, 3)
    elsewhere = next(one for one in GARBLED if GARBLED[one][0] != kind)
    account.settle(elsewhere, 0)

    assert run_once().resolved == 1

    (unread,) = Mismatch.objects.filter(kind__in=UNREADABLE)
    assert unread.facts["id"] == ""
    assert Mismatch.objects.open().filter(subject=settled).exists()
    account.lists[kind].things[place] = was
    run_once()
    assert not Mismatch.objects.open().filter(subject=settled).exists()
    assert not Mismatch.objects.open().filter(kind__in=UNREADABLE).exists()


def test_a_goods_mismatch_is_resolved_whatever_stripe_says(
    account: CannedAccount,
) -> None:
    row = Mismatch.objects.create(kind="ledger_differs", subject="MUG-01")
    account.garble("intent", 1, with_id=False)

    run_once()

    row.refresh_from_db()
    assert row.resolved_at is not None


def test_no_webhook_is_made_up_of_a_dispute_without_an_id(
    account: CannedAccount,
) -> None:
    account.garble("dispute", 0, with_id=False)
    run_once()
    wake_behind()
    assert not Dispute.objects.filter(dispute_id__startswith="?").exists()


def test_staff_are_told_in_words(
    account: CannedAccount, caplog: pytest.LogCaptureFixture
) -> None:
    was = account.garble("refund", 1, with_id=True)
    run_once()
    alert_staff(timezone.now())

    sentence = f"The shop cannot read refund {was['id']} at Stripe"
    assert sentence in caplog.text
    assert "refund.amount is no whole number" in caplog.text


# --- by the provider in memory --------------------------------------------------------


def test_a_payment_of_ours_is_named_with_its_order(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = buy()
    intent_id = Payment.objects.get(order=order).intent_id or ""
    gateway.garble(intent_id)

    look(clock)

    assert found() == [("unreadable_payment", order.number)]
    clock.shift(90 * DAY)
    look(clock)
    assert found() == [("unreadable_payment", order.number)], "however old it is"
    gateway.mend(intent_id)
    look(clock)
    assert found() == []


def test_once_out_of_the_period_one_without_an_id_stays_until_it_is_explained(
    gateway: FakeGateway, clock: Clock
) -> None:
    stray, other = (pay_elsewhere(gateway, "") for _number in range(2))
    gateway.garble(stray, with_id=False)
    look(clock)
    assert sorted(found()) == [("charge_without_order", ""), ("unreadable_payment", "")]
    gateway.refund_elsewhere(other, 2400)
    gateway.mend(stray)
    clock.shift(90 * DAY)

    look(clock)

    assert len(found()) == 2, "nobody has looked at it"
    explain(Mismatch.objects.open().get(kind="unreadable_payment"), "kane", "a gift")
    look(clock)
    assert found() == []


def test_fifty_that_cannot_be_read_and_none_that_can_are_an_error(
    gateway: FakeGateway, clock: Clock
) -> None:
    for number in range(50):
        gateway.garble(pay_elsewhere(gateway, f"stray {number}"))

    with pytest.raises(provider.OutcomeUnknownError, match="none of 50 payments"):
        look(clock)

    run = ReconciliationRun.objects.get()
    assert (run.finished_at, run.resolved) == (None, 0)


def test_a_refund_is_not_made_again_while_one_cannot_be_read(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = buy()
    refund = make_refund(order, 500)
    gateway.fail("refund", provider.OutcomeUnknownError("no answer"), after=True)
    refunds.settle(refund.pk)
    (made,) = gateway.refunds
    gateway.garble(made)
    Refund.objects.filter(pk=refund.pk).update(polls=2)

    again = refunds.settle(refund.pk)

    assert gateway.count("refund") == 1
    assert again.status == Refund.Status.REQUESTED
    assert "cannot be read" in again.error
    gateway.mend(made)
    assert refunds.settle(refund.pk).refund_id == made
    assert gateway.count("refund") == 1


def test_a_payment_is_read_until_all_its_refunds_can_be_read(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = buy()
    payment = Payment.objects.get(order=order)
    first, second = (
        gateway.refund_elsewhere(payment.intent_id or "", amount).id
        for amount in (300, 200)
    )
    gateway.garble(second)
    poll_again(payment)
    clock.shift(60)
    sweep_payments()

    payment.refresh_from_db()
    assert not payment.refunds.exists(), "they cannot be told from a release"
    assert "cannot be read" in payment.error
    gateway.mend(second)
    clock.shift(3600)
    sweep_payments()

    assert set(payment.refunds.values_list("refund_id", flat=True)) == {first, second}
