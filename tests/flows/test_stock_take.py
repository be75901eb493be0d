"""A stock-take: freeze, count, approve above a threshold, post."""

import re

import pytest
from django.test import Client

from backoffice.admin.stock_takes.admin import PER_PAGE
from checkout.aftersales import exchanges
from checkout.payments.fake.gateway import FakeGateway
from flows.services import start_flow
from flows.stock_take.counting import CountRefused, enter, finish, on_shelf
from flows.stock_take.definition import FLOW
from flows.stock_take.models import StockCount, StockTake
from inventory.models import Movement, StockItem
from inventory.services import announce, receive, reserve
from saga.engine import run
from saga.errors import SecondPersonNeeded
from saga.models import Saga, State
from saga.operations import Decider, cancel, decide, resume
from tests.backoffice.answers import messages, text_of
from tests.conftest import Clock
from tests.flows.runs import approve, go_on, started
from tests.support.returns import arrive, make_sent_order, register
from tests.support.staff import make_staff

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def begin(shelves: str = "", approve_above: int = 2) -> tuple[StockTake, Saga]:
    take = StockTake.objects.create(
        shelves=shelves, approve_above=approve_above, started_by="yuki"
    )
    return take, started(start_flow(FLOW, str(take.pk))[0])


def goods() -> None:
    for sku, units in (("CAP-01", 5), ("MUG-01", 10), ("TEA-01", 7)):
        receive(sku, units, "delivery")
    StockItem.objects.filter(sku="TEA-01").update(shelf="A-02-1")


def count(take: StockTake, **counted: int) -> None:
    enter(take, {sku.replace("_", "-"): n for sku, n in counted.items()}, "yuki")
    finish(take, "yuki")


def on_hand() -> dict[str, int]:
    return dict(StockItem.objects.order_by("sku").values_list("sku", "on_hand"))


def test_small_differences_are_posted_at_once(clock: Clock) -> None:
    goods()
    take, saga = begin()
    assert (saga.state, saga.step) == (State.WAITING, "await_counts")
    count(take, CAP_01=6, MUG_01=9, TEA_01=7)
    saga = started(saga)

    assert saga.state == State.DONE
    assert on_hand() == {"CAP-01": 6, "MUG-01": 9, "TEA-01": 7}
    lines = Movement.objects.filter(kind=Movement.Kind.ADJUST)
    assert [(line.quantity, line.actor) for line in lines.order_by("item__sku")] == [
        (1, "yuki"),
        (-1, "yuki"),
    ]
    assert not StockCount.objects.filter(is_open=True).exists()


def test_large_ones_need_a_second_person(clock: Clock) -> None:
    goods()
    take, saga = begin()
    count(take, CAP_01=5, MUG_01=6, TEA_01=7)
    saga = started(saga)
    assert (saga.state, saga.step) == (State.WAITING, "approve")
    with pytest.raises(SecondPersonNeeded):
        decide(saga, Decider("yuki", lambda _p: True), "mine", approved=True)
    assert on_hand()["MUG-01"] == 10

    approve(saga)
    assert saga.state == State.DONE
    assert on_hand()["MUG-01"] == 6


def test_declined_nothing_is_posted_and_all_may_be_counted_again(clock: Clock) -> None:
    goods()
    take, saga = begin()
    count(take, CAP_01=0, MUG_01=0, TEA_01=0)
    saga = started(saga)
    approve(saga, approved=False)
    go_on(clock)
    saga.refresh_from_db()
    assert saga.state == State.COMPENSATED
    assert on_hand()["MUG-01"] == 10
    _again, other = begin()
    assert other.step == "await_counts"


def test_what_is_sold_while_it_is_counted_is_no_difference(clock: Clock) -> None:
    goods()
    take, saga = begin()
    enter(take, {"CAP-01": 5, "MUG-01": 10}, "yuki")
    receive("MUG-01", 30, "next delivery")
    count(take, TEA_01=7)
    assert started(saga).state == State.DONE
    assert on_hand()["MUG-01"] == 40


def test_only_some_shelves_are_counted_and_goods_in_one_take_only(clock: Clock) -> None:
    goods()
    take, _saga = begin("A-02")
    assert [one.sku for one in take.counts.all()] == ["TEA-01"]
    _other, refused = begin()
    assert (refused.state, refused.reason) == (State.COMPENSATED, "counted elsewhere")
    _none, nothing = begin("Z")
    assert nothing.reason == "nothing to count"


def test_more_missing_than_is_free_stops_for_staff_and_is_resumed(clock: Clock) -> None:
    goods()
    reserve("ORDER", {"CAP-01": 4}, None)
    take, saga = begin(approve_above=100)
    count(take, CAP_01=2, MUG_01=10, TEA_01=7)
    saga = started(saga)
    assert (saga.state, saga.step) == (State.FAILED, "post")
    assert on_hand()["CAP-01"] == 5

    receive("CAP-01", 3, "found")
    resume(saga, "ken", "some were found")
    assert started(saga).state == State.DONE
    assert on_hand()["CAP-01"] == 5


