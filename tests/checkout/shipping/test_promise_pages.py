"""The promise is the same on all pages, kept in the order, and what was agreed to."""

from datetime import date, time

import pytest
from django.core import mail
from django.test import Client

from checkout.mail.messages import send_confirmation
from checkout.shipping.models import WorkingCalendar
from orders.models import Order
from shop.catalogue.models import Product
from tests.conftest import Clock
from tests.support.shipping import make_method
from tests.support.shopping import (
    CART,
    CONFIRMATION,
    INFORMATION,
    fill_and_inform,
    purchase_form,
    text_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway")]

# 10:48 in Tokyo on a Monday.
MONDAY = "2026-11-30T01:48:00+00:00"
DAYS = {
    "en": "Tue 1 Dec – Wed 2 Dec",  # noqa: RUF001
    "ja": "12月1日(火)〜12月2日(水)",
}
WITHIN = {"en": "Order within 3 h 12 min", "ja": "あと3時間12分以内のご注文で"}


@pytest.fixture
def shop(mug: Product, clock: Clock) -> None:
    """Parcels leave on the day of the order until 14:00."""
    clock.move_to(MONDAY)
    Product.objects.update(released_at="2026-11-01T00:00:00+00:00")
    WorkingCalendar.objects.create(pk=1, cut_off=time(14), handling_days=0)
    make_method("Parcel", days_from=1, days_to=2)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_page_shows_the_same_promise(shop: None, language: str) -> None:
    client = Client(headers={"accept-language": language})
    pages = [text_of(client.get("/p/mug/"))]
    fill_and_inform(client, {"MUG-01": 1})
    pages += [text_of(client.get(path)) for path in (CART, INFORMATION, CONFIRMATION)]
    for page in pages:
        assert DAYS[language] in page
        assert WITHIN[language] in page

    client.post(CONFIRMATION, purchase_form(client))
    order = Order.objects.get()
    promised = (order.ship_by, order.promised_from, order.promised_until)
    assert promised == (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2))
    assert DAYS[language] in text_of(client.get(f"/orders/{order.uid}/"))
    send_confirmation(order)
    sent = mail.outbox[-1]
    html = str(sent.alternatives[0][0])  # type: ignore[union-attr]
    assert DAYS[language] in str(sent.body)
    assert DAYS[language] in html


def test_staff_see_the_promise(
    shop: None, client: Client, admin_client: Client
) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    client.post(CONFIRMATION, purchase_form(client))
    page = admin_client.get(f"/admin/orders/order/{Order.objects.get().pk}/change/")
    text = text_of(page)
    for name in ("ship_by", "promised_from", "promised_until"):
        assert f"field-{name}" in text


def test_a_kept_page_is_made_again_for_each_minute(
    shop: None, client: Client, clock: Clock, kept_pages: float
) -> None:
    assert WITHIN["en"] in text_of(client.get("/p/mug/"))
    clock.shift(59)
    assert WITHIN["en"] in text_of(client.get("/p/mug/"))
    clock.shift(1)
    assert "Order within 3 h 11 min" in text_of(client.get("/p/mug/"))
    clock.move_to("2026-11-30T05:00:00+00:00")
    assert "Wed 2 Dec" in text_of(client.get("/p/mug/"))


def test_a_promise_that_ended_meanwhile_is_said(
    shop: None, client: Client, clock: Clock
) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    form = purchase_form(client) | {"seen_days": DAYS["en"]}
    clock.move_to("2026-11-30T05:00:00+00:00")

    answer = client.post(CONFIRMATION, form, follow=True)
    said = "The delivery date has changed from Tue 1 Dec – Wed 2 Dec to Wed 2 Dec"  # noqa: RUF001
    assert said in text_of(answer)
    assert not Order.objects.exists()

    client.post(CONFIRMATION, purchase_form(client))
    assert Order.objects.get().promised_from == date(2026, 12, 2)


def test_a_shop_that_is_closed_for_long_promises_nothing(
    shop: None, client: Client
) -> None:
    WorkingCalendar.objects.update(handling_days=365)
    said = "We tell you the delivery date once we can ship again."
    assert said in text_of(client.get("/p/mug/"))
    fill_and_inform(client, {"MUG-01": 1})
    client.post(CONFIRMATION, purchase_form(client))
    order = Order.objects.get()
    assert order.promised_until is None
    assert "Arrives" not in text_of(client.get(f"/orders/{order.uid}/"))
