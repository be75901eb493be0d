"""A shopper does not notice 200 slow connections of five kinds."""

import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice

import pytest
import requests

from tests.support.catalogue import stock_up
from tests.support.customer import Customer
from tests.support.live import LiveStack

NUMBER = 200
LONGEST = 1.0  # seconds more for a page, for 95 of 100 pages
LOOKS = 4  # the fastest counts: other tests run beside this one
PAGES = ("/", "/search/?q=mug", "/cart/", "/livez") * 8


@pytest.mark.both_databases
def test_slow_connections_beside_a_shopper(shop: LiveStack) -> None:
    customer = Customer(shop)
    # It waits for another card, so that its streams stay open.
    order = customer.buy({stock_up(1): 1}, "pm_card_visa_chargeDeclined")
    quiet = [slowest_of_most(customer) for _ in range(LOOKS)]

    with slow_connections(shop, f"/orders/{order.uid}/stream/?version=none"):
        busy = [slowest_of_most(customer) for _ in range(LOOKS)]

    assert min(busy) < min(quiet) + LONGEST, (quiet, busy)


def slowest_of_most(customer: Customer) -> float:
    """Return the time, in seconds, that 95 of 100 pages do not exceed."""
    times = []
    for page in PAGES:
        began = time.monotonic()
        customer.get(page)
        times.append(time.monotonic() - began)
    return statistics.quantiles(times, n=20)[-1]


@contextmanager
def slow_connections(shop: LiveStack, stream: str) -> Iterator[None]:
    """Open 200 connections; go on sending a byte now and then on some of them."""
    host = f"Host: 127.0.0.1:{shop.port}\r\n"
    script = requests.get(shop.url, timeout=30).text.partition('src="/static/')[2]
    large = f"/static/{script.partition(chr(34))[0]}"
    kinds = cycle(
        [
            "",  # says nothing
            f"GET /livez HTTP/1.1\r\n{host}\r\n",  # kept alive
            "GET / HTTP/1.1\r\nHos",
            f"POST /webhooks/stripe/ HTTP/1.1\r\n{host}Content-Length: 9999\r\n\r\n{{",
            f"GET {large} HTTP/1.1\r\n{host}\r\n" * 9,  # never read
            f"GET {stream} HTTP/1.1\r\n{host}\r\n",  # never read
        ]
    )
    opened = [open_one(shop.port, begun) for begun in islice(kinds, NUMBER)]
    ended = threading.Event()
    trickle = threading.Thread(target=send_bytes, args=(opened, ended))
    trickle.start()
    try:
        time.sleep(1)
        yield
    finally:
        ended.set()
        trickle.join()
        for connection in opened:
            connection.close()


def open_one(port: int, begun: str) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", port))
    connection.sendall(begun.encode())
    return connection


def send_bytes(connections: list[socket.socket], ended: threading.Event) -> None:
    """Send to every third and fourth of each six a byte a second, while they last."""
    slow = [one for number, one in enumerate(connections) if number % 6 in (2, 3)]
    while not ended.wait(1):
        for connection in list(slow):
            try:
                connection.sendall(b"a")
            except OSError:
                slow.remove(connection)
