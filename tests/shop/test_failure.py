import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from shop.failure import server_error
from shop.urls import urlpatterns as shop_urls


def broken(_request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [*shop_urls, path("broken/", broken)]
handler500 = "shop.failure.server_error"


def test_a_failure_shows_a_reference_that_the_log_has(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = server_error(RequestFactory().get("/cart/"))
    assert answer.status_code == 500
    found = re.search(r"<strong>([0-9A-F]{8})</strong>", answer.content.decode())
    assert found
    assert f"reference {found[1]}: GET /cart/ failed" in caplog.text


@pytest.mark.urls("tests.shop.test_failure")
def test_a_failing_page_says_that_nothing_is_charged() -> None:
    answer = Client(raise_request_exception=False).get("/broken/")
    assert answer.status_code == 500
    assert "nothing is charged" in answer.content.decode()
