"""The browser's part, in Chromium: card form, token, challenge, the desk.

The page around it is of another origin and has a policy as strict as a shop's.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe
from playwright.sync_api import FrameLocator, Page, expect

from tests.sandboxes.stripe import making
from tests.support.browser import OpenPage
from tests.support.sandbox import SandboxProcess

pytestmark = pytest.mark.browser
Client = stripe.StripeClient
HTML = """<!doctype html><html lang="en"><head><title>Shop</title>
<script src="{origin}/v3/"></script></head><body>
<div id="element"></div><button id="pay">Pay</button><pre id="out"></pre>
<script src="/shop.js"></script></body></html>"""
SCRIPT = """
const asked = new URLSearchParams(location.search);
const stripe = Stripe("pk_test_sandbox");
const elements = stripe.elements({ mode: "payment", amount: 3200, currency: "jpy",
  captureMethod: asked.get("capture") || "manual",
  locale: asked.get("locale") || "en" });
const element = elements.create("payment", { layout: "tabs" });
element.on("ready", () => (document.body.dataset.ready = "yes"));
element.on("change", (e) => (document.body.dataset.complete = e.complete));
element.mount("#element");
const show = (value) =>
  (document.getElementById("out").textContent = JSON.stringify(value));
window.act = (secret) => {
  stripe.handleNextAction({ clientSecret: secret }).then(show);
};
document.getElementById("pay").addEventListener("click", async () => {
  const { error } = await elements.submit();
  if (error) return show({ error });
  show(await stripe.createConfirmationToken({ elements, params: {
    return_url: location.origin + "/back",
    payment_method_data: { billing_details: { name: "Hanako Sato" } } } }));
});
"""


@pytest.fixture(scope="module")
def shop_url(sandbox_process: SandboxProcess) -> Iterator[str]:
    origin = sandbox_process.url
    policy = (
        f"default-src 'none'; style-src 'self'; script-src 'self' {origin}; "
        f"frame-src {origin}; connect-src 'self' {origin}"
    )

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path == "/shop.js"
            body = (SCRIPT if script else HTML.replace("{origin}", origin)).encode()
            kind = "text/javascript" if script else "text/html"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


class Shopper:
    """A customer on the shop's payment page."""

    def __init__(self, page: Page, url: str, query: str = "") -> None:
        self.page = page
        self.troubles: list[str] = []
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.goto(f"{url}/?{query}")
        expect(page.locator("body[data-ready=yes]")).to_be_attached()

    @property
    def form(self) -> FrameLocator:
        return self.page.frame_locator("[data-testid=payment-element-frame]")

    @property
    def bank(self) -> FrameLocator:
        return self.page.frame_locator("[data-testid=challenge-frame]")

    def fill(self, number: str, expiry: str = "1240", cvc: str = "123") -> None:
        for name, text in (("number", number), ("expiry", expiry), ("cvc", cvc)):
            field = self.form.locator(f"#payment-{name}Input")
            field.clear()
            field.press_sequentially(text)

    def pay(self) -> Any:
        self.page.click("#pay")
        return self.shown()

    def shown(self) -> Any:
        out = self.page.locator("#out")
        expect(out).not_to_be_empty()
        text = out.inner_text()
        self.page.evaluate("() => { document.getElementById('out').textContent = '' }")
        return json.loads(text)


@pytest.fixture
def shopper(open_page: OpenPage, shop_url: str, sandbox: SandboxProcess) -> Shopper:
    return Shopper(open_page(), shop_url)


def test_a_filled_form_becomes_a_token_the_server_can_confirm(
    shopper: Shopper, client: Client
) -> None:
    shopper.fill("4242424242424242")
    expect(shopper.form.locator("#payment-numberInput")).to_have_value(
        "4242 4242 4242 4242"
    )
    expect(shopper.form.locator("#payment-expiryInput")).to_have_value("12 / 40")
    expect(shopper.page.locator("body[data-complete=true]")).to_be_attached()
    token = shopper.pay()["confirmationToken"]
    preview = token["payment_method_preview"]
    assert preview["card"]["last4"] == "4242"
    assert preview["billing_details"]["name"] == "Hanako Sato"
    held = client.v1.payment_intents.confirm(
        making.intent(client).id, {"confirmation_token": token["id"]}
    )
    assert held.status == "requires_capture"
    assert shopper.troubles == []


def test_the_cards_number_stays_inside_the_frame(shopper: Shopper) -> None:
    shopper.fill("4242424242424242")
    shopper.pay()
    page = shopper.page.content()
    assert "4242424242424242" not in page.replace(" ", "")
    assert shopper.page.locator("#element input").count() == 0


@pytest.mark.parametrize(
    ("locale", "message"),
    [
        ("en", "Your card number is incomplete."),
        ("ja", "カード番号が最後まで入力されていません。"),
    ],
)
def test_an_empty_form_is_explained_in_the_customers_language(
    open_page: OpenPage,
    shop_url: str,
    sandbox: SandboxProcess,
    locale: str,
    message: str,
) -> None:
    shopper = Shopper(open_page(), shop_url, f"locale={locale}")
    error = shopper.pay()["error"]
    assert (error["type"], error["code"], error["message"]) == (
        "validation_error",
        "incomplete_number",
        message,
    )
    expect(shopper.form.locator("#number-error")).to_have_text(message)
    number = shopper.form.locator("#payment-numberInput")
    expect(number).to_be_focused()
    expect(number).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(
    ("number", "expiry", "cvc", "field"),
    [
        ("4242424242424241", "1240", "123", "number"),
        ("4242424242424242", "1340", "123", "expiry"),
        ("4242424242424242", "1220", "123", "expiry"),
        ("4242424242424242", "1240", "12", "cvc"),
        ("378282246310005", "1240", "123", "cvc"),
    ],
)
def test_a_mistake_is_shown_at_its_field(
    shopper: Shopper, number: str, expiry: str, cvc: str, field: str
) -> None:
    shopper.fill(number, expiry, cvc)
    assert "error" in shopper.pay()
    expect(shopper.form.locator(f"#{field}-error")).not_to_be_empty()


