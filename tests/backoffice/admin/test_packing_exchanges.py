"""Exchanges at the packing desk: listed, picked, labelled and scanned like orders."""

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.admin.packing.tracking import Line, apply, check
from checkout.aftersales import dispatch, exchanges
from orders.errors import BeingPacked
from orders.models import Exchange, Order
from orders.transitions import exchanges as transitions
from tests.backoffice.answers import text_of
from tests.support.pickups import make_pickup_order
from tests.support.refunding import make_charged_order
from tests.support.returns import arrive, make_sent_order, register
from tests.support.staff import make_staff

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]
LIST = "admin:backoffice_ordertoship_changelist"
SCAN = "admin:backoffice_ordertoship_scan"
BATCH = "admin:backoffice_ordertoship_batch"


@pytest.fixture
def packer(client: Client) -> Client:
    client.force_login(make_staff("view_order", "ship_order", "handle_return"))
    return client


def make_exchange(order: Order | None = None) -> Exchange:
    returned = register(order or make_sent_order())
    arrive(returned, scrapped=2)
    exchange = exchanges.begin(returned, "ken")
    assert exchange
    return exchange


def make_pickup_exchange() -> Exchange:
    order = make_pickup_order()
    dispatch.ship(order, carrier="", tracking_number="", actor="yuki")
    return make_exchange(Order.objects.get(pk=order.pk))


def scanned(client: Client, code: str, current: str = "") -> str:
    fields = {"code": code, "carrier": "yamato", "current": current}
    return text_of(client.post(reverse(SCAN), fields, follow=True))


def post(client: Client, do: str, *numbers: str) -> str:
    fields = {"do": do, "order": list(numbers)}
    return text_of(client.post(reverse(BATCH), fields, follow=True))


def test_it_is_listed_beside_the_orders(packer: Client) -> None:
    exchange = make_exchange()

    listed = text_of(packer.get(reverse(LIST)))
    assert "Exchanges to send <strong>1</strong>" in listed
    page = packer.get(reverse(LIST), {"state": "exchange"})
    assert exchange.number in text_of(page)
    assert "MUG-01 × 2" in text_of(page)  # noqa: RUF001
    assert reverse("admin:orders_return_act", args=[exchange.returned_id, "sent"]) in (
        page.content.decode()
    )


def test_it_is_picked_and_printed_together_with_orders(packer: Client) -> None:
    exchange, order = make_exchange(), make_charged_order()
    numbers = (order.number, exchange.number)

    picks = post(packer, "pick", *numbers)

    assert "4 units" in picks
    assert f"{exchange.number} × 2" in picks  # noqa: RUF001
    exchange.refresh_from_db()
    assert exchange.packer
    slips = post(packer, "slips", *numbers)
    assert exchange.number in slips
    assert "In exchange for items that you returned, at no charge." in slips
    page = reverse("admin:backoffice_ordertoship_labels", args=["yamato"])
    labels = packer.get(page, {"order": numbers})
    assert exchange.number in labels.content.decode("cp932")
    pdf = reverse("admin:orders_order_paper_pdf", args=["packing-slip"])
    answer = packer.get(pdf, {"order": exchange.number})
    assert answer.content.startswith(b"%PDF")


def test_its_number_opens_it_and_its_label_sends_it_once(packer: Client) -> None:
    exchange = make_exchange()

    assert "pack it, then scan" in scanned(packer, exchange.number)
    assert f"{exchange.number} is shipped with 4912-7" in scanned(
        packer, "4912-7", exchange.number
    )
    assert "It is recorded as shipped" in scanned(packer, "49127", exchange.number)

    exchange.refresh_from_db()
    assert exchange.status == "sent"
    assert exchange.parcels.get().tracking_number == "4912-7"
    assert exchange.returned.status == "closed"
    other = make_charged_order()
    assert f"is the number of a parcel of {exchange.number}" in scanned(
        packer, "49127", other.number
    )
    assert Order.objects.get(pk=other.pk).status == "confirmed"


def test_two_packers_do_not_open_the_same_one(packer: Client) -> None:
    exchange = make_exchange()
    transitions.start_packing(exchange, "mio")

    with pytest.raises(BeingPacked):
        transitions.start_packing(exchange, "ken")
    page = scanned(packer, exchange.number)
    assert "mio has been packing it" in page
    assert "Take over" in page
    claim = reverse("admin:backoffice_ordertoship_claim")
    for wanted, packer_then in (("take_over", True), ("put_back", False)):
        packer.post(claim, {"order": exchange.number, "do": wanted})
        exchange.refresh_from_db()
        assert bool(exchange.packer) == packer_then
        assert exchange.packer != "mio"


def test_a_pick_up_is_made_ready_there_and_no_label_sends_it(packer: Client) -> None:
    exchange = make_pickup_exchange()

    assert "It has no label" in scanned(packer, "4912-7", exchange.number)
    assert "1 order is ready to be picked up" in post(packer, "ready", exchange.number)

    exchange.refresh_from_db()
    assert (exchange.status, exchange.packer) == ("requested", "")
    assert exchange.pickup_ready_at
    page = reverse("admin:backoffice_ordertoship_labels", args=["yamato"])
    assert packer.get(page, {"order": exchange.number}).status_code == 422


def test_tracking_numbers_of_a_file_send_it_once(packer: Client) -> None:
    exchange, picked_up = make_exchange(), make_pickup_exchange()
    found = [
        Line(2, exchange.number, "49-1", "yamato"),
        Line(3, picked_up.number, "49-2", "other"),
    ]
    assert [each.is_due for each in check(found)] == [True, False]

    assert [bool(each.problem) for each in apply(found, "ken")] == [False, True]
    assert [each.is_known for each in apply(found, "ken")] == [True, False]

    exchange.refresh_from_db()
    picked_up.refresh_from_db()
    assert (exchange.status, picked_up.status) == ("sent", "requested")
