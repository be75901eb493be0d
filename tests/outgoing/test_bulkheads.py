"""Slow endpoints slow nobody else: real servers, real threads."""

import threading
import time
from itertools import count

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from events.bulkheads import Bulkheads, send_in_background, send_once
from events.models import Delivery
from shop.outbound.guarded_http import post
from tests.outgoing.conftest import Listen, boil, states
from tests.support.raw_server import OK, Answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
SLOW = 30.0  # seconds; tests let it go before


def hang(ended: threading.Event) -> Answer:
    def answer(_connected: object) -> None:
        ended.wait(SLOW)

    return answer


@pytest.mark.both_databases
def test_ten_slow_endpoints_slow_nobody_else(
    listen: Listen, settings: Settings
) -> None:
    settings.WEBHOOK_TIMEOUT = SLOW
    let_go = threading.Event()
    slow = [listen(hang(let_go), name=f"slow {n}")[0] for n in range(10)]
    fast, server = listen(name="fast")
    boil(*range(20, 40))
    bulkheads = Bulkheads(ended := threading.Event())

    began = time.monotonic()
    bulkheads.start()
    while len(server.heard) < 20 and time.monotonic() - began < SLOW - 5:
        time.sleep(0.05)

    # It has everything while all ten still think about their first ones.
    assert len(server.heard) == 20
    for endpoint in slow:
        assert set(states(endpoint)) == {Delivery.State.WAITING}
    ended.set()
    let_go.set()
    bulkheads.join(SLOW)
    assert set(states(fast)) == {Delivery.State.DONE}


def test_a_slow_endpoint_holds_no_connection_to_the_database(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []

    def answer(connected: object) -> None:
        connected.sendall(OK)  # type: ignore[attr-defined]

    endpoint, _server = listen(answer)
    boil(1)
    seen = connection.connection

    def watch(*arguments: object, **options: object) -> object:
        held.append(connection.connection is not None)
        return post(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("outgoing.webhooks.sending.post", watch)
    send_once()

    assert seen is not None
    assert held == [False]
    assert states(endpoint) == [Delivery.State.DONE]


def test_an_endpoint_has_its_threads_and_no_more(
    listen: Listen, settings: Settings
) -> None:
    settings.WEBHOOK_TIMEOUT = SLOW
    let_go, running, most = threading.Event(), count(), []

    def answer(connected: object) -> None:
        most.append(next(running))
        let_go.wait(SLOW)
        connected.sendall(OK)  # type: ignore[attr-defined]

    listen(answer)
    boil(*range(20, 40))
    bulkheads = Bulkheads(ended := threading.Event())
    for _look in range(5):
        assert bulkheads.start() <= 4
        time.sleep(0.1)

    assert len(most) == 4
    ended.set()
    let_go.set()
    bulkheads.join(SLOW)


def test_without_a_thread_to_be_had_the_next_look_tries_again(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    endpoint, _server = listen(lambda connected: connected.sendall(OK))
    boil(1)
    bulkheads = Bulkheads(threading.Event())
    with monkeypatch.context() as without:
        without.setattr(threading.Thread, "start", refuse)
        for _look in range(5):
            with pytest.raises(RuntimeError):
                bulkheads.start()

    bulkheads.start()
    bulkheads.join(SLOW)

    assert states(endpoint) == [Delivery.State.DONE]


def test_the_background_sends_what_happens_and_ends(listen: Listen) -> None:
    endpoint, server = listen()
    thread = send_in_background(ended := threading.Event())
    boil(1)
    until = time.monotonic() + 5
    while not server.heard and time.monotonic() < until:
        time.sleep(0.05)
    ended.set()
    thread.join(5)

    assert not thread.is_alive()
    assert states(endpoint) == [Delivery.State.DONE]
