"""``python -m tests.browser.pictures [FOLDER]``: takes the pictures of the README.

Starts the real processes with their own data, buys in Chromium, lets the payment
provider err, and photographs what people see. Writes to docs/pictures.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from playwright.sync_api import Browser, Page, expect

# The models imported below need it; the developer's own database is left alone.
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.ground.settings"
os.environ.pop("DATABASE_URL", None)
django.setup()

from shop.local.demo.load import ADMIN_NAME, ADMIN_PASSWORD  # noqa: E402
from tests.browser.shopper import CARD_FRAME, Shopper  # noqa: E402
from tests.ground.browser import open_context, started_browser  # noqa: E402
from tests.ground.live import LiveStack, live_stack  # noqa: E402
from tests.journeys.sandbox import plan_fault  # noqa: E402

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
WIDTH = 1280
PHONE = 390
VISA = "4242424242424242"
GOODS = "location-lunch-tote"
CARD_LINE = "#payment-numberInput"


def take_all(stack: LiveStack, browser: Browser, folder: Path) -> None:
    picture_shop(stack, browser, folder / "shop.png")
    picture_confirmation(stack, browser, folder / "confirmation-phone.png")
    picture_order(stack, browser, folder / "order.png")
    picture_hold(stack, browser, folder / "order-on-hold.png")
    picture_staff(stack, browser, folder)


def picture_shop(stack: LiveStack, browser: Browser, path: Path) -> None:
    with page_of(stack, browser, language="ja") as page:
        page.goto("/")
        take(page, path, height=760)


def picture_confirmation(stack: LiveStack, browser: Browser, path: Path) -> None:
    with page_of(stack, browser, width=PHONE, language="ja") as page:
        go_to_confirmation(page)
        # All of it in view: Chromium leaves frames blank that were never seen.
        height = page.evaluate("() => document.documentElement.scrollHeight")
        page.set_viewport_size({"width": PHONE, "height": height})
        page.locator("[data-card-submit]").scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        page.screenshot(path=path)


def picture_order(stack: LiveStack, browser: Browser, path: Path) -> None:
    """A live page while the bank thinks about it."""
    plan_fault(stack, operation="confirm", kind="delay", seconds=3)
    with page_of(stack, browser) as page:
        buy(page)
        page.locator(".progress-step:nth-child(2).active").wait_for()
        take(page, path, height=760)
        page.locator("#live.done").wait_for()


def picture_hold(stack: LiveStack, browser: Browser, path: Path) -> None:
    """The provider charges, then answers that it refuses: a person is needed."""
    plan_fault(stack, operation="capture", kind="error_after", status=400)
    with page_of(stack, browser) as page:
        buy(page)
        page.locator("#live.on_hold").wait_for()
        take(page, path, height=760)


def picture_staff(stack: LiveStack, browser: Browser, folder: Path) -> None:
    """The order on hold as staff find it, and what resuming it would do."""
    with page_of(stack, browser) as page:
        page.goto("/admin/")
        page.fill("[name=username]", ADMIN_NAME)
        page.fill("[name=password]", ADMIN_PASSWORD)
        page.locator("#login-form [type=submit]").click()
        take(page, folder / "admin.png", height=520)
        page.locator("#content a[href*='/stalledorder/'][href$='/change/']").click()
        take(page, folder / "stalled-order.png", height=900)
        page.locator("#content a[href*='/resume/']").first.click()
        take(page, folder / "resume.png", height=600)


def go_to_confirmation(page: Page) -> None:
    """Fill cart and form; be on the confirmation with the card form loaded."""
    shopper = Shopper(page)
    shopper.fill_cart(GOODS)
    shopper.enter_information()
    expect(page.frame_locator(CARD_FRAME).locator(CARD_LINE)).to_be_visible()


def buy(page: Page) -> None:
    go_to_confirmation(page)
    shopper = Shopper(page)
    shopper.pay(VISA)
    shopper.order()


def take(page: Page, path: Path, *, height: int) -> None:
    """Photograph the top of the page, its pictures and letters loaded."""
    page.wait_for_load_state("load")
    page.evaluate("() => document.fonts.ready")
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": height}
    page.screenshot(path=path, clip=clip)  # type: ignore[arg-type]


@contextmanager
def page_of(
    stack: LiveStack, browser: Browser, *, width: int = WIDTH, language: str = "en"
) -> Iterator[Page]:
    context = open_context(browser, width=width, language=language, base_url=stack.url)
    yield context.new_page()
    context.close()


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    try:
        run(folder)
    finally:
        shutil.rmtree(os.environ["TODOKU_TESTS"])
    for path in sorted(folder.glob("*.png")):
        sys.stdout.write(f"{path}  {path.stat().st_size // 1024} KB\n")


def run(folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="todoku-pictures-") as data,
        # Patient again: a bank that takes its time is part of a picture.
        live_stack(Path(data), SAGA_LEASE="60") as stack,
        stack.as_database(),
        started_browser() as browser,
    ):
        take_all(stack, browser, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
