"""The admin's menu: lists by what people do, only those that a person may open."""

import re
import uuid
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.admin.dashboard import waiting
from backoffice.admin.rooms.rooms import ROOMS, TECHNICAL
from backoffice.roles import make_groups
from checkout.aftersales.cancellations.services import ask as ask_to_cancel
from checkout.payments.fake.gateway import FakeGateway
from inventory.models import StockItem
from orders.models import Dispute
from shop.profile.models import ShopProfile
from tests.support.catalogue import make_product
from tests.support.refunding import make_charged_order
from tests.support.staff import make_staff, make_stalled

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

MENU = re.compile(r'<nav id="rooms".*?</nav>', re.DOTALL)
TITLE = re.compile(r'class="room-title">(?:<a[^>]*>)?([^<]+)|<summary>([^<]+)')


def menu(client: Client, path: str = "/admin/") -> str:
    found = MENU.search(client.get(path).content.decode())
    assert found
    return unescape(found[0])


def titles(client: Client) -> list[str]:
    return [(plain or folded).strip() for plain, folded in TITLE.findall(menu(client))]


def linked(html: str) -> list[str]:
    return re.findall(r'<a href="/admin/([^"]+)/"', html)


def make_member(group: str) -> Client:
    make_groups()
    user = make_staff()
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


def test_every_list_has_exactly_one_room() -> None:
    placed = [name for room in (*ROOMS, TECHNICAL) for name in room.models]
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert len(placed) == len(set(placed))
    assert set(placed) == registered


def test_the_daily_rooms_come_first(admin_client: Client) -> None:
    assert titles(admin_client) == [
        "Needs attention",
        "Orders",
        "To ship",
        "Products",
        "Stock",
        "Customers",
        "Reports",
        "Settings",
        "Technical",
    ]


def test_the_rooms_hold_only_what_a_group_may_open() -> None:
    accountant = make_member("Accountant")
    assert titles(accountant) == ["Needs attention", "Reports"]
    links = linked(menu(accountant))
    assert links == [
        "backoffice/flow",
        "backoffice/salesreport",
        "backoffice/accountsexport",
        "checkout/accountmovement",
        "flows/dailyclose",
    ]
    answers = [accountant.get(f"/admin/{link}/").status_code for link in links]
    assert answers == [200] * 5


def test_without_permission_the_first_page_says_whom_to_ask(outsider: Client) -> None:
    assert titles(outsider) == ["Needs attention"]
    html = outsider.get("/admin/").content.decode()
    assert "You have no permission to see anything here." in html


def test_the_list_of_the_page_is_marked(admin_client: Client) -> None:
    marked = re.compile(r'<a href="([^"]+)" aria-current="page">')
    assert marked.findall(menu(admin_client)) == ["/admin/"]
    html = menu(admin_client, "/admin/saga/breaker/")
    assert marked.findall(html) == ["/admin/saga/breaker/"]
    assert "<details open>" in html
    assert "<details open>" not in menu(admin_client)


def badges(html: str) -> dict[str, str]:
    """Return list -> what its badge in the menu says."""
    badge = r'<a href="/admin/([^"]*)"[^>]*>(?:(?!</a>).)*"waiting[^"]*">(\S+)'
    return dict(re.findall(badge, html))


def test_the_menu_says_how_much_waits_in_each_list(
    admin_client: Client, gateway: FakeGateway
) -> None:
    assert badges(menu(admin_client)) == {}
    make_stalled()
    make_charged_order()
    ask_to_cancel(make_charged_order(), uuid.uuid4(), "")
    Dispute.objects.create(dispute_id="du_1", status="needs_response")
    Dispute.objects.create(dispute_id="du_2", status="won")
    StockItem.objects.create(sku="LOW", on_hand=1)
    expected = {
        "": "3",
        "backoffice/stalledorder/": "1",
        "orders/cancellation/": "1",
        "orders/dispute/": "1",
        "backoffice/ordertoship/": "2",
        "inventory/stockitem/": "1",
    }
    assert badges(menu(admin_client, "/admin/orders/refund/")) == expected


def test_badges_count_only_what_the_person_may_open(
    client: Client, gateway: FakeGateway
) -> None:
    make_stalled()
    make_charged_order()
    client.force_login(make_staff("view_order", "ship_order"))
    page = client.get("/admin/orders/order/").content.decode()
    assert badges(unescape(page)) == {"backoffice/ordertoship/": "1"}
    client.force_login(make_staff("view_product", name="miru"))
    assert badges(menu(client, "/admin/catalogue/product/")) == {}


