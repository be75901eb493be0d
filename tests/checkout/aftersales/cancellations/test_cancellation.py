"""Cancelling a paid order: the wish, the decision, and the saga that carries it out."""

import uuid

import pytest
from django.core import mail

from checkout.aftersales import dispatch, dispatch_errors
from checkout.aftersales.cancellations import services
from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.cancellations.errors import (
    NotCancellable,
    OtherAmountLeft,
)
from checkout.aftersales.cancellations.services import Verdict
from checkout.aftersales.refunds.services import settle
from checkout.aftersales.shortages import services as shortages
from checkout.flow import send_confirmation
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.refunds_and_disputes import RefundStatus
from checkout.status.progress import progress_of
from orders import transitions
from orders.errors import CancellationMoved, IllegalMove
from orders.models import (
    Cancellation,
    Order,
    OrderEvent,
    Refund,
)
from saga.engine import run
from saga.models import Alert, Saga, State
from saga.operations import resume
from saga.step import Context
from shop.money import Money
from tests.conftest import Clock
from tests.saga.tables import dump
from tests.support.cancelling import (
    ask,
    cancellation_saga,
    carry_out,
    carry_out_latest,
    leave_at_the_same_moment,
    send_mails,
    sent_mails,
    states,
    verdict,
    work,
)
from tests.support.invariants import assert_invariants
from tests.support.ordering import counters
from tests.support.refunding import (
    TOTAL,
    make_charged_order,
    make_refund,
    refunded_total,
)
from tests.support.shortages import report
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway) -> None:
    """Use the fake provider in every test."""


def test_a_paid_order_is_cancelled_and_refunded_once(gateway: FakeGateway) -> None:
    order = make_charged_order()
    assert counters() == (8, 0)
    ask(order, "ordered twice")

    saga = carry_out(order)

    assert saga.state == State.DONE
    assert states(order) == ("cancelled", "called_off", "done")
    assert order.cancel_reason == Order.CancelReason.CUSTOMER
    assert refunded_total(gateway) == TOTAL
    assert counters() == (10, 0)
    refund = Refund.objects.get()
    assert (refund.actor, refund.status) == ("yuki", Refund.Status.SUCCEEDED)
    assert sent_mails().count("cancelled") == 1
    assert "refunded" not in sent_mails()
    now = progress_of(order)
    assert (now.outcome, now.money, now.cancel_way) == ("cancelled", "returned", "")
    assert_invariants(ended=True)


def test_the_mail_names_the_amount_and_the_card(gateway: FakeGateway) -> None:
    order = make_charged_order()
    ask(order)
    carry_out(order)
    send_mails()

    (sent,) = [each for each in mail.outbox if "cancelled" in each.subject]

    text = " ".join(str(sent.body).split())
    assert "nothing is sent" in text
    assert "We have refunded ¥4,200." in text
    assert "back to the card you paid with" in text


def test_the_same_form_sent_twice_is_one_request(gateway: FakeGateway) -> None:
    order, uid = make_charged_order(), uuid.uuid4()

    first = services.ask(order, uid, "a")
    second = services.ask(order, uid, "b")

    assert first == second
    assert Cancellation.objects.get().reason == "a"
    assert Alert.objects.filter(topic__startswith="cancellation_requested").count() == 1
    names = OrderEvent.objects.values_list("name", flat=True)
    assert list(names).count("cancellation_requested") == 1


def test_no_second_request_while_one_is_open(gateway: FakeGateway) -> None:
    order = make_charged_order()
    ask(order)
    before = dump()

    with pytest.raises(NotCancellable):
        ask(order)

    assert dump() == before


def test_after_a_declined_request_the_customer_may_ask_again(
    gateway: FakeGateway,
) -> None:
    order = make_charged_order()
    wish = ask(order)

    assert services.decline(wish, "yuki", "It is personalised.")
    assert not services.decline(wish, "yuki", "It is personalised.")

    assert sent_mails().count("cancel_declined") == 1
    assert any("It is personalised." in str(each.body) for each in mail.outbox)
    assert progress_of(order).cancel_way == "ask"
    assert not Saga.objects.filter(definition=CANCELLATION.name).exists()
    assert ask(order).status == Cancellation.Status.REQUESTED
    assert carry_out_latest(order).state == State.DONE


def test_a_declined_request_cannot_be_accepted(gateway: FakeGateway) -> None:
    order = make_charged_order()
    wish = ask(order)
    services.decline(wish, "yuki", "No.")
    before = dump()

    with pytest.raises(CancellationMoved):
        services.accept(wish, verdict(order))

    assert dump() == before


def test_accepting_twice_begins_one_cancellation(gateway: FakeGateway) -> None:
    order = make_charged_order()
    wish = ask(order)

    assert services.accept(wish, verdict(order))
    assert not services.accept(wish, verdict(order))

    work(order)
    assert refunded_total(gateway) == TOTAL


def test_staff_cancel_without_a_request(gateway: FakeGateway) -> None:
    order, uid = make_charged_order(), uuid.uuid4()

    assert services.cancel(order, uid, verdict(order, "they called"))
    assert not services.cancel(order, uid, verdict(order, "they called"))

    assert work(order).state == State.DONE
    assert order.cancel_reason == Order.CancelReason.STAFF
    assert Refund.objects.get().reason == "they called"
    assert refunded_total(gateway) == TOTAL


