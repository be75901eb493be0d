"""An account in a real browser: signing up, a passkey, and no page of staff."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.shop.staff.test_browser import KEY, WATCH, look
from tests.support.accounts import CODE, EMAIL, HOME, SIGN_IN, SIGN_UP, last_code
from tests.support.browser import OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ja", 360)])
def test_a_customer_signs_up_and_comes_back_with_a_passkey(
    live_server: LiveServer, open_page: OpenPage, language: str, width: int
) -> None:
    port = urlsplit(live_server.url).port
    # By host name: passkeys do not work with IP addresses.
    page = open_page(
        base_url=f"http://localhost:{port}", language=language, width=width
    )
    page.add_init_script(WATCH)
    sign_up(page)
    add_passkey(page)
    for name in ("addresses", "addresses/new", "password", "email", "delete"):
        page.goto(f"{HOME}{name}/")
        look(page, name)
    page.locator(".account-nav form button").click()
    page.goto(HOME)
    expect(page).to_have_url(f"http://localhost:{port}{SIGN_IN}?next=%2Faccount%2F")
    look(page, "sign-in")

    page.locator("#passkey_login").click()

    expect(page.locator(".account-nav")).to_be_visible()
    page.goto("/admin/login/")
    with page.expect_navigation():
        page.locator("#passkey_login").click()
    page.goto("/admin/")
    assert "/admin/login/" in page.url


def sign_up(page: Page) -> None:
    page.goto(SIGN_UP)
    look(page, "sign-up")
    page.locator("#id_email").fill(EMAIL)
    page.locator("main form button.primary").click()
    page.wait_for_url(f"**{CODE}")
    look(page, "code")
    page.locator("#id_code").fill(last_code())
    page.locator("main form button.primary").click()
    page.wait_for_url(f"**{HOME}")
    look(page, "my-page")


def add_passkey(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    page.goto(f"{HOME}passkeys/")
    look(page, "passkeys")
    page.locator("#add_passkey").click()
    expect(page.locator(".my-passkeys li")).to_have_count(1)
