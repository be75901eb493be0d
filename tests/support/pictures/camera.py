"""Take photographs of pages, as WebP, in one look (a language and a width)."""

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError

from tests.browser.shopper import WIDE_ENOUGH
from tests.support.browser import HEIGHT, open_context

PAUSE = 200  # milliseconds, for what fades in, or leads elsewhere
QUALITY = 40  # of 100: letters stay sharp, and what is kept weighs some 6 MB
_SIZE = "() => document.documentElement.scrollHeight"
# Every picture in view is there, and every letter.
_LOADED = """() => document.fonts.status === "loaded"
    && [...document.images]
        .every(image => image.complete || !image.checkVisibility())"""


@dataclass(frozen=True)
class Look:
    """A language and a width (pixels) of the shop."""

    language: str
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{self.width}"


LOOKS = [Look("en", 1280), Look("en", 360), Look("ja", 1280), Look("ja", 360)]


@dataclass
class Camera:
    """Writes FOLDER/LOOK/NAME.webp; ``problems`` say what went wrong.

    ``names``: the pages to take; empty: all. ``taken``: those photographed so far.
    """

    folder: Path
    look: Look
    names: frozenset[str] = frozenset()
    problems: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def wants(self, *names: str) -> bool:
        """Return whether any of these pages is wanted; without ``names`` all are."""
        return not self.names or bool(self.names.intersection(names))

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return the wanted ``names`` that were not taken."""
        return [name for name in names if self.wants(name) and name not in self.taken]

    def path(self, name: str) -> Path:
        """Return the path of a page's photograph."""
        return self.folder / str(self.look) / f"{name}.webp"

    def take(self, page: Page, name: str) -> None:
        """Take a photograph of the whole page, if it is wanted."""
        if not self.wants(name):
            return
        page.wait_for_load_state()
        page.wait_for_timeout(PAUSE)
        # All of it in view: Chromium leaves frames blank that were never seen.
        page.set_viewport_size({"width": self.look.width, "height": HEIGHT})
        height = max(HEIGHT, int(page.evaluate(_SIZE)))
        page.set_viewport_size({"width": self.look.width, "height": height})
        page.wait_for_function(_LOADED)
        page.wait_for_timeout(PAUSE)
        if not page.evaluate(WIDE_ENOUGH):
            self.problems.append(f"{self.look} {name} scrolls sideways")
        self.write(page, self.path(name), height)
        self.taken.add(name)
        page.set_viewport_size({"width": self.look.width, "height": HEIGHT})

    def write(self, page: Page, path: Path, height: int) -> None:
        """Write the top ``height`` pixels of the page to ``path``."""
        clip = {"x": 0, "y": 0, "width": self.look.width, "height": height, "scale": 1}
        # Playwright's own screenshots are never WebP.
        session = page.context.new_cdp_session(page)
        options = {"format": "webp", "quality": QUALITY, "clip": clip}
        shot = session.send("Page.captureScreenshot", options)
        session.detach()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        """Record an error and go on with the other pages."""
        try:
            yield
        except (PlaywrightError, AssertionError) as error:
            self.problems.append(f"{self.look} {what}: {error}")

    @contextmanager
    def page(self, browser: Browser, address: str) -> Iterator[Page]:
        """Open a page of a new customer at ``address``."""
        context = open_context(
            browser,
            width=self.look.width,
            language=self.look.language,
            base_url=address,
        )
        # As if chosen: some pages otherwise keep to the language of the order.
        name, language = settings.LANGUAGE_COOKIE_NAME, self.look.language
        context.add_cookies([{"name": name, "value": language, "url": address}])
        yield context.new_page()
        context.close()
