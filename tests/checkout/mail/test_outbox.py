"""Queued mails are sent once, whatever the mail server does."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import ClassVar

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.alerts.notices import write
from checkout.mail import outbox
from checkout.mail.models import MailKind, OrderMail
from orders.models import Order
from saga.models import Alert
from tests.conftest import Clock
from tests.support.orders import make_order
from tests.support.threads import exceptions_in, run_together

pytestmark = pytest.mark.django_db

CANCELLED = MailKind.CANCELLED


class Server(BaseEmailBackend):
    """A mail server that raises ``error`` while it is set."""

    error: ClassVar[Exception | None] = None
    asked: ClassVar[int] = 0

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        Server.asked += 1
        if Server.error:
            raise Server.error
        mail.outbox.extend(email_messages)
        return len(email_messages)


@pytest.fixture
def server(settings: Settings) -> Iterator[type[Server]]:
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    Server.asked = 0
    yield Server
    Server.error = None


def queued(order: Order | None = None, key: str = "") -> OrderMail:
    order = order or make_order()
    outbox.queue(order, CANCELLED, key)
    return OrderMail.objects.get(order=order, key=key)


def test_a_queued_mail_goes_out_once(server: type[Server], clock: Clock) -> None:
    wanted = queued()

    assert outbox.send(wanted.pk) is True
    clock.shift(3600)
    assert outbox.sweep_mails() == 0

    wanted.refresh_from_db()
    assert (wanted.state, wanted.sent_at is not None) == ("sent", True)
    (sent,) = mail.outbox
    assert sent.to == [wanted.order.email]


def test_a_mail_that_is_queued_twice_is_one(server: type[Server]) -> None:
    order = make_order()

    for _time in range(2):
        outbox.queue(order, CANCELLED)
    outbox.queue(order, CANCELLED, "another")

    assert OrderMail.objects.count() == 2


def test_a_mail_of_a_rolled_back_transaction_is_not_sent() -> None:
    order = make_order()

    with transaction.atomic():
        outbox.queue(order, CANCELLED)
        transaction.set_rollback(True)

    assert not OrderMail.objects.exists()


def test_the_sweeper_leaves_a_new_mail_to_the_workers(
    server: type[Server], clock: Clock
) -> None:
    queued()

    assert outbox.sweep_mails() == 0
    clock.shift(5)
    assert outbox.sweep_mails() == 1


def test_an_outage_loses_no_mail_and_the_server_is_tried_once_for_all(
    server: type[Server], clock: Clock
) -> None:
    for _number in range(3):
        queued()
    clock.shift(5)
    server.error = SMTPServerDisconnected("gone")

    assert outbox.sweep_mails() == 0
    assert server.asked == 1
    server.error = None
    assert outbox.sweep_mails() == 0, "not before the pause is over"
    clock.shift(10)

    assert outbox.sweep_mails() == 3
    assert not OrderMail.objects.exclude(state="sent", error="").exists()


def test_while_the_server_is_away_a_new_mail_occupies_no_worker(
    server: type[Server], clock: Clock
) -> None:
    first = queued()
    server.error = SMTPServerDisconnected("gone")
    outbox.send(first.pk)
    fresh = queued()

    assert outbox.send(fresh.pk) is False

    assert server.asked == 1
    server.error = None
    clock.shift(10)
    assert outbox.sweep_mails() == 2


def test_an_address_that_is_refused_holds_no_other_mail_up(
    server: type[Server], clock: Clock
) -> None:
    refused = queued()
    clock.shift(5)
    server.error = SMTPRecipientsRefused({"hanako@example.com": (550, b"unknown")})
    assert outbox.send(refused.pk) is False
    server.error = None
    queued()
    clock.shift(5)

    assert outbox.sweep_mails() == 1
    refused.refresh_from_db()
    assert refused.state == "wanted"
    assert not refused.error.startswith("the mail server is away")
    assert "SMTPRecipientsRefused" in refused.error


def test_after_days_a_mail_is_given_up_and_staff_may_send_it_again(
    server: type[Server], clock: Clock
) -> None:
    wanted = queued()
    OrderMail.objects.update(created_at=timezone.now() - timedelta(days=3, seconds=1))
    server.error = SMTPServerDisconnected("gone")
    outbox.send(wanted.pk)
    wanted.refresh_from_db()
    assert wanted.state == "given_up"
    alert = Alert.objects.get(topic="mails_given_up")
    title, lines = write(alert)
    assert title == "A mail to a customer was given up after days of trying"
    assert wanted.order.number in lines[0]
    assert "SMTPServerDisconnected" in lines[0]
    assert "/admin/checkout/ordermail/?state__exact=given_up" in "\n".join(lines)
    server.error = None

    assert outbox.send_again(wanted) is True
    assert write(alert)[0] == "Mails that were given up have been sent meanwhile"
    assert outbox.sweep_mails() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_ten_processes_send_a_mail_once(server: type[Server]) -> None:
    wanted = queued()

    answers = run_together(range(10), lambda _number: outbox.send(wanted.pk))

    assert exceptions_in(answers) == []
    assert answers.count(True) == 1
    assert len(mail.outbox) == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_crash_after_sending_leads_to_a_copy_with_the_same_message_id(
    server: type[Server], clock: Clock
) -> None:
    wanted = queued()
    outbox.send(wanted.pk)
    OrderMail.objects.update(state="wanted", sent_at=None)
    clock.shift(60)

    assert outbox.sweep_mails() == 1

    first, second = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert first == second
