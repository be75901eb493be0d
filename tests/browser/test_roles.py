"""One stopped order, seen by each group of staff, in Chromium."""

import re

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from orders.models import Order, Refund
from saga.models import State
from tests.support.browser import OpenPage
from tests.support.catalogue import stock_up
from tests.support.customer import Customer, saga_of, wait_for_state, wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox_control import captured, intents_of, plan_fault
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser

PASSWORD = "open-sesame"
RESUME = ".headline a.button.default"
ACTS = ".acts a.button"


@pytest.fixture
def stopped(shop: LiveStack) -> Order:
    """Stop an order: the provider charges it and answers that it refuses."""
    plan_fault(shop, operation="capture", kind="error_after", status=400)
    order = Customer(shop).buy({stock_up(1): 1})
    wait_for_state(shop, order, State.FAILED)
    return order


def address(order: Order) -> str:
    return f"/admin/backoffice/stalledorder/{order.pk}/change/"


def open_as(group: str, open_page: OpenPage, shop: LiveStack, order: Order) -> Page:
    """Open the link of an alert, signed out, and sign in. Return the order's page."""
    hasher = PBKDF2PasswordHasher()  # the shop's; the tests have a quicker one
    user = User.objects.create(
        username=f"{group}-{order.number}".lower(),
        password=hasher.encode(PASSWORD, hasher.salt()),
        is_staff=True,
    )
    user.groups.add(Group.objects.get(name=group))
    page = open_page(base_url=shop.url)
    page.goto(address(order))
    page.fill("[name=username]", user.get_username())
    page.fill("[name=password]", PASSWORD)
    page.locator("#login-form [type=submit]").click()
    expect(page).to_have_url(re.compile(re.escape(address(order))))
    expect(page.locator("#content-main svg").first).to_be_visible()
    return page


def words_of(page: Page, what: str) -> list[str]:
    return [words.strip() for words in page.locator(what).all_inner_texts()]


def test_a_viewer_sees_everything_and_can_change_nothing(
    shop: LiveStack, open_page: OpenPage, stopped: Order
) -> None:
    page = open_as("Viewer", open_page, shop, stopped)

    expect(page.locator(".headline.bad")).to_be_visible()
    assert words_of(page, f"{RESUME}, {ACTS}") == []
    for way in (
        f"/admin/backoffice/stalledorder/resume/?order={stopped.pk}",
        f"/admin/orders/order/{stopped.pk}/refund/",
    ):
        answer = page.goto(way)
        assert answer is not None
        assert answer.status == 403
    assert saga_of(stopped).state == State.FAILED


def test_an_operator_resumes_in_two_clicks_and_cannot_refund(
    shop: LiveStack, open_page: OpenPage, stopped: Order
) -> None:
    page = open_as("Operator", open_page, shop, stopped)
    assert "Refund" not in words_of(page, ACTS)

    page.locator(RESUME).click()
    expect(page.locator(".question")).to_contain_text("Will ")
    page.fill("[name=reason]", "The provider has the charge.")
    page.locator(".submit-row input.default").click()

    wait_until_done(shop, [stopped])
    assert captured(shop, stopped) == [stopped.total_minor]
    page.goto(address(stopped))
    expect(page.locator(".headline.ok")).to_be_visible()


def test_a_refunder_refunds_and_cannot_resume(
    shop: LiveStack, open_page: OpenPage, stopped: Order
) -> None:
    page = open_as("Refunder", open_page, shop, stopped)
    assert words_of(page, RESUME) == []
    shop.manage("saga_resume", stopped.number, "--yes", "--reason", "it is charged")
    wait_until_done(shop, [stopped])

    page.goto(address(stopped))
    page.locator(ACTS, has_text="Refund").click()
    page.fill("[name=amount]", "500")
    page.fill("[name=reason]", "A scratch.")
    page.locator(".submit-row input.default").click()
    page.fill("#typed", "500")
    page.press("#typed", "Enter")

    page.wait_for_selector(".badge.refund-requested, .badge.refund-succeeded")
    refund = Refund.objects.get(payment__order=stopped)
    wait_until(
        lambda: Refund.objects.filter(pk=refund.pk, status="succeeded").exists(),
        "the money is on its way back",
    )
    assert [intent["refunded"] for intent in intents_of(shop, stopped)] == [500]
