"""axe-core finds no barrier on the staff's pages, in both languages and themes.

The customer's pages are looked at by every shopper, see ``Shopper.look``.
"""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.roles import make_groups
from orders.models import Order
from saga.models import Saga
from shop.local.demo.load import ADMIN_NAME, ADMIN_PASSWORD
from tests.browser.shopper import MUG, OpenShopper
from tests.support.browser import OpenPage, barriers
from tests.support.live import LiveStack
from tests.support.sandbox_control import plan_fault

pytestmark = pytest.mark.browser


@pytest.fixture
def stopped(shop: LiveStack, open_shopper: OpenShopper) -> None:
    """An order that waits for a person."""
    if Saga.objects.failed().exists():
        return
    plan_fault(shop, operation="capture", kind="error_after", status=400)
    shopper = open_shopper()
    shopper.fill_cart(MUG)
    shopper.enter_information()
    shopper.pay("4242424242424242")
    shopper.page.locator("#live.on_hold").wait_for()
    shopper.look()


def sign_in(page: Page) -> None:
    page.goto("/admin/")
    assert barriers(page) == []
    page.fill("[name=username]", ADMIN_NAME)
    page.fill("[name=password]", ADMIN_PASSWORD)
    page.locator("#login-form [type=submit]").click()
    page.wait_for_load_state()


def staff_pages() -> dict[str, str]:
    """Return name -> address of every list of the admin, and its forms.

    They are discovered, so that a new model's pages are looked at as well.
    """
    someone = RequestFactory().get("/")
    someone.user = User.objects.get(username=ADMIN_NAME)
    pages = {
        "front": reverse("admin:index"),
        "search": f"{reverse('staff_search')}?q=Hanako",
        "search, nothing found": f"{reverse('staff_search')}?q=nobody",
    }
    for model, pages_of in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages[f"{name}_changelist"] = reverse(f"{name}_changelist")
        if pages_of.has_add_permission(someone):
            pages[f"{name}_add"] = reverse(f"{name}_add")
        addresses = [f"admin:{one.name}" for one in pages_of.get_urls()]
        one = pages_of.get_queryset(someone).first()
        # A desk, such as the packing desk, has pages of its own and none for a row.
        if one is not None and f"{name}_change" in addresses:
            pages[f"{name}_change"] = reverse(f"{name}_change", args=[one.pk])
            if pages_of.has_delete_permission(someone, one):
                pages[f"{name}_delete"] = reverse(f"{name}_delete", args=[one.pk])
    return pages


def test_the_staffs_pages_have_no_barriers(
    shop: LiveStack, stopped: None, open_page: OpenPage
) -> None:
    make_groups()
    page = open_page(base_url=shop.url)
    sign_in(page)
    found = {}
    for name, address in staff_pages().items():
        answer = page.goto(address)
        assert answer is not None
        assert answer.ok, f"{name}: {answer.status}"
        found[name] = barriers(page)
    assert len(found) >= 40
    assert {name: what for name, what in found.items() if what} == {}


def test_the_staffs_pages_have_no_barriers_on_a_phone_in_dark_mode(
    shop: LiveStack, stopped: None, open_page: OpenPage
) -> None:
    page = open_page(base_url=shop.url, width=360)
    page.emulate_media(color_scheme="dark")
    sign_in(page)
    found = {"front": barriers(page)}
    order = Saga.objects.failed().earliest("pk")
    pk = Order.objects.get(number=order.reference).pk
    stalled = "/admin/backoffice/stalledorder/"
    for link in (
        *(stalled, f"{stalled}{pk}/change/", f"{stalled}resume/?order={pk}"),
        *("/admin/search/?q=Hanako", "/admin/catalogue/product/"),
        *("/admin/inventory/stockitem/", "/admin/checkout/shippingmethod/add/"),
    ):
        page.goto(link)
        found[link] = barriers(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide == 360, link
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.locator("#rooms a[aria-current]").first).to_be_visible()
    found["menu"] = barriers(page)
    assert {place: what for place, what in found.items() if what} == {}
