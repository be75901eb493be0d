"""Factories of stock, carts, orders and sagas. Amounts are yen."""

import uuid
from collections.abc import Mapping
from itertools import count

from checkout.cart.models import Cart, CartLine, TemporaryOrder
from checkout.flow.definition import CHECKOUT
from inventory import services as inventory
from inventory.models import StockItem
from orders.models import Order, OrderLine, Payment, PaymentAttempt
from saga import operations
from saga.models import Saga
from shop.catalogue.models import Variant
from tests.support.catalogue import make_product

UNIT_PRICE = 1800
SHIPPING = 600
VISA = "pm_card_visa"

_numbers = count(1)


def stock(sku: str, units: int) -> StockItem:
    """Receive ``units`` of ``sku`` and return the item."""
    inventory.receive(sku, units, f"delivery-{next(_numbers)}")
    return StockItem.objects.get(sku=sku)


def make_order(units: Mapping[str, int] | None = None, token: str = VISA) -> Order:
    """Create an order with its payment, without a cart and without a saga."""
    units = units or {"MUG-01": 1}
    subtotal = UNIT_PRICE * sum(units.values())
    order = Order.objects.create(
        number=f"T-{next(_numbers):06d}",
        checkout_key=uuid.uuid4(),
        language="en",
        email="hanako@example.com",
        name="Hanako Minato",
        phone="03-1234-5678",
        postcode="105-0011",
        prefecture="tokyo",
        city="Minato-ku",
        street="Shibakoen 4-2-8",
        delivery="door",
        currency="JPY",
        subtotal_minor=subtotal,
        shipping_minor=SHIPPING,
        total_minor=subtotal + SHIPPING,
        tax=[],
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            sku=sku,
            name=f"Article {sku}",
            unit_minor=UNIT_PRICE,
            quantity=quantity,
            tax_rate=10,
            currency="JPY",
        )
        for sku, quantity in units.items()
    )
    payment = Payment.objects.create(
        order=order, amount_minor=order.total_minor, currency="JPY"
    )
    PaymentAttempt.objects.create(payment=payment, number=1, token=token)
    return order


def make_saga(units: Mapping[str, int] | None = None, token: str = VISA) -> Saga:
    """Create an order and start its saga; no step has run."""
    return operations.start(CHECKOUT, make_order(units, token).number)


def make_cart(units: Mapping[str, int] | None = None, *, free: int = 10) -> Cart:
    """Create a cart that can be ordered; ``free`` units of each SKU are in stock."""
    cart = Cart.objects.create()
    for sku, quantity in (units or {"MUG-01": 1}).items():
        variant = Variant.objects.filter(sku=sku).first()
        if variant is None:
            make_product(sku.lower(), skus=(sku,), units=free, pictures=0)
            variant = Variant.objects.get(sku=sku)
        CartLine.objects.create(
            cart=cart,
            variant=variant,
            quantity=quantity,
            seen_minor=variant.price_minor,
        )
    TemporaryOrder.objects.create(
        cart=cart,
        email="hanako@example.com",
        name="Hanako Minato",
        phone="03-1234-5678",
        postcode="105-0011",
        prefecture="tokyo",
        city="Minato-ku",
        street="Shibakoen 4-2-8",
        delivery="door",
    )
    return cart
