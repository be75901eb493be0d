"""The fuzz sees every page, sends what it says, and finds and shrinks faults."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fuzz import corpus
from tests.fuzz.exchange import Answer, NoAnswer, exchange
from tests.fuzz.explore import explore
from tests.fuzz.faults import Fault, describe
from tests.fuzz.inputs import Change, Draft, Input
from tests.fuzz.surface import Surface, Target, routes

FORM = Target("POST cart/add/ (sku)", "POST", "/cart/add/", fields=(("sku", "MUG"),))
FINE = Answer(200, (), b"")


def test_every_address_of_the_resolver_is_asked_for() -> None:
    surface = Surface(lambda _path: "")
    surface.complete()
    keys = " ".join(target.key for target in surface.targets)
    assert len(surface.targets) == 2 * len(set(routes())) > 300
    for route in ("webhooks/stripe/", "orders/<uuid:uid>/", "admin/auth/user/add/"):
        assert f"GET {route} " in keys
        assert f"POST {route} " in keys


def test_links_and_forms_of_pages_are_found() -> None:
    pages = {
        "/": '<a href="/p/mug/?from=home">mug</a><a href="https://example.com/">no</a>',
        "/p/mug/?from=home": """
            <form method="post" action="/cart/add/" enctype="multipart/form-data">
            <input name="sku" value="MUG"><select name="quantity"><option value="1">
            <option value="2" selected></select><textarea name="note"></textarea>
            </form><form action="/search/"><input name="q"></form>""",
    }
    surface = Surface(lambda path: pages.get(path, ""))
    surface.crawl("/")
    found = {target.key: target for target in surface.targets}
    product = found["GET p/<slug:slug>/ ()"]
    assert (product.path, product.query) == ("/p/mug/", (("from", "home"),))
    form = found["POST cart/add/ (note, quantity, sku)"]
    assert dict(form.fields) == {"sku": "MUG", "quantity": "2", "note": ""}
    assert form.is_multipart
    assert "GET search/ (q)" not in found
    assert found["GET search/ ()"].query == (("q", ""),)


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        (Change("field", 0, "a\0b"), b"sku=a%00b"),
        (Change("field", 0, "\udcff"), b"sku=%FF"),
        (Change("field", 9, "\ud800"), b"%ED%A0%80=%ED%A0%80"),
        (Change("query", 0, "x"), b"POST /cart/add/?x=x HTTP/1.1"),
        (Change("path", 0, "\0"), b"POST /cart/add/%00 HTTP/1.1"),
        (Change("header", 0, "\udcff"), b"Accept-Language: \xff"),
        (Change("cookie", 0, "x"), b"sessionid=x"),
        (Change("method", 1, ""), b"POST /cart/add/ HTTP/1.1"),
        (Change("content type", 99, ""), b"Content-Type: "),
        (Change("body", 0, "{"), b"\r\n\r\n{"),
        (Change("file", 0, "x\0"), b'filename="x\0"'),
        (Change("drop", 0, ""), b"\r\n\r\ncsrfmiddlewaretoken=ffff"),
    ],
)
def test_a_change_arrives_as_it_is(change: Change, sent: bytes) -> None:
    draft = Draft(FORM, {}, "127.0.0.1:1")
    draft.apply(change)
    assert sent in draft.encoded()


class Broken:
    """A shop that fails at a NUL, wherever it comes in."""

    def __init__(self) -> None:
        self.targets = {FORM.key: FORM}
        self.sent: list[Input] = []

    def send(self, given: Input) -> Answer:
        self.sent.append(given)
        if any("\0" in change.text for change in given.changes):
            kind = "DataError"
            raise Fault(kind, "a NUL")
        return FINE


def test_a_fault_is_found_and_made_small() -> None:
    findings = explore(Broken(), [], count=400, start=1)
    smallest, details = findings.faults["DataError"]
    assert details == "a NUL"
    assert [change.text for change in smallest.changes] == ["\0"]
    assert findings.sent >= 400


def test_the_corpus_comes_first_and_only_as_far_as_its_pages_exist() -> None:
    shop = Broken()
    known = [Input("visitor", FORM.key, (Change("field", 0, "\0"),))]
    gone = Input("visitor", "GET gone/ ()", ())
    findings = explore(shop, [gone, *known], count=1, start=1)
    assert shop.sent == known
    assert list(findings.faults) == ["DataError"]


def test_the_same_seed_sends_the_same_inputs() -> None:
    shops = [Broken(), Broken()]
    for shop in shops:
        explore(shop, [], count=50, start=7)
    assert shops[0].sent == shops[1].sent
    other = Broken()
    explore(other, [], count=50, start=8)
    assert other.sent != shops[0].sent


def test_an_input_is_one_line_in_the_corpus_once(tmp_path: Path) -> None:
    file = tmp_path / "inputs.jsonl"
    odd = Input("visitor", FORM.key, (Change("field", 3, "\ud800\n\udcff"),))
    other = Input("administrator", FORM.key, ())
    assert corpus.save([odd, other, odd], file) == 2
    assert corpus.save([odd], file) == 0
    assert corpus.load(file) == [other, odd]
    assert len(file.read_text().splitlines()) == 2


def test_the_corpus_in_the_repository_can_be_read() -> None:
    known = corpus.choose(50, start=1)
    assert known == corpus.choose(50, start=1)
    assert len(known) == 50 + len(corpus.load(corpus.FAULTS)) > 50


def test_a_fault_is_named_by_its_error_and_our_line() -> None:
    log = """web | Traceback (most recent call last):
web |   File "/x/site-packages/django/db/models/query.py", line 7, in get
web |   File "/y/shop/catalogue/views.py", line 51, in search
web |   File "/x/site-packages/psycopg/cursor.py", line 7, in execute
web | django.db.utils.DataError: PostgreSQL text fields cannot contain NUL"""
    kind = describe(log)
    assert kind == "django.db.utils.DataError at shop/catalogue/views.py:51"


@contextmanager
def server(answer: bytes) -> Iterator[int]:
    """Answer one request with these bytes. Gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def test_an_answer_is_read() -> None:
    raw = b"HTTP/1.1 302 Found\r\nSet-Cookie: a=b\r\nset-cookie: c=d\r\n\r\nbody"
    with server(raw) as port:
        answer = exchange(port, b"GET / HTTP/1.1\r\n\r\n")
    assert answer.status == 302
    assert answer.values("set-cookie") == ["a=b", "c=d"]
    assert answer.text == "body"


@pytest.mark.parametrize("raw", [b"", b"nonsense"])
def test_no_answer_is_a_fault(raw: bytes) -> None:
    with server(raw) as port, pytest.raises(NoAnswer):
        exchange(port, b"GET / HTTP/1.1\r\n\r\n")
