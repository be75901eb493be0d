"""Delayed payments on the order's page and on the confirmation."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.payments.methods import methods_for
from checkout.status.progress import progress_of
from orders import transitions
from orders.models import Order, Parcel, Voucher
from saga.models import State
from shop.catalogue.models import Product
from tests.support.shopping import (
    CONFIRMATION,
    fill_and_inform,
    make_order,
    set_saga,
    text_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(mug: Product) -> Order:
    return make_order({"MUG-01": 2})


def page_of(client: Client, order: Order, language: str = "en") -> str:
    answer = client.get(f"/orders/{order.uid}/", headers={"accept-language": language})
    assert answer.status_code == 200
    return text_of(answer)


def give_voucher(order: Order) -> None:
    voucher = Voucher(
        expires_at=datetime(2031, 3, 4, 14, 59, tzinfo=UTC),
        url="https://example.com/voucher",
        stores=[
            {
                "chain": "lawson",
                "payment_code": "211111111111",
                "confirmation_number": "03123456789",
            }
        ],
    )
    transitions.issue_voucher(order.payment.attempts.get(), voucher)
    set_saga(
        order, step="authorize_payment", state=State.WAITING, waiting_for="voucher"
    )


def accept(order: Order) -> None:
    """Set the amount aside, to be charged when staff release the order."""
    payment = order.payment
    payment.capture = "shipment"
    payment.save(update_fields=["capture"])
    transitions.authorize(
        payment, charge_id="ch_1", brand="visa", last4="4242", capture_before=None
    )
    set_saga(
        order, step="authorize_payment", state=State.WAITING, waiting_for="shipment"
    )


def test_the_voucher_says_where_with_what_and_until_when(
    client: Client, order: Order
) -> None:
    give_voucher(order)

    page = page_of(client, order)

    assert "Please pay at a convenience store" in page
    assert "4 March 2031, 23:59" in page, "in Japan's time"
    assert "Lawson" in page
    assert "211111111111" in page
    assert "03123456789" in page
    assert 'href="https://example.com/voucher"' in page
    assert [step.state for step in progress_of(order).steps][1] == "needs_you"
    page = page_of(client, order, language="ja")
    assert "ローソン" in page
    assert "2031年3月4日" in page


def test_the_voucher_stays_while_the_intent_is_read(
    client: Client, order: Order
) -> None:
    give_voucher(order)
    before = progress_of(order)

    set_saga(order, state=State.RUNNING, waiting_for="")

    assert progress_of(order) == before


def test_a_page_that_waits_for_days_asks_seldom_and_holds_no_thread(
    client: Client, order: Order
) -> None:
    give_voucher(order)

    page = page_of(client, order)

    assert "data-stream" not in page
    assert 'hx-trigger="every 20s, ' in page
    assert 'http-equiv="refresh"' not in page
    version = progress_of(order).version
    answer = client.get(f"/orders/{order.uid}/stream/?version={version}")
    assert answer.status_code == 204


def test_a_voucher_of_a_cancelled_order_must_not_be_paid(
    client: Client, order: Order
) -> None:
    give_voucher(order)
    transitions.cancel(order, Order.CancelReason.NOT_PAID)

    page = page_of(client, order)

    assert "Please do not pay at the store any more" in page
    assert "211111111111" not in page


def test_an_accepted_order_is_charged_when_it_is_shipped(
    client: Client, order: Order
) -> None:
    accept(order)

    page = page_of(client, order)

    assert "We have accepted your order" in page
    assert "Your card is charged when we ship." in page
    assert "Charged when we ship" in page
    assert order.email in page
    transitions.release(order, "yuki")
    set_saga(order, state=State.RUNNING, waiting_for="")
    assert progress_of(order).outcome == "working"


def test_an_order_whose_approval_lapsed_says_so(client: Client, order: Order) -> None:
    accept(order)
    transitions.cancel(order, Order.CancelReason.LAPSED)

    assert "approval of the payment has lapsed" in page_of(client, order)


def test_a_shipped_order_shows_its_parcel(client: Client, order: Order) -> None:
    transitions.capture(order.payment, order.total_minor, "ch_1")
    transitions.confirm(order)
    set_saga(order, step="send_confirmation", state=State.DONE)
    assert "Your parcel" not in page_of(client, order)

    transitions.ship(order, carrier="sagawa", tracking_number="40-1", actor="yuki")

    page = page_of(client, order)
    assert "Your order is on its way" in page
    assert "Sagawa Express" in page
    assert "okurijoNo=40-1" in page


def test_a_parcel_without_a_number_has_no_link() -> None:
    parcel = Parcel(carrier="other")

    assert parcel.tracking_url == ""
    parcel.tracking_number = "77"
    assert parcel.tracking_url == ""


def test_the_confirmation_offers_konbini_where_it_is_configured(
    client: Client, mug: Product, settings: Settings
) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]
    fill_and_inform(client, {"MUG-01": 1})

    page = " ".join(client.get(CONFIRMATION).content.decode().split())

    assert 'data-methods="card,konbini"' in page
    assert 'data-email="hanako@customer.example"' in page
    assert "in cash at a convenience store, within 3 days" in page
    assert "Order for ¥" in page


def test_the_confirmation_offers_the_card_alone_otherwise(
    client: Client, mug: Product
) -> None:
    fill_and_inform(client, {"MUG-01": 1})

    page = client.get(CONFIRMATION).content.decode()

    assert 'data-methods="card"' in page
    assert "convenience store" not in page
    assert "hanako@customer.example" not in page.partition("data-card-form")[2]


def test_the_confirmation_says_when_the_card_is_charged(
    client: Client, mug: Product, settings: Settings
) -> None:
    settings.CAPTURE = "shipment"
    fill_and_inform(client, {"MUG-01": 1})

    page = client.get(CONFIRMATION).content.decode()

    assert "the card is charged when we ship" in page
    assert "normally within seconds" not in page


@pytest.mark.parametrize(
    ("amount", "currency", "offered"),
    [
        (119, "JPY", ["card"]),
        (120, "JPY", ["card", "konbini"]),
        (300_000, "JPY", ["card", "konbini"]),
        (300_001, "JPY", ["card"]),
        (5000, "USD", ["card"]),
    ],
)
def test_a_store_takes_yen_up_to_a_limit(
    settings: Settings, amount: int, currency: str, offered: list[str]
) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]

    assert methods_for(amount, currency) == offered
