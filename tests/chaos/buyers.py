"""Customers of a shop that is being broken: they press again after an error."""

import re
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

import requests
from django.db import connections

from tests.support.customer import Customer, Fields
from tests.support.live import LiveStack
from tests.support.shopping import RECIPIENT

VISA = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclined"
THREE_D_SECURE = "pm_card_threeDSecure2Required"

AT_ONCE = 4  # customers
# A line of the cart's page. An article of tests is sold under its SKU in small letters.
LINE = re.compile(
    r'id="line-(?P<pk>\d+)".*?href="/p/(?P<slug>[^/"]+)/".*?'
    r'<option value="(?P<quantity>\d+)" selected>',
    re.DOTALL,
)
ORDER = re.compile(r"/orders/([0-9a-f-]{36})/")
PATIENCE = 60.0  # seconds for one page, over all tries
_PAUSE = 0.2  # seconds before a customer presses again


@dataclass(frozen=True)
class Wish:
    """What one customer buys. ``email`` names the kill point of the order.

    ``code`` is a coupon code, "" without one.
    """

    units: dict[str, int] = field(hash=False)
    card: str = VISA
    email: str = RECIPIENT["email"]
    code: str = ""


class Persistent(Customer):
    """A customer who presses again after a missing page or an error 5xx."""

    def fill_cart(self, units: dict[str, int]) -> None:
        """Put SKU -> quantity into the cart, and correct quantities added twice."""
        super().fill_cart(units)
        wanted = {sku.lower(): quantity for sku, quantity in units.items()}
        for line in LINE.finditer(self.get("/cart/").text):
            quantity = wanted[line["slug"]]
            if int(line["quantity"]) != quantity:
                # It was added, the answer was lost, so it was added again.
                self.post(f"/cart/{line['pk']}/", {"quantity": quantity})

    def _sent(self, send: Callable[[], requests.Response]) -> requests.Response:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = send()
                if answer.status_code < 500 or time.monotonic() > deadline:
                    return answer
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE)


def buy(shop: LiveStack, wish: Wish) -> UUID | None:
    """Buy. Return the uid of the order that the customer is shown.

    Return None if the shop refused before the purchase, as the goods are gone.
    """
    return buy_as(Persistent(shop, recipient=RECIPIENT | {"email": wish.email}), wish)


def buy_as(customer: Customer, wish: Wish) -> UUID | None:
    """Buy as this customer, whose recipient is kept; see ``buy``."""
    customer.fill_cart(wish.units)
    # The cart's page has the form and gives the token, unless all goods are gone.
    if wish.code and 'name="code"' in customer.get("/cart/").text:
        customer.post("/cart/coupon/", {"code": wish.code})
    # The form's page gives the token. Without goods it leads back to the cart.
    page = customer.get("/checkout/information/")
    if not page.url.endswith("/checkout/information/"):
        return None
    page = customer.post("/checkout/information/", customer.recipient)
    if not page.url.endswith("/checkout/confirmation/"):
        return None
    page = customer.purchase(Fields(page.text).with_field("checkout_key"), wish.card)
    found = ORDER.search(page.url)
    return UUID(found[1]) if found else None


def buy_all(shop: LiveStack, wishes: Iterable[Wish]) -> list[UUID | None]:
    """Let all customers buy, AT_ONCE at a time. Return the uids in their order."""

    def one(wish: Wish) -> UUID | None:
        try:
            return buy(shop, wish)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(one, wishes))
