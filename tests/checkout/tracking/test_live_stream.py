# ruff: noqa: RUF001 (as customers see it)
"""The order's page is polled and streamed, and typed cards stay."""

from collections.abc import Iterator

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from checkout.status.progress import progress_of
from checkout.tracking import stream
from checkout.tracking.stream import MOST_STREAMS, ProgressStream
from orders.models import Order
from tests.support.shopping import complete, text_of, wait_for_card


def test_a_poll_brings_the_fragment_only_when_something_changed(
    client: Client, order: Order
) -> None:
    version = progress_of(order).version
    address = f"/orders/{order.uid}/progress/"
    assert client.get(address, {"version": version}).status_code == 204
    wait_for_card(order)
    answer = client.get(address, {"version": version})
    assert answer.status_code == 200
    fragment = text_of(answer)
    assert fragment.startswith("<title>Another card, please – Minato TV Shop</title>")
    assert 'id="live"' in fragment
    assert "<html" not in fragment
    # Polled again while the customer types: nothing comes, nothing is wiped.
    version = progress_of(order).version
    assert client.get(address, {"version": version}).status_code == 204


def test_polling_ends_with_the_order(client: Client, order: Order) -> None:
    version = progress_of(order).version
    complete(order)
    answer = client.get(f"/orders/{order.uid}/progress/", {"version": version})
    assert answer.status_code == 286
    assert "Thank you" in text_of(answer)


def test_a_poll_takes_few_queries(
    client: Client, order: Order, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    version = progress_of(order).version
    with django_assert_max_num_queries(4):
        client.get(f"/orders/{order.uid}/progress/", {"version": version})


def body_of(answer: object) -> Iterator[bytes]:
    assert isinstance(answer, StreamingHttpResponse)
    return iter(answer)


def events_of(answer: object) -> list[str]:
    text = b"".join(body_of(answer)).decode()
    return [event for event in text.split("\n\n") if event]


@pytest.fixture
def quick_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "POLLED_EVERY", 0.01)


@pytest.fixture
def short_streams(monkeypatch: pytest.MonkeyPatch, quick_streams: None) -> None:
    monkeypatch.setattr(stream, "LASTS", 0.5)
    monkeypatch.setattr(stream, "BEATS_EVERY", 0.01)


def test_a_stream_ends_by_itself_and_beats_meanwhile(
    client: Client, order: Order, short_streams: None
) -> None:
    version = progress_of(order).version
    answer = client.get(f"/orders/{order.uid}/stream/", {"version": version})
    assert answer["Content-Type"] == "text/event-stream"
    assert "no-cache" in answer["Cache-Control"]
    assert answer["X-Accel-Buffering"] == "no"
    events = events_of(answer)
    assert events[0] == "retry: 1000"
    assert set(events[1:]) == {": waiting"}


def test_a_stream_sends_each_change_once_and_ends_with_the_order(
    client: Client, order: Order, quick_streams: None
) -> None:
    answer = client.get(f"/orders/{order.uid}/stream/", {"version": "older"})
    body = body_of(answer)
    assert next(body) == b"retry: 1000\n\n"
    first = next(body).decode()
    assert first.startswith(
        f"event: progress\nid: {progress_of(order).version}\ndata: "
    )
    assert "We are processing your order" in first
    complete(order)
    assert "Thank you" in next(body).decode()
    with pytest.raises(StopIteration):
        next(body)


def test_a_stream_speaks_the_language_of_its_page(
    client: Client, order: Order, short_streams: None
) -> None:
    client.cookies["django_language"] = "ja"
    answer = client.get(f"/orders/{order.uid}/stream/", {"version": "older"})
    assert "みなと TV ショップ" in "".join(events_of(answer))


def test_a_stream_is_not_repeated_for_what_was_seen_to_the_end(
    client: Client, order: Order
) -> None:
    complete(order)
    seen = {"Last-Event-ID": progress_of(order).version}
    answer = client.get(f"/orders/{order.uid}/stream/", headers=seen)
    assert answer.status_code == 204


def test_streams_leave_threads_for_pages(client: Client, order: Order) -> None:
    address = f"/orders/{order.uid}/stream/"
    taken = []
    while pushed := ProgressStream.open(order, "", lambda _now: ""):
        taken.append(pushed)
    assert len(taken) == MOST_STREAMS
    assert client.get(address).status_code == 204
    # Closed without ever being read, as when the browser is gone already.
    for one in taken:
        one.close()
        one.close()
    answer = client.get(address)
    assert answer.status_code == 200
    answer.close()
