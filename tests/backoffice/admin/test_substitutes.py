"""Staff send a substitute for missing goods, or offer one."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from checkout.payments.fake.gateway import FakeGateway
from inventory import services as inventory
from orders.models import Refund, Shortage, Substitute
from shop.catalogue.models import Variant
from tests.backoffice.answers import text_of
from tests.support.shortages import (
    article,
    assert_books_agree,
    give_back,
    make_shortage,
    substituted,
)
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def packer(client: Client, gateway: FakeGateway) -> Client:
    """Return a client who may pack, ship and settle shortages."""
    may = ["view_order", "view_shortage", "view_shortageline", "settle_shortage"]
    client.force_login(make_staff(*may, "ship_order", name="tsumu"))
    return client


def page_of(shortage: Shortage, name: str = "substitute") -> str:
    return reverse("admin:orders_shortage_decide", args=[shortage.pk, name])


def order_page(shortage: Shortage, name: str) -> str:
    return reverse(f"admin:orders_order_{name}", args=[shortage.order_id])


def filled(shortage: Shortage, sku: str, **fields: str) -> dict[str, Any]:
    """Return the form's values that name ``sku`` for the only missing row."""
    row = shortage.lines.get()
    reason = {"seen": shortage.moves, "reason": "agreed by phone"}
    return {**reason, f"instead_{row.pk}": sku, **fields}


def test_staff_see_what_it_comes_to_before_they_send_it(packer: Client) -> None:
    shortage = make_shortage({"MUG-01": 1})
    article(price=1500)

    asked = text_of(packer.get(page_of(shortage)))
    assert '<option value="CUP-01">Tea Cup (Label CUP-01), ¥1,500, 5 free' in asked
    assert "Send in place of 1 x MUG-01" in asked
    shown = packer.post(page_of(shortage), filled(shortage, " cup-01 "))
    said = text_of(shown)
    assert "Will take 1 x CUP-01 from stock, in place of 1 x MUG-01." in said
    assert "Will refund nothing yet: ¥300 wait for a member of staff" in said
    assert not Substitute.objects.exists(), "nothing is done before it was seen"
    agreed = {"agreed": shown.context["agreed"]}
    back = filled(shortage, "CUP-01", change="1", **agreed)
    assert "Show what will happen" in text_of(packer.post(page_of(shortage), back))
    sent = filled(shortage, "CUP-01", **agreed)
    done = text_of(packer.post(page_of(shortage), sent, follow=True))
    again = text_of(packer.post(page_of(shortage), sent, follow=True))

    assert "the decision is recorded." in done
    assert "1 x CUP-01, ¥1,500" in done
    assert "Nothing was changed: tsumu decided meanwhile." in again
    shortage.refresh_from_db()
    assert (shortage.choice, shortage.refund_minor) == ("substitute", 300)
    assert_books_agree()


def test_a_price_that_changed_since_is_shown_again(packer: Client) -> None:
    shortage = make_shortage({"MUG-01": 1})
    article(price=1500)
    sent = filled(shortage, "CUP-01")
    sent["agreed"] = packer.post(page_of(shortage), sent).context["agreed"]
    Variant.objects.filter(sku="CUP-01").update(price_minor=2500)

    shown = text_of(packer.post(page_of(shortage), sent))

    assert "Will charge nothing more: the shop bears ¥700." in shown
    shortage.refresh_from_db()
    assert shortage.status == "open"


@pytest.mark.parametrize("sku", ["", "MUG-01", "NOTHING", "CUP-FEW"])
def test_what_cannot_be_sent_is_refused(packer: Client, sku: str) -> None:
    shortage = make_shortage({"MUG-01": 2})
    article("CUP-FEW", units=1)

    answer = packer.post(page_of(shortage), filled(shortage, sku))

    assert answer.status_code == 422
    assert not Substitute.objects.exists()


def test_what_was_sold_since_is_not_sent(packer: Client) -> None:
    shortage = make_shortage({"MUG-01": 1})
    article(units=1)
    sent = filled(shortage, "CUP-01")
    sent["agreed"] = packer.post(page_of(shortage), sent).context["agreed"]
    inventory.reserve("T-OTHER", {"CUP-01": 1}, None)

    answer = packer.post(page_of(shortage), sent)

    assert answer.status_code == 422
    shortage.refresh_from_db()
    assert shortage.status == "open"


def test_the_customer_is_offered_one(packer: Client) -> None:
    shortage = make_shortage({"MUG-01": 1})
    article()

    asked = text_of(packer.get(page_of(shortage, "ask")))
    assert "Offer in place of 1 x MUG-01" in asked
    packer.post(page_of(shortage, "ask"), filled(shortage, "CUP-01", until=""))

    desk = text_of(
        packer.get(reverse("admin:orders_shortage_change", args=[shortage.pk]))
    )
    assert "1 x CUP-01, ¥1,500 (only offered)" in desk


def test_who_packs_sees_what_goes_out_instead(packer: Client) -> None:
    shortage = substituted(article())

    parcel = text_of(packer.get(order_page(shortage, "ship")))
    assert "1 x CUP-01, Tea Cup" in parcel
    assert "in place of MUG-01" in parcel
    order = text_of(packer.get(order_page(shortage, "change")))
    assert "1 x CUP-01 in place of MUG-01" in order
    missing = text_of(packer.get(order_page(shortage, "missing")))
    assert "CUP-01, Tea Cup, sent in place of MUG-01: missing of 1" in missing


def test_the_refund_form_offers_the_difference_and_no_units(
    client: Client, packer: Client
) -> None:
    shortage = substituted(article())
    client.force_login(make_staff("view_order", "refund", name="henkin"))

    form = client.get(order_page(shortage, "refund")).context["form"]

    assert form["amount"].value() == "300"
    assert [row.units.value() for row in form.rows] == [None, None]
    give_back(client, shortage.order, "300")
    assert Refund.objects.get().shortage == shortage
    assert not shortage.owed


def test_it_is_for_those_who_settle_shortages(
    client: Client, gateway: FakeGateway
) -> None:
    shortage = make_shortage({"MUG-01": 1})
    article()
    client.force_login(make_staff("view_order", "view_shortage", "refund"))

    assert client.get(page_of(shortage)).status_code == 403
    sent = filled(shortage, "CUP-01")
    assert client.post(page_of(shortage), sent).status_code == 403
