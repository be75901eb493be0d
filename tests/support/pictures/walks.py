"""Walk through the shop as a customer and as staff, and take photographs."""

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Page, expect

from orders.models import Order
from shop.customers import addresses
from shop.customers.registration import ensure
from shop.local.demo.load import ADMIN_NAME, ADMIN_PASSWORD
from shop.web.failure import server_error
from tests.browser.shopper import CARD_FRAME
from tests.shop.staff.door import CODES, OVERVIEW, code_now
from tests.support import accounts
from tests.support.pictures import pages
from tests.support.pictures.camera import Camera
from tests.support.pictures.pages import Shot
from tests.support.pictures.stage import Stage
from tests.support.shopping import RECIPIENT

GOODS = ("location-lunch-tote", "morning-show-mug", "cookie-tin")
CARD_LINE = "#payment-numberInput"
ROW = "#result_list tbody th a"
GROUPS = "/admin/backoffice/stalledorder/groups/"


def visit(camera: Camera, page: Page, stage: Stage, shots: list[Shot]) -> None:
    """Take all pages with an address."""
    for shot in shots:
        if shot.address is None or not camera.wants(shot.name):
            continue
        path, _hash, row = shot.address(stage).partition("#")
        with camera.trying(shot.name):
            page.goto(path)
            if row:
                page.locator(ROW).first.click()
            camera.take(page, shot.name)


def look_around(camera: Camera, page: Page, stage: Stage) -> None:
    """Take the pages of a visitor with an empty cart."""
    visit(camera, page, stage, pages.SHOP)
    failure = server_error(RequestFactory().get("/"))
    show(camera, page, "failed", failure.content.decode())
    show(camera, page, "closed", render_to_string("503.html"))


def show(camera: Camera, page: Page, name: str, html: str) -> None:
    """Take an error page."""
    page.route("**/unwell/", lambda route: route.fulfill(status=500, body=html))
    page.goto("/unwell/")
    camera.take(page, name)
    page.unroute("**/unwell/")


def look_at_account(camera: Camera, page: Page, stage: Stage) -> None:
    """Take the pages of a customer to whom the stage's orders belong."""
    hanako, _is_new = ensure(accounts.EMAIL)
    # The shop's processes do not know the quick hashes of tests.
    hasher = PBKDF2PasswordHasher()
    hanako.user.password = hasher.encode(accounts.PASSWORD, hasher.salt())
    hanako.user.save(update_fields=["password"])
    Order.objects.update(customer_id=hanako.pk)
    if not hanako.addresses.exists():
        addresses.add(hanako, RECIPIENT)
    page.goto(accounts.SIGN_IN)
    page.fill("#id_email", accounts.EMAIL)
    page.fill("#id_password", accounts.PASSWORD)
    page.locator("main form button.primary").click()
    page.locator(".account-nav").wait_for()
    visit(camera, page, stage, pages.ACCOUNT)


def buy(camera: Camera, page: Page) -> None:
    """Take the pages of a customer up to the confirmation."""
    fill_cart(page)
    page.goto("/cart/")
    camera.take(page, "cart")
    enter_code(page, "NOSUCH")
    camera.take(page, "cart-coupon-wrong")
    enter_code(page, "welcome10")
    camera.take(page, "cart-coupon")
    page.goto("/checkout/information/")
    fill_in(page)
    camera.take(page, "information")
    ask(camera, page)
    page.fill("[name=email]", "hanako@customer")
    page.fill("[name=phone]", "")
    page.locator("form.information button.primary").click()
    page.locator("[aria-invalid=true]").first.wait_for()
    camera.take(page, "information-wrong")
    fill_in(page)
    page.locator("form.information button.primary").click()
    card = page.frame_locator(CARD_FRAME)
    expect(card.locator(CARD_LINE)).to_be_visible()
    card.locator(CARD_LINE).fill("4242424242424242")
    camera.take(page, "confirmation")


