"""A staging shop says on each page and in each mail that it is a rehearsal."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django.fixtures import Settings

from shop.outbound.mail_backend import EmailBackend
from shop.web.staging import MARK, marked

PAGE = "<!doctype html><html><head></head><body class=a><p>x</p></body></html>"


@pytest.fixture
def staging(settings: Settings) -> Client:
    """A visitor of a shop whose settings were read with STAGING=true."""
    settings.STAGING = True
    where = "django.middleware.common.CommonMiddleware"
    at = settings.MIDDLEWARE.index(where) + 1
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE[:at],
        "shop.web.staging.StagingMark",
        *settings.MIDDLEWARE[at:],
    ]
    return Client(raise_request_exception=False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/", 200, "A rehearsal of the shop"),
        ("/?lang=ja", 200, "テスト環境"),
        ("/cart/", 200, "id="),
        ("/admin/login/", 200, "id="),
        ("/nothing-here/", 404, "id="),
        ("/%00", 400, "id="),
    ],
)
def test_every_page_says_so_once(
    staging: Client, address: str, status: int, words: str
) -> None:
    answer = staging.get(address, follow=True)
    page = answer.content.decode()

    assert answer.status_code == status
    assert page.count(MARK) == 1
    assert words in page
    assert "shop/css/staging.css" in page
    if "Content-Length" in answer.headers:
        assert int(answer.headers["Content-Length"]) == len(answer.content)


@pytest.mark.django_db
def test_search_engines_are_sent_away(staging: Client) -> None:
    assert staging.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
    assert staging.get("/").headers["X-Robots-Tag"] == "noindex, nofollow"


def test_marking_twice_is_once_and_fragments_stay(settings: Settings) -> None:
    settings.STAGING = True

    once = marked(PAGE)

    assert "<body class=a><aside" in once
    assert marked(once) == once
    assert marked("<p>a fragment</p>") == "<p>a fragment</p>"


def test_a_production_has_no_mark() -> None:
    assert marked(PAGE) == PAGE
    assert "shop.web.staging.StagingMark" not in django_settings.MIDDLEWARE


class Server:
    """Takes what smtplib would send."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sendmail(self, _sender: str, _to: list[str], message: bytes) -> None:
        self.sent.append(message)


@pytest.mark.parametrize("staging_mode", [True, False])
def test_every_mail_of_a_rehearsal_says_so(
    settings: Settings, staging_mode: bool
) -> None:
    settings.STAGING = staging_mode
    backend = EmailBackend()
    server: Any = Server()
    backend.connection = server

    backend.send_messages(
        [EmailMessage("Your order", "x", "a@b.example", ["c@d.example"])]
    )

    prefix = b"[STAGING] " if staging_mode else b""
    assert b"Subject: " + prefix + b"Your order" in server.sent[0]
