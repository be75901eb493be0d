"""Take the uses of an order's discounts and limits, and give them back.

They are taken by the transaction that places the order, and given back by the one that
cancels it: a use is held exactly as long as its order stands (docs/adr/0060).
"""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Count, F, Q

from checkout.promotions.customers import Buyer
from checkout.promotions.errors import DiscountGone, PurchaseLimitReached
from checkout.promotions.models import (
    CouponCode,
    CustomerTurn,
    Discount,
    DiscountUse,
    LimitedPurchase,
    PurchaseLimit,
)
from checkout.promotions.rules import Given
from checkout.promotions.selectors import bought_before
from shop.database_clock import Now


def take(
    reference: str,
    buyer: Buyer,
    given: Sequence[Given],
    units: Mapping[PurchaseLimit, int],
    currency: str,
) -> None:
    """Take a use of every discount given, and ``units`` of every product with a limit.

    Must be called in the transaction that writes the order, once. Raises DiscountGone
    or PurchaseLimitReached: then that transaction has to be rolled back. An order with
    neither costs no statement.
    """
    if not (given or units):
        return
    rows = {one.rule.id: one for one in given}
    discounts = Discount.objects.live().in_bulk(list(rows))
    for one in given:
        if one.rule.id not in discounts:
            raise DiscountGone(one.rule.name, one.rule.code)
    _wait_for_turn(buyer, discounts, units)
    _check_customer(buyer, discounts, rows)
    _check_limits(buyer, units)
    _count(given)
    DiscountUse.objects.bulk_create(
        DiscountUse(
            reference=reference,
            discount_id=one.rule.id,
            code_id=one.rule.code_id,
            customer=buyer.key,
            account=buyer.account,
            amount_minor=one.amount,
            currency=currency,
        )
        for one in given
    )
    LimitedPurchase.objects.bulk_create(
        LimitedPurchase(
            reference=reference,
            product_id=limit.product_id,
            customer=buyer.key,
            account=buyer.account,
            units=count,
        )
        for limit, count in units.items()
    )


@transaction.atomic
def give_back(reference: str) -> int:
    """Give back all that the order holds. Return how many uses of codes that were.

    Twice is once.
    """
    held = DiscountUse.objects.held().filter(reference=reference)
    returned = 0
    for use in held.order_by("code_id"):
        rows = DiscountUse.objects.held().filter(pk=use.pk)
        if rows.update(given_back_at=Now()) and use.code_id is not None:
            CouponCode.objects.filter(pk=use.code_id).update(used=F("used") - 1)
            returned += 1
    bought = LimitedPurchase.objects.held().filter(reference=reference)
    bought.update(given_back_at=Now())
    return returned


def _wait_for_turn(
    buyer: Buyer,
    discounts: Mapping[int, Discount],
    units: Mapping[PurchaseLimit, int],
) -> None:
    """Lock what limits of this customer are counted by, always in the same order."""
    subjects = [
        f"discount {pk}" for pk, row in discounts.items() if row.most_per_customer
    ]
    subjects += [f"product {limit.product_id}" for limit in units]
    if not subjects:
        return
    CustomerTurn.objects.bulk_create(
        [
            CustomerTurn(subject=subject, customer=turn, taken_at=Now())
            for subject in sorted(subjects)
            for turn in buyer.turns
        ],
        update_conflicts=True,
        unique_fields=["subject", "customer"],
        update_fields=["taken_at"],
    )


def _check_customer(
    buyer: Buyer, discounts: Mapping[int, Discount], given: Mapping[int, Given]
) -> None:
    limited = [row for row in discounts.values() if row.most_per_customer]
    if not limited:
        return
    held = DiscountUse.objects.held().filter(buyer.owns(), discount__in=limited)
    counts = dict(held.order_by().values_list("discount").annotate(Count("pk")))
    for row in limited:
        if counts.get(row.pk, 0) >= (row.most_per_customer or 0):
            raise DiscountGone(row.name, given[row.pk].rule.code)


def _check_limits(buyer: Buyer, units: Mapping[PurchaseLimit, int]) -> None:
    before = bought_before({limit.product_id: limit for limit in units}, buyer)
    for limit, count in units.items():
        left = max(0, limit.most - before.get(limit.product_id, 0))
        if count > left:
            name = limit.product.name
            raise PurchaseLimitReached(name, limit.most, limit.days, left)


def _count(given: Sequence[Given]) -> None:
    """Count a use of every code, by a guarded update, or raise DiscountGone."""
    coded = {one.rule.code_id: one for one in given if one.rule.code_id is not None}
    for code_id, one in sorted(coded.items()):
        rows = CouponCode.objects.filter(
            Q(most=None) | Q(used__lt=F("most")), pk=code_id, is_paused=False
        )
        if not rows.update(used=F("used") + 1):
            raise DiscountGone(one.rule.name, one.rule.code)
