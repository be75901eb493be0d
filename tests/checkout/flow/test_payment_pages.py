"""A payment on the provider's page: paid, left, declined, late, unclear answers."""

from datetime import timedelta

import pytest

from checkout.aftersales import payment_sync
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from checkout.payments.gateway import IntentStatus, ProviderNotice
from checkout.payments.payment_pages import ON_PAGE, PageStatus
from checkout.status.progress import progress_of
from checkout.tracking.errors import CardNotNeeded
from checkout.tracking.services import read_after_return, try_another_card
from checkout.webhooks import services as webhooks
from checkout.webhooks.models import ProviderEvent
from orders.models import Order, Payment, PaymentAttempt, PaymentPage
from saga.engine import run
from saga.models import Saga, State
from saga.operations import cancel, resume
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import advance, charges, counters, place
from tests.support.orders import VISA

pytestmark = pytest.mark.django_db

UNKNOWN = provider.OutcomeUnknownError("no answer")
DECLINED = "pm_card_visa_chargeDeclined"
PAGE = "cs_1"


def shown() -> tuple[Order, Saga]:
    """Return an order whose page is open before its customer."""
    order, saga = place(token=ON_PAGE)
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "payment_page")
    return order, saga


def hear(kind: str = "checkout.session.completed", page: str = PAGE) -> None:
    """Apply a report of the provider about a page."""
    name = f"evt_{ProviderEvent.objects.count() + 1}"
    assert webhooks.store(ProviderNotice(name, kind, "pi_1", page))
    webhooks.apply_event(ProviderEvent.objects.get(event_id=name).pk)


