"""The page of a stalled order: what failed, where the money is, what comes next."""

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backoffice.admin.order.graph import draw
from checkout.status.sagas import sagas_of_orders
from inventory.models import Hold, StockItem
from orders.models import Order, Payment
from saga.models import Attempt, Direction, Saga, State
from tests.support.staff import (
    make_attempt,
    make_done,
    make_order,
    make_payment,
    make_saga,
    make_staff,
    make_stalled,
    stop_mail_too,
)


def page_of(order: Order) -> str:
    return reverse("admin:backoffice_stalledorder_change", args=[order.pk])


def states_shown(order: Order) -> dict[str, str]:
    sagas = sagas_of_orders([order.number])[order.number]
    return {node.name: node.look for node in draw(sagas, sagas.history())}


def test_it_says_what_failed_what_of_the_money_and_what_next(operator: Client) -> None:
    order = make_stalled()
    html = operator.get(page_of(order)).content.decode()
    assert "Charged ¥4,200, but the order was not prepared" in html
    assert "Waiting for you. Nothing happens automatically." in html
    assert "do not pay again" in html
    assert f"manage.py saga_resume {order.number}" in html
    assert "Traceback: boom" in html
    assert "pi_261122-AAAAAA" in html


def test_what_stopped_besides_is_said_as_well(operator: Client) -> None:
    order = make_stalled()
    stop_mail_too(order)
    html = operator.get(page_of(order)).content.decode()
    assert "It stopped a second time: the confirmation mail was not sent." in html
    assert "Will send one mail to hanako@example.com." in html


def test_a_charge_can_be_refunded_from_here_by_staff_who_may(
    client: Client, operator: Client
) -> None:
    order = make_stalled()
    link = f'href="/admin/orders/order/{order.pk}/refund/"'
    assert link not in operator.get(page_of(order)).content.decode()

    client.force_login(make_staff("view_stalledorder", "refund", name="henkin"))

    assert link in client.get(page_of(order)).content.decode()


def test_before_the_charge_it_says_that_nothing_was_charged(operator: Client) -> None:
    order = make_order()
    make_payment(order, status=Payment.Status.PENDING)
    make_saga(order, state=State.FAILED, step="authorize_payment")
    html = operator.get(page_of(order)).content.decode()
    assert "Not charged; the card could not be approved" in html


def test_an_old_link_still_works_when_all_is_done(operator: Client) -> None:
    order = make_done("261122-DONE00")
    saga = Saga.objects.latest("pk")
    make_attempt(
        saga, 21, "fulfil_order", Attempt.Outcome.RESUMED, actor="yuki", number=0
    )
    answer = operator.get(page_of(order))
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Resumed by yuki at" in html
    assert "Now: done." in html
    assert "Resume from the failed step" not in html


def test_an_unknown_order_is_not_found(operator: Client) -> None:
    assert (
        operator.get("/admin/backoffice/stalledorder/4711/change/").status_code == 404
    )
    assert operator.get("/admin/backoffice/stalledorder/x/change/").status_code == 404


def test_a_viewer_sees_the_page_without_the_button(viewer: Client) -> None:
    order = make_stalled()
    html = viewer.get(page_of(order)).content.decode()
    assert "Charged ¥4,200" in html
    assert "stalledorder/resume/" not in html


def test_it_warns_when_the_goods_are_gone(operator: Client) -> None:
    order = make_stalled()
    Hold.objects.update(state=Hold.State.RELEASED)
    StockItem.objects.update(held=0, on_hand=1)
    html = operator.get(page_of(order)).content.decode()
    assert "MUG: 2 needed, none set aside for this order, 1 free." in html


def test_the_picture_of_an_order_that_stopped(db: None) -> None:
    assert states_shown(make_stalled()) == {
        "reserve_stock": "done",
        "authorize_payment": "done",
        "capture_payment": "done",
        "fulfil_order": "failed",
        "send_confirmation": "ahead",
    }


def test_the_picture_of_an_order_whose_mail_stopped(operator: Client) -> None:
    order = make_stalled(step="send_confirmation")
    assert states_shown(order) == {
        "reserve_stock": "done",
        "authorize_payment": "done",
        "capture_payment": "done",
        "fulfil_order": "done",
        "send_confirmation": "failed",
    }
    html = operator.get(page_of(order)).content.decode()
    assert "Side by side:" in html
    assert "Charged ¥4,200, but the confirmation mail was not sent." in html


def test_the_picture_of_an_order_that_was_undone(db: None) -> None:
    order = make_order()
    make_payment(order, status=Payment.Status.CANCELLED)
    saga = make_saga(
        order,
        state=State.COMPENSATED,
        step="reserve_stock",
        direction=Direction.UNDO,
        finished_at=timezone.now(),
    )
    ok, undo = Attempt.Outcome.OK, Direction.UNDO
    make_attempt(saga, 1, "reserve_stock", ok)
    make_attempt(saga, 2, "authorize_payment", Attempt.Outcome.REFUSED)
    make_attempt(saga, 3, "authorize_payment", ok, direction=undo)
    make_attempt(saga, 4, "reserve_stock", ok, direction=undo)
    assert states_shown(order) == {
        "reserve_stock": "undone",
        "authorize_payment": "undone",
        "capture_payment": "ahead",
        "fulfil_order": "ahead",
        "send_confirmation": "ahead",
    }


def test_a_step_that_this_program_does_not_know_is_shown_as_it_is(
    operator: Client,
) -> None:
    order = make_stalled()
    Saga.objects.update(step="wrap_gift")
    html = operator.get(page_of(order)).content.decode()
    assert "wrap_gift" in html
    assert "This program does not know the step" in html


def test_the_page_costs_a_fixed_number_of_queries(
    operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    order = make_stalled()
    saga = Saga.objects.latest("pk")
    for fence in range(30, 60):
        make_attempt(saga, fence, "fulfil_order", Attempt.Outcome.RETRY)
    operator.get(page_of(order))
    with django_assert_max_num_queries(28):
        operator.get(page_of(order))
