"""Which discounts a basket gets, and what each takes off every line. Pure arithmetic.

Amounts are minor units. The rule (docs/adr/0060): the discounts that can be combined
are one candidate together, each other one is a candidate alone, and the candidate that
takes the most off wins.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from checkout.promotions.models import Discount
from orders.rates import divide

Kind = Discount.Kind
# In a combination percentages are of the items' prices, so they come first.
_ORDER = (Kind.PERCENTAGE, Kind.AMOUNT, Kind.FREE_SHIPPING)


@dataclass(frozen=True)
class Item:
    """One line: its product, category, tax rate (percent) and price in all."""

    id: int
    product: int
    category: int
    rate: int
    amount: int


@dataclass(frozen=True)
class Basket:
    items: tuple[Item, ...]
    shipping: int


@dataclass(frozen=True)
class Rule:
    """A discount as it is reckoned. Without products and categories: for all items."""

    id: int
    kind: str
    percent: int = 0
    amount: int = 0
    least: int = 0
    products: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()
    is_combinable: bool = False
    name: str = ""
    # Of the coupon code that asks for it.
    code_id: int | None = None
    code: str = ""

    def fits(self, item: Item) -> bool:
        if not (self.products or self.categories):
            return True
        return item.product in self.products or item.category in self.categories

    def items_of(self, basket: Basket) -> list[Item]:
        return [item for item in basket.items if self.fits(item)]

    def holds(self, basket: Basket) -> bool:
        """Return whether there are items for it, and they reach its minimum."""
        items = self.items_of(basket)
        return bool(items) and sum(item.amount for item in items) >= self.least


@dataclass(frozen=True)
class Given:
    """What one discount takes off: of the lines, by their ids, and of the shipping."""

    rule: Rule
    goods: Mapping[int, int] = field(default_factory=dict)
    shipping: int = 0

    @property
    def of_goods(self) -> int:
        return sum(self.goods.values())

    @property
    def amount(self) -> int:
        return self.of_goods + self.shipping


def choose(rules: Iterable[Rule], basket: Basket) -> tuple[Given, ...]:
    """Return what is given for the basket: the candidate that takes the most off.

    Of equal ones a coupon wins, then the older discount.
    """
    holding = [rule for rule in rules if rule.holds(basket)]
    together = [rule for rule in holding if rule.is_combinable]
    alone = [[rule] for rule in holding if not rule.is_combinable]
    candidates = [
        reckon(one, basket) for one in ([together] if together else []) + alone
    ]
    return max(candidates, key=_rank, default=())


def _rank(given: tuple[Given, ...]) -> tuple[int, bool, int]:
    total = sum(one.amount for one in given)
    has_code = any(one.rule.code_id is not None for one in given)
    return total, has_code, -min((one.rule.id for one in given), default=0)


def reckon(rules: Sequence[Rule], basket: Basket) -> tuple[Given, ...]:
    """Apply the rules one after the other, each to what is left. Leave out nothings."""
    left = {item.id: item.amount for item in basket.items}
    shipping, made = basket.shipping, []
    for rule in sorted(rules, key=lambda one: (_ORDER.index(Kind(one.kind)), one.id)):
        if rule.kind == Kind.FREE_SHIPPING:
            given, shipping = Given(rule, shipping=shipping), 0
        else:
            given = Given(rule, _off_goods(rule, basket, left))
            for line, off in given.goods.items():
                left[line] -= off
        if given.amount:
            made.append(given)
    return tuple(made)


def _off_goods(rule: Rule, basket: Basket, left: Mapping[int, int]) -> dict[int, int]:
    """Return line -> what the rule takes off it; never more than is left of it."""
    items = rule.items_of(basket)
    whole = sum(left[item.id] for item in items)
    if rule.kind == Kind.PERCENTAGE:
        # Rounded down, to the shop's favour by less than one unit.
        off = whole * rule.percent // 100
    else:
        off = min(rule.amount, whole)
    return spread(off, items, left)


def spread(off: int, items: list[Item], left: Mapping[int, int]) -> dict[int, int]:
    """Divide ``off`` among the tax rates, then each part among the rate's lines.

    Both by the largest remainder, in proportion to what is left of each line. Return
    line -> what is taken off it.
    """
    by_rate: dict[int, dict[int, int]] = defaultdict(dict)
    for item in items:
        by_rate[item.rate][item.id] = left[item.id]
    parts = divide(off, {rate: sum(of.values()) for rate, of in by_rate.items()})
    return {
        line: share
        for rate, lines in by_rate.items()
        for line, share in divide(parts.get(rate, 0), lines).items()
        if share
    }
