"""The packing desk: its list, the scanner, the pick list, a part of an order."""
# ruff: noqa: RUF001 (full-width digits of an input method)

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from backoffice.admin.packing import scan
from backoffice.admin.packing.selectors import (
    Readiness,
    by_number,
    make_picks,
    read_waiting,
    select,
)
from checkout.aftersales import dispatch
from checkout.mail.models import OrderMail
from inventory.models import StockItem
from orders import transitions
from orders.errors import BeingPacked
from orders.models import Order, Parcel, Payment, Shipment
from shop.database_clock import Now
from tests.backoffice.answers import text_of
from tests.support.parcels import send
from tests.support.refunding import make_charged_order
from tests.support.staff import make_staff
from tests.support.threads import exceptions_in, run_together

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]
LIST = "admin:backoffice_ordertoship_changelist"
SCAN = "admin:backoffice_ordertoship_scan"
BATCH = "admin:backoffice_ordertoship_batch"
TRACKING = "admin:backoffice_ordertoship_tracking"
PAGES = (LIST, SCAN, "admin:backoffice_ordertoship_pick", TRACKING)


@pytest.fixture
def packer(client: Client) -> Client:
    """Return a client who may ship orders and see them."""
    client.force_login(make_staff("view_order", "ship_order"))
    return client


def scanned(client: Client, code: str, current: str = "") -> str:
    """Scan a code. Return the page that follows."""
    fields = {"code": code, "carrier": "yamato", "current": current}
    return text_of(client.post(reverse(SCAN), fields, follow=True))


def status_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


# --- the list -------------------------------------------------------------------------


def test_only_who_ships_orders_sees_the_desk(client: Client) -> None:
    client.force_login(make_staff("view_order", name="miru"))
    for page in PAGES:
        assert client.get(reverse(page)).status_code == 403
    for page in (SCAN, BATCH, TRACKING):
        assert client.post(reverse(page)).status_code == 403
    assert reverse(LIST) not in text_of(client.get("/admin/"))


def test_the_list_shows_the_goods_of_what_waits_the_oldest_first(
    packer: Client,
) -> None:
    first = make_charged_order({"MUG-01": 2})
    second = make_charged_order({"TEA-01": 1})
    send(make_charged_order({"POT-01": 1}))

    page = text_of(packer.get(reverse(LIST)))

    assert page.index(first.number) < page.index(second.number)
    assert "MUG-01 × 2" in page
    assert "POT-01" not in page
    assert reverse(LIST) in text_of(packer.get("/admin/"))


def test_each_order_is_in_one_state(packer: Client) -> None:
    ready, packing, held, refunded, release, pickup, waiting, early = (
        make_charged_order({"MUG-01": 1}) for _order in range(8)
    )
    Order.objects.filter(pk=early.pk).update(not_before=date(2099, 1, 1))
    fetched = Order.objects.filter(pk__in=[pickup.pk, waiting.pk])
    fetched.update(pickup_place="Minato")
    waiting.refresh_from_db()
    transitions.make_ready(waiting, "ken")
    transitions.start_packing(packing, "ken")
    transitions.hold_back(held)
    Payment.objects.filter(order=refunded).update(refunded_minor=2400)
    Shipment.objects.filter(order=release).delete()
    Order.objects.filter(pk=release.pk).update(status="pending")
    Payment.objects.filter(order=release).update(
        status="authorized", captured_minor=0, capture="shipment"
    )

    found = {each: [order.pk for order in select(each)] for each in Readiness}

    assert found == {
        Readiness.READY: [ready.pk],
        Readiness.PACKING: [packing.pk],
        Readiness.PICKUP: [pickup.pk],
        Readiness.WAITING: [waiting.pk],
        Readiness.EXCHANGE: [],
        Readiness.HELD: [held.pk, refunded.pk],
        Readiness.RELEASE: [release.pk],
        Readiness.EARLY: [early.pk],
    }
    for each in Readiness:
        assert packer.get(reverse(LIST), {"state": each}).status_code == 200
    assert packer.get(reverse(LIST), {"state": "nonsense"}).status_code == 404


