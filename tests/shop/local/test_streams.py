"""Open streams cost no thread, hear their events, and end properly."""

import math
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError

from shop.local import connections, streams
from shop.local.look import Spent
from shop.web.event_streams import Event
from tests.shop.local.web_server import (
    STREAM,
    Echo,
    Server,
    pages,
    read_to_end,
    read_until,
    running_server,
)
from tests.support.waiting import wait_until

END = b"0\r\n\r\n"


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOOKED_EVERY", 0.05)
    monkeypatch.setattr(streams, "LOOKED_EVERY_AT_MOST", 0.1)


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


def test_open_streams_take_no_thread_and_all_hear_their_events(server: Server) -> None:
    opened = [server.open_stream() for _number in range(30)]
    began = time.monotonic()
    assert server.ask().endswith(b"0")
    assert time.monotonic() - began < 1.0
    assert server.worker.threads.number == 2  # one waits to take the loop over

    for number, (_connection, page) in enumerate(opened):
        page.events.append(Event(f"event {number}\n\n"))
    for number, (connection, _page) in enumerate(opened):
        assert f"event {number}\n\n".encode() in read_until(connection, b"\n\n\r\n")


def test_a_stream_ends_with_its_last_event(server: Server) -> None:
    connection, page = server.open_stream()
    page.events.append(Event("good", is_last=True))

    assert read_to_end(connection) == b"4\r\ngood\r\n" + END
    assert len(server.worker.streams) == 0


def test_an_old_browser_hears_its_events_without_chunks(server: Server) -> None:
    connection = server.connect(b"GET /stream/ HTTP/1.0\r\n\r\n")
    read_until(connection, b"beginning")
    pages[-1].events.append(Event("good", is_last=True))

    assert read_to_end(connection) == b"good"


