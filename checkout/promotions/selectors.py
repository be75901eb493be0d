"""What a basket gets now: automatic discounts, and what its coupon code gives."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, Sum

from checkout.promotions import codes
from checkout.promotions.customers import Buyer
from checkout.promotions.errors import (
    BelowMinimum,
    BetterWithoutCode,
    CodeNotValid,
    CodeNotYetValid,
    CodeUsedByCustomer,
    CodeUsedUp,
    CouponRefused,
    NotForTheseItems,
    NothingToTakeOff,
)
from checkout.promotions.models import (
    CouponCode,
    Discount,
    DiscountUse,
    LimitedPurchase,
    PurchaseLimit,
)
from checkout.promotions.rules import Basket, Given, Rule, choose, reckon
from shop import database_clock
from shop.database_clock import Now
from shop.money import Money


@dataclass(frozen=True)
class Question:
    """Who asks, and with which code.

    Without a buyer no limit per customer is checked yet. ``has_automatic`` says
    whether any automatic discount holds now, so that it is worth reading them.
    """

    code_id: int | None = None
    buyer: Buyer | None = None
    has_automatic: bool = True


@dataclass(frozen=True)
class Promotion:
    """What a basket gets, and why its coupon code gives nothing; None: it does."""

    given: tuple[Given, ...] = ()
    problem: CouponRefused | None = None


def promote(basket: Basket, asked: Question) -> Promotion:
    """Return what ``basket`` gets as of now, in the active language. Reads only."""
    if not basket.items:
        return Promotion()
    buyer = asked.buyer
    rows = _automatic(buyer) if asked.has_automatic else []
    rules = [rule_of(row) for row in rows]
    code = _read_code(asked.code_id)
    if code is None:
        return Promotion(choose(rules, basket))
    try:
        return _with_code(rules, basket, code, buyer)
    except CouponRefused as problem:
        return Promotion(choose(rules, basket), problem)


def rule_of(row: Discount, code: CouponCode | None = None) -> Rule:
    return Rule(
        id=row.pk,
        kind=row.kind,
        percent=row.percent or 0,
        amount=row.amount_minor or 0,
        least=row.least_minor,
        products=frozenset(one.pk for one in row.products.all()),
        categories=frozenset(one.pk for one in row.categories.all()),
        is_combinable=row.is_combinable,
        name=row.name,
        code_id=code.pk if code else None,
        code=code.code if code else "",
    )


def find_code(typed: str) -> CouponCode | None:
    """Return the code that was typed, in whatever width, case and with any hyphens."""
    key = codes.key_of(typed)
    rows = CouponCode.objects.select_related("discount")
    return rows.filter(key=key).first() if key else None


def check_code(code: CouponCode, buyer: Buyer | None = None) -> None:
    """Raise CouponRefused if the code gives nobody, or this customer, anything now."""
    row = code.discount
    state = row.state_at(database_clock.read())
    if state is Discount.State.UPCOMING and not code.is_paused:
        raise CodeNotYetValid(code.code, row.starts_at)
    if state is not Discount.State.LIVE or code.is_paused:
        raise CodeNotValid(code.code)
    if code.is_used_up:
        raise CodeUsedUp(code.code)
    most = row.most_per_customer
    if buyer and most and _uses_of(row.pk, buyer) >= most:
        raise CodeUsedByCustomer(code.code, most)


def purchase_limits(products: Iterable[int]) -> dict[int, PurchaseLimit]:
    """Return product -> its limit, for those that have one."""
    rows = PurchaseLimit.objects.filter(product__in=list(products))
    return {row.product_id: row for row in rows.select_related("product")}


def bought_before(
    limits: Mapping[int, PurchaseLimit], buyer: Buyer | None
) -> dict[int, int]:
    """Return product -> units that count against its limit for this customer."""
    if not limits or buyer is None:
        return {}
    counted = Q(pk__in=[])
    for product, limit in limits.items():
        within = Q(product=product)
        if limit.days is not None:
            within &= Q(taken_at__gt=Now(-timedelta(days=limit.days)))
        counted |= within
    rows = LimitedPurchase.objects.held().filter(counted, buyer.owns())
    sums = rows.order_by().values_list("product").annotate(Sum("units"))
    return dict(Counter(dict(sums)))


def _with_code(
    rules: list[Rule], basket: Basket, code: CouponCode, buyer: Buyer | None
) -> Promotion:
    check_code(code, buyer)
    rule = rule_of(code.discount, code)
    if not rule.items_of(basket):
        raise NotForTheseItems(code.code)
    if not rule.holds(basket):
        raise BelowMinimum(code.code, Money(rule.least, settings.CURRENCY))
    if not reckon([rule], basket):
        raise NothingToTakeOff(code.code)
    given = choose([*rules, rule], basket)
    if any(one.rule.code_id for one in given):
        return Promotion(given)
    raise BetterWithoutCode(code.code, given[0].rule.name if given else "")


def _automatic(buyer: Buyer | None) -> list[Discount]:
    rows = list(Discount.objects.live().automatic().with_scope())
    if buyer is None:
        return rows
    return [
        row
        for row in rows
        if not row.most_per_customer or _uses_of(row.pk, buyer) < row.most_per_customer
    ]


def _uses_of(discount_id: int, buyer: Buyer) -> int:
    rows = DiscountUse.objects.held()
    return rows.filter(buyer.owns(), discount=discount_id).count()


def _read_code(code_id: int | None) -> CouponCode | None:
    if code_id is None:
        return None
    rows = CouponCode.objects.select_related("discount")
    related = ("discount__products", "discount__categories")
    return rows.filter(pk=code_id).prefetch_related(*related).first()