def ask(camera: Camera, page: Page) -> None:
    """Take the page with a mistyped domain, another prefecture, and all wishes."""
    page.fill("[name=email]", "hanako@gmial.com")
    page.press("[name=email]", "Tab")
    page.locator("#suggestion button").wait_for()
    page.select_option("[name=prefecture]", "osaka")
    page.locator("[value=fill_in]").click()
    page.locator("#filled button").wait_for()
    page.locator(".wishes summary").click()
    page.check("[name=gift][value=plain]")
    page.check("[name=has_billing]")
    camera.take(page, "information-asks")
    page.uncheck("[name=has_billing]")


def enter_code(page: Page, code: str) -> None:
    page.fill(".coupon [name=code]", code)
    page.locator(".coupon-form button").click()
    page.wait_for_load_state()


def come_too_late(camera: Camera, page: Page) -> None:
    """Take the pages of a customer who finds the checkout paused."""
    fill_cart(page)
    page.goto("/checkout/information/")
    fill_in(page)
    page.locator("form.information .button-row button").click()
    page.locator("#paused").wait_for()
    camera.take(page, "confirmation-paused")


def fill_cart(page: Page) -> None:
    for slug in GOODS:
        page.goto(f"/p/{slug}/")
        with page.expect_response("**/cart/add/"):
            page.locator(".add-to-cart button.primary").click()


def fill_in(page: Page) -> None:
    for name, value in RECIPIENT.items():
        if name == "prefecture":
            page.select_option("[name=prefecture]", value)
        elif name == "delivery":
            page.check(f"[name=delivery][value={value}]")
        else:
            page.fill(f"[name={name}]", value)


def sign_in(page: Page) -> None:
    page.fill("[name=username]", ADMIN_NAME)
    page.fill("[name=password]", ADMIN_PASSWORD)
    page.locator("#login-form [type=submit]").click()
    page.locator("#user-tools").wait_for(state="attached")


def keep_shop(camera: Camera, page: Page, stage: Stage) -> None:
    """Take the pages of staff, without changes."""
    page.goto("/admin/")
    camera.take(page, "staff-login")
    sign_in(page)
    visit(camera, page, stage, pages.STAFF)
    ask_about_group(camera, page)
    visit(camera, page, stage, pages.SHOPKEEPING)
    ask_about_refund(camera, page, stage)


def set_up_factor(camera: Camera, page: Page, stage: Stage) -> None:
    """Take the set-up of an app up to the recovery codes, then remove it."""
    page.goto("/admin/")
    sign_in(page)
    visit(camera, page, stage, pages.FACTOR)
    page.goto(f"{OVERVIEW}app/")
    page.fill("#id_code", code_now(page.locator(".secret").inner_text()))
    page.press("#id_code", "Enter")
    page.wait_for_url(f"**{CODES}")
    camera.take(page, "staff-factor-codes")
    Authenticator.objects.all().delete()


def ask_about_group(camera: Camera, page: Page) -> None:
    page.goto(GROUPS)
    page.locator("#content a[href*='/groups/']").first.click()
    page.locator("#id_reason").wait_for()
    camera.take(page, "staff-group")


def ask_about_refund(camera: Camera, page: Page, stage: Stage) -> None:
    page.goto(stage.admin_page("to_refund", "refund/?everything"))
    page.fill("#id_reason", "broken handle")
    page.locator(".submit-row input.default").click()
    page.locator("#typed").wait_for()
    camera.take(page, "staff-refund-confirm")


def recover(camera: Camera, page: Page, known: str) -> str:
    """Open a failure group that is being resumed. Return its address."""
    page.goto("/admin/")
    sign_in(page)
    if known:
        page.goto(known)
    else:
        page.goto(GROUPS)
        page.locator("#content a[href*='/groups/']").first.click()
        page.fill("#id_reason", "the mail server is back")
        page.locator(".submit-row input.default").click()
        page.wait_for_url("**/bulk-resumes/**")
    camera.take(page, "staff-run")
    return page.url
