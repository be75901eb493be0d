"""How fast a phone shows each page: ``make lighthouse``; part of ``make bench``.

The whole shop runs as ``make up`` starts it. A headless Chromium with an empty cache
opens each page with a processor four times as slow as this one and a slow 4G network,
as Lighthouse does for a phone: 150 ms for each request and 1.6 Mbit/s. It says, by
page, when the largest content was painted (LCP), how many bytes came over the network
without pictures, and how many requests there were.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.report import Row, is_short, show

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.support.live import LiveStack

SLOWER = 4
LATENCY_MS = 150
BYTES_PER_SECOND = 1.6 * 1024 * 1024 / 8
WIDTH, HEIGHT = 412, 823  # of a usual phone
ROUNDS = 5
SHORT = ("home", "confirmation")  # the largest
LCP_BAR_MS = 1000
WEIGHT_BAR_KB = 60
PRODUCT = "/p/morning-show-mug/"
# The browser keeps what it painted; the last entry is the largest.
_WATCH = """
window.painted = 0;
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.painted = entry.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
"""


@dataclass
class Visit:
    """One page, opened once: bytes as they came over the network, by kind."""

    bytes_by_kind: dict[str, float] = field(default_factory=dict)
    requests: int = 0
    lcp_ms: float = 0.0

    @property
    def kilobytes(self) -> float:
        """Return what is not a picture, in thousands of bytes."""
        kinds = self.bytes_by_kind.items()
        return sum(size for kind, size in kinds if kind != "Image") / 1000


def measure() -> list[Row]:
    rows: list[Row] = []
    with _shop() as stack:
        from tests.support.browser import started_browser  # noqa: PLC0415

        pages = _pages(stack)
        if is_short():
            pages = {name: pages[name] for name in SHORT}
        with started_browser() as browser:
            for name, (path, cookies) in pages.items():
                visits = [
                    _visit(browser, stack.url, path, cookies)
                    for _round in range(1 if is_short() else ROUNDS)
                ]
                rows += _rows(name, visits)
    return rows


@contextmanager
def _shop() -> Iterator["LiveStack"]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("DATABASE_URL", None)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "DATA_DIR": folder,
            "ENV_FILE": os.devnull,
        }
        import django  # noqa: PLC0415 (the environment has to be set first)

        django.setup()
        # Reads the environment.
        from tests.support.live import live_stack  # noqa: PLC0415

        with live_stack(Path(folder)) as stack, stack.as_database():
            yield stack


def _pages(stack: "LiveStack") -> dict[str, tuple[str, dict[str, str]]]:
    """Return name -> path and the cookies of its visitor."""
    from shop.catalogue.models import Category, Variant  # noqa: PLC0415
    from tests.support.customer import Customer  # noqa: PLC0415

    slug = PRODUCT.strip("/").rpartition("/")[2]
    sku = Variant.objects.active().filter(product__slug=slug)[0].sku
    buyer, other = Customer(stack), Customer(stack)
    order = buyer.buy({sku: 1})
    other.fill_cart({sku: 1})
    other.go_to_confirmation()
    cookies = dict(other.session.cookies)
    category = Category.objects.order_by("position")[0].slug
    return {
        "home": ("/", {}),
        "category": (f"/c/{category}/", {}),
        "search": ("/search/?q=mug", {}),
        "product": (PRODUCT, {}),
        "cart": ("/cart/", cookies),
        "information": ("/checkout/information/", cookies),
        "confirmation": ("/checkout/confirmation/", cookies),
        "order": (f"/orders/{order.uid}/", {}),
    }


def _visit(browser: "Browser", url: str, path: str, cookies: dict[str, str]) -> Visit:
    """Open the page in a browser that has nothing kept."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=1.75,
        is_mobile=True,
        locale="en-GB",
    )
    context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
    )
    try:
        return _watched(context.new_page(), url + path)
    finally:
        context.close()


def _watched(page: "Page", address: str) -> Visit:
    tools = page.context.new_cdp_session(page)
    visit = Visit()
    kinds: dict[str, str] = {}

    def asked(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            kinds[event["requestId"]] = event.get("type", "Other")
            visit.requests += 1

    def came(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "Other")
        size = visit.bytes_by_kind.get(kind, 0.0) + event["encodedDataLength"]
        visit.bytes_by_kind[kind] = size

    tools.on("Network.requestWillBeSent", asked)
    tools.on("Network.loadingFinished", came)
    tools.send("Network.enable")
    tools.send("Network.setCacheDisabled", {"cacheDisabled": False})
    tools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_PER_SECOND,
            "uploadThroughput": BYTES_PER_SECOND / 2,
        },
    )
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(_WATCH)
    answer = page.goto(address, wait_until="load")
    if answer is None or not answer.ok or answer.url != address:
        message = f"{address} is not answered: {answer and answer.url}"
        raise RuntimeError(message)
    # A page with a stream never has a quiet network.
    page.wait_for_timeout(1500)
    visit.lcp_ms = page.evaluate("() => window.painted")
    return visit


def _rows(name: str, visits: list[Visit]) -> Iterator[Row]:
    lcp = median(visit.lcp_ms for visit in visits)
    weight = median(visit.kilobytes for visit in visits)
    yield Row(f"{name}: largest content", lcp, "ms", at_most=LCP_BAR_MS)
    yield Row(f"{name}: sent, no pictures", weight, "KB", at_most=WEIGHT_BAR_KB)
    yield Row(f"{name}: requests", median(visit.requests for visit in visits), "")


if __name__ == "__main__":
    show(measure())
