"""A customer over HTTP, without a browser: gets pages and sends their forms."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import requests

from checkout.status.sagas import sagas_of_orders
from orders.models import Order
from saga.models import Saga, State
from tests.support.live import LiveStack
from tests.support.shopping import RECIPIENT
from tests.support.waiting import wait_until

SECONDS = 30.0  # for one page

# In place of a card: the customer pays on the provider's page.
ON_PAGE = "payment page"


class Fields(HTMLParser):
    """The hidden fields of each form of a page, by name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and found.get("type") == "hidden" and self.forms:
            self.forms[-1][found.get("name", "")] = found.get("value", "")

    def with_field(self, name: str) -> dict[str, str]:
        """Return the hidden fields of the first form that has ``name``."""
        return next(form for form in self.forms if name in form)


@dataclass
class Customer:
    """One visitor with one cookie jar. Redirects are followed."""

    stack: LiveStack
    language: str = "en"
    recipient: dict[str, str] = field(default_factory=lambda: dict(RECIPIENT))

    def __post_init__(self) -> None:
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = self.language

    def get(self, path: str, **options: Any) -> requests.Response:
        return self._checked(
            lambda: self.session.get(self._url(path), timeout=SECONDS, **options)
        )

    def post(
        self, path: str, fields: dict[str, Any], **options: Any
    ) -> requests.Response:
        """Send a form as a browser does, with the CSRF token of the cookies if any."""
        token = self.session.cookies.get("csrftoken", "")
        data = {"csrfmiddlewaretoken": token, **fields}
        origin = self.stack.url.rstrip("/")
        headers = {"Referer": self.stack.url, "Origin": origin}
        return self._checked(
            lambda: self.session.post(
                self._url(path), data, headers=headers, timeout=SECONDS, **options
            )
        )

    def fill_cart(self, units: dict[str, int]) -> None:
        """Put SKU -> quantity into the cart."""
        for sku, quantity in units.items():
            self.post("/cart/add/", {"sku": sku, "quantity": quantity})

    def go_to_confirmation(self) -> dict[str, str]:
        """Enter the information. Return the hidden fields of the purchase form."""
        self.get("/checkout/information/")  # gives the token, as to a browser
        page = self.post("/checkout/information/", self.recipient)
        assert page.url.endswith("/checkout/confirmation/"), (page.url, page.text)
        return Fields(page.text).with_field("checkout_key")

    def purchase(self, form: dict[str, str], card: str) -> requests.Response:
        """Send the confirmation with the token of the card form.

        With ON_PAGE it is sent without one, to pay on the provider's page.
        """
        fields = {**form, "confirmation_token": card}
        if card == ON_PAGE:
            fields |= {"confirmation_token": "", "on_page": "on"}
        return self.post("/checkout/confirmation/", fields)

    def buy(self, units: dict[str, int], card: str = "pm_card_visa") -> Order:
        """Buy, from the cart to the order's page. Return the order."""
        self.fill_cart(units)
        return order_shown(self.purchase(self.go_to_confirmation(), card))

    def order_page(self, order: Order) -> str:
        return self.get(f"/orders/{order.uid}/").text

    def try_card(self, order: Order, card: str) -> requests.Response:
        return self.post(f"/orders/{order.uid}/card/", {"confirmation_token": card})

    def _sent(self, send: Callable[[], requests.Response]) -> requests.Response:
        return send()

    def _url(self, path: str) -> str:
        return urljoin(self.stack.url, path)

    def _checked(self, send: Callable[[], requests.Response]) -> requests.Response:
        answer = self._sent(send)
        assert answer.status_code < 400, (answer.url, answer.status_code, answer.text)
        return answer


def order_shown(page: requests.Response) -> Order:
    """Return the order whose page this is."""
    parts = page.url.rstrip("/").split("/")
    assert parts[-2] == "orders", f"no order's page: {page.url}\n{page.text}"
    return Order.objects.get(uid=UUID(parts[-1]))


def saga_of(order: Order) -> Saga:
    """Return the saga that decides the order's state."""
    return sagas_of_orders([order.number])[order.number].most_urgent


def wait_for_state(
    stack: LiveStack, order: Order, *states: State, seconds: float = 60.0
) -> Saga:
    """Wait until the order's saga is in one of ``states``; return it.

    A failure shows the saga's history.
    """

    def find() -> Saga | None:
        saga = saga_of(order)
        return saga if saga.state in states else None

    try:
        return wait_until(find, f"{order} is {' or '.join(states)}", seconds=seconds)
    except AssertionError as error:
        history = stack.manage("saga_show", order.number, check=False)
        message = f"{error}\n{history}"
        raise AssertionError(message) from None


def wait_until_done(
    stack: LiveStack, orders: list[Order], *, seconds: float = 60.0
) -> None:
    """Wait until all these orders are confirmed, without a person."""
    for order in orders:
        wait_for_state(stack, order, State.DONE, seconds=seconds)
        order.refresh_from_db()
        assert order.status == Order.Status.CONFIRMED
