"""Staff refund money in Chromium, by keyboard, on narrow and wide screens."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from inventory import services as inventory
from orders.models import Order, Payment, Refund
from orders.transitions import disputes, refunds
from tests.backoffice.admin.test_refunds import NUMBER, finding
from tests.support.browser import OpenPage
from tests.support.refunding import wish
from tests.support.staff import make_done, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A folder for pictures of every page on the way; empty: none are taken.
PICTURES = os.environ.get("REFUND_PICTURES", "")


@pytest.fixture
def order() -> Order:
    """A shipped order with a refund, a failed refund and a dispute about a part."""
    order: Order = make_done(NUMBER)
    inventory.ship_out(NUMBER)
    payment = Payment.objects.get(order=order)
    now = timezone.now()
    refunds.succeed(refunds.request(payment, wish(order, 300), now), "re_1")
    refunds.fail(refunds.request(payment, wish(order, 700), now), "account_closed")
    dispute = disputes.report("du_1", now)
    disputes.record(dispute, replace(finding(order), amount_minor=2000))
    make_staff("view_order", "view_refund", "view_dispute", "refund", name="henkin")
    return order


def picture(page: Page, name: str) -> None:
    """Check the width of the page; take a picture if one is wanted."""
    size = page.viewport_size
    assert size is not None
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= size["width"], f"{name} scrolls sideways: {wide}"
    if PICTURES:
        path = Path(PICTURES) / f"{name}-{size['width']}.png"
        page.screenshot(path=path, full_page=True)


def open_order(page: Page, order: Order) -> None:
    page.goto(f"/admin/login/?next=/admin/orders/order/{order.pk}/change/")
    page.fill("#id_username", "henkin")
    page.fill("#id_password", "open-sesame")
    page.press("#id_password", "Enter")
    page.wait_for_selector("#money-back")
    picture(page, "order")


def ask_for_one_mug(page: Page, order: Order) -> None:
    page.locator(f'#money-back ~ p a[href$="/{order.pk}/refund/"]').click()
    line = order.lines.get().pk
    page.fill(f"#id_units_{line}", "1")
    page.check(f"#id_restock_{line}")
    page.fill("#id_reason", "broken handle")
    picture(page, "form")
    page.locator(".submit-row input.default").click()


@pytest.mark.parametrize(
    ("language", "width", "amount"), [("en", 1280, "¥1,800"), ("ja", 360, "￥1,800")]
)
def test_from_the_orders_page_to_the_refund(
    live_server: LiveServer,
    open_page: OpenPage,
    order: Order,
    language: str,
    width: int,
    amount: str,
) -> None:
    page = open_page(width=width, language=language, base_url=live_server.url)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    open_order(page, order)

    ask_for_one_mug(page, order)
    page.wait_for_selector("#typed")
    assert amount in page.inner_text("label[for=typed]")
    picture(page, "question")
    page.fill("#typed", "18")
    page.press("#typed", "Enter")
    page.wait_for_selector("#typed_error")
    assert Refund.objects.count() == 2
    page.fill("#typed", "1800")
    page.press("#typed", "Enter")

    page.wait_for_selector(".badge.refund-requested")
    picture(page, "done")
    assert Refund.objects.get(status="requested").amount_minor == 1800
    for name in ("refund", "dispute", "order"):
        page.goto(f"/admin/orders/{name}/")
        picture(page, f"list-of-{name}s")
    assert complaints == []
