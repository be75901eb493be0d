"""Orders that are sent out of Japan: from the form to the warehouse and the papers."""

import pytest
from django.test import Client

from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.shortages.substitutes import candidates
from checkout.aftersales.warehouse.shipping.consignments import recipient_of
from checkout.cart.pricing import quote
from checkout.paper.errors import NotTaxedInJapan
from checkout.paper.kinds import PaperKind
from checkout.paper.selectors import offers_of
from checkout.paper.services import issue
from checkout.paper.slips import make_slips
from checkout.payments.fake.gateway import FakeGateway
from checkout.placement.services import place_order
from checkout.shipping.models import (
    DeliveryCountry,
)
from checkout.status.sagas import saga_of
from orders.models import Order
from saga.engine import run
from shop.profile.models import ShopProfile
from tests.support.abroad import ABROAD, ENTERED, KEPT
from tests.support.ordering import place
from tests.support.orders import VISA
from tests.support.shipping import deliver_to
from tests.support.shopping import (
    CONFIRMATION,
    INFORMATION,
    fill,
    make_cart,
    purchase_form,
)
from tests.support.shortages import Choice, article, decide, replaced, report

pytestmark = pytest.mark.django_db


@pytest.mark.both_databases
def test_an_order_abroad_is_free_of_tax_from_the_form_to_the_papers(
    client: Client, goods: None, gateway: FakeGateway
) -> None:
    deliver_to("US", 2000)
    ShopProfile.objects.create(pk=1, invoice_number="T7000012050002")
    fill(client, {"MUG-01": 2, "TEA-01": 1})

    assert client.post(INFORMATION, ABROAD)["Location"] == CONFIRMATION
    page = client.get(CONFIRMATION).content.decode()
    client.post(CONFIRMATION, purchase_form(client, VISA))
    order = Order.objects.get()
    run(saga_of(order).pk)
    order.refresh_from_db()

    assert order.status == Order.Status.CONFIRMED
    # 1,800 less 164 is 1,636; 700 less 52 is 648.
    assert [(one.unit_minor, one.tax_rate) for one in order.lines.all()] == [
        (1636, 0),
        (648, 0),
    ]
    assert order.total_minor == 2 * 1636 + 648 + 2000
    assert order.tax == [{"rate": 0, "gross": order.total_minor, "tax": 0}]
    assert {name: getattr(order, name) for name in KEPT} == KEPT
    assert (order.prefecture, order.delivery, order.shipping_carrier) == (
        *("", ""),
        "japan_post",
    )
    assert "Import duties" in page
    assert "tax included" not in page
    assert gateway.countries == {str(order.uid): "US"}
    told = recipient_of(order)
    assert (told.country, told.region, told.prefecture) == ("US", "CA", "")
    (slip,) = make_slips(PaperKind.PACKING_SLIP, order)
    assert slip.addressee == (
        "Ann Smith",
        "1600 Amphitheatre Pkwy",
        "Suite 5",
        "Mountain View, CA 94043",
        "UNITED STATES OF AMERICA",
    )
    assert [each.kind for each in offers_of(order)] == [PaperKind.RECEIPT]
    with pytest.raises(NotTaxedInJapan):
        issue(order, PaperKind.INVOICE, "Ann Smith")
    tracked = client.get(f"/orders/{order.uid}/").content.decode()
    assert "Mountain View, CA 94043" in tracked


@pytest.mark.parametrize(
    ("prices", "unit", "owed"), [("net", 1364, 272), ("same", 1500, 300)]
)
def test_a_substitute_is_priced_as_the_order_was(
    goods: None, gateway: FakeGateway, prices: str, unit: int, owed: int
) -> None:
    deliver_to("US", prices=prices)
    order, saga = place(make_cart({"MUG-01": 1}, ENTERED))
    run(saga.pk)
    # Staff may have stopped offering the country since.
    DeliveryCountry.objects.update(is_active=False)
    asked = report(order, {"MUG-01": 1})
    shortage = shortages.record(order, asked, shelf_is_empty=True)
    cup = article(price=1500)
    (row,) = shortages.missing(shortage)
    assert candidates(row)["CUP-01"].unit.minor == unit

    decide(shortage, Choice.SUBSTITUTE, instead=replaced(shortage, cup))

    assert shortage.refund_minor == owed


def test_an_order_abroad_is_placed_with_its_country(goods: None) -> None:
    deliver_to("US")
    cart = make_cart({"MUG-01": 1}, ENTERED)
    order = place_order(cart, quote(cart), token=VISA, language="en")
    assert order.is_abroad
    assert (order.country, order.region, order.postcode) == ("US", "CA", "94043")