def test_another_amount_than_shown_is_not_refunded(gateway: FakeGateway) -> None:
    order = make_charged_order()
    wish = ask(order)
    before = dump()

    with pytest.raises(OtherAmountLeft):
        services.accept(wish, Verdict("yuki", "", Money(TOTAL - 1, "JPY")))

    assert dump() == before


def test_a_parcel_that_left_cannot_be_cancelled(gateway: FakeGateway) -> None:
    order = make_charged_order()
    wish = ask(order)
    dispatch.ship(order, carrier="yamato", tracking_number="1", actor="ken")

    with pytest.raises(CancellationMoved):
        services.accept(wish, verdict(order))

    assert states(order) == ("shipped", "dispatched", "refused")
    assert Cancellation.objects.get().decided_by == "ken"
    assert sent_mails().count("cancel_refused") == 1
    assert progress_of(order).cancel_way == ""
    assert refunded_total(gateway) == 0


def test_a_parcel_that_leaves_before_the_stop_wins(gateway: FakeGateway) -> None:
    order = make_charged_order()
    wish = ask(order)
    services.accept(wish, verdict(order))
    with pytest.raises(dispatch_errors.NotShippable):
        dispatch.ship(order, carrier="yamato", tracking_number="1", actor="ken")
    leave_at_the_same_moment(order)

    saga = work(order)

    assert saga.state == State.COMPENSATED
    assert states(order) == ("shipped", "dispatched", "refused")
    assert refunded_total(gateway) == 0
    assert counters() == (8, 0)
    assert not Refund.objects.exists()
    assert sent_mails().count("cancel_refused") == 1
    assert Alert.objects.filter(topic__startswith="cancellation_refused").count() == 1
    assert progress_of(order).outcome == "done"


def test_goods_found_missing_are_settled_with_the_order(gateway: FakeGateway) -> None:
    order = make_charged_order()
    shortages.record(order, report(order, {"MUG-01": 1}), shelf_is_empty=False)
    ask(order)

    assert carry_out(order).state == State.DONE

    assert order.shortages.get().status == "closed"
    assert refunded_total(gateway) == TOTAL
    assert counters() == (9, 0)
    assert_invariants(ended=True)


def test_a_partly_refunded_order_gets_the_rest(gateway: FakeGateway) -> None:
    order = make_charged_order()
    settle(make_refund(order, 1800, goods={"MUG-01": 1}).pk)
    ask(order)

    assert carry_out(order).state == State.DONE

    assert refunded_total(gateway) == TOTAL
    assert counters() == (10, 0)


def test_an_answer_that_is_lost_leads_to_one_refund(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    ask(order)
    gateway.fail("refund", provider.OutcomeUnknownError("cut"), after=True)
    saga = carry_out(order)
    assert (saga.state, saga.step) == (State.RUNNING, "refund_charge")

    clock.shift(60)
    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert refunded_total(gateway) == TOTAL
    assert len(gateway.refunds) == 1


def test_a_refund_that_fails_stops_with_an_alert_and_goes_on_once_it_was_made(
    gateway: FakeGateway,
) -> None:
    order = make_charged_order()
    ask(order)
    gateway.next_refund = RefundStatus.FAILED

    saga = carry_out(order)

    assert saga.state == State.FAILED
    assert saga.alert_wanted_at is not None
    assert Alert.objects.filter(topic__startswith="refund_failed").exists()
    assert progress_of(order).outcome == "cancelling"
    resume(saga, "yuki", "look")
    run(saga.pk)
    saga.refresh_from_db()
    assert saga.state == State.FAILED, "no second refund by a machine"
    gateway.next_refund = RefundStatus.SUCCEEDED
    settle(make_refund(order, TOTAL).pk)
    resume(saga, "yuki", "refunded by hand")
    run(saga.pk)
    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert refunded_total(gateway) == TOTAL
    assert sent_mails().count("cancelled") == 1


def test_the_confirmation_is_not_mailed_after_the_cancellation(
    gateway: FakeGateway,
) -> None:
    order = make_charged_order()
    order.events.filter(name="confirmation_sent").delete()
    ask(order)
    carry_out(order)
    saga = Saga.objects.get(branch="mail")
    assert send_confirmation.send(Context(saga, send_confirmation.STEP)) is False


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_of_a_stop_and_a_hand_over_at_once_one_wins(
    gateway: FakeGateway, _round: int
) -> None:
    """The colleague's check has come before the decision, as in the worst case."""
    order = make_charged_order()
    services.accept(ask(order), verdict(order))

    def act(who: str) -> object:
        if who == "saga":
            return run(cancellation_saga(order).pk)
        return transitions.ship(
            order, carrier="yamato", tracking_number="1", actor="ken"
        )

    answers = run_together(["saga", "packer"], act)

    assert all(isinstance(each, IllegalMove) for each in exceptions_in(answers))
    ends = {
        ("cancelled", "called_off", "done"): (TOTAL, (10, 0)),
        ("shipped", "dispatched", "refused"): (0, (8, 0)),
    }
    run(cancellation_saga(order).pk)
    refunded, counted = ends[states(order)]
    assert (refunded_total(gateway), counters()) == (refunded, counted)