def test_a_stream_beats(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEATS_EVERY", 0.1)
    connection, _page = server.open_stream()

    assert read_until(connection, b"\n\n\r\n") == b"b\r\n: waiting\n\n\r\n"


def test_a_stream_does_not_last_for_ever(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LASTS", 0.1)
    connection, _page = server.open_stream()

    assert read_to_end(connection) == END


def test_a_stop_ends_streams_properly_and_at_once() -> None:
    with running_server(graceful_timeout=30) as server:
        connection, _page = server.open_stream()
        began = time.monotonic()
        server.stop()

        assert time.monotonic() - began < 5.0
        assert read_to_end(connection) == END


def test_streams_beyond_the_limit_are_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_STREAMS", 2)
    first, _page = server.open_stream()
    server.open_stream()
    wait_until(lambda: len(server.worker.streams) == 2, "both are kept")
    assert server.ask("/stream/").endswith(b"0")

    first.close()
    wait_until(lambda: len(server.worker.streams) == 1, "the first is forgotten")
    server.open_stream()


def test_one_address_cannot_take_all_streams(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_OF_AN_ADDRESS", 2)

    def open_for(client: str) -> socket.socket:
        connection = server.connect(_of(client))
        read_until(connection, b"beginning\r\n")
        return connection

    first = open_for("203.0.113.7")
    open_for("203.0.113.7")
    wait_until(lambda: len(server.worker.streams) == 2, "both are kept")
    refused = server.connect(_of("203.0.113.7", "Connection: close\r\n"))
    assert read_to_end(refused).endswith(b"0")
    # Another's, and those of whom nobody knows where they are.
    for client in ("203.0.113.8", "", "", ""):
        open_for(client)
    wait_until(lambda: len(server.worker.streams) == 6, "all others are kept")

    first.close()
    wait_until(lambda: len(server.worker.streams) == 5, "the first is forgotten")
    open_for("203.0.113.7")


def _of(client: str, more: str = "") -> bytes:
    """Return a request for a stream that a proxy hands on for ``client``."""
    forwarded = f"X-Forwarded-For: {client}\r\n" if client else ""
    return STREAM.replace(b"\r\n\r\n", f"\r\n{forwarded}{more}\r\n".encode())


def test_a_stream_for_which_others_were_faster_ends_at_once(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([True, False])  # to the view, and to the loop
    monkeypatch.setattr(
        streams.Streams, "has_room", lambda _streams, _client: next(answers)
    )

    assert read_to_end(server.connect(STREAM)).endswith(b"beginning\r\n" + END)
    assert len(server.worker.streams) == 0


def test_a_client_that_reads_nothing_is_dropped(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(connections, "BYTES_PER_SECOND", 50_000)
    _connection, page = server.open_stream()
    page.events.append(Event("x" * 8_000_000))

    wait_until(lambda: not page.events, "it was asked for its event")
    wait_until(lambda: not len(server.worker.streams), "it is dropped", seconds=9)


def test_who_asks_for_more_than_it_takes_is_dropped_and_nobody_waits(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BEATS_EVERY", 0.1)
    _connection, page = server.open_stream()
    page.events.append(Event("x" * 30_000_000))

    wait_until(lambda: not page.events, "it was asked for its event")
    wait_until(lambda: not len(server.worker.streams), "it is dropped")
    assert server.ask().endswith(b"0")


class Slow(Echo):
    def event(self) -> Event:
        time.sleep(0.3)
        return super().event()


class Line:
    """The connection of a stream that is looked at by hand."""

    connected = True
    is_broken = False
    total_outbufs_len = 0

    def __init__(self, line: socket.socket) -> None:
        self.socket = line
        self.continue_answer = line.sendall

    def nothing(self) -> None:
        return

    del_channel = end_answer = drop = nothing


def test_who_never_stops_talking_leaves_as_much_time_to_others() -> None:
    looks: list[Any] = []
    kept = streams.Streams({}, looks.append, lambda each: each())
    ours, theirs = socket.socketpair()
    line: Any = Line(ours)
    with ours, theirs:
        kept.add(line, Slow())
        theirs.sendall(b"one")
        kept.handle_read_event()
        assert kept.seconds_until_look() == 0
        kept.look()
        theirs.sendall(b"two")
        kept.handle_read_event()
        look = threading.Thread(target=looks.pop().service)
        look.start()
        look.join()
        assert theirs.recv(100) == b"ONE"
        assert kept.seconds_until_look() > 0.05
        kept.close_all()


def test_what_is_asked_behind_a_stream_is_not_answered(server: Server) -> None:
    connection = server.connect(STREAM + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    read_until(connection, b"beginning\r\n")
    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    server.ask()
    pages[-1].events.append(Event("good", is_last=True))

    assert read_to_end(connection) == b"4\r\ngood\r\n" + END


def test_an_event_that_cannot_be_made_ends_its_stream_alone(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    broken, broken_page = server.open_stream()
    whole, whole_page = server.open_stream()
    broken_page.events.append(ValueError("no such template"))
    whole_page.events.append(Event("good", is_last=True))

    assert read_to_end(broken) == END
    assert read_to_end(whole) == b"4\r\ngood\r\n" + END
    assert "no such template" in caplog.text


def test_streams_outlast_a_database_that_is_away(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    connection, page = server.open_stream()
    page.events += [OperationalError("away"), Event("good", is_last=True)]

    assert read_to_end(connection) == b"4\r\ngood\r\n" + END
    assert "live pages were not brought up to date" in caplog.text


@pytest.mark.parametrize(
    ("spent", "pause"),
    [
        (Spent(asking=0.001, telling=0.001), 0.2),
        (Spent(asking=0.1, telling=0.1), 0.9),  # a tenth of the time is for asking
        (Spent(asking=0.01, telling=0.5), 0.5),  # and half of it for telling
        (Spent(asking=math.inf), 2.0),
    ],
)
def test_asking_takes_a_tenth_of_the_time_and_telling_a_half(
    spent: Spent, pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LOOKED_EVERY", 0.2)
    monkeypatch.setattr(streams, "LOOKED_EVERY_AT_MOST", 2.0)

    assert streams.pause_after(spent) == pytest.approx(pause)


def test_what_a_client_says_is_heard_and_answered_at_once(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LOOKED_EVERY", 30.0)
    connection = server.open_echo()
    for word in (b"one", b"two"):
        connection.sendall(word)
        assert read_until(connection, word.upper()) == word.upper()
    connection.sendall(b"bye")
    assert read_to_end(connection) == b"BYE"
    assert len(server.worker.streams) == 0


def test_one_that_talks_beats_and_takes_leave_in_its_own_words(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BEATS_EVERY", 0.1)
    connection = server.open_echo()
    assert read_until(connection, b"(beat)").startswith(b"(beat)")
    server.stop()
    assert read_to_end(connection).endswith(b"(farewell)")
