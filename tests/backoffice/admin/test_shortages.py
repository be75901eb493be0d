"""Shortages: missing goods are reported, decided, and refunded by staff."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backoffice.roles import GROUPS
from checkout.mail.models import OrderMail
from checkout.payments.fake.gateway import FakeGateway
from inventory import services as inventory
from orders.models import Order, OrderEvent, Refund, Shipment, Shortage
from tests.backoffice.answers import Answer, text_of
from tests.support.ordering import counters
from tests.support.refunding import make_charged_order
from tests.support.shortages import BOTH, Choice, decide, give_back, make_shortage
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db

DESK = "/admin/orders/shortage/"


@pytest.fixture
def packer(client: Client, gateway: FakeGateway) -> Client:
    """Return a client who may pack, ship and settle shortages."""
    may = ("view_order", "view_shortage", "settle_shortage", "ship_order")
    client.force_login(make_staff(*may, name="tsumu"))
    return client


@pytest.fixture
def refunder(client: Client, gateway: FakeGateway) -> Client:
    """Return a client who may see shortages and make refunds."""
    may = ("view_order", "view_shortage", "refund")
    client.force_login(make_staff(*may, name="henkin"))
    return client


def order_page(order: Order, name: str = "change") -> str:
    return reverse(f"admin:orders_order_{name}", args=[order.pk])


def desk_page(shortage: Shortage) -> str:
    return f"{DESK}{shortage.pk}/change/"


def decision(shortage: Shortage, name: str) -> str:
    return f"{DESK}{shortage.pk}/decide/{name}/"


def say_missing(
    client: Client, order: Order, units: dict[str, int], **fields: object
) -> Answer:
    page = order_page(order, "missing")
    form = client.get(page).context["form"]
    sent = {"uid": form["uid"].value(), "shelf_is_empty": "on", "note": "not there"}
    for line in order.lines.all():
        sent[f"missing_{line.pk}"] = str(units.get(line.sku, ""))
    return client.post(page, {**sent, **fields}, follow=True)


def choose(client: Client, shortage: Shortage, name: str, **fields: object) -> Answer:
    page = decision(shortage, name)
    seen = client.get(page).context["form"]["seen"].value()
    sent = {"seen": seen, "reason": "agreed by phone", **fields}
    return client.post(page, sent, follow=True)


def several(count: int) -> list[Shortage]:
    return [make_shortage(shelf_is_empty=False) for _number in range(count)]


def listed(client: Client, **query: str) -> list[Order]:
    return [row.order for row in client.get(DESK, query).context["cl"].result_list]


def test_missing_goods_are_reported_from_the_orders_page(packer: Client) -> None:
    order = make_charged_order(BOTH)
    page = text_of(packer.get(order_page(order)))
    assert order_page(order, "missing") in page

    asked = text_of(packer.get(order_page(order, "missing")))
    assert "missing of 2" in asked
    assert "In the books: 8 free, 0 promised to other orders." in asked
    assert "Will keep the parcel here until it is decided what to do." in asked
    told = text_of(say_missing(packer, order, {"MUG-01": 1}))

    shortage = Shortage.objects.get()
    assert "The parcel is held back. Now decide what to do." in told
    assert counters() == (0, 0)
    page = text_of(packer.get(order_page(order)))
    assert order_page(order, "missing") not in page
    assert order_page(order, "ship") not in page
    assert desk_page(shortage) in page
    refused = text_of(packer.get(order_page(order, "ship")))
    assert "cannot be shipped. It is: on hold, items are missing." in refused


def test_the_rest_is_shipped_and_the_refund_left_to_refunders(
    packer: Client, client: Client
) -> None:
    shortage = make_shortage({"MUG-01": 1})
    order = shortage.order

    asked = text_of(packer.get(decision(shortage, "part")))
    assert "Will let 1 x MUG-01, 1 x TEA-01 be shipped now." in asked
    assert "Will refund nothing yet: ¥1,800 wait for a member of staff" in asked
    done = text_of(choose(packer, shortage, "part"))
    assert "the decision is recorded." in done
    assert Shipment.objects.get().status == "requested"
    assert order_page(order, "refund") not in done, "a packer does not refund"
    assert decision(shortage, "drop") not in done
    assert packer.post(decision(shortage, "drop")).status_code == 403

    client.force_login(make_staff("view_order", "view_shortage", "refund", name="h"))
    assert "a refund of ¥1,800" in text_of(client.get(DESK))
    page = text_of(client.get(desk_page(shortage)))
    assert order_page(order, "refund") in page
    answer = client.get(order_page(order, "refund"))
    form = answer.context["form"]
    mug = order.lines.get(sku="MUG-01")
    assert "¥1,800 were promised for missing items:" in text_of(answer)
    assert form["amount"].value() == "1,800"
    assert form[f"units_{mug.pk}"].value() == "1"
    assert form["reason"].value() == "agreed by phone"
    give_back(client, order, "1,800")
    assert Refund.objects.get().shortage == shortage
    assert listed(client) == []


def test_a_promise_made_by_mistake_is_dropped_by_a_refunder(
    refunder: Client,
) -> None:
    shortage = make_shortage({"MUG-01": 1})
    decide(shortage, Choice.PART)
    page = decision(shortage, "drop")

    assert page in text_of(refunder.get(desk_page(shortage)))
    asked = text_of(refunder.get(page))
    assert "Will take back the promise of ¥1,800: they are owed no more." in asked
    assert "write to them yourself" in asked
    assert "the decision is recorded." in text_of(choose(refunder, shortage, "drop"))

    shortage.refresh_from_db()
    assert (shortage.choice, shortage.refund_minor) == ("part", 0)
    assert listed(refunder) == []
    kept = OrderEvent.objects.get(name="promise_dropped").data
    assert (kept["amount"], kept["by"]) == (1800, "henkin")
    assert kept["reason"] == "agreed by phone"
    sent = {"seen": 1, "reason": "once more"}
    again = text_of(refunder.post(page, sent, follow=True))
    assert "Nothing was changed: no refund is promised any more." in again
    assert OrderEvent.objects.filter(name="promise_dropped").count() == 1


def test_a_shortage_goes_by_the_number_of_its_order(packer: Client) -> None:
    shortage = make_shortage()

    page = text_of(packer.get(desk_page(shortage)))

    assert (
        f"\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} {shortage.order.number} </div>"
        in page
    )


def test_everything_is_called_off_and_all_of_it_is_given_back(refunder: Client) -> None:
    shortage = make_shortage({"MUG-01": 1})
    decide(shortage, Choice.CANCEL)

    form = refunder.get(order_page(shortage.order, "refund")).context["form"]

    assert form["amount"].value() == "5,400"
    assert [row.units.value() for row in form.rows] == ["2", "1"]
    assert all(row.restock.field.disabled for row in form.rows), "it is back already"


def test_waiting_says_until_when_and_ends_when_the_goods_are_there(
    packer: Client,
) -> None:
    shortage = make_shortage({"MUG-01": 1})
    past = timezone.localdate() - timedelta(days=1)
    soon = timezone.localdate() + timedelta(days=3)

    wrong = choose(packer, shortage, "wait", until=past.isoformat())
    assert wrong.status_code == 422
    assert "This day is over." in text_of(wrong)
    choose(packer, shortage, "wait", until=soon.isoformat())
    shortage.refresh_from_db()
    assert (shortage.status, shortage.expected_on) == ("waiting", soon)

    asked = text_of(packer.get(decision(shortage, "arrived")))
    assert "MUG-01: only 0 are free. Receive the goods first." in asked
    told = text_of(choose(packer, shortage, "arrived"))
    assert "MUG-01: only 0 are free. Nothing was changed." in told
    inventory.receive("MUG-01", 2, "a new box")
    choose(packer, shortage, "arrived")

    shortage.refresh_from_db()
    assert shortage.status == "closed"
    assert order_page(shortage.order, "ship") in text_of(
        packer.get(order_page(shortage.order))
    )


def test_the_customer_is_asked(packer: Client) -> None:
    shortage = make_shortage({"MUG-01": 1})

    asked = text_of(packer.get(decision(shortage, "ask")))
    assert "The link in it lets the customer choose once, within 14 days" in asked
    for _press in range(2):
        packer.post(decision(shortage, "ask"), {"seen": 0, "until": ""})

    shortage.refresh_from_db()
    assert (shortage.asked_by, shortage.status) == ("tsumu", "open")
    assert OrderMail.objects.filter(kind="shortage").count() == 1
    assert "the customer, asked: just now" in text_of(packer.get(DESK))


def test_the_second_of_two_is_refused_and_names_the_first(packer: Client) -> None:
    shortage = make_shortage({"MUG-01": 1})
    seen = packer.get(decision(shortage, "cancel")).context["form"]["seen"].value()
    decide(shortage, Choice.WAIT, actor="ken")

    sent = {"seen": seen, "reason": "x"}
    told = packer.post(decision(shortage, "cancel"), sent, follow=True)

    assert "Nothing was changed: ken decided meanwhile." in text_of(told)
    shortage.refresh_from_db()
    assert shortage.choice == "wait"


def test_what_is_settled_is_not_decided_again(packer: Client) -> None:
    shortage = make_shortage({"MUG-01": 1})
    decide(shortage, Choice.CANCEL, actor="ken")
    shortage.refresh_from_db()
    seen = shortage.moves

    page = text_of(packer.get(decision(shortage, "wait")))
    sent = {"seen": seen, "reason": "x", "until": "2099-01-01"}
    answer = text_of(packer.post(decision(shortage, "wait"), sent, follow=True))

    assert "It is settled, or this cannot be done with it." in page
    assert "Nothing was changed: ken decided meanwhile." in answer
    shortage.refresh_from_db()
    assert (shortage.choice, shortage.moves) == ("cancel", seen)


@pytest.mark.parametrize(
    ("units", "fields", "words"),
    [
        ({}, {}, "Enter which items are missing."),
        ({"MUG-01": 3}, {}, "less than or equal to 2"),
        ({"MUG-01": 1}, {"note": " "}, "Write what you found."),
        ({"MUG-01": 1}, {"expected_on": "2001-01-01"}, "This day is over."),
    ],
)
def test_an_impossible_report_is_explained(
    packer: Client, units: dict[str, int], fields: dict[str, str], words: str
) -> None:
    order = make_charged_order(BOTH)

    answer = say_missing(packer, order, units, **fields)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Shortage.objects.exists()


def test_a_double_press_is_one_shortage(packer: Client) -> None:
    order = make_charged_order(BOTH)
    form = packer.get(order_page(order, "missing")).context["form"]
    uid = form["uid"].value()

    for _press in range(2):
        say_missing(packer, order, {"MUG-01": 1}, uid=uid)

    assert Shortage.objects.count() == 1


def test_an_order_without_a_waiting_parcel_is_refused(packer: Client) -> None:
    order = make_shortage().order

    page = text_of(packer.get(order_page(order, "missing")))
    told = text_of(say_missing(packer, order, {"TEA-01": 1}))

    assert "It is not paid and waiting for its parcel." in page
    assert "Nothing was changed: the order has a shortage that is not settled." in told
    assert Shortage.objects.count() == 1


def test_a_refusal_is_explained_in_the_language_of_staff(packer: Client) -> None:
    order = make_shortage().order
    packer.cookies[settings.LANGUAGE_COOKIE_NAME] = "ja"

    told = text_of(say_missing(packer, order, {"TEA-01": 1}))

    assert "この注文には対応が決まっていない欠品があります。" in told


def test_the_desk_lists_what_needs_staff_undecided_first(packer: Client) -> None:
    waiting, owing, open_, over = several(4)
    decide(waiting, Choice.WAIT)
    decide(owing, Choice.PART)
    decide(over, Choice.PART)
    Shortage.objects.filter(pk=over.pk).update(refund_minor=0)

    assert listed(packer) == [open_.order, waiting.order, owing.order]
    assert listed(packer, need="decision") == [open_.order]
    assert listed(packer, need="goods") == [waiting.order]
    assert listed(packer, need="refund") == [owing.order]
    assert len(listed(packer, need="all")) == 4
    html = text_of(packer.get(DESK))
    assert "staff to decide" in html
    assert "a refund of ¥1,800" in html


def test_the_desk_costs_the_same_for_many(
    packer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    several(3)
    packer.get(DESK)
    with django_assert_max_num_queries(10):
        packer.get(DESK)


def test_the_first_page_says_what_waits(packer: Client) -> None:
    late, owing, _open = several(3)
    decide(late, Choice.WAIT)
    decide(owing, Choice.CANCEL)
    yesterday = timezone.localdate() - timedelta(days=1)
    Shortage.objects.filter(pk=late.pk).update(expected_on=yesterday)

    html = text_of(packer.get("/admin/"))

    assert "1 order has missing items: decide what to do" in html
    assert "1 order is waiting for items that are overdue" in html
    assert "1 refund for missing items is promised but not made" in html
    assert 'class="late"' in text_of(packer.get(DESK))


def test_without_the_permission_nothing_is_said_or_decided(
    client: Client, gateway: FakeGateway
) -> None:
    shortage = make_shortage()
    client.force_login(make_staff("view_order", "view_shortage", name="miru"))

    assert "decide/" not in text_of(client.get(desk_page(shortage)))
    for page in (
        order_page(shortage.order, "missing"),
        decision(shortage, "part"),
        decision(shortage, "arrived"),
    ):
        assert client.get(page).status_code == 403
        assert client.post(page, {"reason": "x"}).status_code == 403
    client.force_login(make_staff("view_order", name="soto"))
    assert client.get(DESK).status_code == 403
    assert "lacks goods" not in text_of(client.get("/admin/"))


def test_operators_may_settle_and_viewers_look() -> None:
    assert "orders.settle_shortage" in GROUPS["Operator"]
    assert "orders.settle_shortage" not in GROUPS["Viewer"]
    assert "orders.view_shortage" in GROUPS["Viewer"]
