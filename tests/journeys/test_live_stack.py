"""Tests of the live stack itself, on which all tests with real processes run."""

import pytest
from django.db import connection

from shop.catalogue.models import Product
from tests.support.browser import OpenPage
from tests.support.live import LiveStack


@pytest.mark.both_databases
def test_the_live_stack_shares_its_database_with_the_test(
    live_stack: LiveStack,
) -> None:
    assert Product.objects.count() >= 24
    live_stack.wait_for()


@pytest.mark.both_databases
def test_a_killed_service_comes_back_and_a_stopped_one_waits(
    live_stack: LiveStack,
) -> None:
    before = live_stack.services()["worker"]["pid"]

    live_stack.kill("worker")
    live_stack.stop("broker")

    assert live_stack.services()["broker"]["state"] == "stopped"
    live_stack.start("broker")
    live_stack.wait_for("worker")
    assert live_stack.services()["worker"]["pid"] != before


@pytest.mark.browser
def test_a_browser_sees_the_shop(live_stack: LiveStack, open_page: OpenPage) -> None:
    page = open_page(width=360, base_url=live_stack.url)

    page.goto("/")

    assert page.locator("h1").count() == 1
    assert Product.objects.exists(), "queries work beside an open browser"
    assert connection.vendor in {"sqlite", "postgresql"}
