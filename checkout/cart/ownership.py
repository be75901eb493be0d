"""Carts of customers: one for each, into which a guest's cart is merged at sign-in."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from checkout.cart.models import Cart, CartLine, TemporaryOrder
from checkout.waiting_room import tickets
from shop.database_clock import Now


@transaction.atomic
def take_over(customer_pk: int, guest: UUID | None) -> Cart | None:
    """Merge the guest's open cart ``guest`` into the customer's. Return that, if any.

    Of what is in both, the larger quantity stays: somebody who fills a cart on two
    devices means the same goods. The address and the coupon code typed as a guest
    replace older ones; of two places in a waiting room the better one stays. The merged
    cart gets another id, so that no old cookie leads to it.
    """
    mine = list(_open().filter(customer_id=customer_pk).order_by("-updated_at"))
    others = mine[1:]
    if guest:
        others += _open().filter(uid=guest, customer_id=None)
    if not mine and not others:
        return None
    cart = mine[0] if mine else Cart.objects.create(customer_id=customer_pk)
    for other in others:
        _move(other, cart)
    Cart.objects.filter(pk=cart.pk).update(updated_at=Now(), has_returned=True)
    return cart


@transaction.atomic
def erase_owner(customer_pk: int) -> None:
    """Remove the customer's carts, and from those that were ordered the address."""
    carts = Cart.objects.filter(customer_id=customer_pk)
    carts.filter(state=Cart.State.OPEN).delete()
    closed = carts.filter(state=Cart.State.CLOSED)
    TemporaryOrder.objects.filter(cart__in=closed).delete()
    carts.update(customer_id=None)


def _open() -> QuerySet[Cart]:
    return Cart.objects.filter(state=Cart.State.OPEN)


def _move(other: Cart, cart: Cart) -> None:
    # A purchase in another tab may have frozen it: then it is that order's.
    claimed = _open().filter(pk=other.pk).update(state=Cart.State.CLOSED)
    if not claimed:
        return
    quantities = dict(cart.lines.values_list("variant_id", "quantity"))
    for line in other.lines.all():
        if line.variant_id not in quantities:
            CartLine.objects.filter(pk=line.pk).update(cart=cart)
        elif line.quantity > quantities[line.variant_id]:
            same = cart.lines.filter(variant_id=line.variant_id)
            same.update(quantity=line.quantity, seen_minor=line.seen_minor)
    if TemporaryOrder.objects.filter(cart=other).exists():
        TemporaryOrder.objects.filter(cart=cart).delete()
        TemporaryOrder.objects.filter(cart=other).update(cart=cart)
    if other.coupon_id:
        Cart.objects.filter(pk=cart.pk).update(coupon=other.coupon_id)
    tickets.move(other.pk, cart.pk)
    other.delete()
