"""Packers in Chromium: thirty orders with the keyboard alone, and two at one order."""

from collections.abc import Iterable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.models import Order, Parcel, Shipment
from tests.support.browser import OpenPage
from tests.support.staff import make_done, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = "/admin/backoffice/ordertoship/"
CODE = "#id_code"
# From the input of the scanner to the button: carrier, Enter, number of orders.
TABS_TO_THE_BATCH = 4


class Packer:
    """A packer who has a keyboard and a scanner, and counts what is pressed."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.keys: list[str] = []
        self.scans = 0
        page.goto(f"/admin/login/?next={DESK}")
        page.fill("#id_username", name)
        page.fill("#id_password", "open-sesame")
        page.press("#id_password", "Enter")
        expect(page.locator(CODE)).to_be_focused()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys.append(key)

    def scan(self, code: str) -> None:
        """Type a code as a scanner does, which ends it with Enter."""
        expect(self.page.locator(CODE)).to_be_focused()
        self.page.keyboard.insert_text(code)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.scans += 1

    def start_batch(self) -> list[str]:
        """Take the oldest ten. Return their numbers, as the pick list has them."""
        expect(self.page.locator(CODE)).to_be_focused()
        self.press(*["Tab"] * TABS_TO_THE_BATCH)
        with self.page.expect_navigation(url="**/pick/**"):
            self.press("Enter")
        sent = self.page.locator('input[name="order"]')
        numbers = sent.evaluate_all("all => all.map(one => one.value)")
        with self.page.expect_navigation(url="**/scan/**"):
            self.press("Enter")
        return [str(number) for number in numbers]


def waiting_orders(numbers: Iterable[str]) -> None:
    """Make paid orders that wait to be packed."""
    for number in numbers:
        order = make_done(number)
        Order.objects.filter(pk=order.pk).update(status="confirmed")
        Shipment.objects.create(order=order)


def test_thirty_orders_are_packed_in_batches_with_the_keyboard_alone(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    waiting_orders(f"261122-AAAA{number:02}" for number in range(30))
    make_staff("ship_order", name="yuki")
    packer = Packer(open_page(base_url=live_server.url), "yuki")

    for batch in range(3):
        numbers = packer.start_batch()
        assert len(numbers) == 10
        for position, number in enumerate(numbers):
            packer.scan(number)
            expect(packer.page.locator("#current")).to_have_text(number)
            packer.scan(f"4000{batch:04}{position:04}")
            expect(packer.page.locator(".messagelist .success")).to_contain_text(
                f"{number} is shipped"
            )

    assert Order.objects.filter(status="shipped").count() == 30
    assert Parcel.objects.count() == 30
    # The scanner sends two codes an order; a hand presses six keys for each ten.
    assert packer.scans == 60
    assert packer.keys == [*["Tab"] * TABS_TO_THE_BATCH, "Enter", "Enter"] * 3


@pytest.mark.parametrize(
    ("language", "width", "said"),
    [("en", 1280, "yuki has been packing it"), ("ja", 360, "yukiさんが")],
)
def test_of_two_packers_at_one_order_the_second_reads_who_has_it(
    live_server: LiveServer, open_page: OpenPage, language: str, width: int, said: str
) -> None:
    waiting_orders(["261122-AAAAAA"])
    packers = []
    for name in ("yuki", "ken"):
        make_staff("ship_order", name=name)
        page = open_page(base_url=live_server.url, width=width, language=language)
        packers.append(Packer(page, name))
    first, second = packers

    first.scan("261122-AAAAAA")
    second.scan("261122-AAAAAA")

    expect(second.page.locator(".messagelist .error")).to_contain_text(said)
    first.scan("400000000001")
    second.scan("400000000002")
    assert Parcel.objects.get().tracking_number == "400000000001"
    for packer in packers:
        size = packer.page.viewport_size
        assert size is not None
        wide = packer.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"]
