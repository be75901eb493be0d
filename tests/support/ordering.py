"""Place orders and run their sagas without workers."""

from collections.abc import Mapping

from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import IntentStatus
from checkout.placement.services import place_order
from checkout.status.sagas import saga_of
from inventory.models import StockItem
from orders.models import Order
from saga.engine import run
from saga.models import Saga
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.orders import VISA, make_cart


def place(
    cart: Cart | None = None,
    *,
    token: str = VISA,
    units: Mapping[str, int] | None = None,
) -> tuple[Order, Saga]:
    """Place the order of a cart. Return it and its saga, of which nothing has run."""
    cart = cart or make_cart(units)
    order = place_order(cart, quote(cart), token=token, language="en")
    return order, saga_of(order)


def advance(saga: Saga, clock: Clock, sweeps: int = 8, seconds: int = 40) -> Saga:
    """Run the saga, then ``sweeps`` times: let seconds pass, sweep, and run it."""
    run(saga.pk)
    for _sweep in range(sweeps):
        clock.shift(seconds)
        sweep()
        run(saga.pk)
    saga.refresh_from_db()
    return saga


def charges(gateway: FakeGateway) -> list[tuple[str, int]]:
    """Return the order and the amount of every charge of the provider."""
    return [
        (intent.order, intent.received)
        for intent in gateway.intents.values()
        if intent.status is IntentStatus.SUCCEEDED
    ]


def counters(sku: str = "MUG-01") -> tuple[int, int]:
    """Return the units on hand and the units held."""
    item = StockItem.objects.get(sku=sku)
    return item.on_hand, item.held