def test_the_page_is_opened_for_the_order_and_waits(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, _saga = shown()

    now = progress_of(order)
    assert (now.outcome, now.cancel_way) == ("needs_page", "at_once")
    assert PaymentAttempt.objects.get().outcome == "page"
    row = PaymentPage.objects.get()
    assert (row.session_id, row.url) == (PAGE, "https://pay.example.com/cs_1")
    # Stripe keeps none open for less than half an hour, nor for more than a day.
    assert timedelta(minutes=30) < row.expires_at - order.placed_at < timedelta(days=1)
    assert gateway.intents == {}
    assert counters() == (10, 1)


def test_a_report_of_the_payment_completes_the_order(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = shown()
    gateway.pay_on_page(PAGE)
    hear()

    run(saga.pk)

    assert progress_of(order).outcome == "done"
    assert charges(gateway) == [(str(order.uid), order.total_minor)]
    assert Payment.objects.get().intent_id == "pi_1"
    assert_invariants()


@pytest.mark.parametrize("kind", ["async_payment_succeeded", "async_payment_failed"])
def test_every_report_about_the_page_has_it_read(
    gateway: FakeGateway, clock: Clock, kind: str
) -> None:
    order, saga = shown()
    hear(f"checkout.session.{kind}")
    run(saga.pk)
    assert progress_of(order).outcome == "needs_page"
    gateway.pay_on_page(PAGE)
    hear(f"checkout.session.{kind}")
    run(saga.pk)
    assert progress_of(order).outcome == "done"


def test_the_customers_return_is_enough(gateway: FakeGateway, clock: Clock) -> None:
    order, saga = shown()
    gateway.pay_on_page(PAGE)
    read_after_return(order)
    run(saga.pk)
    assert progress_of(order).outcome == "done"


def test_without_report_and_return_the_deadline_reads_the_page(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = shown()
    gateway.pay_on_page(PAGE)
    clock.shift(31 * 60)
    sweep()
    run(saga.pk)
    assert progress_of(order).outcome == "done"
    assert_invariants()


def test_a_declined_card_may_be_followed_by_another_on_the_page(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = shown()
    gateway.pay_on_page(PAGE, DECLINED)
    read_after_return(order)
    run(saga.pk)
    assert progress_of(order).outcome == "needs_page"
    with pytest.raises(CardNotNeeded):
        try_another_card(order, VISA)
    gateway.pay_on_page(PAGE)
    hear()
    run(saga.pk)
    assert progress_of(order).outcome == "done"
    assert len(charges(gateway)) == 1


@pytest.mark.parametrize("card", ["", DECLINED, CHALLENGED])
def test_nothing_paid_by_the_deadline_closes_the_page(
    gateway: FakeGateway, clock: Clock, card: str
) -> None:
    order, saga = shown()
    if card:
        gateway.pay_on_page(PAGE, card)
    saga = advance(saga, clock, sweeps=4, seconds=31 * 60)

    assert saga.state == State.COMPENSATED
    assert gateway.pages[PAGE].status is PageStatus.EXPIRED
    assert progress_of(order).outcome == "cancelled"
    gateway.pay_on_page(PAGE)
    assert charges(gateway) == []
    assert counters() == (10, 0)
    assert_invariants()


def test_a_page_that_the_provider_closed_ends_the_order(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = shown()
    gateway.let_page_expire(PAGE)
    hear("checkout.session.expired")
    saga = advance(saga, clock)
    assert saga.state == State.COMPENSATED
    assert Order.objects.get(pk=order.pk).cancel_reason == "not_paid"


def test_a_payment_at_the_moment_of_the_undo_is_voided_with_its_page(
    gateway: FakeGateway, clock: Clock
) -> None:
    """The bank has set the amount aside when the page is to be closed."""
    order, saga = shown()
    gateway.meanwhile("close_page", lambda: gateway.pay_on_page(PAGE), after=False)
    cancel(saga, "customer", "asked for it")
    saga = advance(saga, clock)

    assert saga.state == State.COMPENSATED
    assert gateway.intents["pi_1"].status is IntentStatus.CANCELED
    payment = Payment.objects.get(order=order)
    assert (payment.status, payment.intent_id) == ("cancelled", "pi_1")
    assert_invariants()


def test_a_page_that_stripe_refuses_to_close_stops_with_what_to_do(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = shown()
    gateway.fail("close_page", provider.Refused("not with this key"))
    cancel(saga, "customer", "asked for it")
    saga = advance(saga, clock)

    assert (saga.state, saga.error_class) == (State.FAILED, "PageStaysOpen")
    assert PAGE in saga.error
    assert Order.objects.get(pk=order.pk).status == "pending"
    resume(saga, "yuki", "closed at Stripe")
    assert advance(saga, clock).state == State.COMPENSATED
    assert_invariants()


def test_a_charge_made_meanwhile_by_hand_takes_the_order_forward(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = shown()

    def pay_and_capture() -> None:
        gateway.pay_on_page(PAGE)
        gateway.capture_elsewhere("pi_1")

    gateway.meanwhile("close_page", pay_and_capture, after=False)
    cancel(saga, "customer", "asked for it")
    saga = advance(saga, clock)
    assert progress_of(order).outcome == "done"
    assert len(charges(gateway)) == 1
    assert_invariants()


@pytest.mark.parametrize(
    ("call", "times", "after"),
    [
        ("open_page", 1, False),
        ("open_page", 3, True),
        ("read_page", 2, True),
        ("close_page", 1, True),
        ("close_page", 3, False),
        ("cancel", 3, True),
    ],
)
def test_an_unclear_answer_costs_no_second_charge_and_stops_nothing(
    gateway: FakeGateway, clock: Clock, call: str, times: int, after: bool
) -> None:
    for _time in range(times):
        gateway.fail(call, UNKNOWN, after=after)
    order, saga = place(token=ON_PAGE)
    saga = advance(saga, clock, sweeps=4, seconds=5)
    page = PaymentPage.objects.get().session_id
    if call in ("close_page", "cancel"):
        if call == "cancel":
            pay = gateway.pay_on_page
            gateway.meanwhile("close_page", lambda: pay(page), after=False)
        cancel(saga, "customer", "asked for it")
    else:
        gateway.pay_on_page(page)
        hear(page=page)
    saga = advance(saga, clock)
    is_cancelled = call in ("close_page", "cancel")
    assert saga.state == (State.COMPENSATED if is_cancelled else State.DONE)
    assert len(charges(gateway)) == (0 if is_cancelled else 1)
    # A page of a lost answer is not the one that was shown.
    assert PaymentPage.objects.get().session_id == page
    assert progress_of(order).outcome == ("cancelled" if is_cancelled else "done")
    assert_invariants()


def test_an_answer_that_was_kept_is_left_behind_with_a_new_key(
    gateway: FakeGateway, clock: Clock
) -> None:
    """ADR 0006: the provider stores its own 500 under the key."""
    gateway.fail("open_page", UNKNOWN, kept=True)
    _order, saga = place(token=ON_PAGE)
    saga = advance(saga, clock, sweeps=4, seconds=10)
    assert saga.waiting_for == "payment_page"
    keys = [key for name, key in gateway.calls if name == "open_page"]
    assert keys[0] == keys[1] != keys[2]


def test_a_payment_on_the_page_of_a_stopped_order_is_found(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = shown()
    gateway.fail("read_page", provider.Refused("not to be read"))
    read_after_return(order)
    run(saga.pk)
    assert progress_of(order).outcome == "on_hold"
    gateway.pay_on_page(PAGE)
    gateway.capture_elsewhere("pi_1")
    hear()
    payment_sync.read(order.payment.pk)
    payment = Payment.objects.get()
    assert (payment.intent_id, payment.status) == ("pi_1", "captured")


def test_a_report_about_a_page_that_nobody_knows_wakes_nothing(
    gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = shown()
    hear(page="cs_99")
    saga.refresh_from_db()
    assert saga.state == State.WAITING
