"""Every page of the admin opens for users who may see it, and for no others."""

import re
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from backoffice.tokens.scopes import Scope
from checkout.waiting_room.models import WaitingRoom
from checkout.webhooks.models import ProviderEvent
from inventory.models import Hold, Movement, StockItem
from saga.bulk_resume.background import Request, begin
from saga.bulk_resume.pace import Pace
from saga.failure_groups import failure_group_id
from saga.models import Saga
from tests.support.accounts import make_customer
from tests.support.catalogue import make_product
from tests.support.staff import make_staff, make_stalled
from tests.support.staff_api import Program

LISTS = [
    "backoffice_accountsexport",
    "backoffice_apitoken",
    "backoffice_salesreport",
    "backoffice_stalledorder",
    "checkout_accountmovement",
    "checkout_enquiry",
    "checkout_issuedpaper",
    "checkout_providerevent",
    "checkout_webhookproblem",
    "checkout_mismatch",
    "checkout_reconciliationrun",
    "checkout_announcement",
    "checkout_waitingroom",
    "customers_customer",
    "checkout_discount",
    "checkout_couponcode",
    "checkout_purchaselimit",
    "orders_order",
    "orders_return",
    "inventory_stockitem",
    "inventory_hold",
    "inventory_movement",
    "saga_saga",
    "saga_attempt",
    "saga_alert",
    "saga_breaker",
    "saga_heartbeat",
]


@pytest.fixture
def pages(db: None) -> list[str]:
    order = make_stalled()
    saga = Saga.objects.main_paths().get()
    event = ProviderEvent.objects.create(event_id="evt_1", type="charge.captured")
    item = StockItem.objects.get()
    run = begin([saga], Request(uuid4(), "yuki", "mended", Pace(per_second=1)))
    token = Program(make_staff(name="erp"), Scope.STOCK_READ).token
    product = make_product("vase", skus=("VASE-01",), units=0, pictures=0)
    room = WaitingRoom.objects.create(product=product, places=3)
    change = [
        ("backoffice_stalledorder", order.pk),
        ("checkout_providerevent", event.pk),
        ("orders_order", order.pk),
        ("inventory_stockitem", item.pk),
        ("inventory_hold", Hold.objects.get().pk),
        ("inventory_movement", Movement.objects.get().pk),
        ("saga_saga", saga.pk),
        ("saga_attempt", saga.attempts.values_list("pk", flat=True)[0]),
        ("checkout_waitingroom", room.pk),
        ("customers_customer", make_customer().pk),
    ]
    return [
        reverse("admin:index"),
        *(reverse(f"admin:{name}_changelist") for name in LISTS),
        *(reverse(f"admin:{name}_change", args=[pk]) for name, pk in change),
        reverse("admin:backoffice_stalledorder_resume") + f"?order={order.pk}",
        reverse("admin:backoffice_stalledorder_progress") + f"?order={order.pk}",
        reverse("admin:backoffice_stalledorder_act", args=[order.pk, "edit"]),
        reverse("admin:backoffice_stalledorder_groups"),
        reverse("admin:backoffice_stalledorder_group", args=[failure_group_id(saga)]),
        reverse("admin:backoffice_stalledorder_bulk_resume", args=[run.key]),
        reverse("admin:orders_order_papers", args=[order.pk]),
        reverse("admin:orders_order_paper", args=["packing-slip"])
        + f"?order={order.number}",
        reverse("admin:backoffice_accountsexport_export"),
        reverse("admin:backoffice_goodssheet_changelist"),
        reverse("admin:backoffice_ordertoship_changelist"),
        reverse("admin:backoffice_ordertoship_changelist") + "?state=pickup",
        reverse("admin:orders_order_ready", args=[order.pk]),
        reverse("admin:backoffice_ordertoship_scan") + f"?order={order.number}",
        reverse("admin:backoffice_ordertoship_pick") + f"?order={order.number}",
        reverse("admin:backoffice_ordertoship_tracking"),
        reverse("admin:backoffice_apitoken_add"),
        reverse("admin:backoffice_apitoken_change", args=[token.pk]),
        reverse("admin:backoffice_apitoken_revoke", args=[token.pk]),
        reverse("admin:checkout_announcement_pause"),
        reverse("admin:checkout_announcement_banner"),
        reverse("admin:checkout_waitingroom_open"),
        reverse("admin:checkout_waitingroom_places", args=[room.pk]),
        reverse("admin:checkout_waitingroom_close", args=[room.pk]),
        reverse("admin:inventory_stockitem_new_goods"),
        reverse("admin:inventory_stockitem_announce_new"),
        reverse("admin:inventory_stockitem_announce", args=[item.pk]),
        reverse("admin:inventory_stockitem_receive", args=[item.pk]),
        reverse("admin:inventory_stockitem_adjust", args=[item.pk]),
    ]


