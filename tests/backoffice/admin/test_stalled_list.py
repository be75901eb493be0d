"""The list of stalled orders: which orders, in which order, at what cost."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.order_overview import select_stalled
from orders.models import Order, Payment
from saga.models import Saga, State
from tests.backoffice.answers import numbers
from tests.support.staff import (
    make_done,
    make_order,
    make_payment,
    make_saga,
    make_stalled,
)

LIST = "/admin/backoffice/stalledorder/"


def test_only_orders_that_want_a_person_are_listed_oldest_first(
    operator: Client,
) -> None:
    make_done("261122-DONE00")
    make_stalled("261122-NEWER0", minutes=5)
    make_stalled("261122-OLDEST", minutes=90)
    waiting = make_order("261122-WAITS0")
    make_payment(waiting, status=Payment.Status.PENDING)
    make_saga(waiting, state=State.WAITING, step="authorize_payment")
    assert numbers(operator.get(LIST)) == ["261122-OLDEST", "261122-NEWER0"]


def test_an_order_that_keeps_trying_in_vain_is_listed_too(operator: Client) -> None:
    order = make_order("261122-TRIES0")
    make_payment(order, status=Payment.Status.PENDING)
    saga = make_saga(order, state=State.RUNNING, step="authorize_payment")
    Saga.objects.filter(pk=saga.pk).update(
        alert_wanted_at=saga.due_at, error="wrong key", error_kind="retry"
    )
    answer = operator.get(LIST)
    assert numbers(answer) == ["261122-TRIES0"]
    assert "still trying" in answer.content.decode()


def test_a_row_says_what_failed_in_plain_words(operator: Client) -> None:
    make_stalled()
    page = operator.get(LIST).content.decode()
    assert "Deduct stock and confirm" in page
    assert '<span class="badge money-taken">Charged ¥4,200</span>' in page
    assert "12 min" in page
    assert "the disk is full" in page


def test_money_is_never_said_more_surely_than_it_is_known(operator: Client) -> None:
    order = make_order()
    make_payment(order, status=Payment.Status.AUTHORIZED)
    make_saga(order, state=State.FAILED, step="capture_payment")
    assert "Charge unconfirmed" in operator.get(LIST).content.decode()


@pytest.mark.parametrize(
    "words", ["261122-FOUND0", "hanako@example.com", "Taro", "pi_261122-FOUND0"]
)
def test_search_finds_by_number_mail_name_and_intent(
    operator: Client, words: str
) -> None:
    make_stalled("261122-FOUND0", name="Taro Shiba")
    found = operator.get(LIST, {"q": words})
    assert numbers(found) == ["261122-FOUND0"]
    assert numbers(operator.get(LIST, {"q": "nobody"})) == []


def test_filter_by_step(operator: Client) -> None:
    make_stalled("261122-GOODS0", step="fulfil_order")
    make_stalled("261122-MAILS0", step="send_confirmation")
    found = operator.get(LIST, {"step": "send_confirmation"})
    assert numbers(found) == ["261122-MAILS0"]


def test_twenty_rows_cost_as_many_queries_as_two(operator: Client) -> None:
    for count in range(2):
        make_stalled(f"261122-A{count:05}")
    operator.get(LIST)  # permissions and content types are read once
    with CaptureQueriesContext(
        connection,
    ) as few:
        operator.get(LIST)
    for count in range(18):
        make_stalled(f"261122-B{count:05}")
    with CaptureQueriesContext(connection) as many:
        assert len(numbers(operator.get(LIST))) == 20
    assert len(many) == len(few) <= 10


@pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="reads SQLite's own words for a plan"
)
def test_finished_sagas_are_not_read(db: None) -> None:
    for count in range(20):
        make_done(f"261122-D{count:05}")
    make_stalled()
    wanted = Order.objects.filter(number__in=select_stalled().values("reference"))
    plan = wanted.explain()
    assert "saga_alert_idx" in plan
    assert "SCAN saga_saga\n" not in f"{plan}\n"
    assert "SCAN orders_order\n" not in f"{plan}\n"


def test_what_customers_wrote_is_escaped(operator: Client) -> None:
    make_stalled(name="<script>alert(1)</script>")
    Saga.objects.update(error="<img src=x>")
    page = reverse(
        "admin:backoffice_stalledorder_change", args=[Order.objects.get().pk]
    )
    for address in (LIST, page, "/admin/"):
        html = operator.get(address).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_the_start_page_shows_them_first_with_their_count(operator: Client) -> None:
    make_stalled("261122-NEWER0", minutes=5)
    make_stalled("261122-OLDEST", minutes=90)
    html = operator.get("/admin/").content.decode()
    assert '<span class="count">2</span>' in html
    first, second = html.index("261122-OLDEST"), html.index("261122-NEWER0")
    assert first < second < html.index('class="room-card"')


def test_staff_without_permission_learn_nothing_on_the_start_page(
    outsider: Client,
) -> None:
    make_stalled()
    html = outsider.get("/admin/").content.decode()
    assert "261122-AAAAAA" not in html
    assert "Stalled orders" not in html


def test_every_state_can_be_listed_newest_first(operator: Client) -> None:
    make_done("261122-DONE01")
    make_done("261122-DONE02")
    make_stalled("261122-STOPS0")
    waiting = make_order("261122-WAITS0")
    make_payment(waiting, status=Payment.Status.PENDING)
    make_saga(waiting, state=State.WAITING, step="authorize_payment")
    assert numbers(operator.get(LIST, {"state": "done"})) == [
        "261122-DONE02",
        "261122-DONE01",
    ]
    found = operator.get(LIST, {"state": "waiting"})
    assert numbers(found) == ["261122-WAITS0"]
    assert "Waits for the customer until" in found.content.decode()
    assert len(numbers(operator.get(LIST, {"state": "all"}))) == 4
    found = operator.get(LIST, {"state": "done", "q": "261122-DONE01"})
    assert numbers(found) == ["261122-DONE01"]
    assert numbers(operator.get(LIST, {"state": "nonsense"})) == ["261122-STOPS0"]


def test_an_order_that_is_done_claims_no_trouble(operator: Client) -> None:
    make_done("261122-DONE01")
    html = operator.get(LIST, {"state": "done"}).content.decode()
    assert "still trying" not in html
    assert "The cause is not known." not in html


def test_filter_by_the_error(operator: Client) -> None:
    make_stalled("261122-FULL00")
    make_stalled("261122-GONE00")
    Saga.objects.filter(reference="261122-GONE00").update(error_class="OutOfStock")
    found = operator.get(LIST, {"error": "OutOfStock"})
    assert numbers(found) == ["261122-GONE00"]
