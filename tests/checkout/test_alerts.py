import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from pytest_django.fixtures import Settings

from checkout.payments import gateway as provider
from checkout.payments.fake import FakeGateway
from checkout.saga.engine import run
from checkout.saga.models import Saga
from checkout.saga.sweeper import sweep
from orders.models import Order
from tests.checkout.conftest import Clock
from tests.checkout.ordering import place

pytestmark = pytest.mark.django_db


class Chat:
    """A chat's incoming hook: keeps what it was told, answers what it is set to."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.status = 200
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                text = json.loads(self.rfile.read(length))["text"]
                if chat.status == 200:
                    chat.texts.append(text)
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


@pytest.fixture
def stopped(gateway: FakeGateway, clock: Clock) -> Order:
    """An order whose request the provider called wrong."""
    gateway.fail("create", provider.Refused("parameter unknown"))
    order, saga = place()
    run(saga.pk)
    return order


def test_the_chat_learns_which_order_why_the_money_and_what_to_do(
    stopped: Order, chat: Chat, settings: Settings
) -> None:
    settings.SITE_URL = "https://shop.example"

    assert sweep().alerted == 1

    (text,) = chat.texts
    assert f"Order {stopped.number} stopped at authorize_payment" in text
    assert "parameter unknown" in text
    assert "Not charged." in text
    assert f"https://shop.example/admin/checkout/stalledorder/{stopped.pk}/" in text
    assert f"python manage.py saga_resume {stopped.number}" in text


def test_a_chat_that_is_down_is_told_later(
    stopped: Order, chat: Chat, clock: Clock
) -> None:
    chat.status = 500
    assert sweep().alerted == 0
    assert Saga.objects.get().alerted_at is None

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


def test_without_a_channel_the_log_tells(
    stopped: Order, caplog: pytest.LogCaptureFixture
) -> None:
    assert sweep().alerted == 1

    assert f"Order {stopped.number} stopped at authorize_payment" in caplog.text
    assert mail.outbox == []
