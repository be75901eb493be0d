"""Attempts to pay, vouchers and events: what is kept, and what is not."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from orders import transitions
from orders.errors import IllegalMove
from orders.models import OrderEvent, PaymentAttempt, Voucher
from orders.transitions.events import record_events
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

SOON = datetime(2030, 1, 1, tzinfo=UTC)


def test_no_card_is_kept_once_its_answer_is_known() -> None:
    ends: dict[str, Callable[[PaymentAttempt], object]] = {
        "declined": lambda attempt: transitions.decline_attempt(attempt, "lost"),
        "challenge": transitions.challenge_attempt,
        "voucher": lambda attempt: transitions.issue_voucher(attempt, voucher()),
        "abandoned": lambda attempt: transitions.close_attempt(
            attempt.payment, PaymentAttempt.Outcome.ABANDONED
        ),
    }
    for outcome, end in ends.items():
        attempt = make_order().payment.attempts.get()
        assert attempt.token

        end(attempt)

        attempt.refresh_from_db()
        assert (attempt.outcome, attempt.token) == (outcome, "")


def test_a_second_voucher_is_not_issued() -> None:
    attempt = make_order().payment.attempts.get()

    assert transitions.issue_voucher(attempt, voucher())
    assert not transitions.issue_voucher(attempt, voucher())

    assert Voucher.objects.count() == 1
    event = attempt.payment.order.events.get(name=OrderEvent.Name.VOUCHER_ISSUED)
    assert (event.key, event.data) == ("1", {"until": "2030-01-01T00:00:00+00:00"})


def voucher() -> Voucher:
    return Voucher(expires_at=SOON, url="https://example.com", stores=[])


def test_attempts_are_numbered_and_know_the_network_of_their_card() -> None:
    payment = make_order().payment
    payment.attempts.all().delete()

    first = transitions.open_attempt(payment, "pm_1", "2001:db8:1:2::/64")

    assert (first.number, first.token) == (1, "pm_1")
    assert (first.client, first.network) == ("2001:db8:1:2::/64", "2001:db8:1::/48")


def test_a_second_card_beside_the_first_is_refused_by_name() -> None:
    payment = make_order().payment
    with pytest.raises(IllegalMove) as refusal:
        transitions.open_attempt(payment, "pm_2")
    assert (refusal.value.row, refusal.value.to) == (payment, "another attempt")
    payment.attempts.all().delete()

    attempt = transitions.open_attempt(payment, "pm_2")

    assert (attempt.client, attempt.network) == ("", "")


def test_how_it_was_paid_is_written_down() -> None:
    payment = make_order().payment

    transitions.authorize(
        payment,
        charge_id="ch_1",
        brand="",
        last4="",
        capture_before=SOON,
        method="konbini",
    )

    payment.refresh_from_db()
    assert (payment.method, payment.capture_before) == ("konbini", SOON)


def test_events_that_are_written_twice_are_written_once() -> None:
    order = make_order()
    name = OrderEvent.Name.ORDER_CONFIRMED
    for _time in range(2):
        record_events([OrderEvent(order=order, name=name, key="", data={})])

    assert order.events.filter(name=name).count() == 1
