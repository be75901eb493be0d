"""Amounts are divided among tax rates, and add up to the yen."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.models import Order, OrderLine, Payment, Refund, RefundLine
from orders.rates import RateShare, divide, shares_of_charge, shares_of_refunds
from orders.selectors import refunds_made
from shop.database_clock import Now
from tests.support.orders import make_order

RATES = st.dictionaries(st.sampled_from([0, 5, 8, 10]), st.integers(0, 10**7))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**8), RATES)
def test_the_parts_add_up(amount: int, weights: dict[int, int]) -> None:
    parts = divide(amount, weights)

    assert sum(parts.values()) == amount
    assert all(part >= 0 for part in parts.values())


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, {10: 1, 8: 1}, {10: 50, 8: 50}),
        (101, {10: 1, 8: 1}, {10: 51, 8: 50}),
        (1, {10: 1, 8: 2}, {10: 0, 8: 1}),
        (0, {10: 1}, {10: 0}),
        (7, {}, {0: 7}),
        (0, {}, {}),
    ],
)
def test_the_largest_remainder_gets_the_last_yen(
    amount: int, weights: dict[int, int], parts: dict[int, int]
) -> None:
    assert divide(amount, weights) == parts


def make_mixed() -> Order:
    """Two mugs at 10 %, a tea at 8 %, shipping 600 at 10 %: 6,000 yen, charged."""
    order = make_order({"MUG-01": 2, "TEA-01": 1})
    OrderLine.objects.filter(sku="TEA-01").update(tax_rate=8)
    order.tax = [
        {"rate": 10, "gross": 4200, "tax": 382},
        {"rate": 8, "gross": 1800, "tax": 133},
    ]
    order.save()
    Payment.objects.filter(order=order).update(
        status="captured", captured_minor=6000, captured_at=Now()
    )
    return order


def make_refund(order: Order, amount: int, **units: int) -> Refund:
    refund = Refund.objects.create(
        payment=order.payment,
        amount_minor=amount,
        currency="JPY",
        status="succeeded",
        succeeded_at=Now(),
        actor="yuki",
        reason="broken",
    )
    for name, quantity in units.items():
        line = OrderLine.objects.get(order=order, sku=f"{name}-01")
        RefundLine.objects.create(
            refund=refund,
            line=line,
            quantity=quantity,
            paid_minor=line.paid_for(quantity),
        )
    return refund


def gross(shares: list[RateShare]) -> dict[int, int]:
    return {share.rate: share.gross for share in shares}


@pytest.mark.django_db
@pytest.mark.both_databases
class TestRefunds:
    def test_a_charge_has_the_order_s_own_shares(self) -> None:
        assert shares_of_charge(make_mixed(), 6000) == [
            RateShare(10, 4200, 382),
            RateShare(8, 1800, 133),
        ]

    def test_a_charge_of_another_amount_is_divided(self) -> None:
        assert gross(shares_of_charge(make_mixed(), 3001)) == {10: 2101, 8: 900}

    def test_named_units_are_of_their_rate(self) -> None:
        order = make_mixed()
        refund = make_refund(order, 1800, TEA=1)

        assert shares_of_refunds(order, refunds_made(order)) == {
            refund.pk: [RateShare(8, 1800, 133)]
        }

    def test_an_amount_without_units_is_divided_by_what_is_left(self) -> None:
        order = make_mixed()
        tea, rest = make_refund(order, 1800, TEA=1), make_refund(order, 1000)

        shares = shares_of_refunds(order, refunds_made(order))

        assert gross(shares[tea.pk]) == {8: 1800}
        assert gross(shares[rest.pk]) == {10: 1000}

    def test_less_than_the_goods_is_divided_by_the_goods(self) -> None:
        order = make_mixed()
        refund = make_refund(order, 1000, TEA=1, MUG=1)

        shares = shares_of_refunds(order, refunds_made(order))

        assert gross(shares[refund.pk]) == {10: 500, 8: 500}

    def test_refunds_of_the_whole_charge_end_at_its_shares(self) -> None:
        order = make_mixed()
        parts = [make_refund(order, 1234), make_refund(order, 1800, MUG=1)]
        parts.append(make_refund(order, 6000 - 1234 - 1800))

        shares = shares_of_refunds(order, refunds_made(order))

        total = {10: 0, 8: 0}
        for part in parts:
            assert sum(gross(shares[part.pk]).values()) == part.amount_minor
            for rate, amount in gross(shares[part.pk]).items():
                total[rate] += amount
        assert total == {10: 4200, 8: 1800}

    def test_refunds_that_were_not_made_count_for_nothing(self) -> None:
        order = make_mixed()
        refund = make_refund(order, 1000)
        Refund.objects.filter(pk=refund.pk).update(status="failed")

        assert refunds_made(order) == []
