# ruff: noqa: RUF001 (as customers see it)
"""The order's page is polled and streamed, and typed cards stay."""

from django.http import HttpResponseBase
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from checkout.status.changes import marks_of
from checkout.status.progress import progress_of
from checkout.tracking.stream import Watcher, changed
from orders.models import Order
from saga.models import Saga
from shop.web.event_streams import StreamResponse
from tests.support.keeper import Keeper, keeping
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


def open_stream(
    client: Client, order: Order, version: str, keeper: Keeper | None = None
) -> HttpResponseBase:
    address = f"/orders/{order.uid}/stream/?version={version}"
    answer: HttpResponseBase = client.get(address, **keeping(keeper))
    return answer


def watcher_of(answer: HttpResponseBase) -> Watcher:
    assert isinstance(answer, StreamResponse)
    assert isinstance(answer.subscriber, Watcher)
    return answer.subscriber


def beginning_of(answer: HttpResponseBase) -> str:
    assert isinstance(answer, StreamResponse)
    return answer.getvalue().decode()


def test_a_stream_of_what_was_seen_begins_with_nothing_new(
    client: Client, order: Order
) -> None:
    answer = open_stream(client, order, progress_of(order).version)

    assert answer["Content-Type"] == "text/event-stream"
    assert "no-cache" in answer["Cache-Control"]
    assert answer["X-Accel-Buffering"] == "no"
    assert beginning_of(answer) == "retry: 1000\n\n"
    assert list(changed([watcher_of(answer)])) == []


def test_a_stream_sends_each_change_once_and_ends_with_the_order(
    client: Client, order: Order
) -> None:
    answer = open_stream(client, order, "older")
    first = beginning_of(answer).removeprefix("retry: 1000\n\n")
    assert first.startswith(
        f"event: progress\nid: {progress_of(order).version}\ndata: "
    )
    assert "We are processing your order" in first
    watcher = watcher_of(answer)
    assert list(changed([watcher])) == []
    complete(order)
    assert list(changed([watcher])) == [watcher]
    last = watcher.event()
    assert "Thank you" in last.text
    assert last.text.endswith("\n\n")
    assert last.is_last
    assert list(changed([watcher])) == []


def test_the_browser_goes_on_where_its_last_stream_ended(
    client: Client, order: Order
) -> None:
    wait_for_card(order)
    seen = {"Last-Event-ID": progress_of(order).version}
    address = f"/orders/{order.uid}/stream/?version=older"
    answer = client.get(address, headers=seen, **keeping())

    assert beginning_of(answer) == "retry: 1000\n\n"


def test_a_change_that_shows_nothing_new_sends_nothing(
    client: Client, order: Order
) -> None:
    watcher = watcher_of(open_stream(client, order, progress_of(order).version))
    Saga.objects.update(error="another", error_kind="transient")
    [again] = changed([watcher])
    assert "data: " in again.event().text
    Saga.objects.update(error="yet another")

    [again] = changed([watcher])
    event = again.event()
    assert (event.text, event.is_last) == ("", False)


def test_a_change_between_two_readings_is_not_missed(
    client: Client, order: Order
) -> None:
    watcher = watcher_of(open_stream(client, order, progress_of(order).version))
    Saga.objects.update(error="a")
    [again] = changed([watcher])
    complete(order)
    assert "Thank you" in again.event().text

    # The mark is older than what was sent: it is read once more.
    [again] = changed([watcher])
    event = again.event()
    assert (event.text, event.is_last) == ("", True)


def test_many_open_pages_take_one_query(
    client: Client, order: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version = progress_of(order).version
    watchers = [watcher_of(open_stream(client, order, version)) for _ in range(5)]
    with django_assert_num_queries(1):
        assert list(changed(watchers)) == []


def test_a_stream_ends_with_an_order_that_is_not_kept(
    client: Client, order: Order
) -> None:
    watcher = watcher_of(open_stream(client, order, progress_of(order).version))
    assert marks_of([order.pk])
    watcher.order.pk = 0

    [again] = changed([watcher])
    event = again.event()
    assert (event.text, event.is_last) == ("", True)


def test_a_stream_speaks_the_language_of_its_page(client: Client, order: Order) -> None:
    client.cookies["django_language"] = "ja"
    answer = open_stream(client, order, "older")
    watcher = watcher_of(answer)
    assert "みなと TV ショップ" in beginning_of(answer)
    complete(order)
    # Written by a thread that knows nothing of the request's language.
    translation.activate("en")

    [again] = changed([watcher])
    assert "みなと TV ショップ" in again.event().text


def test_a_stream_is_not_repeated_for_what_was_seen_to_the_end(
    client: Client, order: Order
) -> None:
    complete(order)
    assert open_stream(client, order, progress_of(order).version).status_code == 204


def test_a_stream_that_begins_at_the_end_ends_at_once(
    client: Client, order: Order
) -> None:
    complete(order)
    answer = open_stream(client, order, "older")
    assert "Thank you" in beginning_of(answer)
    assert isinstance(answer, StreamResponse)
    assert answer.subscriber is None


def test_without_room_or_a_loop_the_page_polls(client: Client, order: Order) -> None:
    full = open_stream(client, order, "older", Keeper(has_room=False))
    # As under ``manage.py runserver``.
    without = client.get(f"/orders/{order.uid}/stream/?version=older")

    assert (full.status_code, without.status_code) == (204, 204)