def test_all_badges_are_one_statement_that_stops_counting(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    StockItem.objects.bulk_create(StockItem(sku=f"LOW-{n}") for n in range(5))
    monkeypatch.setattr(waiting, "MOST", 3)
    everything = set(waiting._waiting())
    with CaptureQueriesContext(connection) as queries:
        counts = waiting.count_waiting(everything)
    assert len(queries) == 1
    assert set(counts) == everything
    assert counts["inventory.stockitem"] == 4
    assert waiting.write_count(4) == "3+"
    with CaptureQueriesContext(connection) as queries:
        assert waiting.count_waiting({"catalogue.product"}) == {}
    assert len(queries) == 0


def test_counting_what_waits_reads_no_whole_table_of_orders() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The tables are empty here: only whether the indexes fit is asked.
            cursor.execute("SET LOCAL enable_seqscan = off")
    for name, rows in waiting._waiting().items():
        plan = rows.order_by()[:4].explain()
        whole = r"(Seq Scan on|SCAN) (orders_order|orders_shipment|saga_saga)\b"
        assert not re.search(rf"{whole}(?! USING)", plan), (name, plan)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_list_has_one_name_in_menu_title_and_breadcrumb(
    admin_client: Client, language: str
) -> None:
    asked = {"accept-language": language}
    html = admin_client.get("/admin/orders/refund/", headers=asked).content.decode()
    name = {"en": "Refunds", "ja": "返金"}[language]
    assert f'aria-current="page">{name}</a>' in html
    assert f"<h1>{name}</h1>" in html
    assert f"<title>{name} | Todoku</title>" in html
    crumbs = rf'class="breadcrumbs"><a href="/admin/">[^<]+</a> . {name}<'
    assert re.search(crumbs, html)


@pytest.mark.parametrize(
    ("address", "language", "name"),
    [
        ("/admin/", "en", "Minato Goods"),
        ("/admin/", "ja", "みなと商店"),
        ("/admin/login/", "ja", "みなと商店"),
    ],
)
def test_header_and_title_have_the_shop_s_name(
    admin_client: Client, client: Client, address: str, language: str, name: str
) -> None:
    ShopProfile.objects.create(
        pk=1, shop_name_en="Minato Goods", shop_name_ja="みなと商店"
    )
    asked = {"accept-language": language}
    visitor = client if "login" in address else admin_client
    html = visitor.get(address, headers=asked, follow=True).content.decode()
    assert re.search(rf"<title>[^<]*\| {name}</title>", html)
    assert re.search(rf'id="site-name">\s*<a href="/admin/">{name}</a>', html)


def test_the_first_page_counts_the_orders_to_pack(
    client: Client, gateway: FakeGateway
) -> None:
    make_charged_order()
    client.force_login(make_staff("view_order", "ship_order"))
    html = client.get("/admin/").content.decode()
    listed = "/admin/backoffice/ordertoship/?state=ready"
    assert (
        f'<p class="worklist calm"><a href="{listed}">Orders to pack: 1</a></p>' in html
    )
    client.force_login(make_staff("view_order", name="miru"))
    assert "Orders to pack" not in client.get("/admin/").content.decode()


def test_each_cell_of_a_list_says_what_it_is_for_phones(admin_client: Client) -> None:
    make_product("tee", skus=("TEE-01",), units=7)
    listing = admin_client.get("/admin/catalogue/product/").content.decode()
    row = listing[listing.index("<tbody>") : listing.index("</tbody>")]
    named = re.findall(r'<td data-label="([^"]+)" class="field-(\w+)', row)
    assert ("On hand", "on_hand") in named
    assert ("Free", "free") in named
    assert len(named) == row.count("<td")
    assert '<th class="field-title">' in row


def test_the_choices_of_a_filter_stand_above_the_list(admin_client: Client) -> None:
    make_stalled()
    page = "/admin/orders/order/"
    chip = '<span class="badge calm">Status: being processed</span>'
    assert chip in admin_client.get(f"{page}?status__exact=pending").content.decode()
    assert 'class="badge calm"' not in admin_client.get(page).content.decode()