def test_counting_ends_once(clock: Clock) -> None:
    goods()
    take, saga = begin()
    with pytest.raises(CountRefused, match="3"):
        finish(take, "yuki")
    count(take, CAP_01=5, MUG_01=10, TEA_01=7)
    with pytest.raises(CountRefused):
        enter(take, {"CAP-01": 1}, "ken")
    cancelled, other = begin()
    assert other.state == State.COMPENSATED
    run(saga.pk)
    take, saga = begin()
    cancel(saga, "ken", "not today")
    go_on(clock)
    with pytest.raises(CountRefused):
        enter(take, {"CAP-01": 1}, "ken")
    assert cancelled.counts.count() == 0


def test_what_is_sold_and_not_sent_lies_on_the_shelf() -> None:
    goods()
    assert on_shelf(["MUG-01", "NONE-1"]) == {"MUG-01": 10, "NONE-1": 0}


def test_announced_units_that_have_not_come_lie_on_no_shelf(clock: Clock) -> None:
    goods()
    announce("MUG-01", 50, "maker", "ordered", "yuki")
    assert on_shelf(["MUG-01"]) == {"MUG-01": 10}
    take, saga = begin()
    count(take, CAP_01=5, MUG_01=10, TEA_01=7)
    assert started(saga).state == State.DONE
    assert on_hand()["MUG-01"] == 60
    receive("MUG-01", 20, "first part")
    assert on_shelf(["MUG-01"]) == {"MUG-01": 30}


def test_what_was_counted_before_is_not_counted_again_with_the_rest(
    client: Client, clock: Clock
) -> None:
    goods()
    client.force_login(make_staff("view_stocktake", "count_stocktake", name="yuki"))
    take, saga = begin()
    enter(take, {"CAP-01": 5, "MUG-01": 10}, "yuki")
    receive("MUG-01", 30, "next delivery")
    page = f"/admin/flows/stocktake/{take.pk}/"
    html = client.get(f"{page}change/").content.decode()
    # As a browser sends the form: each field with the value that the page gave it.
    fields = re.findall(r'name="(count-[0-9]+)"(?: value="([^"]*)")?', html)
    tea = f"count-{take.counts.get(sku='TEA-01').pk}"
    client.post(f"{page}count/", dict(fields) | {tea: "7", "finish": ""})
    assert started(saga).state == State.DONE
    assert on_hand()["MUG-01"] == 40


def test_a_large_shop_is_counted_page_by_page(client: Client, clock: Clock) -> None:
    StockItem.objects.bulk_create(
        StockItem(sku=f"SKU-{number:04}") for number in range(PER_PAGE + 1)
    )
    client.force_login(make_staff("view_stocktake", "count_stocktake", name="yuki"))
    take, _saga = begin()
    page = f"/admin/flows/stocktake/{take.pk}/"
    last = f"SKU-{PER_PAGE:04}"
    first = client.get(f"{page}change/").content.decode()
    assert first.count('name="count-') == PER_PAGE
    assert last not in first
    field = f"count-{take.counts.get(sku=last).pk}"
    saved = client.post(f"{page}count/?page=2", {field: "3"}, follow=True)
    assert last in text_of(saved)
    assert f"Not counted yet: {PER_PAGE}" in text_of(saved)


def test_what_is_sent_again_lies_there_until_it_is_sent(gateway: FakeGateway) -> None:
    returned = register(make_sent_order())
    arrive(returned)
    returned.refresh_from_db()
    before = on_shelf(["MUG-01"])
    exchange = exchanges.begin(returned, "ken")
    assert exchange is not None
    assert on_shelf(["MUG-01"]) == before

    exchanges.send(exchange, carrier="yamato", tracking_number="1", actor="ken")
    assert on_shelf(["MUG-01"]) == {"MUG-01": before["MUG-01"] - 2}


def test_staff_count_on_the_sheet(client: Client, clock: Clock) -> None:
    goods()
    client.force_login(
        make_staff("view_stocktake", "add_stocktake", "count_stocktake", name="yuki")
    )
    add = "/admin/flows/stocktake/add/"
    assert 'name="approve_above"' in text_of(client.get(add))
    client.post(add, {"shelves": "", "approve_above": "2"})
    take, saga = StockTake.objects.get(), Saga.objects.get()
    run(saga.pk)
    page = f"/admin/flows/stocktake/{take.pk}/change/"
    sheet = text_of(client.get(page))
    assert "MUG-01" in sheet
    assert "By the books" not in sheet
    keys = {one.sku: f"count-{one.pk}" for one in take.counts.all()}
    address = f"/admin/flows/stocktake/{take.pk}/count/"
    wrong = {keys["CAP-01"]: "five", keys["MUG-01"]: "\uff19", "finish": ""}
    said = messages(client.post(address, wrong, follow=True))
    assert "CAP-01: not a whole number." in said
    for odd in ("0" * 10 + "9" * 12, "9" * 5000):
        said = messages(client.post(address, {keys["CAP-01"]: odd}, follow=True))
        assert "CAP-01: not a whole number." in said
    sent = {keys["CAP-01"]: "5", keys["TEA-01"]: "7", "finish": ""}
    client.post(address, sent)
    assert started(saga).state == State.DONE
    assert on_hand()["MUG-01"] == 9
    assert "-1" in text_of(client.get(page))
