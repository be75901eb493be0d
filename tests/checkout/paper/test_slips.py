"""Packing slips and delivery notes say what is in the parcel."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from checkout.paper.document import Document
from checkout.paper.kinds import PaperKind
from checkout.paper.slips import make_slips
from orders.models import Order, OrderLine
from shop.profile.models import ShopProfile
from tests.support.orders import make_order
from tests.support.parcels import send
from tests.support.refunding import make_charged_order
from tests.support.shortages import substituted

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
SLIP, NOTE = PaperKind.PACKING_SLIP, PaperKind.DELIVERY_NOTE


def make_slip(kind: PaperKind, order: Order, **how: Any) -> Document:
    """Return the only paper of the order."""
    (paper,) = make_slips(kind, order, **how)
    return paper


def parcel_of(paper: Document) -> str:
    """Return which parcel the paper names; "" if it is the only one."""
    return "".join(fact.value for fact in paper.facts if fact.label == "Parcel")


def test_a_packing_slip_shows_no_price() -> None:
    order = make_order({"MUG-01": 2, "TEA-01": 1})

    paper = make_slip(SLIP, order)

    assert [(line.sku, line.quantity) for line in paper.lines] == [
        ("MUG-01", 2),
        ("TEA-01", 1),
    ]
    assert not paper.has_prices
    assert paper.amounts == ()
    assert "¥" not in repr(paper)
    assert "Hanako Minato" in paper.addressee
    assert "〒105-0011" in paper.addressee


def test_a_delivery_note_shows_prices_and_their_sum() -> None:
    order = make_order({"MUG-01": 2})

    paper = make_slip(NOTE, order)

    assert [(line.unit, line.total) for line in paper.lines] == [("¥1,800", "¥3,600")]
    assert [fact.value for fact in paper.amounts] == ["¥3,600", "¥600", "¥4,200"]


def test_a_gift_s_delivery_note_shows_none() -> None:
    paper = make_slip(NOTE, make_order(), prices=False)

    assert "¥" not in repr(paper)


def test_a_gift_shows_no_price_whatever_is_asked_and_says_its_message() -> None:
    order = make_order()
    order.gift, order.gift_message = "wrapped", "Happy birthday!"
    order.note = "A secret"

    papers = [make_slip(kind, order, prices=True) for kind in (SLIP, NOTE)]

    assert "¥" not in repr(papers)
    assert "A secret" not in repr(papers)
    assert [paper.notes[0] for paper in papers] == ["Happy birthday!"] * 2
    assert "Gift, wrapped: no prices in the parcel" in repr(papers[0].facts)


def test_packers_read_the_note_of_an_order_that_is_no_gift() -> None:
    order = make_order()
    order.note = "Please ring twice"

    assert "Please ring twice" in repr(make_slip(SLIP, order).facts)
    assert "Please ring twice" not in repr(make_slip(NOTE, order))


def test_goods_of_the_reduced_rate_are_marked_where_prices_are() -> None:
    order = make_order({"TEA-01": 1, "MUG-01": 1})
    OrderLine.objects.filter(sku="TEA-01").update(tax_rate=8)

    paper = make_slip(NOTE, order)

    assert [line.name for line in paper.lines] == ["Article TEA-01 ※", "Article MUG-01"]
    assert any("8 %" in str(note) for note in paper.notes)
    assert "※" not in repr(make_slip(SLIP, order))


def test_goods_back_in_stock_are_not_in_the_parcel() -> None:
    order = make_order({"MUG-01": 3, "TEA-01": 1})
    OrderLine.objects.filter(sku="MUG-01").update(restocked=1)
    OrderLine.objects.filter(sku="TEA-01").update(restocked=1)

    paper = make_slip(SLIP, order)

    assert [(line.sku, line.quantity) for line in paper.lines] == [("MUG-01", 2)]


def test_it_is_in_the_customer_s_language_or_in_another_one() -> None:
    order = make_order()
    order.language = "ja"

    assert make_slip(NOTE, order).title == "納品書"
    assert "Hanako Minato 様" in make_slip(NOTE, order).addressee
    assert make_slip(NOTE, order, language="en").title == "Delivery note"


def test_it_names_the_seller_of_the_profile() -> None:
    order = make_order()
    assert make_slip(SLIP, order).seller[0] == "Minato TV Shop"

    ShopProfile.objects.create(
        pk=1,
        name_ja="株式会社みなと",
        name_en="Minato K.K.",
        address_ja="東京都港区\n芝公園4-2-8",
        address_en="4-2-8 Shibakoen\nTokyo",
        phone="03-1111-2222",
        invoice_number="T7000012050002",
    )

    assert make_slip(SLIP, order).seller == (
        "Minato K.K.",
        "4-2-8 Shibakoen",
        "Tokyo",
        "Phone: 03-1111-2222",
        "Registration number: T7000012050002",
    )


def test_a_slip_costs_three_queries() -> None:
    order = make_order({"MUG-01": 2, "TEA-01": 1})

    with CaptureQueriesContext(
        connection,
    ) as queries:
        make_slip(SLIP, order)

    # Lines, substitutes, the seller.
    assert len(queries) == 3


@pytest.mark.parametrize("kind", [SLIP, NOTE])
def test_it_says_how_and_when_the_order_goes_and_arrives(kind: PaperKind) -> None:
    order = make_order()
    facts = {fact.label: fact.value for fact in make_slip(kind, order).facts}
    assert {"Shipping method", "Ship by", "Delivery day and time"}.isdisjoint(facts)
    order.shipping_method, order.ship_by = "Parcel", date(2026, 12, 1)
    order.delivery_on, order.delivery_slot = date(2026, 12, 6), "am"

    facts = {fact.label: fact.value for fact in make_slip(kind, order).facts}

    assert facts["Shipping method"] == "Parcel"
    assert facts.get("Ship by") == ("Tue 1 Dec" if kind is SLIP else None)
    assert facts["Delivery day and time"] == "Sun 6 Dec Morning (until 12:00)"


@pytest.mark.parametrize("kind", [SLIP, NOTE])
def test_of_a_pick_up_it_names_the_place_and_no_address(kind: PaperKind) -> None:
    order = make_order()
    order.pickup_place, order.ship_by = "Minato", date(2026, 12, 1)
    order.postcode = order.prefecture = order.city = order.street = order.delivery = ""

    paper = make_slip(kind, order)

    facts = {fact.label: fact.value for fact in paper.facts}
    assert facts["Pick up at"] == "Minato"
    assert facts.get("Ready by") == ("Tue 1 Dec" if kind is SLIP else None)
    assert "Delivery" not in facts
    assert paper.addressee == ("Hanako Minato",)


def test_a_packing_slip_of_the_rest_leaves_out_what_has_left(gateway: object) -> None:
    order = make_charged_order({"MUG-01": 3, "TEA-01": 1})
    send(order, {"MUG-01": 2, "TEA-01": 1})

    slip, note = make_slip(SLIP, order), make_slip(NOTE, order)

    assert [(line.sku, line.quantity) for line in slip.lines] == [("MUG-01", 1)]
    assert "The other items of this order were sent before." in slip.notes
    assert [line.quantity for line in note.lines] == [3, 1]
    assert parcel_of(slip) == "2 of 2"
    assert parcel_of(note) == ""


def test_an_order_in_several_parcels_has_a_slip_for_each(gateway: object) -> None:
    order = make_charged_order({"MUG-01": 3, "TEA-01": 1})
    send(order, {"MUG-01": 2})
    send(order, {"TEA-01": 1})
    assert contents(make_slips(SLIP, order)) == {"3 of 3": {"MUG-01": 1}}
    assert contents(make_slips(SLIP, order, number=1)) == {"1 of 3": {"MUG-01": 2}}
    send(order)

    papers = make_slips(SLIP, order)

    assert contents(papers) == {
        "1 of 3": {"MUG-01": 2},
        "2 of 3": {"TEA-01": 1},
        "3 of 3": {"MUG-01": 1},
    }
    assert "were sent before" not in repr(papers)
    assert contents(make_slips(SLIP, order, number=2)) == {"2 of 3": {"TEA-01": 1}}
    assert len(make_slips(NOTE, order)) == 1


def test_the_only_parcel_of_an_order_is_not_counted(gateway: object) -> None:
    order = make_charged_order({"MUG-01": 3})
    send(order)
    for number in (0, 1, 9):
        assert contents(make_slips(SLIP, order, number=number)) == {"": {"MUG-01": 3}}


def test_a_parcel_with_a_substitute_says_for_what_it_was_sent(gateway: object) -> None:
    order = substituted().order
    send(order, {"MUG-01": 1, "TEA-01": 1})
    rest = make_slip(SLIP, order)
    send(order)

    first, second = make_slips(SLIP, order)

    assert (parcel_of(first), parcel_of(second)) == ("1 of 2", "2 of 2")
    for paper in (rest, second):
        (line,) = paper.lines
        assert (line.sku, line.quantity) == ("CUP-01", 1)
        assert "in place of Morning Mug" in line.detail


def contents(papers: list[Document]) -> dict[str, dict[str, int]]:
    """Return parcel -> SKU -> units."""
    return {
        parcel_of(paper): {line.sku: line.quantity for line in paper.lines}
        for paper in papers
    }
