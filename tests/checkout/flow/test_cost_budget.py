"""Statements of a checkout: these figures must not creep up.

If you make them smaller, write the new figures here and into benchmarks/README.md.
"""

from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from checkout.cart.pricing import quote
from checkout.flow.definition import CHECKOUT
from checkout.payments.fake.gateway import FakeGateway
from checkout.placement.services import place_order
from saga.engine import run
from saga.models import Saga, State
from tests.support.orders import VISA, make_cart, make_saga, stock

# By link: a figure for each commit, in order: the statements that it commits.
COMMITS = {
    "checkout.reserve_stock": [8],
    "checkout.take_payment": [2, 7, 18],
    "checkout.send_confirmation": [1, 6],
}
# Of the transaction that places an order, when its articles are scarce: then it locks
# and counts them. On PostgreSQL it also passes the gate of docs/adr/0015.
PLACING = {"sqlite": 11, "postgresql": 12}
# By link: what is read outside of transactions.
READS = {
    "checkout.reserve_stock": 1,
    "checkout.take_payment": 5,
    "checkout.send_confirmation": 5,
}


@dataclass(frozen=True)
class Cost:
    """Statements of each transaction, and those outside of any."""

    commits: list[int]
    reads: int


def is_reading(sql: str) -> bool:
    return sql.startswith("SELECT")


def cost(queries: CaptureQueriesContext) -> Cost:
    commits: list[int] = []
    reads, inside = 0, None
    for query in queries:
        sql = query["sql"]
        if sql.startswith("BEGIN"):
            inside = 0
        elif sql.startswith("COMMIT"):
            commits.append(inside or 0)
            inside = None
        elif inside is None and is_reading(sql):
            reads += 1
        elif inside is None:
            # Alone, a statement is a transaction of its own.
            commits.append(1)
        else:
            inside += 1
    return Cost(commits, reads)


def cost_of(saga: Saga, link: str) -> Cost:
    with CaptureQueriesContext(connection) as queries:
        run(saga.pk, link)
    return cost(queries)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_placing_an_order_costs_no_more_than_its_budget(settings: Settings) -> None:
    settings.CARD_TRIES_PER_HOUR = 20
    settings.UNPAID_ORDERS_PER_EMAIL = 5
    cart = make_cart({"CAP-01": 1, "MUG-01": 2, "PEN-01": 3})
    priced = quote(cart)

    with CaptureQueriesContext(connection) as queries:
        place_order(cart, priced, token=VISA, language="en", client="198.51.100.7")

    assert cost(queries) == Cost([PLACING[connection.vendor]], reads=0)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_checkout_costs_no_more_than_its_budget(gateway: FakeGateway) -> None:
    units = {"CAP-01": 1, "MUG-01": 2, "PEN-01": 3}
    for sku in units:
        stock(sku, 10)
    saga = make_saga(units)
    costs = {}

    for link in CHECKOUT.remaining_links(CHECKOUT.steps[0].name):
        costs[link] = cost_of(saga, link)
    for branch in Saga.objects.filter(parent=saga):
        (link,) = CHECKOUT.remaining_links(branch.step)
        costs[link] = cost_of(branch, link)

    assert Saga.objects.get(pk=saga.pk).state == State.DONE
    assert {link: each.commits for link, each in costs.items()} == COMMITS
    assert {link: each.reads for link, each in costs.items()} == READS
