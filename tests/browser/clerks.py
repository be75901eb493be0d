"""Members of staff in Chromium, and the orders that they look after."""

import re

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page

from orders.models import Order
from tests.support.browser import OpenPage
from tests.support.customer import Customer, wait_until_done
from tests.support.live import LiveStack

PASSWORD = "open-sesame"


def bought(shop: LiveStack, sku: str) -> Order:
    """Return a completed order of two units."""
    order = Customer(shop).buy({sku: 2})
    wait_until_done(shop, [order])
    order.refresh_from_db()
    return order


def work_as(
    group: str, open_page: OpenPage, shop: LiveStack, order: Order, line: str
) -> Page:
    """Sign in, and go from the worklist's ``line`` to the order. Return its page."""
    hasher = PBKDF2PasswordHasher()  # the shop's; the tests have a quicker one
    user = User.objects.create(
        username=f"{group}-{order.number}".lower(),
        password=hasher.encode(PASSWORD, hasher.salt()),
        is_staff=True,
    )
    user.groups.add(Group.objects.get(name=group))
    page = open_page(base_url=shop.url)
    page.goto("/admin/login/?next=/admin/")
    page.fill("[name=username]", user.get_username())
    page.fill("[name=password]", PASSWORD)
    page.locator("#login-form [type=submit]").click()
    page.get_by_role("link", name=re.compile(line)).click()
    return page
