"""What discounts take off, by arithmetic alone."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as some

from checkout.cart.tax import taxes
from checkout.promotions.rules import Basket, Item, Rule, choose
from shop.money import Money

ITEM = Item(1, product=1, category=1, rate=10, amount=1800)


def basket(*amounts: tuple[int, int], shipping: int = 600) -> Basket:
    """Return a basket of lines (rate, amount), each of a product of its own."""
    items = (
        Item(number, product=number, category=1, rate=rate, amount=amount)
        for number, (rate, amount) in enumerate(amounts, start=1)
    )
    return Basket(tuple(items), shipping)


def percent(number: int, off: int, **more: object) -> Rule:
    return Rule(number, "percentage", percent=off, **more)  # type: ignore[arg-type]


def amount(number: int, off: int, **more: object) -> Rule:
    return Rule(number, "amount", amount=off, **more)  # type: ignore[arg-type]


def test_a_percentage_is_rounded_down_and_divided_among_rates_and_lines() -> None:
    (one,) = choose([percent(1, 10)], basket((10, 1805), (8, 700)))

    # 250.5 is 250: of it 180.14 and 69.86.
    assert one.goods == {1: 180, 2: 70}


def test_an_amount_is_never_more_than_the_items_it_is_for() -> None:
    rule = amount(1, 5000, products=frozenset({2}))

    (one,) = choose([rule], basket((10, 1800), (8, 700)))

    assert one.goods == {2: 700}


def test_free_shipping_saves_what_the_delivery_costs() -> None:
    (one,) = choose([Rule(1, "free_shipping")], basket((10, 1800)))

    assert (one.goods, one.shipping) == ({}, 600)


def test_what_takes_nothing_off_is_not_given() -> None:
    assert choose([Rule(1, "free_shipping")], basket((10, 1800), shipping=0)) == ()


def test_the_better_of_two_that_stand_alone_wins() -> None:
    rules = [percent(1, 10), amount(2, 300), percent(3, 5)]

    (one,) = choose(rules, basket((10, 1800)))

    assert one.rule.id == 2


def test_of_equal_ones_the_coupon_wins_then_the_older() -> None:
    equal = [percent(1, 10), percent(2, 10)]
    coupon = percent(3, 10, code_id=7, code="TEN")

    assert choose(equal, basket((10, 1800)))[0].rule.id == 1
    assert choose([*equal, coupon], basket((10, 1800)))[0].rule.id == 3


def test_those_that_combine_are_reckoned_one_after_the_other() -> None:
    rules = [
        amount(1, 500, is_combinable=True),
        percent(2, 10, is_combinable=True),
        Rule(3, "free_shipping", is_combinable=True),
        percent(4, 40),
    ]

    given_ = choose(rules, basket((10, 1800)))

    # 180 + 500 + 600 are more than the 720 of the one that stands alone.
    assert [(one.rule.id, one.amount) for one in given_] == [
        (2, 180),
        (1, 500),
        (3, 600),
    ]


def test_the_minimum_counts_the_items_it_is_for() -> None:
    rule = percent(1, 10, least=1000, categories=frozenset({1}))
    below = Basket((ITEM, Item(2, 2, 2, 8, 5000)), 600)

    assert choose([percent(1, 10, least=1801, products=frozenset({1}))], below) == ()
    assert choose([rule], below)[0].goods == {1: 180}


RULES = some.builds(
    Rule,
    id=some.integers(1, 9),
    kind=some.sampled_from(["percentage", "amount", "free_shipping"]),
    percent=some.integers(1, 100),
    amount=some.integers(1, 9000),
    least=some.sampled_from([0, 500, 3000]),
    products=some.frozensets(some.integers(1, 4), max_size=2),
    is_combinable=some.booleans(),
)
LINES = some.lists(
    some.tuples(some.sampled_from([8, 10]), some.integers(1, 5000)), max_size=6
)


@settings(max_examples=150, deadline=None)
@given(some.lists(RULES, max_size=5), LINES, some.sampled_from([0, 600]))
def test_lines_shipping_and_discounts_are_the_total_and_its_tax_parts(
    rules: list[Rule], lines: list[tuple[int, int]], shipping: int
) -> None:
    whole = basket(*lines, shipping=shipping)

    given_ = choose(rules, whole)

    off: Counter[int] = Counter()
    for one in given_:
        off.update(one.goods)
    assert all(0 <= off[item.id] <= item.amount for item in whole.items)
    sent = shipping - sum(one.shipping for one in given_)
    assert sent in (0, shipping)
    total = sum(item.amount for item in whole.items) + sent - off.total()
    paid = [(item.rate, Money(item.amount - off[item.id])) for item in whole.items]
    assert sum(part.gross.minor for part in taxes(paid, Money(sent))) == total
    assert total >= 0


@settings(max_examples=100, deadline=None)
@given(some.lists(RULES, max_size=5), LINES)
def test_no_other_candidate_would_take_more_off(
    rules: list[Rule], lines: list[tuple[int, int]]
) -> None:
    whole = basket(*lines)

    best = sum(one.amount for one in choose(rules, whole))

    for rule in rules:
        assert sum(one.amount for one in choose([rule], whole)) <= best
