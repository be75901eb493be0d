"""The search of all staff pages."""
# ruff: noqa: RUF001 (full-width text, as input methods write it)

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.admin.lists.search import _by_tail, build_condition
from backoffice.admin.search.kinds import SHOWN
from checkout.webhooks.models import ProviderEvent
from inventory.models import StockItem
from orders.models import Dispute, Order, Parcel, Payment, Refund, Shipment
from saga.models import State
from tests.support.catalogue import make_product
from tests.support.staff import make_order, make_payment, make_saga, make_staff

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

SEARCH = "/admin/search/"
NUMBER = "261122-7K3QX9"
SKU = "MUG-01"
QUERY_PLAN = {"sqlite": "QUERY PLAN", "postgresql": ""}


@pytest.fixture
def order() -> Order:
    order = make_order(NUMBER, sku=SKU)
    make_payment(order)
    make_saga(order, state=State.FAILED, step="fulfil_order")
    return order


def find(client: Client, typed: str) -> str:
    """Return the address that the search leads to, else what its page lists."""
    answer = client.get(SEARCH, {"q": typed})
    if answer.status_code == 302:
        return answer["Location"]
    html = answer.content.decode()
    content = html[html.index('<div id="content-main"') : html.index("<footer")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


def page_of(order: Order) -> str:
    return f"/admin/orders/order/{order.pk}/change/"


@pytest.mark.parametrize(
    "typed", [NUMBER, NUMBER.lower(), "7K3QX9", "7k3qx9", "２６１１２２-7K3QX9 "]
)
def test_a_number_or_its_tail_leads_to_the_order(
    admin_client: Client, order: Order, typed: str
) -> None:
    make_order("261122-7K3QX8", sku="CAP-01")
    assert find(admin_client, typed) == page_of(order)


def test_ids_of_stripe_lead_to_what_they_name(
    admin_client: Client, order: Order
) -> None:
    payment = order.payment
    payment.intent_id, payment.charge_id = "pi_7", "ch_7"
    payment.save()
    refund = Refund.objects.create(
        payment=payment,
        amount_minor=100,
        currency="JPY",
        origin="provider",
        refund_id="re_7",
    )
    dispute = Dispute.objects.create(dispute_id="du_7", status="reported")
    event = ProviderEvent.objects.create(event_id="evt_7", type="charge.captured")
    assert find(admin_client, "pi_7") == page_of(order)
    assert find(admin_client, "ch_7") == page_of(order)
    assert find(admin_client, "re_7") == f"/admin/orders/refund/{refund.pk}/change/"
    assert find(admin_client, "du_7") == f"/admin/orders/dispute/{dispute.pk}/change/"
    listed = f"/admin/checkout/providerevent/{event.pk}/change/"
    assert find(admin_client, "evt_7") == listed


@pytest.mark.parametrize(
    "typed", ["2611", "261122", "261122-7", "261122-7k3", "2611227K3", "7k3", "7K3QX"]
)
def test_the_beginning_of_a_number_or_of_its_tail_lists_orders(
    admin_client: Client, order: Order, typed: str
) -> None:
    make_order("260101-7K4AAA", sku="CAP-01")
    found = find(admin_client, typed)
    assert found.startswith(f"Orders {NUMBER} ")
    assert "7K4AAA" not in found


@pytest.mark.parametrize("tail", ["ZZ", "ZZZZZZ", "A9", "9ZZ9ZZ", "7"])
def test_a_tail_is_found_by_its_beginning_whatever_follows_it(tail: str) -> None:
    for number, other in enumerate(("000000", "7K3QX9", "9ZZ9ZZ", "A9A000", "ZZZZZZ")):
        make_order(f"261122-{other}", sku=f"M-{number}")
    wanted = Order.objects.filter(number__regex=f"^261122-{tail}")
    assert wanted.exists()
    assert set(Order.objects.filter(_by_tail(tail))) == set(wanted)


@pytest.mark.parametrize(
    "typed", ["5678", "45678", "234-5678", "3 1234 5678", "５６７８", "(34)5678"]
)
def test_the_last_digits_of_a_phone_find_its_orders(
    admin_client: Client, order: Order, typed: str
) -> None:
    numbers = ["03-1234-5679", "0120-995-678", "+86105678901"]
    for number, phone in enumerate(numbers):
        other = make_order(f"261122-OTHER{number}", sku=f"CAP-{number}")
        Order.objects.filter(pk=other.pk).update(phone=phone, name="Ken")
    Order.objects.filter(pk=order.pk).update(phone="03-1234-5678")
    found = find(admin_client, typed)
    assert found.startswith("Orders ")
    assert NUMBER in found
    assert ("OTHER1" in found) == (typed in ("5678", "５６７８"))
    assert "OTHER0" not in found
    assert "OTHER2" not in found


def test_three_digits_of_a_phone_are_too_few(
    admin_client: Client, order: Order
) -> None:
    assert find(admin_client, "678").startswith("Nothing found")


def test_the_beginning_of_an_id_of_stripe_lists_what_has_it(
    admin_client: Client, order: Order
) -> None:
    Payment.objects.update(intent_id="pi_3Pabc", charge_id="ch_3Pabc")
    refund = {"payment": order.payment, "amount_minor": 1, "currency": "JPY"}
    Refund.objects.create(**refund, origin="provider", refund_id="re_3Pabc")
    Dispute.objects.create(dispute_id="du_3Pabc", status="reported")
    ProviderEvent.objects.create(event_id="evt_3Pabc", type="charge.captured")
    for typed in ("pi_3P", "ch_3P"):
        assert find(admin_client, typed).startswith(f"Orders {NUMBER} ")
    assert find(admin_client, "re_3P").startswith(f"Refunds {NUMBER}, ¥1 re_3Pabc")
    assert find(admin_client, "du_3P").startswith("Disputes ")
    assert find(admin_client, "evt_3P") == "Stripe events charge.captured evt_3Pabc"


def test_a_tracking_number_leads_to_its_order(
    admin_client: Client, order: Order
) -> None:
    shipment = Shipment.objects.create(order=order)
    Parcel.objects.create(shipment=shipment, number=1, tracking_number="1234-5678-9012")
    assert find(admin_client, "123456789012") == page_of(order)


@pytest.mark.parametrize(
    "typed",
    [
        "Hanako",
        "Minato",
        "hanako@example.com",
        "03-1234-5678",
        "0312345678",
        "+81 3 1234 5678",
        "261122-",
    ],
)
def test_what_several_people_may_share_is_listed(
    admin_client: Client, order: Order, typed: str
) -> None:
    other = make_order("261122-OTHERS", name="Ken Sato", sku="CAP-01")
    Order.objects.filter(pk=other.pk).update(email="ken@example.com", phone="+1234567")
    found = find(admin_client, typed)
    assert found.startswith("Orders 261122-")
    assert f"{NUMBER} Hanako Minato, hanako@example.com, ¥4,200" in found
    assert ("OTHERS" in found) == (typed == "261122-")


def test_an_sku_leads_to_its_stock_and_a_part_of_it_lists(
    admin_client: Client, order: Order
) -> None:
    item = StockItem.objects.get()
    stock = f"/admin/inventory/stockitem/{item.pk}/change/"
    assert find(admin_client, "mug-01") == stock
    assert find(admin_client, "mug") == f"Stock {SKU} 8 free"


def test_the_name_of_a_product_lists_it(admin_client: Client) -> None:
    make_product()
    assert find(admin_client, "morning m") == "Products Morning Mug"
    assert find(admin_client, "マグ") == "Products Morning Mug"


def test_nobody_finds_what_they_may_not_open(client: Client, order: Order) -> None:
    client.force_login(make_staff("view_stockitem"))
    assert find(client, NUMBER) == nothing_for(NUMBER)
    assert find(client, "Hanako") == nothing_for("Hanako")
    assert find(client, SKU).startswith("/admin/inventory/stockitem/")
    client.force_login(make_staff("view_order", name="miru"))
    assert find(client, NUMBER) == page_of(order)
    assert find(client, SKU) == nothing_for(SKU)
    client.force_login(make_staff("view_stalledorder", name="naoko"))
    stalled = f"/admin/backoffice/stalledorder/{order.pk}/change/"
    assert find(client, NUMBER) == stalled
    assert client.get(stalled).status_code == 200


def nothing_for(typed: str) -> str:
    return (
        f"Nothing found for “{typed}”. Names and mail addresses are found by their "
        "beginning, and in the capitals in which they were entered. Phone numbers are "
        "found by four or more of their last digits, tracking numbers as a whole."
    )


def test_customers_have_no_search_of_staff(client: Client, order: Order) -> None:
    answer = client.get(SEARCH, {"q": NUMBER})
    assert answer["Location"].startswith("/admin/login/?next=/admin/search/")


def test_odd_text_finds_nothing(admin_client: Client, order: Order) -> None:
    assert admin_client.get(SEARCH, {"q": "a\0b"}).status_code == 400
    assert admin_client.post(SEARCH, {"q": NUMBER}).status_code == 405
    long = "x" * 5000
    assert find(admin_client, long) == nothing_for(long[:255])
    assert find(admin_client, "<b>") == nothing_for("<b>")
    assert find(admin_client, "100%_") == nothing_for("100%_")
    for blank in ("", "  ", "\u3000", "\u200b"):
        assert find(admin_client, blank).startswith("Enter what you have at hand")


def test_more_than_it_shows_is_said_with_the_same_statements(
    admin_client: Client,
) -> None:
    make_order("261122-000000", sku="M-000")
    statements(admin_client)  # content types, and what else is kept
    few = statements(admin_client)
    for number in range(1, SHOWN + 1):
        make_order(f"261122-{number:06}", sku=f"M-{number:03}")
    found = find(admin_client, "Hanako")
    assert found.count("Hanako Minato") == SHOWN
    assert found.endswith("There are more: enter more characters.")
    assert statements(admin_client) == few


def statements(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(SEARCH, {"q": "Hanako"})
    return len(queries)


@pytest.mark.parametrize(
    "typed",
    [
        *("261122-AAAAAA", "AAAAAA", "2611", "261122AAA", "Hanako", "a@b.example"),
        *("0312345678", "5678", "12345678", "pi_1", "ch_1"),
    ],
)
def test_no_search_for_orders_reads_all_of_them(typed: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The tables are empty here: only whether the indexes fit is asked.
            cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as queries:
        plans = [Order.objects.filter(build_condition(typed)).order_by().explain()]
    with connection.cursor() as cursor:
        for query in queries.captured_queries[:-1]:
            cursor.execute(f"EXPLAIN {QUERY_PLAN[connection.vendor]} {query['sql']}")
            plans += [str(row) for row in cursor.fetchall()]
    for line in "\n".join(plans).splitlines():
        assert "Seq Scan" not in line, plans
        assert "SCAN" not in line or "INDEX" in line, plans
