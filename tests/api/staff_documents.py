"""Documents for staff's API, and what each field of its schema needs."""

from backoffice import permissions
from backoffice.tokens.scopes import Scope
from inventory.models import Movement
from orders.models import Cancellation, Order, OrderChange, Parcel
from saga.models import Attempt

REFUSED = "... on Refused { code message fields { field messages } }"
ORDER = "... on Order { number status shipment parcels { trackingNumber } }"
STOCK = "... on StockItem { sku onHand free }"
NUMBER = "261122-AAAAAA"
KEY = "0b7f2f5e-2a52-4d2c-9a63-0d5a4c1d4c1f"


def mutation(call: str, answer: str = ORDER) -> str:
    return f"mutation {{ answer: {call} {{ {answer} {REFUSED} }} }}"


def resume(number: str, saga: object = 1, seen: int = 20) -> str:
    found = f'[{{id: "{saga}", seen: {seen}}}]'
    return mutation(
        f'resumeOrder(number: "{number}", sagas: {found}, reason: "disk emptied")'
    )


def ship(number: str, more: str = "", key: str = KEY) -> str:
    parcel = f'{{key: "{key}", carrier: YAMATO, trackingNumber: "1111-2222" {more}}}'
    return mutation(f'shipOrder(number: "{number}", parcel: {parcel})')


def correct(number: str, tracking: str = "9999-2222", parcel: int = 1) -> str:
    sent = (
        f'{{key: "{KEY}", parcel: {parcel}, carrier: SAGAWA, reason: "misread", '
        f'trackingNumber: "{tracking}"}}'
    )
    return mutation(f'correctTracking(number: "{number}", tracking: {sent})')


def cancel(number: str, key: str = KEY) -> str:
    return mutation(f'cancelOrder(number: "{number}", key: "{key}", reason: "asked")')


def adjust(sku: str = "MUG", difference: int = -3, key: str = KEY) -> str:
    said = f'sku: "{sku}", difference: {difference}, key: "{key}", reason: "broken"'
    return mutation(f"adjustStock({said})", STOCK)


def take_in(sku: str = "MUG", note: str = "D-1") -> str:
    said = f'sku: "{sku}", quantity: 4, deliveryNote: "{note}"'
    return mutation(f"receiveStock({said})", STOCK)


# Field of the schema -> the scope and the permission that it needs, and a document.
FIELDS: dict[str, tuple[Scope, str, str]] = {
    "orders": (
        Scope.ORDERS_READ,
        permissions.VIEW_ORDER,
        "{ orders { edges { node { number } } } }",
    ),
    "order": (
        Scope.ORDERS_READ,
        permissions.VIEW_ORDER,
        f'{{ order(number: "{NUMBER}") {{ number }} }}',
    ),
    "stock": (
        Scope.STOCK_READ,
        permissions.VIEW_STOCK,
        "{ stock { edges { node { sku } } } }",
    ),
    "stockItem": (
        Scope.STOCK_READ,
        permissions.VIEW_STOCK,
        '{ stockItem(sku: "MUG") { free } }',
    ),
    "customers": (
        Scope.CUSTOMERS_READ,
        permissions.VIEW_CUSTOMER,
        "{ customers { edges { node { email } } } }",
    ),
    "resumeOrder": (Scope.ORDERS_RESUME, permissions.RESUME_STALLED, resume(NUMBER)),
    "releaseOrder": (
        Scope.ORDERS_RELEASE,
        permissions.RELEASE_ORDER,
        mutation(f'releaseOrder(number: "{NUMBER}")'),
    ),
    "markReady": (
        Scope.FULFILMENT_WRITE,
        permissions.SHIP_ORDER,
        mutation(f'markReady(number: "{NUMBER}")'),
    ),
    "shipOrder": (Scope.FULFILMENT_WRITE, permissions.SHIP_ORDER, ship(NUMBER)),
    "correctTracking": (
        Scope.FULFILMENT_WRITE,
        permissions.CORRECT_ORDER,
        correct(NUMBER),
    ),
    "cancelOrder": (
        Scope.ORDERS_CANCEL,
        permissions.DECIDE_CANCELLATION,
        cancel(NUMBER),
    ),
    "receiveStock": (Scope.STOCK_WRITE, permissions.CHANGE_STOCK, take_in()),
    "adjustStock": (Scope.STOCK_WRITE, permissions.CHANGE_STOCK, adjust()),
}


def rows() -> list[object]:
    """Return what a refusal must leave as it is."""
    tables = (Parcel, Cancellation, OrderChange, Movement, Attempt)
    states = Order.objects.values_list("status", "ready_at", "shipment__status")
    return [*(each.objects.count() for each in tables), list(states)]
