"""Changes of the cart, each one transaction. Only an open cart can be changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, Sum

from checkout.cart.errors import (
    CartFull,
    CartNotOpen,
    NotEnough,
    NotForSale,
    TooManyPerOrder,
)
from checkout.cart.models import Cart, CartLine, TemporaryOrder
from checkout.cart.pricing import quote
from checkout.promotions.models import CouponCode
from inventory.selectors import free_by_sku
from shop.catalogue.bundles import bundle_of, has_parts
from shop.catalogue.models import Variant, price_now_sql
from shop.countries import JAPAN
from shop.database_clock import Now
from shop.money import Money

# Each page of a visitor with a cart asks it, and Django would take ten times as long to
# write it. Ninety-nine times the highest price is more than the database's integer.
_SUMMARY = """
SELECT COALESCE(SUM(line.quantity), 0),
       COALESCE(SUM(CAST(line.quantity AS BIGINT) * {price}), 0),
       COUNT(CASE WHEN NOT cart.has_returned THEN 1 END),
       MAX(recipient.country)
FROM checkout_cart AS cart
LEFT JOIN checkout_temporaryorder AS recipient ON recipient.cart_id = cart.id
JOIN checkout_cartline AS line ON line.cart_id = cart.id
JOIN catalogue_variant AS variant ON variant.id = line.variant_id
WHERE cart.uid = %s AND cart.state = %s
"""


@dataclass(frozen=True)
class CartSummary:
    """The cart as the header shows it: units, and what they cost now.

    ``is_new``: its visitor had not come back with its cookie before.
    """

    count: int
    total: Money
    is_new: bool = False


def find_cart(uid: UUID | None) -> Cart | None:
    """Return the cart, with its temporary order."""
    if uid is None:
        return None
    return (
        Cart.objects.filter(uid=uid).select_related("temporary_order", "coupon").first()
    )


def summarise(uid: UUID) -> CartSummary:
    """Count what the open cart ``uid`` holds: one query, zeros when there is none.

    If its customer has entered an address abroad, it is priced for that country, which
    costs what the cart's page does.
    """
    column = Cart._meta.get_field("uid")  # noqa: SLF001
    key = column.get_db_prep_value(uid, connection)
    price, parameters = price_now_sql("variant", connection)
    statement = _SUMMARY.format(price=price)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, key, Cart.State.OPEN])
        count, total, new, country = cursor.fetchone()
    amount = Money(int(total), settings.CURRENCY)
    cart = find_cart(uid) if country not in (None, JAPAN) else None
    return CartSummary(int(count), quote(cart).subtotal if cart else amount, new > 0)


def mark_returned(uid: UUID) -> None:
    """Keep the cart for as long as its cookie: its visitor came back. Twice is once."""
    Cart.objects.filter(uid=uid, has_returned=False).update(has_returned=True)


def holds_any(uid: UUID, skus: Iterable[str]) -> bool:
    """Return whether the open cart ``uid`` has a line of any of these SKUs."""
    rows = CartLine.objects.filter(cart__uid=uid, cart__state=Cart.State.OPEN)
    return rows.filter(variant__sku__in=list(skus)).exists()


@transaction.atomic
def open_cart(uid: UUID | None, customer_pk: int | None = None) -> Cart:
    """Return the open cart ``uid``, or a new one when it is gone or being ordered.

    A new one belongs to the customer, if there is one.
    """
    cart = find_cart(uid)
    if cart is not None:
        try:
            touch(cart)
        except CartNotOpen:
            cart = None
    return cart or Cart.objects.create(customer_id=customer_pk)


@transaction.atomic
def add(
    uid: UUID | None, sku: str, quantity: int, customer_pk: int | None = None
) -> CartLine:
    """Put ``quantity`` more units of ``sku`` into the open cart ``uid``, or a new one.

    Of a bundle its parts are put in, all or none; the line that is returned for it is
    not stored. Raises NotForSale, CartFull, TooManyPerOrder, NotEnough.
    """
    variant = _variant_on_sale(sku)
    cart = open_cart(uid, customer_pk)
    if getattr(variant, "is_bundle", False):
        bundle = bundle_of(variant.product)
        for part in bundle.parts if bundle else ():
            found = _variant_on_sale(part.variant.sku)
            _add_units(cart, found, quantity * part.quantity)
        return CartLine(cart=cart, variant=variant, quantity=quantity)
    return _add_units(cart, variant, quantity)


def _add_units(cart: Cart, variant: Variant, quantity: int) -> CartLine:
    line = _check_lines(cart, variant)
    in_cart = line.quantity if line else 0
    free = max(free_by_sku([variant.sku]).get(variant.sku, 0), 0)
    if in_cart + quantity > free:
        raise NotEnough(variant, free=free, in_cart=in_cart)
    _check_product(cart, variant, quantity)
    kept, _is_new = CartLine.objects.update_or_create(
        cart=cart,
        variant=variant,
        defaults={"quantity": in_cart + quantity, "seen_minor": variant.price.minor},
    )
    return kept


@transaction.atomic
def set_quantity(cart: Cart, line_id: int, quantity: int) -> None:
    """Make a line hold ``quantity`` units (1 to MOST_PER_LINE), if it still exists.

    More than there is, or than one order may have, may be asked for: the cart says so
    on the line and stops there. The customer saw today's price when doing this, so it
    counts as agreed to.
    """
    touch(cart)
    line = cart.lines.select_related("variant").filter(pk=line_id).first()
    if line is not None:
        line.quantity = quantity
        line.seen_minor = line.variant.price.minor
        line.save(update_fields=["quantity", "seen_minor"])


@transaction.atomic
def remove(cart: Cart, line_id: int) -> CartLine | None:
    """Remove a line and return it; None when it was removed before."""
    touch(cart)
    line = cart.lines.select_related("variant__product").filter(pk=line_id).first()
    if line is not None:
        cart.lines.filter(pk=line.pk).delete()
    return line


@transaction.atomic
def restore(cart: Cart, sku: str, quantity: int) -> CartLine:
    """Undo a removal. Twice is once. Stock is not checked: the cart shows what is left.

    Raises NotForSale, CartNotOpen, CartFull.
    """
    touch(cart)
    variant = _variant_on_sale(sku)
    _check_lines(cart, variant)
    line, _is_new = CartLine.objects.get_or_create(
        cart=cart,
        variant=variant,
        defaults={"quantity": quantity, "seen_minor": variant.price.minor},
    )
    return line


@transaction.atomic
def keep_information(cart: Cart, information: dict[str, Any]) -> TemporaryOrder:
    """Store contact, address and delivery choice until the purchase."""
    touch(cart)
    kept, _is_new = TemporaryOrder.objects.update_or_create(
        cart=cart, defaults=information
    )
    # The cart at hand may have cached that it has none, or an older one.
    kept.cart = cart
    return kept


@transaction.atomic
def set_coupon(cart: Cart, coupon: CouponCode | None) -> None:
    """Keep the coupon code for the purchase, or remove it. Raises CartNotOpen."""
    touch(cart)
    Cart.objects.filter(pk=cart.pk).update(coupon=coupon)
    cart.coupon = coupon


def freeze(cart: Cart, *only_if: Q) -> bool:
    """Stop all changes: the cart is being ordered.

    False when it is not open any more, came back with another key, or ``only_if`` does
    not hold.
    """
    rows = Cart.objects.filter(
        *only_if, pk=cart.pk, checkout_key=cart.checkout_key, state=Cart.State.OPEN
    )
    return bool(rows.update(state=Cart.State.ORDERED))


def close(checkout_key: UUID) -> None:
    """Mark an ordered cart as closed; the row and its lines stay."""
    Cart.objects.filter(checkout_key=checkout_key).update(state=Cart.State.CLOSED)


def reopen(checkout_key: UUID) -> None:
    """Reopen the cart of a cancelled order, ready for another confirmation."""
    rows = Cart.objects.filter(checkout_key=checkout_key, state=Cart.State.ORDERED)
    rows.update(state=Cart.State.OPEN, checkout_key=uuid4())


def _variant_on_sale(sku: str) -> Variant:
    rows = Variant.objects.on_sale().priced().select_related("product")
    found = rows.annotate(is_bundle=has_parts("product")).filter(sku=sku).first()
    if found is None:
        raise NotForSale(sku)
    return found


def _check_lines(cart: Cart, variant: Variant) -> CartLine | None:
    """Return the cart's line of the variant. Raises CartFull if it is one too many."""
    lines = {line.variant_id: line for line in cart.lines.all()}
    if variant.pk not in lines and len(lines) >= settings.MOST_LINES:
        raise CartFull(variant, settings.MOST_LINES)
    return lines.get(variant.pk)


def _check_product(cart: Cart, variant: Variant, quantity: int) -> None:
    """Raise TooManyPerOrder if one order may not have so many more of the product."""
    same = cart.lines.filter(variant__product=variant.product_id)
    in_cart = same.aggregate(count=Sum("quantity", default=0))["count"]
    most = variant.product.order_limit
    if in_cart + quantity > most:
        raise TooManyPerOrder(variant, most=most, in_cart=in_cart)


def touch(cart: Cart) -> None:
    """Lock the open cart. Raises CartNotOpen."""
    # A purchase in another tab freezes the cart: this update waits for it, and then
    # finds no open cart, so that no line is added after the confirmation.
    rows = Cart.objects.filter(pk=cart.pk, state=Cart.State.OPEN)
    if not rows.update(updated_at=Now(), has_returned=True):
        raise CartNotOpen
