"""Requests to typed addresses: what is refused, and how long an answer may take."""

import datetime
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shop.outbound import guarded_http
from shop.outbound.guarded_http import AddressRefused, Limits, NoAnswer, post
from shop.outbound.public_addresses import Address
from shop.text.typed_url import Fault, Url, WrongUrl, read_url
from tests.support.raw_server import OK, RawServer, raw_server, says

LOOPBACK = [ip_network("127.0.0.0/8")]
NAME = "hooks.example"


def names(*found: str) -> Callable[[str, int], Sequence[Address]]:
    """Return a resolver that knows these addresses for every name."""
    return lambda _host, _port: [ip_address(each) for each in found]


def url_of(server: RawServer, scheme: str = "http", host: str = NAME) -> Url:
    return Url(scheme, host, server.port, "/orders?x=1")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("https://a.example", Url("https", "a.example", 443, "/")),
        ("https://A.Example:8443/b?c=d", Url("https", "a.example", 8443, "/b?c=d")),
        ("http://a.example/%20", Url("http", "a.example", 80, "/%20")),
        ("https://[2606:4700::1]/", Url("https", "2606:4700::1", 443, "/")),
        ("https://例え.jp/x", Url("https", "xn--r8jz45g.jp", 443, "/x")),
    ],
)
def test_a_url_is_read(text: str, parts: Url) -> None:
    assert read_url(text, plain=True) == parts


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.SCHEME),
        ("a.example", Fault.SCHEME),
        ("http://a.example/", Fault.SCHEME),
        ("ftp://a.example/", Fault.SCHEME),
        ("file:///etc/passwd", Fault.SCHEME),
        ("gopher://a.example/", Fault.SCHEME),
        ("https://user:word@a.example/", Fault.CREDENTIALS),
        ("https://user@a.example/", Fault.CREDENTIALS),
        ("https://@a.example/", Fault.CREDENTIALS),
        ("https://a.example/#part", Fault.FRAGMENT),
        ("https://a.example/#", Fault.FRAGMENT),
        ("https://", Fault.FORM),
        ("https:///path", Fault.FORM),
        ("https://a.example:0/", Fault.FORM),
        ("https://a.example:99999/", Fault.PORT),
        ("https://a.example:x/", Fault.PORT),
        ("https://[::1/", Fault.FORM),
        ("https://[fe80::1%25lo]/", Fault.FORM),
        ("https://a..example/", Fault.FORM),
        ("https://a.example/a b", Fault.FORM),
        ("https://a.example/\r\nX: y", Fault.FORM),
        ("\thttps://a.example/", Fault.FORM),
        ("https://a.example\\@b.example/", Fault.FORM),
        ("https://a.example/é", Fault.FORM),
        ("https://a.example/" + "x" * 500, Fault.LENGTH),
    ],
)
def test_what_cannot_be_called_is_refused_with_its_reason(
    text: str, fault: Fault
) -> None:
    with pytest.raises(WrongUrl) as caught:
        read_url(text)
    assert caught.value.fault is fault


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001"],
)
def test_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with raw_server() as server:
        found = socket.gethostbyname(host)
        with pytest.raises(AddressRefused, match="OUTGOING_PRIVATE_NETWORKS"):
            post(url_of(server, host=host), b"", {}, resolve=names(found))

    assert server.heard == []


def test_a_name_is_resolved_once_and_that_address_is_called() -> None:
    """It stands for another address afterwards, which nobody asks for."""
    found = iter([[ip_address("127.0.0.2")], [ip_address("127.0.0.1")]])
    private = [ip_network("127.0.0.2/32")]
    with raw_server(host="127.0.0.2") as server:
        answer = post(
            url_of(server),
            b"{}",
            {"Content-Type": "application/json"},
            private=private,
            resolve=lambda _host, _port: next(found),
        )

    assert (answer.status, answer.body, answer.is_cut) == (200, b"ok", False)
    (heard,) = server.heard
    head = heard.decode().split("\r\n")
    assert head[0] == "POST /orders?x=1 HTTP/1.1"
    assert f"Host: {NAME}:{server.port}" in head
    assert heard.endswith(b"\r\n\r\n{}")


def test_only_the_public_addresses_of_a_name_are_called() -> None:
    private = [ip_network("127.0.0.3/32")]
    with raw_server(host="127.0.0.3") as server:
        found = names("127.0.0.1", "10.0.0.1", "127.0.0.3")
        post(url_of(server), b"", {}, private=private, resolve=found)

    assert len(server.heard) == 1


