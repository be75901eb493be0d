"""The receiver that docs/webhooks.md shows works."""

import re
import threading
from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from events.models import Delivery, Event
from outgoing.webhooks import services
from outgoing.webhooks.models import Attempt, Endpoint
from tests.outgoing.conftest import boil, make_endpoint, secret_of, send_all

pytestmark = pytest.mark.django_db
PAGE = Path(settings.BASE_DIR) / "docs" / "webhooks.md"


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The page's code, listening. ``names`` are its globals."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102
    names["Receiver"].log_message = lambda *_arguments: None
    server = HTTPServer(("127.0.0.1", 0), names["Receiver"])
    names["port"] = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield names
    server.shutdown()
    thread.join()
    server.server_close()
    names["inbox"].close()


def stored(receiver: Any) -> list[str]:
    rows = receiver["inbox"].execute("SELECT id FROM message")
    return [row[0] for row in rows]


def test_it_takes_each_event_once(kettles: None, receiver: Any) -> None:
    endpoint = make_endpoint(receiver["port"])
    receiver["SECRET"] = secret_of(endpoint.secrets.get())
    boil(1)
    send_all(endpoint)
    services.send_again(Delivery.objects.all())
    send_all(endpoint)

    assert [row.status for row in Attempt.objects.all()] == [204, 204]
    assert stored(receiver) == [str(Event.objects.get().uid)]


def test_it_refuses_what_another_secret_signs(kettles: None, receiver: Any) -> None:
    endpoint = make_endpoint(receiver["port"])
    receiver["SECRET"] = "whsec_" + "A" * 32
    boil(1)
    send_all(endpoint)

    assert Attempt.objects.get().status == 400
    assert stored(receiver) == []
    assert Endpoint.objects.get().failures == 1


def test_the_page_says_how_long_the_shop_keeps_trying() -> None:
    page = PAGE.read_text()

    assert "5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h" in page
    for name in ("WEBHOOK_TIMEOUT", "WEBHOOK_DISABLE_DAYS", "WEBHOOK_ATTEMPT_DAYS"):
        assert name in page
