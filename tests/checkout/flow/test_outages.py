"""The payment provider or the mail server is away for a while: orders wait for it."""

import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from pytest_django.fixtures import Settings

from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.status.progress import progress_of
from orders.models import Order
from saga.engine import run
from saga.models import Breaker, Saga, State
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import advance, charges, place

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

UNKNOWN = provider.OutcomeUnknownError("no answer")


class MailAway(BaseEmailBackend):
    """A mail server that nobody reaches, until it is back."""

    away = True
    refused = False

    def send_messages(self, messages: object) -> int:
        if self.refused:
            raise smtplib.SMTPRecipientsRefused({"hanako@example.com": (550, b"no")})
        if self.away:
            message = "connection refused"
            raise ConnectionRefusedError(message)
        mail.outbox.extend(messages)  # type: ignore[arg-type]
        return 1


@pytest.fixture(autouse=True)
def two_in_a_row(settings: Settings) -> None:
    settings.BREAKER_FAILURES = 2


def provider_is_away(gateway: FakeGateway) -> list[Saga]:
    """Let the breaker open after two orders, so that there is one alert."""
    sagas = []
    for _number in range(2):
        gateway.fail("create", UNKNOWN)
        _order, saga = place()
        run(saga.pk)
        sagas.append(saga)
    assert Breaker.objects.get().state == "open"
    return sagas


def test_a_new_order_waits_for_the_bank_and_is_paid_when_it_is_back(
    gateway: FakeGateway, clock: Clock
) -> None:
    first = provider_is_away(gateway)
    order, saga = place()
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.waiting_for, saga.attempt, saga.error) == ("stripe", 0, "")
    now = progress_of(order)
    assert (now.outcome, now.paid, now.is_final) == ("waiting_for_bank", False, False)
    assert [step.state for step in now.steps] == ["done", "retrying", "pending"]

    clock.shift(5)
    for each in [*first, saga]:
        advance(each, clock, sweeps=3)

    assert {each.state for each in Saga.objects.all()} == {State.DONE}
    assert_invariants(charges(gateway), ended=True)


def test_an_order_that_waits_too_long_is_cancelled_without_a_call(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    settings.BREAKER_PAUSE = 7200.0
    provider_is_away(gateway)
    order, saga = place()

    advance(saga, clock, sweeps=60)

    saga.refresh_from_db()
    assert (saga.state, saga.reason) == (State.COMPENSATED, "not_paid")
    assert Order.objects.get(pk=order.pk).status == Order.Status.CANCELLED
    assert_invariants(charges(gateway))


def test_without_the_mail_server_orders_are_complete_and_mailed_later(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.MailAway"
    MailAway.away = True
    placed = [place() for _number in range(4)]
    for _order, saga in placed:
        run(saga.pk)
    for _round in range(12):
        clock.shift(60)
        sweep()
        for _order, saga in placed:
            run(saga.pk)
    states = Saga.objects.values_list("branch", "state")
    assert set(states) == {("", State.JOINING), ("mail", State.RUNNING)}
    assert {progress_of(order).outcome for order, _saga in placed} == {"done"}

    MailAway.away = False
    for _round in range(5):
        clock.shift(60)
        sweep()
        for _order, saga in placed:
            run(saga.pk)

    assert {saga.state for saga in Saga.objects.all()} == {State.DONE}
    assert len(mail.outbox) == 4


def test_an_address_that_is_refused_says_nothing_against_the_mail_server(
    gateway: FakeGateway,
    clock: Clock,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.MailAway"
    monkeypatch.setattr(MailAway, "refused", True)
    for _number in range(3):
        _order, saga = place()
        run(saga.pk)

    assert not Breaker.objects.exists()
    assert "refuses hanako@example.com" in Saga.objects.all()[0].error
