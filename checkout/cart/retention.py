"""Removal of open carts that nobody comes back to, a bounded number at a time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from checkout.cart.models import Cart

# The cookie that leads to a cart ends after CART_DAYS; clocks and open pages differ.
_MARGIN = timedelta(days=1)
# A browser sends the cookie with its next page. Programs that only post never do.
_NEVER_RETURNED = timedelta(days=1)
_BATCH = 1000
_BATCHES = 20


def forget_carts(now: datetime) -> int:
    """Remove carts, with their addresses, to which no cookie leads any more.

    These are carts whose cookie has expired, and after a day those whose cookie never
    came back. Returns how many.
    """
    expired = Q(updated_at__lt=now - timedelta(days=settings.CART_DAYS) - _MARGIN)
    unused = Q(has_returned=False, updated_at__lt=now - _NEVER_RETURNED)
    return _forget(unused) + _forget(expired)


def _forget(old: Q) -> int:
    rows = Cart.objects.filter(old, state=Cart.State.OPEN)
    removed = 0
    for _batch in range(_BATCHES):
        pks = list(rows.order_by("updated_at").values_list("pk", flat=True)[:_BATCH])
        # Filtered again: a customer may have come back since.
        removed += rows.filter(pk__in=pks).delete()[1].get("checkout.Cart", 0)
        if len(pks) < _BATCH:
            break
    return removed