def test_every_page_opens_for_a_superuser(
    admin_client: Client, pages: list[str]
) -> None:
    answers = {page: admin_client.get(page).status_code for page in pages}
    assert set(answers.values()) == {200}, answers


def test_no_page_but_the_start_opens_for_staff_without_permission(
    outsider: Client, pages: list[str]
) -> None:
    start, *others = pages
    assert outsider.get(start).status_code == 200
    answers = {page: outsider.get(page).status_code for page in others}
    assert set(answers.values()) == {403}, answers


def test_every_page_leads_to_the_sign_in_and_back(
    client: Client, pages: list[str]
) -> None:
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/?next=")


def test_no_page_needs_inline_scripts_or_styles(
    admin_client: Client, pages: list[str]
) -> None:
    for page in pages:
        html = admin_client.get(page).content.decode()
        assert "<style" not in html, page
        assert " style=" not in html, page
        assert " onclick=" not in html, page
        scripts = html.count("<script")
        assert scripts == html.count("<script src=") + html.count(
            '<script id="django-admin'
        ), page


def test_every_style_sheet_that_a_page_loads_exists(
    admin_client: Client, pages: list[str]
) -> None:
    for page in pages:
        html = admin_client.get(page).content.decode()
        sheets = re.findall(r'href="/static/(shop/[^"]+\.css)"', html)
        is_paper = "/papers/packing-slip/" in page
        base = "shop/paper/print.css" if is_paper else "shop/admin/base.css"
        assert base in sheets, page
        assert [sheet for sheet in sheets if not finders.find(sheet)] == [], page
        assert len(sheets) == len(set(sheets)), page


@pytest.mark.parametrize(
    "name",
    ["backoffice_stalledorder", "orders_order", "inventory_stockitem", "saga_saga"],
)
def test_nobody_adds_or_deletes(admin_client: Client, db: None, name: str) -> None:
    make_stalled()
    assert admin_client.get(reverse(f"admin:{name}_add")).status_code in (403, 404)
    pk = 1
    deleted = admin_client.post(reverse(f"admin:{name}_delete", args=[pk]))
    assert deleted.status_code in (403, 302, 404)
    assert Saga.objects.count() == 1
    assert StockItem.objects.count() == 1


def test_an_order_cannot_be_changed(admin_client: Client, db: None) -> None:
    order = make_stalled()
    page = reverse("admin:orders_order_change", args=[order.pk])
    answer = admin_client.post(page, {"name": "Mallory", "status": "shipped"})
    assert answer.status_code == 403
    order.refresh_from_db()
    assert (order.name, order.status) == ("Hanako Minato", "pending")


def test_the_language_can_be_switched_and_the_page_stays(admin_client: Client) -> None:
    html = admin_client.get("/admin/orders/order/?q=x").content.decode()
    assert 'value="/admin/orders/order/?q=x"' in html
    sent = {"language": "ja", "next": "/admin/orders/order/?q=x"}
    answer = admin_client.post("/i18n/setlang/", sent, follow=True)
    assert answer.request["QUERY_STRING"] == "q=x"
    assert '<html lang="ja"' in answer.content.decode()
