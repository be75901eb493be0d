"""Refunds by staff: previewed, the amount typed, made once, with name and reason."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from inventory import services as inventory
from orders import transitions
from orders.models import Dispute, Order, OrderLine, Payment, Refund
from orders.transitions import disputes, refunds
from orders.transitions.disputes import Finding
from orders.transitions.refunds import Item
from tests.backoffice.answers import Answer, messages, numbers
from tests.support.refunding import wish
from tests.support.staff import (
    make_done,
    make_order,
    make_payment,
    make_staff,
    make_stalled,
)

NUMBER = "261122-AAAAAA"


@pytest.fixture
def order(db: None) -> Order:
    """Return an order charged ¥4,200 (two mugs at ¥1,800, shipping) and sent."""
    order = make_done(NUMBER)
    inventory.ship_out(NUMBER)
    return order


@pytest.fixture
def refunder(client: Client, db: None) -> Client:
    """Return a client who may see orders and refund them."""
    client.force_login(make_staff("view_order", "view_refund", "refund", name="henkin"))
    return client


def url(order: Order) -> str:
    return f"/admin/orders/order/{order.pk}/refund/"


def hidden(answer: Answer) -> dict[str, str]:
    """Return the hidden fields of the page that asks for confirmation."""
    form = answer.context["form"]
    fields = {field.html_name: field.value() for field in form}
    return {
        name: "" if value is None else value
        for name, value in fields.items()
        if value is not False
    }


def look(client: Client, order: Order, **fields: object) -> Answer:
    """Fill in the form and return the page with the preview."""
    opened = client.get(url(order)).context["form"]
    line = order.lines.get()
    sent = {"uid": opened["uid"].value(), "seen": opened["seen"].value()}
    for name in ("units", "restock"):
        if name in fields:
            sent[f"{name}_{line.pk}"] = fields.pop(name)
    return client.post(url(order), {**sent, "reason": "broken handle", **fields})


def confirm(
    client: Client, order: Order, answer: Answer, typed: str, **fields: object
) -> Answer:
    sent = {**hidden(answer), "typed": typed, **fields}
    return client.post(url(order), sent, follow=True)


def refunded(order: Order, amount: int = 1800, **fields: Any) -> Refund:
    asked = wish(order, amount, **{"actor": "ken", "reason": "x", **fields})
    return refunds.request(Payment.objects.get(order=order), asked, timezone.now())


def test_the_whole_way_from_the_orders_page(refunder: Client, order: Order) -> None:
    page = refunder.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert url(order) in page
    assert "¥4,200 can still be refunded." in page

    asked = look(refunder, order, units="1", restock="on")
    html = asked.content.decode()
    assert "Will give ¥1,800 back, to the card visa •••• 4242." in html
    assert "Of the ¥4,200 that were charged, ¥2,400 are left then." in html
    assert "Will put 1 x MUG back into stock, as soon as the money has gone" in html
    assert "Will send one mail to hanako@example.com" in html
    assert not Refund.objects.exists()

    done = confirm(refunder, order, asked, "1,800")

    assert messages(done) == [f"¥1,800 of order {NUMBER} are being refunded."]
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.actor, refund.reason) == (
        1800,
        "henkin",
        "broken handle",
    )
    row = refund.lines.get()
    assert (row.line.sku, row.quantity, row.restock) == ("MUG", 1, True)
    assert "broken handle" in done.content.decode()
    assert 'class="badge refund-requested"' in done.content.decode()


@pytest.mark.parametrize("typed", ["", "1801", "18,0", "everything"])
def test_nothing_is_refunded_unless_the_amount_is_typed(
    refunder: Client, order: Order, typed: str
) -> None:
    asked = look(refunder, order, amount="1800")

    again = confirm(refunder, order, asked, typed)

    assert again.status_code == 422
    assert "Nothing was refunded: this is not ¥1,800." in again.content.decode()
    assert not Refund.objects.exists()


def test_a_double_press_is_one_refund(refunder: Client, order: Order) -> None:
    asked = look(refunder, order, amount="1800")

    for _press in range(2):
        confirm(refunder, order, asked, "1800")

    assert Refund.objects.count() == 1
    assert Payment.objects.get().refunded_minor == 1800


def test_a_page_that_is_out_of_date_is_refused(refunder: Client, order: Order) -> None:
    asked = look(refunder, order, amount="1800")
    refunded(order, 100)

    answer = confirm(refunder, order, asked, "1800")

    assert messages(answer)[0].startswith("Nothing was refunded: something was")
    assert Refund.objects.get().amount_minor == 100


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose goods, or type an amount of more than zero."),
        ({"amount": "0"}, "Enter at least ¥1."),
        ({"amount": "-5"}, "Enter at least ¥1."),
        ({"amount": "4201"}, "No more than ¥4,200 can be refunded."),
        ({"amount": "18.5"}, "Enter an amount such as ¥1,800."),
        ({"units": "3"}, "less than or equal to 2"),
        ({"amount": "5", "reason": " "}, "Write why."),
    ],
)
def test_an_impossible_refund_is_explained_beside_the_field(
    refunder: Client, order: Order, fields: dict[str, str], words: str
) -> None:
    answer = look(refunder, order, **fields)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Refund.objects.exists()


def test_going_back_keeps_the_form_as_it_was(refunder: Client, order: Order) -> None:
    asked = look(refunder, order, amount="1800")

    answer = confirm(refunder, order, asked, "", change="Change something")

    assert answer.status_code == 200
    assert 'value="1800"' in answer.content.decode()
    assert "broken handle" in answer.content.decode()
    assert not Refund.objects.exists()


def test_all_that_is_left_can_be_filled_in(refunder: Client, order: Order) -> None:
    refunded(order, 200)

    form = refunder.get(url(order) + "?everything").context["form"]

    assert form["amount"].value() == "4,000"
    assert form[f"units_{order.lines.get().pk}"].value() == "2"


def test_an_amount_that_is_not_the_price_of_the_goods_is_pointed_out(
    refunder: Client, order: Order
) -> None:
    html = look(refunder, order, amount="2400", units="1").content.decode()

    assert "The chosen goods cost ¥1,800; ¥2,400 go back." in html
    assert "Will not touch the stock." in html


def test_goods_that_never_left_cannot_be_put_back(refunder: Client, db: None) -> None:
    order = make_done(NUMBER)

    asked = look(refunder, order, units="1", restock="on")
    confirm(refunder, order, asked, "1800")

    assert Refund.objects.get().lines.get().restock is False
    assert "they did not leave" in refunder.get(url(order)).content.decode()


def test_what_was_refunded_already_is_not_offered_again(
    refunder: Client, order: Order
) -> None:
    items = [Item(order.lines.get(), 2, restock=True)]
    refunded(order, 3600, items=items)

    html = refunder.get(url(order)).content.decode()

    assert "(2 refunded)" in html
    form = refunder.get(url(order)).context["form"]
    assert all(row.units.field.disabled for row in form.rows)
    assert look(refunder, order, amount="700").status_code == 422


def test_a_disputed_charge_and_a_refund_under_way_are_warned_of(
    refunder: Client, order: Order
) -> None:
    refunded(order, 100)
    dispute = disputes.report("du_1", timezone.now())
    disputes.record(dispute, replace(finding(order), amount_minor=2000))

    html = look(refunder, order, amount="1800").content.decode()

    assert "The charge is disputed: the bank has taken the money back" in html
    assert "A refund of ¥100, requested by ken, is still under way." in html


def test_a_charge_that_is_disputed_as_a_whole_is_not_refunded_as_well(
    refunder: Client, order: Order
) -> None:
    dispute = disputes.report("du_1", timezone.now())
    disputes.record(dispute, finding(order))

    html = refunder.get(url(order)).content.decode()

    assert "The bank has taken ¥4,200 back in a dispute." in html
    assert "Nothing is left that could be refunded." in html
    assert look(refunder, order, amount="1").status_code == 422


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1800", "The goods are not shipped yet: they are still sent."),
        ("4200", "Will cancel the order: nothing is sent"),
    ],
)
def test_a_refund_says_what_it_means_for_the_parcel(
    refunder: Client, db: None, amount: str, words: str
) -> None:
    order = make_order(NUMBER)
    make_payment(order)
    transitions.confirm(order)

    assert words in look(refunder, order, amount=amount).content.decode()


def test_without_the_permission_there_is_no_button_and_no_page(
    client: Client, order: Order
) -> None:
    client.force_login(make_staff("view_order", "change_order", "view_refund"))

    page = client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert url(order) not in page
    for answer in (client.get(url(order)), client.post(url(order), {"amount": "1"})):
        assert answer.status_code == 403
    assert not Refund.objects.exists()


def test_nothing_is_left_of_what_was_never_charged(refunder: Client, db: None) -> None:
    order = make_order(NUMBER)
    make_payment(order, status=Payment.Status.AUTHORIZED)

    html = refunder.get(url(order)).content.decode()

    assert "Nothing is left that could be refunded." in html
    assert look(refunder, order, amount="1").status_code == 422


def finding(
    order: Order, status: Dispute.Status = Dispute.Status.NEEDS_RESPONSE
) -> Finding:
    return Finding(
        status=status,
        is_inquiry=False,
        intent_id=f"pi_{order.number}",
        charge_id="ch_1",
        amount_minor=4200,
        currency="JPY",
        reason="product_not_received",
        due_at=timezone.now() + timedelta(days=9, minutes=1),
    )


def test_orders_are_found_by_what_came_back_of_them(
    refunder: Client, order: Order
) -> None:
    other = make_done("261122-BBBBBB")
    make_done("261122-CCCCCC")
    refunded(order)
    refunds.fail(refunded(other), "account closed")
    dispute = disputes.report("du_1", timezone.now())
    disputes.record(dispute, finding(order))
    disputes.report("du_nobody", timezone.now())

    def found(back: str) -> list[str]:
        return numbers(refunder.get("/admin/orders/order/", {"back": back}))

    assert found("refunded") == [NUMBER]
    assert found("failed") == ["261122-BBBBBB"]
    assert found("disputed") == found("to_answer") == [NUMBER]
    html = refunder.get("/admin/orders/order/").content.decode()
    assert "partly refunded" in html
    assert "disputed: needs your answer" in html


def test_disputes_are_listed_with_what_the_bank_wants_and_until_when(
    client: Client, order: Order
) -> None:
    client.force_login(make_staff("view_dispute", "view_order"))
    dispute = disputes.report("du_1", timezone.now())
    disputes.record(dispute, finding(order))
    disputes.report("du_nobody", timezone.now())

    html = client.get("/admin/orders/dispute/").content.decode()

    assert "the goods did not arrive" in html
    assert "9 days left" in html
    assert "no order here" in html
    page = client.get(f"/admin/orders/dispute/{dispute.pk}/change/").content.decode()
    assert NUMBER in page
    order_page = client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert "Evidence is taken until" in order_page


def test_refunds_are_listed_with_who_and_why(refunder: Client, order: Order) -> None:
    refunds.fail(refunded(order, reason="torn"), "the account is closed")

    html = refunder.get("/admin/orders/refund/").content.decode()

    assert NUMBER in html
    assert "torn" in html
    assert "the account is closed" in html
    refund = Refund.objects.get()
    page = refunder.get(f"/admin/orders/refund/{refund.pk}/change/").content.decode()
    assert "ken" in page


def test_the_list_of_refunds_costs_the_same_for_many(
    refunder: Client,
    order: Order,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _time in range(12):
        refunded(order, 10)
    refunder.get("/admin/orders/refund/")
    with django_assert_max_num_queries(9):
        refunder.get("/admin/orders/refund/")


def test_an_order_line_says_what_came_back(order: Order) -> None:
    refunded(order, 1800, items=[Item(order.lines.get(), 1)])

    line = OrderLine.objects.get()

    assert (line.refunded, line.restocked) == (1, 0)
    assert Order.objects.get().payment.refundable.minor == 2400


def test_resuming_a_refunded_order_shows_a_warning(client: Client, db: None) -> None:
    order = make_stalled(NUMBER)
    refunded(order, 1800)
    client.force_login(make_staff("view_stalledorder", "resume_stalledorder"))

    asked = client.get("/admin/backoffice/stalledorder/resume/", {"order": order.pk})

    html = asked.content.decode()
    assert "¥1,800 of the charge were refunded; the goods go out anyway." in html


def test_returned_goods_are_listed_in_the_orders_movements(
    client: Client, order: Order
) -> None:
    number = f"{NUMBER} refund 1"
    inventory.take_back(NUMBER, {"MUG": 1}, number, "yuki")
    client.force_login(make_staff("view_stalledorder"))

    page = client.get(f"/admin/backoffice/stalledorder/{order.pk}/change/")

    kinds = [row.kind for row in page.context["movements"]]
    assert sorted(kinds) == ["return", "ship_out"]
