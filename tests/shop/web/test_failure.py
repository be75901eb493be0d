import re

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from shop.urls import urlpatterns as shop_urls
from shop.web.failure import server_error


def broken(_request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


class Refused(Exception):
    """What PostgreSQL's driver says, with its code."""

    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


def failing(request: HttpRequest) -> HttpResponse:
    name, _, code = request.GET["error"].partition(" ")
    raise ERRORS[name] from Refused(code or None)


ERRORS = {
    error.__name__: error
    for error in (OperationalError, InterfaceError, ProgrammingError)
}
urlpatterns = [
    *shop_urls,
    path("broken/", broken),
    path("failing/", failing),
]
handler500 = "shop.web.failure.server_error"


def test_a_failure_shows_a_reference_that_the_log_has(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = server_error(RequestFactory().get("/cart/"))
    assert answer.status_code == 500
    found = re.search(r"<strong>([0-9A-F]{8})</strong>", answer.content.decode())
    assert found
    assert f"reference {found[1]}: GET /cart/ failed" in caplog.text


@pytest.mark.urls("tests.shop.web.test_failure")
def test_a_failing_page_says_that_nothing_is_charged() -> None:
    answer = Client(raise_request_exception=False).get("/broken/")
    assert answer.status_code == 500
    assert "nothing is charged" in answer.content.decode()


@pytest.mark.urls("tests.shop.web.test_failure")
@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("OperationalError", 503),  # no answer at all; on SQLite: locked
        ("OperationalError 57P01", 503),  # shut down
        ("OperationalError 57014", 503),  # out of time
        ("OperationalError 28P01", 500),  # a wrong password
        ("InterfaceError", 503),  # the connection is closed
        ("ProgrammingError 42P01", 500),  # no such table
    ],
)
def test_a_database_that_is_away_for_a_moment_is_no_fault_of_the_shop(
    error: str, status: int
) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get("/failing/", {"error": error})

    assert answer.status_code == status
    assert answer.has_header("Retry-After") == (status == 503)
    assert "charged" in answer.content.decode()
