"""The seeds of ``make chaos WAREHOUSE=sandbox``, and what is drawn by them."""

import pytest

from sandboxes.warehouse import faults
from tests.chaos.kill_points import points
from tests.chaos.tally import Result, sums, table
from tests.chaos.warehouse.blows import BLOWS
from tests.chaos.warehouse.counts import WarehouseCounts
from tests.chaos.warehouse.plans import BLOCK, EACH_RULES, Kind, Plan, first_seed, plan

OF_A_SERVER = {Kind.DATABASE, Kind.COMMITS}


def plans(number: int, *, server: bool = True) -> list[Plan]:
    return [plan(seed, server=server) for seed in range(1, number + 1)]


def test_a_seed_breaks_the_same_things_every_time() -> None:
    assert plans(BLOCK) == plans(BLOCK)
    assert plan(2, server=True) != plan(2 + BLOCK, server=True)


@pytest.mark.parametrize("server", [True, False])
def test_a_block_of_seeds_has_every_fault_that_the_database_can_have(
    server: bool,
) -> None:
    kinds = {one.kind for one in plans(BLOCK, server=server)}

    assert kinds == set(Kind) - (set() if server else OF_A_SERVER)
    assert kinds <= set(BLOWS)


def test_every_fault_of_the_sandbox_comes_in_the_run_that_has_each() -> None:
    (one,) = [one for one in plans(BLOCK) if one.kind is Kind.EACH]

    assert sorted(rule["kind"] for rule in EACH_RULES) == sorted(faults.KINDS)
    assert len(one.purchases) == len(one.errands) == len(faults.KINDS) + 2
    assert first_seed(Kind.EACH, server=True) == one.seed


def test_processes_die_in_all_steps_of_a_shipment_and_of_a_cancellation() -> None:
    steps = {
        purchase.death.point.split(".")[0]
        for one in plans(4 * BLOCK)
        for purchase in one.purchases
        if purchase.death
    }

    known = {point.split(".")[0] for point in points.shipping() + points.cancelling()}
    assert len(known) == 9
    assert steps == known


def test_orders_are_cancelled_before_and_after_their_parcels_leave() -> None:
    after = [
        errand.cancel_after
        for one in plans(4 * BLOCK)
        for errand in one.errands
        if errand.cancel_after is not None
    ]

    assert min(after) < 1.0
    assert max(after) > 8.0
    assert any(e.cancel_after is None for one in plans(BLOCK) for e in one.errands)


def test_the_table_counts_what_went_wrong_at_the_warehouse() -> None:
    counts = WarehouseCounts(missing=1, cancelled_sent=2)
    one = Result(
        database="sqlite",
        seed=1,
        kind="a",
        charges=5,
        double_charges=0,
        lost_orders=0,
        oversold=0,
        stuck=0,
        webhooks_missing=0,
        unreached=0,
        recovery=(1.0,),
        findings=(),
        warehouse=counts.figures(),
    )

    assert Result.read(one.line()) == one
    found = sums([one, one])
    assert found["missing_at_warehouse"] == 2
    assert found["cancelled_and_shipped"] == 4
    assert (found["twice_at_warehouse"], found["shipped_unpaid"]) == (0, 0)
    head, row, _everything = table([one], ["a"])
    assert dict(zip(head.split(), row.split()[1:], strict=False))["missing"] == "1"
