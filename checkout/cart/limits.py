"""How large one order may be: lines, units of a product, and the amount.

What is beyond is refused in the cart, with a sentence that names the way out. No order
is made that the payment provider or the database would refuse.
"""

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from checkout.payments.methods import largest_amount, smallest_amount
from shop.money import Money


def obstacle(lines: int, total: Money, discount: Money) -> str:
    """Return why an order of so many lines and this total cannot be placed, or "".

    ``discount`` is what was taken off to get to the total.
    """
    if lines > settings.MOST_LINES:
        return _(
            "There are %(lines)s different articles in your cart, and one order takes "
            "at most %(most)s. Please remove some to continue, and order them after "
            "this order."
        ) % {"lines": lines, "most": settings.MOST_LINES}
    least = Money(smallest_amount(total.currency), total.currency)
    if total < least and discount:
        return _(
            "With your discount the total is %(total)s, but the smallest amount that "
            "can be paid is %(least)s. Add something to your cart, or remove the "
            "coupon, to continue."
        ) % {"total": _written(total), "least": _written(least)}
    if total < least:
        return _(
            "The smallest amount that can be paid is %(least)s. Please add something "
            "to your cart to continue."
        ) % {"least": _written(least)}
    most = Money(largest_amount(total.currency), total.currency)
    if most < total:
        return _(
            "The largest amount that can be paid at once is %(most)s. Please take less "
            "to continue, and order the rest after this order."
        ) % {"most": _written(most)}
    return ""


def _written(amount: Money) -> str:
    return amount.format(get_language() or "en")
