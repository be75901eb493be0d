"""Use a coupon code that was typed."""

from django.db import transaction

from checkout.cart import services as carts
from checkout.cart.models import Cart
from checkout.cart.reductions import buyer_of
from checkout.promotions import guesses
from checkout.promotions.errors import UnknownCode
from checkout.promotions.models import CouponCode
from checkout.promotions.selectors import check_code, find_code


def use_code(cart: Cart, typed: str, client: str) -> None:
    """Keep the code in the cart. Raises CartNotOpen or CouponRefused.

    A code whose conditions the cart does not meet yet is kept: the quote says what is
    missing. ``client`` is an internet address, "" if it is not known.
    """
    code = _known(cart, typed, client)
    if code is None:
        raise UnknownCode(typed)
    check_code(code, buyer_of(cart))
    carts.set_coupon(cart, code)


@transaction.atomic
def _known(cart: Cart, typed: str, client: str) -> CouponCode | None:
    """Return the code, or None and count a wrong one. Raises TooManyGuesses."""
    # It locks the cart, so that guesses sent at once are counted one by one.
    carts.touch(cart)
    guesses.admit(cart.uid, client)
    code = find_code(typed)
    if code is None:
        guesses.record_wrong(cart.uid, client)
    return code
