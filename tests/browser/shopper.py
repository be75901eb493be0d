"""A customer with a browser, who checks every page."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from playwright.sync_api import ConsoleMessage, Page, expect

from orders.models import Order
from tests.support.browser import barriers
from tests.support.shopping import RECIPIENT

MUG = "morning-show-mug"
CARD_FRAME = "iframe[data-testid=payment-element-frame]"
CHALLENGE_FRAME = "iframe[data-testid=challenge-frame]"
UID = re.compile(r"[0-9a-f-]{36}")
ORDER_PAGE = re.compile(r"/orders/([0-9a-f-]{36})/")
WIDE_ENOUGH = "() => document.documentElement.scrollWidth <= window.innerWidth"

# Pages that axe-core has checked: it takes a second, and the result is the same.
_checked: set[tuple[str, str, int]] = set()


@dataclass
class Shopper:
    """One page; errors of scripts, console and security policy are collected."""

    page: Page
    javascript: bool = True
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._collect)

    def look(self) -> None:
        """Check the current page: no errors, accessible, no wider than the window."""
        assert self.problems == [], f"{self.page.url}: {self.problems}"
        # A click may lead to the next page, which has no body yet.
        self.page.wait_for_load_state()
        self.page.wait_for_function("() => document.body !== null")
        assert self.page.evaluate(WIDE_ENOUGH), f"{self.page.url} scrolls sideways"
        assert self.page.locator("h1:visible").count() == 1, self.page.url
        # Without JavaScript axe-core waits for ever.
        if self.javascript and self._is_new():
            assert barriers(self.page) == [], self.page.url

    def visit(self, path: str) -> None:
        self.page.goto(path)
        self.look()

    def press(self, what: str) -> None:
        """Press the element of the CSS selector ``what``, and check the next page."""
        self.page.locator(what).click()
        self.look()

    def fill_cart(self, product: str) -> None:
        """Put one unit of a product into the cart, on its page."""
        self.visit(f"/p/{product}/")
        with self.page.expect_response("**/cart/add/"):
            self.press(".add-to-cart button.primary")
        self.page.goto("/cart/")
        expect(self.page.locator("li.line")).to_have_count(1)
        self.look()

    def enter_information(self) -> None:
        self.press(".summary a.button.primary")
        for name, value in RECIPIENT.items():
            if name == "prefecture":
                self.page.select_option("[name=prefecture]", value)
            elif name == "delivery":
                self.page.check(f"[name=delivery][value={value}]")
            else:
                self.page.fill(f"[name={name}]", value)
        self.look()
        self.page.locator("form.information button.primary").click()
        self.page.wait_for_url("**/checkout/confirmation/")
        self.look()

    def pay(self, number: str) -> None:
        """Type a card, check the page, and pay."""
        self.fill_in(number)
        self.look()
        self._submit()

    def type_card(self, number: str) -> None:
        """Type a card into the provider's form, and pay."""
        self.fill_in(number)
        self._submit()

    def choose_wallet(self) -> None:
        """Pay with the wallet that this browser has."""
        card = self.page.frame_locator(CARD_FRAME)
        card.locator("#payment-type-wallet").check()
        self._submit()

    def order(self) -> Order:
        """Wait for an order's page. Return its order."""
        self.page.wait_for_url(ORDER_PAGE)
        found = ORDER_PAGE.search(self.page.url)
        assert found is not None
        return Order.objects.get(uid=UUID(found[1]))

    def see_all_steps_done(self) -> None:
        expect(self.page.locator(".progress-step.done")).to_have_count(3)
        expect(self.page.locator("#live.done")).to_be_visible()
        self.look()

    def _is_new(self) -> bool:
        """Return whether this page, heading and width was not checked before."""
        place = self.page.url.partition("?")[0]
        place = UID.sub("", place)
        heading = self.page.locator("h1:visible").inner_text()
        width = self.page.evaluate("window.innerWidth")
        if (place, heading, width) in _checked:
            return False
        _checked.add((place, heading, width))
        return True

    def fill_in(self, number: str) -> None:
        """Type a card into the provider's form."""
        card = self.page.frame_locator(CARD_FRAME)
        card.locator("#payment-numberInput").fill(number)
        card.locator("#payment-expiryInput").press_sequentially("1234")
        is_amex = number.startswith(("34", "37"))
        card.locator("#payment-cvcInput").fill("1234" if is_amex else "123")

    def _submit(self) -> None:
        self.page.locator("[data-card-submit]").click()

    def _collect(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text}")


OpenShopper = Callable[..., Shopper]
