"""Mismatches as staff see them: the headline, what helps, explaining."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from checkout.reconciliation.compare import Moment
from checkout.reconciliation.goods import findings
from checkout.reconciliation.kinds import OF_GOODS, Kind
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from inventory.models import StockItem
from shop.catalogue.models import Product
from tests.backoffice.answers import Answer
from tests.support.staff import make_staff, make_stalled

LIST = "/admin/checkout/mismatch/"
EXPLAIN = f"{LIST}explain/"
EXPORT = f"{LIST}export/"
MONEY = {
    "there": "succeeded",
    "there_minor": 2400,
    "there_currency": "JPY",
    "here_minor": 2300,
    "here_currency": "JPY",
    "order_status": "cancelled",
    "payment_status": "cancelled",
    "saga_state": "compensated",
    "here_intent": "pi_ours",
}


def make_mismatch(
    kind: Kind = Kind.AMOUNT_DIFFERS,
    subject: str = "pi_1",
    order: str = "261122-AAAAAA",
) -> Mismatch:
    facts = {"units": {"MUG": 2}, "here": 3, "there": 4} if kind in OF_GOODS else MONEY
    return Mismatch.objects.create(
        kind=kind,
        subject=subject,
        order_number=order,
        intent_id="" if kind in OF_GOODS else subject,
        facts=facts,
    )


def make_run(*, days: int = 0, **fields: Any) -> ReconciliationRun:
    then = timezone.now() - timedelta(days=days)
    values = {"since": then, "until": then, "started_at": then, "finished_at": then}
    return ReconciliationRun.objects.create(**(values | fields))


@pytest.fixture
def accountant(client: Client, db: None) -> Client:
    """Return a client who may see mismatches and explain them."""
    client.force_login(make_staff("view_mismatch", "explain_mismatch", name="kane"))
    return client


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    client.force_login(make_staff("view_mismatch", name="yomu"))
    return client


def shown(answer: Answer) -> list[str]:
    return [row.subject for row in answer.context["cl"].result_list]


def test_a_product_without_stock_has_a_page_although_no_units_are_known(
    accountant: Client, mug: Product
) -> None:
    StockItem.objects.filter(sku="MUG-01").update(sku="OLD-01")
    (found,) = [
        one for one in findings(Moment(timezone.now())) if one.subject == "MUG-01"
    ]
    assert found.kind == Kind.PRODUCT_WITHOUT_STOCK
    row = Mismatch.objects.create(
        kind=found.kind, subject=found.subject, facts=found.facts
    )
    assert accountant.get(f"{LIST}{row.pk}/change/").status_code == 200


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_page_that_says_what_helps(
    accountant: Client, kind: Kind
) -> None:
    row = make_mismatch(kind, subject="S-1")
    page = accountant.get(f"{LIST}{row.pk}/change/")
    html = page.content.decode()
    assert page.status_code == 200
    assert "What helps" in html
    assert "%(" not in html
    assert "Mark as explained" in html


def test_the_list_shows_what_is_open_unless_asked_otherwise(accountant: Client) -> None:
    make_mismatch(subject="pi_open")
    gone = make_mismatch(subject="pi_gone")
    Mismatch.objects.filter(pk=gone.pk).update(resolved_at=timezone.now())
    known = make_mismatch(subject="pi_known")
    Mismatch.objects.filter(pk=known.pk).update(
        explained_at=timezone.now(), explained_by="kane", note="paid by bank"
    )
    assert set(shown(accountant.get(LIST))) == {"pi_open", "pi_known"}
    assert shown(accountant.get(LIST, {"status": "unexplained"})) == ["pi_open"]
    assert shown(accountant.get(LIST, {"status": "explained"})) == ["pi_known"]
    assert shown(accountant.get(LIST, {"status": "gone"})) == ["pi_gone"]
    assert len(shown(accountant.get(LIST, {"status": "all"}))) == 3


def test_filter_by_severity_and_search(accountant: Client) -> None:
    make_mismatch(Kind.TWO_CHARGES, subject="pi_urgent")
    make_mismatch(Kind.HOLD_PASSING, subject="T-PASSING", order="T-PASSING")
    assert shown(accountant.get(LIST, {"severity": "urgent"})) == ["pi_urgent"]
    assert shown(accountant.get(LIST, {"severity": "notice"})) == ["T-PASSING"]
    assert shown(accountant.get(LIST, {"q": "pi_urg"})) == ["pi_urgent"]


def test_the_headline_counts_the_days_without_an_unexplained_one(
    accountant: Client,
) -> None:
    assert "Nothing was compared yet." in accountant.get(LIST).content.decode()
    make_run(days=9)
    settled = make_mismatch()
    then = timezone.now() - timedelta(days=5, hours=1)
    Mismatch.objects.filter(pk=settled.pk).update(resolved_at=then)
    make_run()
    assert "0 unexplained for 5 days" in accountant.get(LIST).content.decode()
    make_mismatch(Kind.HOLD_PASSING, subject="T-1")
    assert "0 unexplained for 5 days" in accountant.get(LIST).content.decode()
    make_mismatch()
    assert "1 difference is not explained." in accountant.get(LIST).content.decode()


def test_days_on_which_nobody_looked_do_not_count(accountant: Client) -> None:
    make_run(days=9)
    make_run(days=4)
    html = accountant.get(LIST).content.decode()
    assert "The last comparison is too long ago." in html


def test_explaining_keeps_who_and_why(accountant: Client) -> None:
    row = make_mismatch()
    asked = accountant.get(EXPLAIN, {"mismatch": row.pk})
    assert "Order 261122-AAAAAA: ¥2,400 at Stripe" in asked.content.decode()
    sent = {"mismatch": row.pk, "note": " refunded by bank transfer "}

    answer = accountant.post(EXPLAIN, sent, follow=True)

    assert "1 difference is explained." in answer.content.decode()
    row.refresh_from_db()
    assert (row.explained_by, row.note) == ("kane", "refunded by bank transfer")
    assert not Mismatch.objects.unexplained().exists()


def test_an_explanation_is_required(accountant: Client) -> None:
    row = make_mismatch()
    answer = accountant.post(EXPLAIN, {"mismatch": row.pk, "note": "   "})
    assert answer.status_code == 422
    assert "Write why it may stay." in answer.content.decode()
    row.refresh_from_db()
    assert row.explained_at is None


def test_a_second_explanation_is_refused(accountant: Client) -> None:
    row = make_mismatch()
    accountant.post(EXPLAIN, {"mismatch": row.pk, "note": "first"})
    answer = accountant.post(
        EXPLAIN, {"mismatch": row.pk, "note": "second"}, follow=True
    )
    assert "was not changed" in answer.content.decode()
    row.refresh_from_db()
    assert row.note == "first"


def test_several_are_explained_together(accountant: Client) -> None:
    rows = [make_mismatch(subject=f"pi_{number}") for number in range(3)]
    sent = {
        "action": "explain_selected",
        "_selected_action": [row.pk for row in rows],
    }
    asked = accountant.post(LIST, sent, follow=True)
    assert asked.content.decode().count('name="mismatch"') == 3
    keys = [row.pk for row in rows]
    accountant.post(EXPLAIN, {"mismatch": keys, "note": "a test in production"})
    assert not Mismatch.objects.unexplained().exists()


def test_staff_who_may_only_read_explain_nothing(reader: Client) -> None:
    row = make_mismatch()
    page = reader.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "Mark as explained" not in page
    answer = reader.post(EXPLAIN, {"mismatch": row.pk, "note": "x"})
    assert answer.status_code == 403
    row.refresh_from_db()
    assert row.explained_at is None


def test_staff_without_permission_see_nothing(outsider: Client) -> None:
    row = make_mismatch()
    for page in (LIST, f"{LIST}{row.pk}/change/", EXPLAIN, EXPORT):
        assert outsider.get(page).status_code == 403, page
    assert "not explained" not in outsider.get("/admin/").content.decode()


def test_the_start_page_counts_what_is_unexplained(reader: Client) -> None:
    make_mismatch()
    make_mismatch(Kind.HOLD_PASSING, subject="T-1")
    html = reader.get("/admin/").content.decode()
    assert "1 difference between Stripe, orders and stock is not explained" in html


def test_the_page_links_where_it_is_settled(accountant: Client) -> None:
    make_stalled("261122-AAAAAA")
    row = make_mismatch(Kind.CHARGED_STOPPED)
    page = accountant.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "/admin/backoffice/stalledorder/" in page
    assert "saga_resume 261122-AAAAAA" in page
    goods = make_mismatch(Kind.HOLD_WITHOUT_SAGA, subject="T-1", order="T-1")
    page = accountant.get(f"{LIST}{goods.pk}/change/").content.decode()
    assert "/admin/inventory/hold/?q=T-1" in page
    assert "audit_stock --release T-1" in page


def test_the_table_holds_what_the_list_shows_and_no_formula(accountant: Client) -> None:
    make_mismatch(subject="=HYPERLINK(1)", order="@SUM(1)")
    make_mismatch(subject="pi_2", order="-2")
    gone = make_mismatch(subject="pi_gone")
    Mismatch.objects.filter(pk=gone.pk).update(resolved_at=timezone.now())

    answer = accountant.get(EXPORT, {"kind": "amount_differs"})

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["subject"] for row in rows} == {"'=HYPERLINK(1)", "pi_2"}
    assert {row["order"] for row in rows} == {"'@SUM(1)", "'-2"}


def test_what_others_wrote_is_escaped(accountant: Client) -> None:
    row = make_mismatch(Kind.CHARGE_WITHOUT_ORDER, subject="<img src=x>", order="")
    for page in (LIST, f"{LIST}{row.pk}/change/", f"{EXPLAIN}?mismatch={row.pk}"):
        assert "<img src=x" not in accountant.get(page).content.decode()


def test_a_run_says_how_it_went(accountant: Client, admin_client: Client) -> None:
    make_run(intents=12)
    make_run(finished_at=None, broken_at=timezone.now(), error="Stripe is down")
    html = admin_client.get("/admin/checkout/reconciliationrun/").content.decode()
    assert "finished in" in html
    assert "broken off: Stripe is down" in html
