"""Chromium for tests, driven by Playwright."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support import chromium

OpenPage = Callable[..., Page]

HEIGHT = 900
TIMEOUT = 30_000  # milliseconds; only a failing test waits so long


@contextmanager
def started_browser() -> Iterator[Browser]:
    """Run one Chromium. Tests open their own contexts in it."""
    # Playwright's synchronous calls run an event loop in this thread, so Django refuses
    # queries as unsafe in asynchronous code. The tests are synchronous.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            expect.set_options(timeout=TIMEOUT)
            browser = playwright.chromium.launch(
                executable_path=chromium.require(), args=[*chromium.ARGUMENTS]
            )
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


def open_context(
    browser: Browser,
    *,
    width: int = 1280,
    language: str = "en",
    javascript: bool = True,
    base_url: str | None = None,
) -> BrowserContext:
    """Open a context of a new customer: no cookies, this width, this language."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        locale={"en": "en-GB", "ja": "ja-JP"}[language],
        java_script_enabled=javascript,
        base_url=base_url,
    )
    context.set_default_timeout(TIMEOUT)
    return context


def barriers(page: Page) -> list[str]:
    """Return the violations that axe-core finds on the page, one line each.

    Frames belong to the payment provider and are left out.
    """
    found = Axe().run(page, options={"iframes": False, "resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