def test_the_form_can_be_filled_by_the_browser(shopper: Shopper) -> None:
    names = {
        field: shopper.form.locator(f"#payment-{field}Input").get_attribute(
            "autocomplete"
        )
        for field in ("number", "expiry", "cvc")
    }
    assert names == {"number": "cc-number", "expiry": "cc-exp", "cvc": "cc-csc"}
    expect(shopper.form.get_by_label("Card number")).to_be_visible()


@pytest.mark.parametrize(
    ("button", "status"),
    [
        ("#challenge-complete", "requires_capture"),
        ("#challenge-fail", "requires_payment_method"),
    ],
)
def test_the_challenge_opens_over_the_page_and_reports_back(
    shopper: Shopper, client: Client, button: str, status: str
) -> None:
    shopper.fill("4000002500003155")
    token = shopper.pay()["confirmationToken"]["id"]
    asked = client.v1.payment_intents.confirm(
        making.intent(client).id, {"confirmation_token": token}
    )
    shopper.page.evaluate("(secret) => window.act(secret)", asked.client_secret)
    shopper.bank.locator(button).click()
    result = shopper.shown()
    expect(shopper.page.locator("[data-testid=challenge-frame]")).to_have_count(0)
    intent = result.get("paymentIntent") or result["error"]["payment_intent"]
    assert intent["status"] == status
    assert ("error" in result) == (status == "requires_payment_method")
    assert client.v1.payment_intents.retrieve(asked.id).status == status
    assert shopper.troubles == []


def test_konbini_is_offered_for_yen_without_manual_capture(
    open_page: OpenPage, shop_url: str, sandbox: SandboxProcess, client: Client
) -> None:
    shopper = Shopper(open_page(), shop_url, "capture=automatic")
    shopper.form.locator("#payment-type-konbini").check()
    shopper.form.locator("#payment-nameInput").fill("Hanako Sato")
    shopper.form.locator("#payment-emailInput").fill("hanako@example.com")
    token = shopper.pay()["confirmationToken"]["id"]
    waiting = client.v1.payment_intents.confirm(
        making.intent(client, capture_method="automatic").id,
        {"confirmation_token": token},
    )
    shopper.page.evaluate("(secret) => window.act(secret)", waiting.client_secret)
    expect(shopper.bank.get_by_text("lawson")).to_be_visible()
    shopper.bank.locator("#voucher-close").click()
    assert shopper.shown()["paymentIntent"]["status"] == "requires_action"


@pytest.mark.parametrize("wallet", ["google_pay", "apple_pay"])
def test_a_wallet_of_this_browser_pays_as_a_card(
    open_page: OpenPage,
    shop_url: str,
    sandbox: SandboxProcess,
    client: Client,
    wallet: str,
) -> None:
    page = open_page()
    page.goto(sandbox.url)
    page.select_option("#wallet", wallet)
    shopper = Shopper(page, shop_url)
    expect(shopper.form.locator("#payment-type-konbini")).to_be_hidden()
    shopper.form.locator("#payment-type-wallet").check()
    expect(shopper.form.locator("#payment-numberInput")).to_be_hidden()
    expect(page.locator("body[data-complete=true]")).to_be_attached()
    token = shopper.pay()["confirmationToken"]["id"]
    paid = client.v1.payment_intents.confirm(
        making.intent(client).id,
        {"confirmation_token": token, "expand": ["latest_charge"]},
    )
    assert paid.status == "requires_capture"
    charge: Any = paid.latest_charge
    card = charge.payment_method_details.card
    assert (card.brand, card.last4, card.wallet.type) == ("visa", "4242", wallet)
    assert shopper.troubles == []


def test_the_desk_shows_what_happened_and_arms_faults(
    open_page: OpenPage, sandbox: SandboxProcess, client: Client
) -> None:
    paid = making.captured(client, metadata={"order": "<b>A1</b>"})
    asked = making.confirmed(client, "pm_card_authenticationRequired")
    page = open_page(javascript=False)
    page.goto(sandbox.url)
    expect(page.locator("tr", has_text=paid.id).first).to_contain_text("succeeded")
    expect(page.get_by_text("order=<b>A1</b>")).to_be_visible()
    expect(page.get_by_text("payment_intent.succeeded").first).to_be_visible()
    row = page.locator("tr", has_text=asked.id).first
    row.get_by_role("button", name="pass").click()
    assert client.v1.payment_intents.retrieve(asked.id).status == "requires_capture"
    page.get_by_label("Kind").select_option("cut_after")
    page.get_by_label("Operation").select_option("capture")
    page.locator("#arm").click()
    [rule] = sandbox.control("GET", "faults")["faults"]
    assert (rule["kind"], rule["operation"]) == ("cut_after", "capture")
    page.get_by_role("button", name="Disarm all").click()
    assert sandbox.control("GET", "faults")["faults"] == []
