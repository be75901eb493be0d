import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.alerts import channels
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Order
from saga.engine import run
from saga.models import Saga
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.ordering import place

pytestmark = pytest.mark.django_db


class Chat:
    """A chat's incoming webhook that records posts and answers as set."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.posts: list[dict[str, Any]] = []
        self.status = 200
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                post = json.loads(self.rfile.read(length))
                if chat.status == 200:
                    chat.posts.append(post)
                    chat.texts.append(post["text"])
                self.send_response(chat.status)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def chat(settings: Settings) -> Iterator[Chat]:
    chat = Chat()
    settings.ALERT_CHAT_WEBHOOK_URL = chat.url
    thread = threading.Thread(target=chat.server.serve_forever, args=(0.05,))
    thread.start()
    yield chat
    chat.server.shutdown()
    thread.join()
    chat.server.server_close()


def stop_one(gateway: FakeGateway, sku: str = "MUG-01") -> Order:
    gateway.fail("create", provider.Refused("parameter unknown"))
    order, saga = place(units={sku: 1})
    run(saga.pk)
    return order


@pytest.fixture
def stopped(gateway: FakeGateway, clock: Clock) -> Order:
    """Return an order whose request the provider refused as wrong."""
    return stop_one(gateway)


def test_the_chat_is_sent_order_reason_money_and_what_to_do(
    stopped: Order, chat: Chat, settings: Settings
) -> None:
    settings.SITE_URL = "https://shop.example"
    Saga.objects.update(request_id="0a" * 16)

    assert sweep().alerted == 1

    (text,) = chat.texts
    assert f"Order {stopped.number} stopped at authorize_payment" in text
    assert "parameter unknown" in text
    assert "Not charged." in text
    assert f"In the log: request_id {'0a' * 16}\n" in text
    assert f"https://shop.example/admin/backoffice/stalledorder/{stopped.pk}/" in text
    assert f"python manage.py saga_resume {stopped.number}" in text
    assert f"{settings.RUNBOOK_URL}#an-alert-says-that-an-order-stopped" in text


def test_the_chat_gets_what_slack_takes(
    stopped: Order, chat: Chat, clock: Clock
) -> None:
    Saga.objects.update(error="1 < 2 & <script>")

    sweep()

    (post,) = chat.posts
    title, body = (block["text"] for block in post["blocks"])
    assert title == {
        "type": "mrkdwn",
        "text": f"*Order {stopped.number} stopped at authorize_payment: "
        "1 &lt; 2 &amp; &lt;script&gt;*",
    }
    failed, money, *_rest = body["text"].split("\n")
    assert failed.startswith("What failed: the card could not be approved.")
    assert money == "Not charged."


def test_twelve_more_orders_with_the_same_fault_are_one_message(
    gateway: FakeGateway, stopped: Order, chat: Chat, clock: Clock, settings: Settings
) -> None:
    settings.SITE_URL = "https://shop.example"
    settings.ALERT_EMAILS = ["staff@minato-tv.example"]
    more = [stop_one(gateway, f"CAP-{number}") for number in range(12)]
    sweep()
    assert (len(chat.texts), len(mail.outbox)) == (1, 1)

    clock.shift(settings.ALERT_WINDOW)
    sweep()

    _first, text = chat.texts
    assert text.startswith("12 orders stopped at authorize_payment: the payment")
    assert "Money: 10 not charged." in text
    assert f"Orders: {more[0].number}, " in text
    assert " and 2 more" in text
    link = "/admin/backoffice/stalledorder/?step=authorize_payment"
    assert f"https://shop.example{link}" in text
    assert "saga_resume --failed-step authorize_payment" in text
    assert mail.outbox[1].subject == "12 orders stopped at authorize_payment"


def test_an_alert_about_many_says_what_failed_where_their_books_differ(
    gateway: FakeGateway, stopped: Order, chat: Chat, clock: Clock, settings: Settings
) -> None:
    first, _second = (stop_one(gateway, f"CAP-{number}") for number in range(2))
    sagas = Saga.objects.main_paths().filter(reference=first.number)
    sagas.update(pivot_at=timezone.now())
    sweep()
    clock.shift(settings.ALERT_WINDOW)
    sweep()

    unclear, refused = (
        "there is no clear answer about the charge",
        "the card could not be approved",
    )
    assert f"What failed: {unclear} / {refused}." in chat.texts[-1]


def test_a_dead_chat_does_not_make_the_mail_come_again(
    stopped: Order, chat: Chat, clock: Clock, settings: Settings
) -> None:
    settings.ALERT_EMAILS = ["staff@minato-tv.example"]
    chat.status = 500

    for _round in range(5):
        sweep()
        clock.shift(60)

    assert len(mail.outbox) == 1


def test_staff_know_of_a_stopped_order_within_a_minute(
    stopped: Order, chat: Chat, clock: Clock, settings: Settings
) -> None:
    stopped_at = Saga.objects.main_paths().get().failed_at
    assert stopped_at is not None
    while not chat.texts:
        clock.shift(settings.SWEEPER_INTERVAL)
        sweep()

    assert (timezone.now() - stopped_at).total_seconds() <= 60


def test_the_runbook_has_the_chapters_that_alerts_lead_to() -> None:
    text = (Path(__file__).parents[3] / "docs/operations/README.md").read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}

    assert {channels._STOPPED_ANCHOR, channels._OUTAGE_ANCHOR} <= anchors


@pytest.mark.parametrize("status", [302, 500])
def test_a_chat_that_does_not_take_it_gets_the_alert_later(
    stopped: Order, chat: Chat, clock: Clock, status: int
) -> None:
    chat.status = status
    assert sweep().alerted == 0
    assert Saga.objects.main_paths().get().alerted_at is None

    chat.status = 200
    clock.shift(31)
    assert sweep().alerted == 1

    assert len(chat.texts) == 1


def test_staff_with_an_address_get_a_mail(stopped: Order, settings: Settings) -> None:
    settings.ALERT_EMAILS = ["staff@minato-tv.example"]

    sweep()

    (message,) = mail.outbox
    assert message.to == ["staff@minato-tv.example"]
    assert message.subject == f"Order {stopped.number} stopped at authorize_payment"
    assert "Not charged." in message.body


def test_without_a_channel_the_alert_is_in_the_log(
    stopped: Order, caplog: pytest.LogCaptureFixture
) -> None:
    assert sweep().alerted == 1

    assert f"Order {stopped.number} stopped at authorize_payment" in caplog.text
    assert mail.outbox == []
