"""The lines of a cart as of now: what each costs, and whether it can be had."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from checkout.cart.models import Cart, CartLine
from checkout.cart.tax import price_abroad, rate_abroad
from checkout.promotions.errors import PurchaseLimitReached, limit_sentence
from checkout.promotions.models import Discount, PurchaseLimit
from checkout.shipping.terms import Terms
from checkout.waiting_room.services import open_rooms
from inventory.selectors import free_of
from shop.catalogue.models import BundlePart, PriceNow
from shop.money import Money


@dataclass(frozen=True)
class QuoteLine:
    """One line of a quote. ``seen`` is the unit price the customer last agreed to.

    ``unit`` is the price that counts, ``regular`` the one without a sale.
    """

    id: int
    sku: str
    name: str
    variant: str
    picture: str
    url: str
    unit: Money
    regular: Money
    quantity: int
    tax_rate: int
    free: int
    is_on_sale: bool
    seen: Money
    # The price of the catalogue; ``unit`` may be another one abroad.
    listed: Money
    # Of the product, all variants together: what one order may have, and this cart has.
    most: int
    of_product: int
    grams: int
    product: int
    category: int
    discount: Money
    # Whether any automatic discount holds now, for whatever goods.
    is_promoted: bool = False
    # How many one customer may have, and has bought before as far as it counts.
    limit: PurchaseLimit | None = None
    bought: int = 0
    # From when it is sent, while that is a day to come.
    release_on: date | None = None
    # Whether any bundle has it in it.
    is_part: bool = False
    # The key of its product's open waiting room.
    room: int | None = None

    @property
    def total(self) -> Money:
        """Return the price of all units, before discounts."""
        return self.unit * self.quantity

    @property
    def limit_note(self) -> str:
        """Return how many one customer may have, in the active language, or ""."""
        return limit_sentence(self.limit.most, self.limit.days) if self.limit else ""

    @property
    def limit_problem(self) -> str:
        """Return why the customer may not have so many, or ""."""
        limit = self.limit
        if limit is None or self.of_product + self.bought <= limit.most:
            return ""
        left = max(0, limit.most - self.bought)
        return PurchaseLimitReached("", limit.most, limit.days, left).sentence

    @property
    def unit_before(self) -> Money | None:
        """Return the regular price while there is a sale, else None."""
        return self.regular if self.unit < self.regular else None

    @property
    def is_available(self) -> bool:
        return self.quantity <= self.free

    @property
    def is_within_limit(self) -> bool:
        return self.of_product <= self.most

    @property
    def is_orderable(self) -> bool:
        is_allowed = self.is_within_limit and not self.limit_problem
        return self.is_available and is_allowed

    @property
    def price_changed(self) -> bool:
        return self.listed != self.seen


def read_lines(cart: Cart) -> tuple[QuoteLine, ...]:
    """Read all lines, in the active language. One statement."""
    rows = list(_rows(cart))
    units: Counter[int] = Counter()
    for row in rows:
        units[row.variant.product_id] += row.quantity
    return tuple(_line(row, units[row.variant.product_id]) for row in rows)


def sold_abroad(lines: tuple[QuoteLine, ...], terms: Terms) -> tuple[QuoteLine, ...]:
    """Return the lines as they are sold abroad: without Japanese consumption tax.

    Taxes come off and onto each unit, so that all sums are of whole units.
    """
    return tuple(
        replace(
            line,
            tax_rate=rate_abroad(terms, line.tax_rate),
            unit=price_abroad(terms, line.unit, line.tax_rate),
            regular=price_abroad(terms, line.regular, line.tax_rate),
        )
        for line in lines
    )


def _rows(cart: Cart) -> QuerySet[CartLine]:
    rows = CartLine.objects.filter(cart=cart)
    related = (
        "variant__picture",
        "variant__product__cover",
        "variant__product__purchase_limit",
    )
    return rows.select_related(*related).annotate(
        free=free_of("variant__sku"),
        price_now=PriceNow("variant__"),
        # Read along: a cart costs no query more while there is none.
        is_promoted=Exists(Discount.objects.live().automatic()),
        is_part=Exists(BundlePart.objects.filter(variant=OuterRef("variant"))),
        waiting_room=Subquery(
            open_rooms()
            .filter(product=OuterRef("variant__product"))
            .order_by()
            .values("pk")[:1]
        ),
    )


def _line(row: CartLine, of_product: int) -> QuoteLine:
    variant, product = row.variant, row.variant.product
    picture = variant.picture or product.cover
    free = getattr(row, "free", None) or 0
    is_on_sale = variant.is_on_sale
    return QuoteLine(
        id=row.pk,
        sku=variant.sku,
        name=product.name,
        variant=variant.label,
        picture=picture.shown.thumbnail if picture else "",
        url=product.get_absolute_url() if is_on_sale else "",
        unit=Money(getattr(row, "price_now", 0), variant.currency),
        regular=variant.regular_price,
        quantity=row.quantity,
        tax_rate=product.tax_rate,
        free=max(0, free) if is_on_sale else 0,
        is_on_sale=is_on_sale,
        seen=Money(row.seen_minor, variant.currency),
        listed=Money(getattr(row, "price_now", 0), variant.currency),
        most=product.order_limit,
        of_product=of_product,
        grams=variant.weight_grams,
        product=product.pk,
        category=product.category_id,
        discount=Money(0, variant.currency),
        is_promoted=getattr(row, "is_promoted", False),
        limit=getattr(product, "purchase_limit", None),
        release_on=product.preorder_date,
        is_part=getattr(row, "is_part", False),
        room=getattr(row, "waiting_room", None),
    )
