"""All pages to photograph, in the order of the index."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.shop.staff.door import OVERVIEW
from tests.support.pictures.stage import Stage

Address = Callable[[Stage], str]


@dataclass(frozen=True)
class Shot:
    """One picture. ``address`` is None if a walk leads to the page."""

    name: str
    title: str
    address: Address | None = None


def at(path: str) -> Address:
    return lambda _stage: path


def order(seen: str) -> Address:
    return lambda stage: stage.order_page(seen)


def stalled(seen: str, tail: str = "change/") -> Address:
    return lambda stage: stage.staff_page(seen, tail)


def admin_order(seen: str, tail: str = "change/") -> Address:
    return lambda stage: stage.admin_page(seen, tail)


def desk(seen: str, tail: str = "change/") -> Address:
    return lambda stage: stage.desk_page(seen, tail)


def returned(seen: str, tail: str = "change/") -> Address:
    return lambda stage: stage.return_page(seen, tail)


def first_in(table: str) -> Address:
    """The page of the first row."""
    return at(f"{table}#first")


# A visitor walks these without anything in the cart.
SHOP = [
    Shot("home", "Home", at("/")),
    Shot("goods", "All items", at("/goods/")),
    Shot("legal", "The legal notice", at("/pages/legal/")),
    Shot("shipping", "Shipping fees and times", at("/pages/shipping/")),
    Shot("category", "A category", at("/c/kitchen/")),
    Shot("search", "Search", at("/search/?q=mug")),
    Shot("search-empty", "A search that finds nothing", at("/search/?q=spaceship")),
    Shot("product", "A product", at("/p/mascot-t-shirt/")),
    Shot("product-options", "A product of two options", at("/p/kitchen-apron/")),
    Shot(
        "product-sold-out",
        "A product that is sold out",
        at("/p/sea-roar-diner-soundtrack/"),
    ),
    Shot("product-sale", "A product in a sale", at("/p/prop-pouch/")),
    Shot("cart-empty", "The empty cart", at("/cart/")),
    Shot("sign-in", "Sign in", at("/account/sign-in/")),
    Shot("sign-up", "Create an account", at("/account/sign-up/")),
    Shot("look-up", "Find an order by its number", at("/account/look-up/")),
    Shot("contact", "Contact us", at("/contact/")),
    Shot("not-found", "404", at("/nowhere/")),
    Shot("failed", "500, a fault of ours"),
    Shot("closed", "503, closed for a moment"),
]
# A customer with an account and all orders of the stage.
ACCOUNT = [
    Shot("my-page", "My page: orders", at("/account/")),
    Shot("my-addresses", "My page: addresses", at("/account/addresses/")),
    Shot("my-password", "My page: password", at("/account/password/")),
    Shot("my-passkeys", "My page: passkeys", at("/account/passkeys/")),
    Shot("my-data", "My page: data and deletion", at("/account/delete/")),
]
# A customer walks these, from the goods to the button with the amount.
BUYING = [
    Shot("cart", "The cart"),
    Shot("cart-coupon-wrong", "A coupon code that there is not"),
    Shot("cart-coupon", "A coupon in the cart"),
    Shot("information-wrong", "The information entry, with something missing"),
    Shot("information", "The information entry"),
    Shot("information-asks", "The information entry, with suggestions and wishes"),
    Shot("confirmation", "The confirmation"),
]
# Taken while an announcement is shown.
ANNOUNCED = [
    Shot("home-banner", "A banner of the staff's", at("/")),
    Shot("confirmation-paused", "The confirmation while checkout is paused"),
]
ORDERS = [
    Shot("order-done", "An order: complete", order("done")),
    Shot("order-shipped", "Shipped", order("shipped")),
    Shot("order-refunded", "Refunded in part", order("refunded")),
    Shot("order-accepted", "Accepted, charged at shipment", order("accepted")),
    Shot("order-needs-card", "The card was declined", order("needs_card")),
    Shot("order-needs-challenge", "The bank asks", order("needs_challenge")),
    Shot("order-needs-voucher", "To be paid at a store", order("needs_voucher")),
    Shot("order-needs-page", "To be paid at the provider", order("needs_page")),
    Shot("order-on-hold", "On hold: staff are needed", order("on_hold")),
    Shot("order-cancelled", "Cancelled", order("cancelled")),
    Shot(
        "order-cancel",
        "Asking to cancel",
        lambda stage: f"{stage.order_page('done')}cancel/",
    ),
    Shot(
        "order-return",
        "Asking to return items",
        lambda stage: f"{stage.order_page('shipped')}returns/",
    ),
    Shot("order-returned", "A return was asked for", order("returned")),
    Shot(
        "order-lacks-goods",
        "Report missing items: the customer chooses",
        lambda stage: stage.choice_page("asked"),
    ),
]
# Taken last, after workers and sweeper have stopped.
MOMENTS = [
    Shot("order-working", "Being processed", order("working")),
    Shot("order-retrying", "Taking a little longer", order("retrying")),
    Shot("order-waiting-for-bank", "The bank is away", order("waiting_for_bank")),
    Shot("order-checking-bank", "An unknown answer", order("checking_bank")),
]
BULK_RESUME = [
    Shot("staff-group", "A group: what resuming it will do"),
    Shot("staff-run", "A group on its way"),
]
# A member of staff sets up a second factor and sees the codes.
FACTOR = [
    Shot("staff-factor", "What there is", at(OVERVIEW)),
    Shot("staff-factor-app", "An authenticator app", at(f"{OVERVIEW}app/")),
    Shot("staff-factor-passkey", "A passkey", at(f"{OVERVIEW}passkeys/add/")),
    Shot("staff-factor-codes", "Recovery codes"),
]
_STALLED = "/admin/backoffice/stalledorder/"
STAFF = [
    Shot("staff-login", "Sign-in"),
    Shot("staff-landing", "First page: what needs attention", at("/admin/")),
    Shot("staff-search", "What the search found", at("/admin/search/?q=Emma")),
    Shot("staff-stalled", "Stalled orders", at(_STALLED)),
    Shot("staff-all-orders", "All orders by their saga", at(f"{_STALLED}?state=all")),
    Shot("staff-order", "An order that stopped", stalled("on_hold")),
    Shot("staff-order-short", "Paid, and the goods are missing", stalled("short")),
    Shot("staff-order-waiting", "An order that waits", stalled("needs_card")),
    Shot("staff-order-done", "An order that went through", stalled("done")),
    Shot(
        "staff-resume",
        "Before resuming",
        lambda stage: f"{_STALLED}resume/?order={stage.orders['on_hold'].pk}",
    ),
    Shot(
        "staff-resume-several",
        "Before resuming several",
        lambda stage: (
            f"{_STALLED}resume/?order={stage.orders['on_hold'].pk}"
            f"&order={stage.orders['short'].pk}"
        ),
    ),
    Shot("staff-edit", "Before changing an input", stalled("unmailed", "do/edit/")),
    Shot("staff-mark", "Before marking as done", stalled("on_hold", "do/mark/")),
    Shot("staff-skip", "Before skipping", stalled("unmailed", "do/skip/")),
    Shot("staff-cancel", "Before cancelling", stalled("needs_card", "do/cancel/")),
    Shot("staff-resend", "Before sending a mail again", stalled("done", "do/resend/")),
    Shot("staff-groups", "Stalled orders by cause", at(f"{_STALLED}groups/")),
]
SHOPKEEPING = [
    Shot("staff-clients", "Who tried cards", at("/admin/checkout/client/")),
    Shot("staff-orders", "Orders", at("/admin/orders/order/")),
    Shot("staff-order-record", "The whole order", admin_order("refunded")),
    Shot("staff-to-ship", "To ship", at("/admin/backoffice/ordertoship/")),
    Shot(
        "staff-pick-ups",
        "Pick-ups to prepare",
        at("/admin/backoffice/ordertoship/?state=pickup"),
    ),
    Shot("staff-scan", "The scanner", at("/admin/backoffice/ordertoship/scan/")),
    Shot(
        "staff-pick-list",
        "The pick list",
        lambda stage: (
            f"/admin/backoffice/ordertoship/pick/?order={stage.orders['done'].number}"
        ),
    ),
    Shot(
        "staff-tracking",
        "Importing tracking numbers",
        at("/admin/backoffice/ordertoship/tracking/"),
    ),
    Shot("staff-release", "Before releasing", admin_order("accepted", "release/")),
    Shot("staff-ship", "Marking as shipped", admin_order("done", "ship/")),
    Shot("staff-recipient", "A new recipient", admin_order("done", "recipient/")),
    Shot("staff-missing", "Report missing items", admin_order("done", "missing/")),
    Shot("staff-cancel-paid", "Before cancelling", admin_order("done", "cancel/")),
    Shot(
        "staff-cancellations",
        "Cancellations",
        at("/admin/orders/cancellation/?status=all"),
    ),
    Shot("staff-returns", "Returns", at("/admin/orders/return/?status=all")),
    Shot("staff-return", "A return to decide on", returned("asked")),
    Shot("staff-return-new", "Registering one", admin_order("shipped", "return/")),
    Shot("staff-return-approve", "Approving it", returned("asked", "do/approve/")),
    Shot("staff-return-arrived", "What arrived", returned("approved", "do/arrived/")),
    Shot("staff-shortages", "The shortage desk", at("/admin/orders/shortage/")),
    Shot("staff-shortage", "What to do about missing goods", desk("asked")),
    Shot(
        "staff-shortage-part",
        "Before sending the rest",
        desk("asked", "decide/part/"),
    ),
    Shot(
        "staff-shortage-instead",
        "Before sending another article",
        desk("asked", "decide/substitute/"),
    ),
    Shot("staff-refund", "Refund: what for", admin_order("to_refund", "refund/")),
    Shot("staff-refund-confirm", "Refund: the amount typed"),
    Shot("staff-refunds", "Refunds", at("/admin/orders/refund/")),
    Shot("staff-disputes", "Disputes", at("/admin/orders/dispute/")),
    Shot("staff-dispute", "A dispute", first_in("/admin/orders/dispute/")),
    Shot("staff-mismatches", "Reconciliation", at("/admin/checkout/mismatch/")),
    Shot("staff-mismatch", "A mismatch", first_in("/admin/checkout/mismatch/")),
    Shot(
        "staff-reconciliations",
        "Reconciliations made",
        at("/admin/checkout/reconciliationrun/"),
    ),
    Shot("staff-stock", "Stock", at("/admin/inventory/stockitem/")),
    Shot("staff-stock-item", "One article", first_in("/admin/inventory/stockitem/")),
    Shot(
        "staff-stock-receive",
        "Receiving goods",
        at("/admin/inventory/stockitem/receive/"),
    ),
    Shot("staff-movements", "The ledger", at("/admin/inventory/movement/")),
    Shot("staff-holds", "Holds", at("/admin/inventory/hold/")),
    Shot("staff-products", "Products", at("/admin/catalogue/product/")),
    Shot("staff-sheet", "Import and export", at("/admin/backoffice/goodssheet/")),
    Shot("staff-product", "One product", first_in("/admin/catalogue/product/")),
    Shot(
        "staff-pause",
        "Before checkout is paused",
        at("/admin/checkout/announcement/pause/"),
    ),
    Shot("staff-announcements", "Announcements", at("/admin/checkout/announcement/")),
    Shot("staff-zones", "Shipping zones", at("/admin/checkout/shippingzone/")),
    Shot("staff-discounts", "Discounts", at("/admin/checkout/discount/")),
    Shot("staff-discount", "A discount", first_in("/admin/checkout/discount/")),
    Shot("staff-coupons", "Coupon codes", at("/admin/checkout/couponcode/")),
    Shot("staff-limits", "Purchase limits", at("/admin/checkout/purchaselimit/")),
    Shot("staff-methods", "Shipping methods", at("/admin/checkout/shippingmethod/")),
    Shot("staff-mails", "Mails to customers", at("/admin/checkout/ordermail/")),
    Shot("staff-webhooks", "Webhooks", at("/admin/checkout/providerevent/")),
    Shot(
        "staff-webhooks-refused",
        "Webhooks that were not taken",
        at("/admin/checkout/webhookproblem/"),
    ),
    Shot("staff-clients", "Addresses that tried cards", at("/admin/checkout/client/")),
    Shot("staff-alerts", "Alerts", at("/admin/saga/alert/")),
    Shot("staff-breakers", "Circuit breakers", at("/admin/saga/breaker/")),
    Shot("staff-heartbeats", "Heartbeats", at("/admin/saga/heartbeat/")),
    Shot("staff-saga", "A saga's bare record", first_in("/admin/saga/saga/")),
]
CHAPTERS = {
    "The shop": SHOP,
    "Buying": BUYING + ANNOUNCED,
    "An account": ACCOUNT,
    "An order's page": ORDERS + MOMENTS,
    "Staff: stalled orders": STAFF + BULK_RESUME,
    "Staff: everything else": SHOPKEEPING,
    "Staff: the second factor": FACTOR,
}


def names(shots: list[Shot]) -> list[str]:
    return [shot.name for shot in shots]


def all_names() -> list[str]:
    return [name for shots in CHAPTERS.values() for name in names(shots)]
