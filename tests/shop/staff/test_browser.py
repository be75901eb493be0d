"""Signing in with a real browser: a passkey, narrow and wide, in both languages."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from shop.staff.enrolment import give_code
from tests.shop.staff.door import (
    ASK,
    CODES,
    ENROL,
    LOGIN,
    OVERVIEW,
    PASSWORD,
    STALLED,
    give_app,
    give_codes,
    lasting_code,
)
from tests.support.browser import OpenPage, barriers
from tests.support.staff import make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A folder for pictures of every page on the way; empty: none are taken.
PICTURES = os.environ.get("SIGN_IN_PICTURES", "")
LOOKS = [("en", 1280), ("ja", 360)]
WATCH = """
window.complaints = [];
for (const kind of ["error", "securitypolicyviolation"])
  addEventListener(kind, (e) => complaints.push(e.message || e.violatedDirective));
"""
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def yuki() -> User:
    user: User = make_staff("view_stalledorder")
    return user


@pytest.fixture
def open_door(live_server: LiveServer, open_page: OpenPage) -> Callable[..., Page]:
    """Open a page of the shop by host name: passkeys do not work with IP addresses."""
    port = urlsplit(live_server.url).port

    def open_one(**options: object) -> Page:
        page = open_page(base_url=f"http://localhost:{port}", **options)
        page.add_init_script(WATCH)
        return page

    return open_one


def look(page: Page, name: str) -> None:
    """Check accessibility and width of the page; take a picture if one is wanted."""
    page.wait_for_load_state()
    size = page.viewport_size
    assert size is not None
    # Before axe comes: its own style sheet is refused as well.
    assert page.evaluate("window.complaints") == [], name
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= size["width"], f"{name} scrolls sideways: {wide}"
    assert barriers(page) == [], name
    if PICTURES:
        language = page.evaluate("document.documentElement.lang")
        path = Path(PICTURES) / f"{name}-{language}-{size['width']}.png"
        page.screenshot(path=path, full_page=True)


def arrive(page: Page, path: str) -> None:
    page.wait_for_url(lambda url: urlsplit(url).path == path)


def sign_in(page: Page, way: str = "/admin/") -> None:
    page.goto(f"{LOGIN}?next={way}")
    page.fill("#id_username", "yuki")
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")


def sign_out(page: Page) -> None:
    page.goto(OVERVIEW)
    page.locator("#logout-form button").click()
    page.wait_for_load_state()


def plug_in_a_key(page: Page) -> None:
    """Add a virtual authenticator to the browser, which always verifies the user."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


def add_passkey(page: Page) -> None:
    page.goto(f"{OVERVIEW}passkeys/add/")
    page.check("#id_passwordless")
    look(page, "add-passkey")
    page.locator("#add_passkey").click()
    arrive(page, CODES)
    look(page, "codes")


def enrol(page: Page, user: User) -> None:
    arrive(page, ENROL)
    look(page, "enrol")
    page.fill("#id_code", give_code(user, "admin"))
    page.locator("#content .submit-row input").click()
    arrive(page, OVERVIEW)


def test_a_passkey_is_a_second_factor_and_then_enough_alone(
    open_door: Callable[..., Page], yuki: User, settings: Settings
) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    page = open_door()
    plug_in_a_key(page)
    sign_in(page, STALLED)
    enrol(page, yuki)
    look(page, "set-up-first")
    add_passkey(page)
    page.locator("a.default").click()
    arrive(page, STALLED)

    sign_out(page)
    sign_in(page, STALLED)
    arrive(page, ASK)
    look(page, "use-passkey")
    page.locator("#use_passkey").click()
    arrive(page, STALLED)

    sign_out(page)
    page.goto(f"{LOGIN}?next={STALLED}")
    page.locator("#passkey_login").click()
    arrive(page, STALLED)

    page.goto(OVERVIEW)
    page.locator("#content li a").click()
    page.wait_for_load_state()
    look(page, "remove-passkey")
    page.locator(".submit-row input").click()
    arrive(page, OVERVIEW)
    page.goto("/admin/")
    arrive(page, OVERVIEW)


def test_where_passkeys_do_not_work_the_page_says_so(
    live_server: LiveServer, open_page: OpenPage, yuki: User
) -> None:
    page = open_page(base_url=live_server.url.replace("localhost", "127.0.0.1"))
    sign_in(page)
    page.goto(f"{OVERVIEW}passkeys/add/")

    page.locator("#add_passkey").click()

    expect(page.locator("#passkey-problem")).to_contain_text("localhost")
    expect(page.locator("#passkey-problem")).to_be_focused()


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_the_page_of_the_code_and_a_slowed_sign_in_are_accessible(
    open_door: Callable[..., Page],
    yuki: User,
    settings: Settings,
    language: str,
    width: int,
) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    page = open_door(language=language, width=width)
    sign_in(page)
    arrive(page, ENROL)
    page.fill("#id_code", "WRONG")
    page.press("#id_code", "Enter")
    page.wait_for_selector(".errorlist")
    look(page, "enrol-refused")
    page.goto(ENROL)
    enrol(page, yuki)

    page = open_door(language=language, width=width)
    for _time in range(6):
        page.goto(LOGIN)
        page.fill("#id_username", "miru")
        page.fill("#id_password", "a guess")
        page.press("#id_password", "Enter")
        page.wait_for_selector(".errornote:not([hidden])")
    slowed = page.locator(".errornote:not([hidden])")
    expect(slowed).to_contain_text(re.compile(r"\d+"))  # the seconds to wait
    look(page, "sign-in-slowed")


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_every_page_of_the_sign_in_is_accessible(
    open_door: Callable[..., Page], yuki: User, language: str, width: int
) -> None:
    page = open_door(language=language, width=width)
    page.goto(LOGIN)
    look(page, "sign-in")
    page.fill("#id_username", "yuki")
    page.fill("#id_password", "a guess")
    page.press("#id_password", "Enter")
    page.wait_for_selector(".errornote:not([hidden])")
    look(page, "sign-in-refused")
    sign_in(page)
    for name, path in (("overview", ""), ("set-up-app", "app/")):
        page.goto(f"{OVERVIEW}{path}")
        look(page, name)
    page.fill("#id_code", "000000")
    page.press("#id_code", "Enter")
    page.wait_for_selector(".errorlist")
    look(page, "set-up-app-refused")

    give_app(yuki)
    give_codes(yuki)
    for name, path in (
        ("overview-set-up", ""),
        ("codes", "codes/"),
        ("new-codes", "codes/new/"),
        ("remove-app", "app/remove/"),
    ):
        page.goto(f"{OVERVIEW}{path}")
        look(page, name)
    for name, path in (("again", "again/"), ("again-code", "second-factor/again/")):
        page.goto(f"{LOGIN}{path}")
        look(page, name)
    sign_out(page)
    sign_in(page)
    arrive(page, ASK)
    look(page, "ask")
    page.fill("#id_code", lasting_code())
    page.press("#id_code", "Enter")
    arrive(page, "/admin/")
