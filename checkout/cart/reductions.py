"""What promotions do to the lines of a cart: discounts, and limits per customer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from checkout.cart.bundles import GivenBundle
from checkout.cart.lines import QuoteLine
from checkout.cart.models import Cart, TemporaryOrder
from checkout.promotions.customers import Buyer
from checkout.promotions.rules import Basket, Given, Item
from checkout.promotions.selectors import bought_before
from orders.models import GivenDiscount
from shop.money import Money


def basket_of(lines: Iterable[QuoteLine], shipping: Money) -> Basket:
    items = (
        Item(
            *(line.id, line.product, line.category, line.tax_rate),
            (line.total - line.discount).minor,
        )
        for line in lines
    )
    return Basket(tuple(items), shipping.minor)


def reduced(
    lines: Iterable[QuoteLine], off: Sequence[Mapping[int, int]]
) -> tuple[QuoteLine, ...]:
    """Return the lines with more taken off: each of ``off`` is line -> minor units."""
    return tuple(
        replace(
            line,
            discount=Money(
                line.discount.minor + sum(each.get(line.id, 0) for each in off),
                line.unit.currency,
            ),
        )
        for line in lines
    )


def limited(lines: tuple[QuoteLine, ...], buyer: Buyer | None) -> tuple[QuoteLine, ...]:
    """Return the lines with the units that count against a limit per customer."""
    limits = {line.product: line.limit for line in lines if line.limit is not None}
    before = bought_before(limits, buyer)
    if not before:
        return lines
    return tuple(replace(line, bought=before.get(line.product, 0)) for line in lines)


def described(
    given: Iterable[Given], bundles: Iterable[GivenBundle], currency: str
) -> tuple[GivenDiscount, ...]:
    """Return bundles and discounts as pages show them, and as the order keeps them."""
    none = Money(0, currency)
    of_bundles = tuple(
        GivenDiscount(one.name, "", Money(sum(one.off.values()), currency), none)
        for one in bundles
    )
    return of_bundles + tuple(
        GivenDiscount(
            name=one.rule.name,
            code=one.rule.code,
            amount=Money(one.of_goods, currency),
            shipping=Money(one.shipping, currency),
        )
        for one in given
    )


def buyer_of(cart: Cart) -> Buyer | None:
    """Return the customer by whom limits count; None: no mail address is known yet."""
    recipient: TemporaryOrder | None = getattr(cart, "temporary_order", None)
    return Buyer(recipient.email, cart.customer_id) if recipient else None
