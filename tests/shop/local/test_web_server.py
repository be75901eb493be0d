"""The web server: slow connections cost no thread and have deadlines."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from gunicorn.config import Config
from gunicorn.errors import ConfigError
from pytest_django.fixtures import Settings

from shop.local import connections, refusals
from shop.local.connections import BODY_LIMIT, PHOTO_LIMIT, UPLOAD_LIMIT
from shop.local.web_worker import WebWorker
from tests.shop.local.web_server import (
    Server,
    is_cut_off,
    read_answer,
    read_to_end,
    running_server,
    seconds_until_closed,
)
from tests.support.live import ROOT
from tests.support.waiting import wait_until

HEADERS = b"GET / HTTP/1.1\r\nHo"
BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nx"
CHUNKS = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE_ANSWER = b"GET /large/ HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = {
    "nothing": b"",
    "half a header": HEADERS,
    "half a body": BODY,
    "half a chunk": CHUNKS + b"5\r\nab",
    "an answer that is not read": LARGE_ANSWER,
}


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEADER_SECONDS", "BODY_SECONDS", "ANSWER_SECONDS", "LINGER_SECONDS"):
        monkeypatch.setattr(connections, name, 0.5)


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_slow_connections_take_no_thread(server: Server, sent: bytes) -> None:
    for _ in range(10):
        server.connect(sent)
    time.sleep(0.2)

    began = time.monotonic()
    answer = server.ask()

    assert answer.endswith(b"0")
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_slow_connections_are_closed_in_time(
    short_deadlines: None,
    server: Server,
    sent: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection = server.connect(sent)
    if sent == LARGE_ANSWER:
        # The kernel has taken megabytes; what it holds is not credited to the client.
        monkeypatch.setattr(connections, "BYTES_PER_SECOND", 50_000)
        wait_until(server.worker.connections, "it is there")
        wait_until(lambda: server.worker.connections() == [], "it is closed", seconds=9)
        return

    assert 0.3 < seconds_until_closed(connection) < 5.0


def test_a_trickle_of_header_bytes_does_not_prolong_its_deadline(
    short_deadlines: None, server: Server
) -> None:
    connection = server.connect(HEADERS)

    assert is_cut_off(connection, b"a")


def test_a_body_that_comes_steadily_is_not_cut_off(
    short_deadlines: None, server: Server
) -> None:
    connection = server.connect(BODY[:-1])
    for _ in range(10):
        time.sleep(0.25)
        connection.sendall(b"x" * 500)

    assert read_answer(connection) == b"5000"


def test_a_connection_serves_one_request_after_another(server: Server) -> None:
    connection = server.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert read_answer(connection) == b"0"
    connection.sendall(BODY + b"x" * 4999)

    assert read_answer(connection) == b"5000"


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/cart/add/", BODY_LIMIT),
        ("/orders/01939f3c-6a00-7c5e-9d3a-2f6e1b7a9c41/card/", BODY_LIMIT),
        ("/orders/01939f3c-6a00-7c5e-9d3a-2f6e1b7a9c41/returns/", PHOTO_LIMIT),
        ("/admin/catalogue/", UPLOAD_LIMIT),
        ("/admin/flows/productimport/upload/", UPLOAD_LIMIT),
    ],
)
def test_a_body_over_the_limit_is_refused_unread(
    server: Server, path: str, limit: int
) -> None:
    announced = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {limit}\r\n\r\n"
    connection = server.connect(announced.encode())

    assert read_to_end(connection).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "path",
    [
        "/orders/01939f3c-6a00-7c5e-9d3a-2f6e1b7a9c41/returns/",
        "/admin/flows/productimport/upload/",
    ],
)
def test_a_photo_and_a_sheet_of_their_full_size_arrive(
    server: Server, path: str
) -> None:
    size = 10 * 1024 * 1024
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"
    connection = server.connect(head.encode() + b"x" * size)

    assert read_answer(connection) == b"%d" % size


def test_the_refusal_arrives_even_while_the_body_is_being_sent(server: Server) -> None:
    announced = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n"
    connection = server.connect(announced)
    connection.sendall(b"x" * 3_000_000)

    assert read_to_end(connection).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1 and more\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
    ],
)
def test_what_never_reaches_the_shop_is_answered_in_its_words(
    server: Server, sent: bytes, status: bytes
) -> None:
    head, _blank, body = read_to_end(server.connect(sent)).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.")
    assert head.split()[1] == status
    assert b"Content-Type: text/html; charset=utf-8" in head
    assert b"Content-Security-Policy: default-src 'none'" in head
    page = body.decode()
    assert "The shop could not read this request" in page
    assert '<section lang="ja">' in page
    assert "リクエストを読み取れませんでした" in page
    assert "waitress" not in page


def test_a_fault_of_the_application_is_not_called_one_of_the_request(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    answer = server.ask("/fault/").decode()

    assert answer.startswith("HTTP/1.1 500 ")
    assert "Something went wrong on our side" in answer
    assert "a fault of the test" in caplog.text
    assert "a fault of the test" not in answer


def test_without_its_page_the_refusal_is_still_answered(
    server: Server, settings: Settings
) -> None:
    refusals.page.cache_clear()
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    try:
        answer = read_to_end(server.connect(b"nonsense\r\n\r\n"))
    finally:
        refusals.page.cache_clear()

    assert answer.startswith(b"HTTP/1.0 400 ")
    assert b"Bad Request" in answer


def test_chunks_over_the_limit_are_refused_before_their_end(server: Server) -> None:
    connection = server.connect(CHUNKS)
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    for _ in range(BODY_LIMIT // 0x10000 + 1):
        connection.sendall(chunk)

    assert read_to_end(connection).startswith(b"HTTP/1.1 413 ")


def test_a_refused_sender_that_does_not_stop_is_cut_off(
    short_deadlines: None, server: Server
) -> None:
    connection = server.connect(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n"
    )

    assert is_cut_off(connection, b"x" * 1000)


def test_a_stop_answers_the_request_under_way_and_takes_no_other() -> None:
    with running_server(graceful_timeout=5) as server:
        connection = server.connect(b"GET /slow/ HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(server.worker.connections, "the request has come")
        time.sleep(0.1)
        server.stop()

        assert read_answer(connection) == b"0"
        with pytest.raises(OSError, match="refused"):
            server.connect()


def test_a_stop_does_not_wait_for_idle_connections() -> None:
    with running_server(graceful_timeout=30, keepalive=30) as server:
        connection = server.connect()
        wait_until(server.worker.connections, "the connection has come")
        began = time.monotonic()
        server.stop()

        assert time.monotonic() - began < 5.0
        assert read_to_end(connection) == b""


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_a_step_of_the_clock_cuts_nobody_off(
    monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    with running_server(keepalive=30) as server:
        idle = server.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_answer(idle) == b"0"
        half = server.connect(HEADERS)
        wait_until(lambda: len(server.worker.connections()) == 2, "both are there")
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + step)
        # Two looks of ours at the deadlines, and one of waitress.
        for of_waitress in server.worker.servers:
            of_waitress.next_channel_cleanup = 0
        time.sleep(2.2)

        half.sendall(b"st: x\r\n\r\n")
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (read_answer(half), read_answer(idle)) == (b"0", b"0")


def test_a_step_back_of_the_clock_prolongs_no_idle_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = server.connect()
    wait_until(server.worker.connections, "it is there")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 3600)

    assert seconds_until_closed(connection) < 5.0


def test_a_certificate_is_refused_because_the_proxy_holds_it() -> None:
    config = Config()
    config.set("certfile", "some.pem")

    with pytest.raises(ConfigError, match="proxy"):
        WebWorker.check_config(config, None)


def test_the_plain_command_starts_this_server() -> None:
    command = [sys.executable, "-m", "gunicorn", "--print-config", "shop.wsgi"]
    shown = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    assert "worker_class: shop.local.web_worker.WebWorker" in " ".join(
        shown.stdout.split()
    ).replace("worker_class = ", "worker_class: ")
