"""A purchase by the API, from the empty cart to what follows the delivery."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from checkout.cart.services import find_cart
from checkout.payments.fake.gateway import FakeGateway
from checkout.placement.purchase import Confirmation, Visitor, purchase
from checkout.status.sagas import saga_of
from orders.models import Cancellation, Order, PaymentAttempt, Return
from saga.engine import run
from shop.catalogue.models import Product, Variant
from tests.support.accounts import make_customer, sign_in
from tests.support.api import (
    ADD,
    CANCEL,
    CARD,
    COUPON,
    INFORM,
    INFORMATION,
    PLACE,
    RETURN,
    ask,
)
from tests.support.orders import VISA
from tests.support.promotions import make_code
from tests.support.returns import make_sent_order
from tests.support.shopping import wait_for_card
from tests.support.waiting_rooms import come, let_in_before, open_for

SET = "mutation($c: UUID!, $l: ID!, $q: Int!) { setQuantity(cart: $c, line: $l, \
quantity: $q) { ... on Cart { quote { count total { minor } } } } }"


def fill(client: Client, units: dict[str, int]) -> Any:
    """Put SKU -> quantity into a cart and enter the information. Return the cart."""
    cart: Any = {"id": None}
    for sku, quantity in units.items():
        cart = ask(client, ADD, sku=sku, quantity=quantity, cart=cart["id"])["answer"]
    answer = ask(client, INFORM, cart=cart["id"], information=INFORMATION)
    return answer["answer"]


def confirmation(cart: Any, token: str = VISA) -> dict[str, Any]:
    return {
        "cart": cart["id"],
        "checkoutKey": cart["checkoutKey"],
        "digest": cart["quote"]["digest"],
        "seenTotal": cart["quote"]["total"]["minor"],
        "paymentToken": token,
    }


@pytest.mark.both_databases
def test_a_cart_becomes_an_order_that_completes(
    client: Client, mug: Product, tea: Product, gateway: FakeGateway
) -> None:
    cart = fill(client, {"MUG-01": 2, "TEA-01": 1})
    assert cart["quote"]["isOrderable"]

    placed = ask(client, PLACE, order=confirmation(cart))["answer"]
    order = Order.objects.get(uid=placed["uid"])
    run(saga_of(order).pk)

    query = """query($uid: UUID!) { order(uid: $uid) {
      number language total { minor } lines { sku quantity total { minor } }
      recipient { email prefecture } taxes { rate tax { minor } }
      progress { outcome isFinal money steps { key state } } } }"""
    found = ask(client, query, uid=placed["uid"])["order"]
    assert found["number"] == order.number
    assert found["total"]["minor"] == order.total_minor == 4900
    assert [(each["sku"], each["quantity"]) for each in found["lines"]] == [
        ("MUG-01", 2),
        ("TEA-01", 1),
    ]
    assert found["recipient"]["prefecture"] == "tokyo"
    assert found["progress"]["outcome"] == "DONE"
    assert found["progress"]["money"] == "KEPT"
    assert [each["state"] for each in found["progress"]["steps"]] == ["DONE"] * 3


@pytest.mark.parametrize("asked", ["phone", "billing { name }"])
def test_an_order_s_link_tells_no_more_than_its_page(
    client: Client, asked: str
) -> None:
    query = "query($uid: UUID!) { order(uid: $uid) { recipient { %s } } }"

    answer = client.post(
        "/graphql/",
        {"query": query % asked, "variables": {"uid": str(uuid4())}},
        content_type="application/json",
    )

    [error] = answer.json()["errors"]
    assert "Cannot query field" in error["message"]


def test_the_same_confirmation_is_one_order_however_often_it_is_sent(
    client: Client, mug: Product
) -> None:
    cart = fill(client, {"MUG-01": 1})
    sent = confirmation(cart)

    uids = {ask(client, PLACE, order=sent)["answer"]["uid"] for _time in range(3)}

    assert uids == {str(Order.objects.get().uid)}
    assert PaymentAttempt.objects.get().token == VISA
    cart = ask(client, "query($c: UUID!) { cart(id: $c) { ordered quote { count } } }",
               c=cart["id"])["cart"]  # fmt: skip
    assert cart == {"ordered": str(Order.objects.get().uid), "quote": None}


def test_a_confirmation_sent_twice_at_once_is_one_order(
    client: Client, mug: Product
) -> None:
    cart = fill(client, {"MUG-01": 1})
    key, digest = UUID(cart["checkoutKey"]), cart["quote"]["digest"]
    confirmed = Confirmation(key, digest, VISA)
    # Both found the open cart; what the second sees has changed by the first's order.
    first, second = (find_cart(UUID(cart["id"])) for _time in range(2))

    order = purchase(first, confirmed, Visitor("en"))
    Variant.objects.update(price_minor=1900)

    assert purchase(second, confirmed, Visitor("en")) == order
    assert Order.objects.get() == order


def test_lines_are_changed_and_removed(client: Client, mug: Product) -> None:
    cart = ask(client, ADD, sku="MUG-01", quantity=1)["answer"]
    line = cart["quote"]["lines"][0]["id"]

    three = ask(client, SET, c=cart["id"], l=line, q=3)["setQuantity"]["quote"]
    none = ask(client, SET, c=cart["id"], l=line, q=0)["setQuantity"]["quote"]
    unknown = ask(client, SET, c=cart["id"], l="9" * 40, q=1)["setQuantity"]["quote"]

    assert three["count"] == 3
    assert (none["count"], unknown["count"]) == (0, 0)


def test_a_coupon_takes_its_part_off(client: Client, mug: Product) -> None:
    make_code("WELCOME")
    cart = ask(client, ADD, sku="MUG-01", quantity=1)["answer"]
    with_code = ask(client, COUPON, code="welcome", cart=cart["id"])["answer"]
    off = cart["quote"]["total"]["minor"] - with_code["quote"]["total"]["minor"]
    assert off == 180


def test_another_card_is_taken_after_a_decline(client: Client, mug: Product) -> None:
    cart = fill(client, {"MUG-01": 1})
    uid = ask(client, PLACE, order=confirmation(cart))["answer"]["uid"]
    wait_for_card(Order.objects.get())

    answer = ask(client, CARD, order=uid, token="ctoken_2")["answer"]

    assert answer == {"uid": uid}
    assert PaymentAttempt.objects.get(number=2).token == "ctoken_2"


def test_an_unpaid_order_is_cancelled_once_by_its_key(
    client: Client, mug: Product
) -> None:
    cart = fill(client, {"MUG-01": 1})
    uid = ask(client, PLACE, order=confirmation(cart))["answer"]["uid"]
    wait_for_card(Order.objects.get())
    key = str(uuid4())

    for _time in range(2):
        answer = ask(client, CANCEL, order=uid, key=key)["answer"]
        assert answer["progress"]["cancelWay"] is None

    assert Cancellation.objects.get().by_customer


def test_a_return_is_asked_for_once_by_its_key(
    client: Client, db: None, gateway: FakeGateway, clock: object
) -> None:
    order = make_sent_order()
    query = "query($uid: UUID!) { order(uid: $uid) { returnable { id most } } }"
    item = ask(client, query, uid=str(order.uid))["order"]["returnable"][0]
    request = {
        "key": str(uuid4()),
        "items": [{"id": item["id"], "quantity": 1}],
        "reason": "DAMAGED",
        "comment": "the handle is off",
    }

    for _time in range(2):
        answer = ask(client, RETURN, order=str(order.uid), request=request)["answer"]
        assert answer["returns"] == [{"status": "requested"}]

    returned = Return.objects.get()
    assert returned.comment == "the handle is off"
    assert returned.lines.get().quantity == 1


def test_a_customer_s_cart_and_orders_are_for_their_session_only(
    client: Client, mug: Product
) -> None:
    make_customer()
    sign_in(client)
    cart = fill(client, {"MUG-01": 1})
    ask(client, PLACE, order=confirmation(cart))
    again = ask(client, ADD, sku="MUG-01", quantity=1)["answer"]
    query = "{ cart { id } myOrders { edges { node { number standing } } } }"

    mine = ask(client, query)
    theirs = ask(Client(), "query($c: UUID!) { cart(id: $c) { id } }", c=again["id"])

    assert mine["cart"]["id"] == again["id"]
    assert [each["node"] for each in mine["myOrders"]["edges"]] == [
        {"number": Order.objects.get().number, "standing": "PROCESSING"}
    ]
    assert theirs["cart"] is None


ENTER = """mutation($cart: UUID) { answer: enterWaitingRoom(cart: $cart) {
  ... on PlaceInLine { isAdmitted number ahead minutes askAgain }
  ... on Refusal { code } } }"""


def test_a_headless_customer_waits_in_line_and_buys_in_turn(
    client: Client, mug: Product
) -> None:
    cart = fill(client, {"MUG-01": 1})
    free = ask(client, ENTER, cart=cart["id"])["answer"]
    assert (free["isAdmitted"], free["number"]) == (True, 0)
    open_for(mug)
    before, _in = come()

    answer = ask(client, PLACE, order=confirmation(cart))["answer"]

    assert answer["__typename"] == "InLine"
    waits = {"isAdmitted": False, "number": 1, "ahead": 0, "minutes": 5, "askAgain": 5}
    assert answer["place"] == waits
    assert ask(client, ENTER, cart=cart["id"])["answer"] == waits
    let_in_before(60, before)
    assert ask(client, ENTER, cart=cart["id"])["answer"]["isAdmitted"]
    assert ask(client, PLACE, order=confirmation(cart))["answer"]["number"]
    assert ask(client, ENTER, cart=cart["id"])["answer"] == {"code": "CART_ORDERED"}
