"""What an error tracker gets: the fault and where, and nobody's data."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from django.conf import settings

from shop.logs import error_tracker
from shop.logs.context import bound
from tests.support.receiver import Receiver, receiver

LOGGER = logging.getLogger("shop.example")
REQUEST = "4bf92f3577b34da6a3ce929d0e0e4736"
MAIL = "hanako@customer.example"
COOKIE = "session=abc"
CARD = "4242 4242 4242 4242"
KEY = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Receiver]:
    """An error tracker on this machine, to which this process sends its faults."""
    with receiver() as taken:
        release = tmp_path / "1.4.0"
        release.mkdir()
        error_tracker.start(f"http://publickey@{taken.host}/7", "staging", release)
        yield taken
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)


def events_of(taken: Receiver) -> list[dict[str, Any]]:
    """Return the events of all envelopes: https://develop.sentry.dev/sdk/envelopes/"""
    sentry_sdk.flush()
    found = []
    for each in taken.received:
        assert each.path == "/api/7/envelope/"
        _envelope, kind, body, *_rest = each.body.split(b"\n")
        if json.loads(kind)["type"] == "event":
            found.append(json.loads(body))
    return found


def fail(email: str, card: str) -> None:
    """Fail with personal data in the message and in local variables."""
    request = {"COOKIES": COOKIE, "email": email}
    message = f"{email} {card} {KEY} {len(request)}"
    raise ValueError(message)


def test_a_fault_is_sent_with_its_place_and_without_data(tracker: Receiver) -> None:
    with bound(request_id=REQUEST, reference="261122-AAAAAA", step="reserve_stock"):
        try:
            fail(MAIL, CARD)
        except ValueError:
            LOGGER.exception("the order of %s failed", MAIL, extra={"request": MAIL})

    (event,) = events_of(tracker)
    assert event["level"] == "error"
    assert event["logger"] == "shop.example"
    assert event["environment"] == "staging"
    assert event["release"] == "1.4.0"
    assert event["tags"] == {
        "request_id": REQUEST,
        "reference": "261122-AAAAAA",
        "step": "reserve_stock",
        "role": "command",
    }
    assert event["logentry"]["formatted"] == "the order of [hidden] failed"
    (error,) = event["exception"]["values"]
    assert error["type"] == "ValueError"
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    body = tracker.received[0].body.decode()
    assert [each for each in (MAIL, CARD, KEY, COOKIE) if each in body] == []
    assert not {"request", "user", "breadcrumbs", "extra", "modules"} & set(event)


def test_only_faults_are_sent_and_alerts_have_their_own_channels(
    tracker: Receiver,
) -> None:
    LOGGER.warning("not so bad")
    logging.getLogger("checkout.alerts.channels").error("Order 1 stopped")
    assert events_of(tracker) == []


def test_a_tracker_that_is_away_harms_nobody(tmp_path: Path) -> None:
    error_tracker.start("http://key@127.0.0.1:9/1", "local", tmp_path)
    LOGGER.error("nobody hears this")
    sentry_sdk.get_client().close(timeout=1)
    sentry_sdk.get_global_scope().set_client(None)


def test_what_is_not_set_up_is_not_imported() -> None:
    names = ["sentry_sdk", "opentelemetry.exporter", "google.protobuf"]
    code = (
        "import django, sys; django.setup(); import shop.web.request_ids, saga.engine;"
        f"print([name for name in {names} if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={"DJANGO_SETTINGS_MODULE": "tests.support.settings", "PATH": ""},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.strip() == "[]"
