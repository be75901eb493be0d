"""Many codes at once, each for one use."""

from django.db import transaction

from checkout.promotions import codes
from checkout.promotions.models import CouponCode, Discount

MOST_AT_ONCE = 10_000
LONGEST_PREFIX = 12


@transaction.atomic
def make_codes(discount: Discount, count: int, prefix: str, batch: str) -> int:
    """Draw ``count`` codes of one use each. Return how many were made.

    ``batch`` names them in lists. A code that exists already is drawn anew.
    """
    made: set[str] = set()
    while len(made) < count:
        drawn = {codes.draw(prefix) for _code in range(count - len(made))}
        keys = {codes.key_of(code): code for code in drawn}
        known = CouponCode.objects.filter(key__in=list(keys)).values_list("key")
        taken = {key for (key,) in known}
        made |= {code for key, code in keys.items() if key not in taken}
    CouponCode.objects.bulk_create(
        (
            CouponCode(
                discount=discount,
                code=code,
                key=codes.key_of(code),
                most=1,
                batch=batch,
            )
            for code in sorted(made)
        ),
        batch_size=500,
    )
    return len(made)
