"""The price of a cart now: lines, shipping, total and the tax they contain.

A ``Quote`` is a value, computed for every page and for the purchase. By its digest the
purchase finds out whether the customer saw the same.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import IntegerField, QuerySet, Value
from django.forms.models import model_to_dict

from checkout.cart.models import (
    Cart,
    CartLine,
    ShippingTerms,
    ShippingZone,
    TemporaryOrder,
)
from inventory.selectors import free_of
from shop.money import Money, included_tax

SHIPPING_TAX_RATE = 10


@dataclass(frozen=True)
class QuoteLine:
    """One line of a quote. ``seen`` is the unit price the customer last agreed to."""

    id: int
    sku: str
    name: str
    variant: str
    picture: str
    url: str
    unit: Money
    quantity: int
    tax_rate: int
    free: int
    seen: Money

    @property
    def total(self) -> Money:
        return self.unit * self.quantity

    @property
    def is_available(self) -> bool:
        return self.quantity <= self.free

    @property
    def price_changed(self) -> bool:
        return self.unit != self.seen


@dataclass(frozen=True)
class TaxLine:
    """The consumption tax contained in all amounts of one rate (percent)."""

    rate: int
    gross: Money
    tax: Money


@dataclass(frozen=True)
class Quote:
    lines: tuple[QuoteLine, ...]
    subtotal: Money
    shipping: Money
    total: Money
    tax: tuple[TaxLine, ...]
    free_from: Money | None
    recipient: TemporaryOrder | None

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def is_orderable(self) -> bool:
        return bool(self.lines) and all(line.is_available for line in self.lines)

    @property
    def shipping_is_estimate(self) -> bool:
        """Whether shipping is the flat rate because no address is known yet."""
        return self.recipient is None

    @property
    def free_shipping_gap(self) -> Money | None:
        """The amount missing for free shipping; None when it is free or never is."""
        if self.free_from is None or not self.shipping:
            return None
        return self.free_from - self.subtotal

    @property
    def digest(self) -> str:
        """Return a fingerprint of everything the customer agrees to (sha256, hex)."""
        recipient = (
            model_to_dict(self.recipient, exclude=["id", "cart"])
            if self.recipient
            else None
        )
        seen = {
            "lines": [
                [line.sku, line.unit.minor, line.quantity, line.tax_rate]
                for line in self.lines
            ],
            "shipping": self.shipping.minor,
            "total": self.total.minor,
            "currency": self.total.currency,
            "recipient": recipient,
        }
        text = json.dumps(seen, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def quote(cart: Cart) -> Quote:
    """Price ``cart`` as of now, in the active language. Reads only."""
    lines = tuple(_line(row) for row in _rows(cart))
    recipient = getattr(cart, "temporary_order", None)
    subtotal = sum((line.total for line in lines), start=_money(0))
    shipping, free_from = _shipping(subtotal, recipient)
    return Quote(
        lines=lines,
        subtotal=subtotal,
        shipping=shipping,
        total=subtotal + shipping,
        tax=_tax(lines, shipping),
        free_from=free_from,
        recipient=recipient,
    )


def _rows(cart: Cart) -> QuerySet[CartLine]:
    rows = CartLine.objects.filter(cart=cart)
    return rows.select_related("variant__product__cover").annotate(
        free=free_of("variant__sku")
    )


def _line(row: CartLine) -> QuoteLine:
    variant, product = row.variant, row.variant.product
    free = getattr(row, "free", None) or 0
    is_on_sale = variant.is_active and product.is_active
    return QuoteLine(
        id=row.pk,
        sku=variant.sku,
        name=product.name,
        variant=variant.label,
        picture=product.cover.file.url if product.cover else "",
        url=product.get_absolute_url() if is_on_sale else "",
        unit=variant.price,
        quantity=row.quantity,
        tax_rate=product.tax_rate,
        free=max(0, free) if is_on_sale else 0,
        seen=Money(row.seen_minor, variant.currency),
    )


def free_shipping_from() -> Money | None:
    """Return from which amount of goods shipping is free; None: never."""
    _rate, free_from = _shipping(_money(0), None)
    return free_from


def _shipping(
    subtotal: Money, recipient: TemporaryOrder | None
) -> tuple[Money, Money | None]:
    """Return what shipping costs, and from which amount of goods it is free."""
    table = _shipping_table(recipient)
    defaults = ShippingTerms()
    flat, free = table.get("terms", (defaults.flat_minor, defaults.free_from_minor))
    rate, _unused = table.get("zone", (flat, None))
    free_from = None if free is None else _money(free)
    if not subtotal or (free_from is not None and not subtotal < free_from):
        return _money(0), free_from
    return _money(rate), free_from


def _shipping_table(
    recipient: TemporaryOrder | None,
) -> dict[str, tuple[int, int | None]]:
    """Return the rates that staff entered for this address, by one query.

    "terms": the flat rate and the free amount, "zone": the rate of the prefecture's
    zone; either is absent when there is no such row.
    """
    rows = ShippingTerms.objects.values_list(
        Value("terms"), "flat_minor", "free_from_minor"
    )
    if recipient is not None:
        zone = ShippingZone.objects.filter(prefectures__prefecture=recipient.prefecture)
        rows = rows.union(
            zone.order_by().values_list(
                Value("zone"), "rate_minor", Value(None, IntegerField())
            )
        )
    return {kind: (rate, free_from) for kind, rate, free_from in rows}


def _tax(lines: Iterable[QuoteLine], shipping: Money) -> tuple[TaxLine, ...]:
    gross: dict[int, int] = defaultdict(int)
    for line in lines:
        gross[line.tax_rate] += line.total.minor
    if shipping:
        gross[SHIPPING_TAX_RATE] += shipping.minor
    return tuple(
        TaxLine(rate, _money(amount), _money(included_tax(amount, rate)))
        for rate, amount in sorted(gross.items(), reverse=True)
    )


def _money(minor: int) -> Money:
    return Money(minor, settings.CURRENCY)
