"""Customers abroad, whose country's tax the shop collects, in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from checkout.shipping.models import DeliveryCountry, ShippingMethod, ShippingZone
from tests.browser.shopper import MUG, OpenShopper
from tests.support.browser import barriers
from tests.support.customer import wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox_control import captured
from tests.support.shipping import deliver_to

pytestmark = pytest.mark.browser

VISA = "4242424242424242"
TYPED = {
    "email": "eva@customer.example",
    "name": "Eva Weiss",
    "phone": "+49 30 1234567",
    "street": "Unter den Linden 5",
    "city": "Berlin",
    "postcode": "10117",
}


@pytest.fixture
def germany(shop: LiveStack) -> Iterator[None]:
    """The shop delivers to Germany while the test runs."""
    method = deliver_to("DE", 2000, tax=("VAT", 19, 7), name_ja="EMS")
    yield
    # Orders keep what they copied of the method, and carts of nobody may lose it.
    ShippingMethod.objects.filter(pk=method.pk).delete()
    DeliveryCountry.objects.all().delete()
    ShippingZone.objects.filter(name="Zone of DE").delete()


def enter_german_address(page: Page) -> None:
    for name, text in TYPED.items():
        page.fill(f"[name={name}]", text)


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ja", 320)])
def test_a_customer_abroad_buys_with_the_tax_of_the_country(
    shop: LiveStack,
    germany: None,
    open_shopper: OpenShopper,
    language: str,
    width: int,
) -> None:
    shopper = open_shopper(language=language, width=width)
    page = shopper.page
    shopper.fill_cart(MUG)
    shopper.press(".summary a.button.primary")
    page.select_option("[name=country]", "DE")
    expect(page.locator("[name=prefecture]")).to_have_count(0)
    expect(page.locator("#order-summary, .summary").first).to_contain_text("VAT")
    assert barriers(page) == []
    enter_german_address(page)
    page.locator("form.information button.primary").click()
    page.wait_for_url("**/checkout/confirmation/")
    expect(page.locator("dl.amounts").first).to_contain_text("19")
    shopper.look()
    shopper.pay(VISA)

    order = shopper.order()
    shopper.see_all_steps_done()
    wait_until_done(shop, [order])
    assert (order.country, order.tax_name) == ("DE", "VAT")
    assert captured(shop, order) == [order.total_minor]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_without_javascript_a_country_is_chosen_by_a_button(
    germany: None, open_shopper: OpenShopper, language: str
) -> None:
    shopper = open_shopper(javascript=False, width=320, language=language)
    page = shopper.page
    shopper.fill_cart(MUG)
    shopper.press(".summary a.button.primary")
    page.fill("[name=email]", TYPED["email"])
    page.select_option("[name=country]", "DE")
    shopper.press("[name=act][value=country]")
    expect(page.locator("[name=email]")).to_have_value(TYPED["email"])
    expect(page.locator("[name=prefecture]")).to_have_count(0)
    enter_german_address(page)
    shopper.press("form.information button.primary")
    page.wait_for_url("**/checkout/confirmation/")
    expect(page.locator("dl.amounts").first).to_contain_text("VAT")