def test_the_list_takes_the_same_queries_for_any_number_of_orders(
    packer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    # Session, user, permissions; seven counts; orders, lines, substitutes, exchanges;
    # the shop's name, the menu's badges. The time is asked of PostgreSQL, by the
    # session and by the list.
    for _time in range(2):
        make_charged_order({"MUG-01": 1})
        make_charged_order({"MUG-01": 1})
        with django_assert_max_num_queries(22):
            packer.get(reverse(LIST))


def test_the_list_reads_the_index_of_what_waits() -> None:
    make_charged_order({"MUG-01": 1})
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
    rows = Shipment.objects.filter(status="requested").order_by("requested_at")[:50]

    assert "shipment_to_pack_idx" in rows.explain()


# --- picking --------------------------------------------------------------------------


def test_the_pick_list_follows_the_shelves(packer: Client) -> None:
    orders = [make_charged_order({"MUG-01": 1, "TEA-01": 2}) for _order in range(2)]
    orders.append(make_charged_order({"POT-01": 1}))
    StockItem.objects.filter(sku="MUG-01").update(shelf="A-10")
    StockItem.objects.filter(sku="TEA-01").update(shelf="A-2")
    numbers = [order.number for order in orders]

    picks = make_picks(read_waiting(by_number(numbers)))
    answer = packer.post(reverse(BATCH), {"order": numbers, "do": "pick"}, follow=True)

    assert [(pick.shelf, pick.quantity) for pick in picks] == [
        ("A-2", 4),
        ("A-10", 2),
        ("", 1),
    ]
    page = text_of(answer)
    assert page.index("A-2") < page.index("A-10")
    packers = Shipment.objects.values_list("packer", flat=True)
    assert set(packers) == {"yuki"}


def test_a_batch_leaves_what_another_packs(packer: Client) -> None:
    mine, other = (make_charged_order({"MUG-01": 1}) for _order in range(2))
    transitions.start_packing(other, "ken")

    page = text_of(
        packer.post(
            reverse(BATCH),
            {"order": [mine.number, other.number], "do": "pick"},
            follow=True,
        )
    )

    assert f"{other.number}: ken has been packing it since" in page
    assert Shipment.objects.get(order=other).packer == "ken"
    assert Shipment.objects.get(order=mine).packer == "yuki"


@pytest.mark.parametrize(
    ("do", "there"),
    [
        ("slips", "/papers/packing-slip/"),
        ("notes", "/papers/delivery-note/"),
        ("yamato", "/labels/yamato/"),
        ("sagawa", "/labels/sagawa/"),
    ],
)
def test_a_batch_leads_to_its_papers(packer: Client, do: str, there: str) -> None:
    order = make_charged_order({"MUG-01": 1})

    answer = packer.post(reverse(BATCH), {"order": [order.number], "do": do})

    assert there in answer["Location"]
    assert f"order={order.number}" in answer["Location"]
    assert packer.get(answer["Location"]).status_code == 200


def test_a_batch_of_nothing_says_so(packer: Client) -> None:
    page = text_of(packer.post(reverse(BATCH), {"do": "pick"}, follow=True))
    assert "Tick the orders first." in page


# --- the scanner ----------------------------------------------------------------------


def test_the_desk_shows_gifts_and_notes(packer: Client) -> None:
    make_charged_order({"MUG-01": 1})
    Order.objects.update(
        gift="wrapped", gift_message="Happy birthday!", note="Please ring twice"
    )

    page = packer.get(reverse(LIST)).content.decode()

    assert "Gift, wrapped: no prices in the parcel" in page
    assert "Happy birthday!" in page
    assert "Please ring twice" in page


def test_two_scans_ship_an_order(packer: Client) -> None:
    order = make_charged_order({"MUG-01": 2})

    page = scanned(packer, order.number.lower())
    assert f"{order.number}: pack it, then scan the tracking number." in page
    assert "MUG-01 × 2" in page
    page = scanned(packer, "A123456789012B", order.number)

    assert f"{order.number} is shipped with 123456789012." in page
    parcel = Parcel.objects.get()
    assert (parcel.carrier, parcel.tracking_number) == ("yamato", "123456789012")
    assert status_of(order) == "shipped"
    assert Shipment.objects.get().packer == ""
    assert OrderMail.objects.filter(kind="shipped").count() == 1

    # A scanner that sends the same label twice changes nothing.
    page = scanned(packer, "123456789012", order.number)
    assert "It is recorded as shipped." in page
    assert Parcel.objects.count() == 1


def test_full_width_digits_of_an_input_method_are_read() -> None:
    assert scan.clean("\uff12\uff16\uff11\uff11\uff12\uff12-AAAAAA ") == "261122-AAAAAA"


@pytest.mark.parametrize("code", ["\0", "<script>", "x" * 61, "261122-AAAAAA", ""])
def test_a_code_that_means_nothing_changes_nothing(packer: Client, code: str) -> None:
    order = make_charged_order({"MUG-01": 1})

    answer = packer.post(
        reverse(SCAN), {"code": code, "carrier": "yamato", "current": order.number}
    )

    assert answer.status_code in (302, 400, 422)
    assert not Parcel.objects.exists()
    assert status_of(order) == "confirmed"


def test_a_label_of_another_order_is_refused(packer: Client) -> None:
    first, second = (make_charged_order({"MUG-01": 1}) for _order in range(2))
    send(first, tracking_number="123456789012")
    scanned(packer, second.number)

    page = scanned(packer, "123456789012", second.number)

    assert f"is the number of a parcel of {first.number} already" in page
    assert status_of(second) == "confirmed"


def test_of_two_packers_one_wins_and_the_other_reads_why(packer: Client) -> None:
    order = make_charged_order({"MUG-01": 1})
    scanned(packer, order.number)
    other = Client()
    other.force_login(make_staff("ship_order", name="ken"))

    page = scanned(other, order.number)
    assert f"{order.number}: yuki has been packing it since" in page
    page = scanned(other, "999999999999", order.number)
    assert f"{order.number}: yuki has been packing it since" in page
    assert not Parcel.objects.exists()

    claim = reverse("admin:backoffice_ordertoship_claim")
    other.post(claim, {"order": order.number, "do": "take_over"})
    assert Shipment.objects.get().packer == "ken"
    other.post(claim, {"order": order.number, "do": "put_back"})
    assert Shipment.objects.get().packer == ""


def let_the_claim_expire(order: Order) -> None:
    """Move the claim's begin just behind its time, by the database's clock."""
    over = Now(-timedelta(minutes=settings.PACKING_CLAIM_MINUTES, seconds=1))
    Shipment.objects.filter(order=order).update(packing_since=over)


def test_a_claim_that_expired_is_taken_over_at_once_with_a_word(packer: Client) -> None:
    order = make_charged_order({"MUG-01": 1})
    transitions.start_packing(order, "ken")
    let_the_claim_expire(order)

    assert list(select(Readiness.READY)) == [order]
    assert not select(Readiness.PACKING).exists()
    assert "ken began 2 hours ago" in text_of(packer.get(reverse(LIST)))
    page = scanned(packer, order.number)

    assert f"{order.number}: you took it over from ken." in page
    assert Shipment.objects.get().packer == "yuki"
    assert list(select(Readiness.PACKING)) == [order]
    with pytest.raises(BeingPacked):
        transitions.start_packing(order, "ken")


def test_a_batch_takes_expired_claims_and_says_whose_they_were(packer: Client) -> None:
    order = make_charged_order({"MUG-01": 1})
    transitions.start_packing(order, "ken")
    let_the_claim_expire(order)

    page = text_of(packer.post(reverse(BATCH), {"do": "next"}, follow=True))

    assert f"{order.number}: you took it over from ken." in page
    assert Shipment.objects.get().packer == "yuki"


def test_a_claim_lasts_until_the_last_minute_and_its_packer_can_renew_it() -> None:
    order = make_charged_order({"MUG-01": 1})
    transitions.start_packing(order, "ken")
    before = Now(-timedelta(minutes=settings.PACKING_CLAIM_MINUTES, seconds=-30))
    Shipment.objects.update(packing_since=before)
    with pytest.raises(BeingPacked):
        transitions.start_packing(order, "yuki")
    assert not transitions.start_packing(order, "ken")

    let_the_claim_expire(order)

    assert transitions.start_packing(order, "ken")
    with pytest.raises(BeingPacked):
        transitions.start_packing(order, "yuki")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("was_claimed", [False, True])
def test_of_many_packers_at_once_one_gets_the_order(was_claimed: bool) -> None:
    order = make_charged_order({"MUG-01": 1})
    if was_claimed:
        transitions.start_packing(order, "ken")
        let_the_claim_expire(order)

    def act(number: int) -> bool:
        mine = Order.objects.get(pk=order.pk)
        return transitions.start_packing(mine, f"packer-{number}")

    answers = run_together(range(6), act)

    assert [each for each in answers if each is True] == [True]
    assert [type(error) for error in exceptions_in(answers)] == [BeingPacked] * 5


def test_what_must_not_go_is_not_opened(packer: Client) -> None:
    order = make_charged_order({"MUG-01": 1})
    Payment.objects.update(refunded_minor=2400)

    page = scanned(packer, order.number)

    assert "Nothing is left of its charge" in page
    assert Shipment.objects.get().packer == ""


# --- a part of an order ---------------------------------------------------------------


def test_a_part_is_sent_from_the_orders_page(packer: Client) -> None:
    order = make_charged_order({"MUG-01": 3})
    page = reverse("admin:orders_order_ship", args=[order.pk])
    line = order.lines.get()
    label = {"carrier": "yamato", "tracking_number": "1"}

    shown = packer.get(page)
    form = {**label, "uid": str(shown.context["form"]["uid"].value())}
    part = form | {f"units_{line.pk}_0": "1"}
    said = [text_of(packer.post(page, part, follow=True)) for _press in range(2)]

    assert f"Parcel 1 of {order.number} is shipped." in said[0]
    assert "was marked as shipped before" in said[1]
    assert Parcel.objects.get().lines.get().quantity == 1
    wrong = packer.post(page, label | {f"units_{line.pk}_0": "3"})
    assert wrong.status_code == 422
    stale = packer.post(page, label | {"units_999_0": "1"})
    assert "What is left to send has changed meanwhile." in text_of(stale)
    packer.post(page, label)
    assert status_of(order) == "shipped"
    assert dispatch.is_shippable(Order.objects.get(pk=order.pk)) is False