def test_the_next_address_is_tried_when_one_takes_no_connection() -> None:
    with raw_server(host="127.0.0.4") as server:
        found = names("127.0.0.5", "127.0.0.4")
        answer = post(url_of(server), b"", {}, private=LOOPBACK, resolve=found)

    assert answer.status == 200


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with raw_server() as inside:
        moved = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{inside.port}/\r\n"
        with raw_server(says(moved.encode() + b"Content-Length: 0\r\n\r\n")) as server:
            answer = post(
                url_of(server), b"", {}, private=LOOPBACK, resolve=names("127.0.0.1")
            )

    assert answer.status == 307
    assert answer.header("location").startswith("http://127.0.0.1")
    assert inside.heard == []


def test_an_answer_is_read_up_to_its_bound() -> None:
    def endless(connected: socket.socket) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connected.sendall(b"x" * 65_536)

    with raw_server(endless) as server:
        answer = post(
            url_of(server),
            b"",
            {},
            Limits(5, most=100),
            LOOPBACK,
            names("127.0.0.1"),
        )

    assert answer.body == b"x" * 100
    assert answer.is_cut


def drip(first: bytes, each: bytes) -> Callable[[socket.socket], None]:
    def answer(connected: socket.socket) -> None:
        connected.sendall(first)
        for _ in range(100):
            time.sleep(0.05)
            connected.sendall(each)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda _connected: time.sleep(1), id="silence"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), id="headers"),
        pytest.param(
            drip(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"x"), id="body"
        ),
        pytest.param(drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="continue"),
    ],
)
def test_the_time_limit_is_for_the_whole_answer(
    answer: Callable[[socket.socket], None],
) -> None:
    with raw_server(answer) as server:
        began = time.monotonic()
        with pytest.raises(NoAnswer, match=r"within 0\.3 seconds"):
            post(url_of(server), b"", {}, Limits(0.3), LOOPBACK, names("127.0.0.1"))
        assert time.monotonic() - began < 0.9


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    def hang(_host: str, _port: int) -> Sequence[Address]:
        time.sleep(1)
        return []

    began = time.monotonic()
    with pytest.raises(NoAnswer, match="not resolved in time"):
        post(Url("http", NAME, 80, "/"), b"", {}, Limits(0.2), resolve=hang)
    assert time.monotonic() - began < 0.8


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_no_answer(answer: bytes) -> None:
    with raw_server(says(answer)) as server, pytest.raises(NoAnswer):
        post(url_of(server), b"", {}, private=LOOPBACK, resolve=names("127.0.0.1"))


def test_a_name_that_is_not_known_is_no_answer() -> None:
    def unknown(_host: str, _port: int) -> Sequence[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(NoAnswer, match="cannot be resolved: Name or service"):
        post(Url("https", NAME, 443, "/"), b"", {}, resolve=unknown)


def certificate(folder: Path, name: str) -> ssl.SSLContext:
    """Return a server's side of TLS for this name or number.

    Its authority is ``ca.pem``.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    named: x509.GeneralName = x509.DNSName(name)
    if name[0].isdigit():
        named = x509.IPAddress(ip_address(name))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([named]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


def test_the_certificate_is_checked_against_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secured, asked = certificate(tmp_path, NAME), []
    secured.sni_callback = lambda _ssl, name, _context: asked.append(name)
    local = {"private": LOOPBACK, "resolve": names("127.0.0.1")}
    with raw_server(secured=secured) as server:
        with pytest.raises(NoAnswer, match=r"no secure connection.*self-signed"):
            post(url_of(server, "https"), b"", {}, **local)  # type: ignore[arg-type]
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        guarded_http._trust.cache_clear()
        answer = post(url_of(server, "https"), b"", {}, **local)  # type: ignore[arg-type]
        other = url_of(server, "https", "other.example")
        with pytest.raises(NoAnswer, match=r"not valid for 'other\.example'"):
            post(other, b"", {}, **local)  # type: ignore[arg-type]
    guarded_http._trust.cache_clear()

    assert answer.body == OK[-2:]
    assert asked == [NAME, NAME, "other.example"]


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server() as proxy, raw_server() as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        post(url_of(server), b"", {}, private=LOOPBACK, resolve=names("127.0.0.1"))

    assert (len(proxy.heard), len(server.heard)) == (0, 1)
