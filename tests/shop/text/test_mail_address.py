# ruff: noqa: RUF001 (full-width characters are the point)
"""Addresses that people have are accepted, and mail servers take them."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection

from checkout.mail.messages import send_confirmation
from shop.configuration.url_kinds import mail_url
from shop.text.mail_address import (
    fold_mail_address,
    quote_mail_address,
    validate_mail_address,
)
from tests.checkout.cart.test_forms import typed
from tests.support.staff import make_order

# What RFC 5321 allows: a dot-atom, or a quoted string.
_ALLOWED = re.compile(
    r'RCPT TO:<([^\s".@<>]+(\.[^\s".@<>]+)*|"[^"\\]+")@[A-Za-z0-9.-]+>', re.IGNORECASE
)


@pytest.mark.parametrize(
    "address",
    [
        "hanako@example.jp",
        "a..b@docomo.ne.jp",
        "a.@docomo.ne.jp",
        ".a@ezweb.ne.jp",
        "a...b.@au.com",
        "-a--b@docomo.ne.jp",
        "user@日本語.jp",
        "o'neil+tag@example.com",
    ],
)
def test_an_address_that_people_have_is_valid(address: str) -> None:
    validate_mail_address(address)
    assert typed(email=address).is_valid()


@pytest.mark.parametrize(
    "address",
    [
        "a..b@example.jp",
        "a.@gmail.com",
        "@docomo.ne.jp",
        "a b@docomo.ne.jp",
        '"@docomo.ne.jp',
        "a\nb@docomo.ne.jp",
        "a@docomo.ne.jp.",
        "a@" + "b" * 300 + ".jp",
        "a@b",
        "a@@docomo.ne.jp",
    ],
)
def test_no_address(address: str) -> None:
    with pytest.raises(ValidationError):
        validate_mail_address(address)
    folded = fold_mail_address(address)
    assert typed(email=address).is_valid() is (folded == "ab@docomo.ne.jp")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("user@example。jp", "user@example.jp"),
        ("user@example｡jp", "user@example.jp"),
        ("ｕｓｅｒ＠ｅｘａｍｐｌｅ．ｊｐ", "user@example.jp"),
        (" \u200buser @example.jp\ufeff", "user@example.jp"),
        ("a．．b@docomo.ne.jp", "a..b@docomo.ne.jp"),
    ],
)
def test_an_address_has_one_spelling(text: str, kept: str) -> None:
    form = typed(email=text)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["email"] == kept


@pytest.mark.parametrize(
    ("address", "quoted"),
    [
        ("a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
        ("a.@docomo.ne.jp", '"a."@docomo.ne.jp'),
        (".a@ezweb.ne.jp", '".a"@ezweb.ne.jp'),
        ('"a..b"@docomo.ne.jp', '"a..b"@docomo.ne.jp'),
        ("a.b@docomo.ne.jp", "a.b@docomo.ne.jp"),
        ("hanako@example.jp", "hanako@example.jp"),
        ("", ""),
    ],
)
def test_only_odd_dots_are_quoted(address: str, quoted: str) -> None:
    assert quote_mail_address(address) == quoted


class _StrictServer(socketserver.ThreadingTCPServer):
    """A mail server that refuses recipients which the standard does not allow."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.recipients: list[str] = []
        self.mails: list[str] = []


class _Session(socketserver.StreamRequestHandler):
    server: _StrictServer

    def handle(self) -> None:
        self.say("220 strict.example")
        for raw in self.rfile:
            line = raw.decode().strip()
            if line.upper().startswith("RCPT"):
                is_allowed = _ALLOWED.fullmatch(line.partition(" SIZE")[0])
                self.server.recipients.append(line)
                self.say("250 fine" if is_allowed else "501 not an address")
            elif line.upper() == "DATA":
                self.say("354 go on")
                self.server.mails.append(self.read_mail())
                self.say("250 taken")
            else:
                self.say("250 fine")

    def read_mail(self) -> str:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(lines).decode()

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def strict_server() -> Iterator[_StrictServer]:
    with _StrictServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_strict_server_takes_mail_to_a_carrier_s_address(
    settings: Any, db: None
) -> None:
    with strict_server() as server:
        host, port = server.server_address[:2]
        described = mail_url().read(f"smtp://{host!s}:{port}")
        for name in ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT"):
            setattr(settings, name, described[name])
        order = make_order()
        for address in ("a..b.@docomo.ne.jp", "hanako@example.jp"):
            order.email = address
            send_confirmation(order)

    assert server.recipients == [
        'rcpt TO:<"a..b."@docomo.ne.jp>',
        "rcpt TO:<hanako@example.jp>",
    ]
    assert 'To: "a..b."@docomo.ne.jp\r\n' in server.mails[0]
    assert "To: hanako@example.jp\r\n" in server.mails[1]


def test_the_server_of_this_test_refuses_what_django_alone_sends() -> None:
    with strict_server() as server:
        host, port = server.server_address[:2]
        django_s = get_connection(
            "django.core.mail.backends.smtp.EmailBackend", host=str(host), port=port
        )
        mail = EmailMessage("a", "b", "shop@example.jp", ['"a..b"@docomo.ne.jp'])
        with pytest.raises(SMTPRecipientsRefused):
            django_s.send_messages([mail])
