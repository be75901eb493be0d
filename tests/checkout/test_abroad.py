"""Orders that are sent out of Japan: from the form to the warehouse and the papers."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.admin.corrections.forms import RecipientForm, initial_of
from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.shortages.substitutes import candidates
from checkout.aftersales.warehouse.shipping.consignments import recipient_of
from checkout.cart.models import TemporaryOrder
from checkout.cart.pricing import quote
from checkout.cart.services import summarise
from checkout.paper.errors import NotTaxedInJapan
from checkout.paper.kinds import PaperKind
from checkout.paper.selectors import offers_of
from checkout.paper.services import issue
from checkout.paper.slips import make_slips
from checkout.payments.fake.gateway import FakeGateway
from checkout.placement.services import place_order
from checkout.shipping.models import (
    DeliveryCountry,
    ShippingMethod,
    ShippingRate,
    ZoneTransit,
)
from checkout.shipping.offers import Goods, offers
from checkout.status.sagas import saga_of
from orders.models import Order
from orders.models.change import RECIPIENT as RECIPIENT_FIELDS
from saga.engine import run
from shop.catalogue.models import Product, Variant
from shop.customers import addresses
from shop.money import Money
from shop.profile.models import ShopProfile
from tests.support.accounts import make_customer, sign_in
from tests.support.api import ADD, INFORM, ask
from tests.support.ordering import place
from tests.support.orders import VISA
from tests.support.shipping import add_rate, deliver_to, make_method, make_zone
from tests.support.shopping import (
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    make_cart,
    purchase_form,
)
from tests.support.shortages import Choice, article, decide, replaced, report

pytestmark = pytest.mark.django_db
ABROAD = {
    "email": "ann@customer.example",
    "name": "Ann Smith",
    "phone": "+1 (212) 555-0100",
    "country": "US",
    "street": "1600 Amphitheatre Pkwy",
    "building": "Suite 5",
    "city": "Mountain View",
    "region": "CA",
    "postcode": "94043",
}
KEPT = ABROAD | {"phone": "+12125550100"}
# As the form leaves it: a hand-over is chosen in Japan only.
ENTERED = KEPT | {"delivery": ""}


@pytest.fixture
def goods(mug: Product, tea: Product) -> None:
    """A mug of ¥1,800 with 10 % tax and a tea of ¥700 with 8 %, sent by parcel."""
    make_method("Parcel", 600)


def test_nobody_abroad_is_promised_the_days_of_japan(
    admin_client: Client, goods: None
) -> None:
    """A method for both is offered abroad when it has days of its own for the zone."""
    parcel = ShippingMethod.objects.get()
    zone = make_zone("North America")
    DeliveryCountry.objects.create(code="US", zone=zone)
    add_rate(parcel, 2400, zone)
    weighed = Goods(Money(1800), 500)
    page = reverse("admin:checkout_deliverycountry_changelist")

    assert offers(weighed, None, "US") == ()
    listed = admin_client.get(page).content.decode()
    assert "Parcel: enter its transit times to this zone" in listed
    [at_home] = offers(weighed, None)
    assert at_home.promise is not None

    ZoneTransit.objects.create(method=parcel, zone=zone, days_from=7, days_to=12)
    [abroad] = offers(weighed, None, "US")
    assert abroad.promise is not None
    assert abroad.promise.latest - abroad.promise.ship_by == timedelta(days=12)
    listed = admin_client.get(page).content.decode()
    assert "enter its transit times" not in listed


def errors_of(client: Client, **changes: str) -> str:
    answer = client.post(INFORMATION, ABROAD | changes)
    assert answer.status_code == 200
    return str(answer.context["form"].errors)


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
    ("changes", "said"),
    [
        ({"postcode": "10001"}, "do not fit together"),
        ({"postcode": "123"}, "It looks like"),
        ({"region": "Atlantis"}, "region"),
        ({"region": ""}, "state or region"),
        ({"phone": "212 555 0100"}, "country code"),
        ({"city": " \u3164 "}, "Enter the city."),
        ({"street": "x" * 151}, "150"),
        ({"postcode": "9" * 17}, "16"),
    ],
)
def test_an_address_abroad_is_checked_by_its_country(
    client: Client, goods: None, changes: dict[str, str], said: str
) -> None:
    deliver_to("US")
    fill(client, {"MUG-01": 1})
    assert said in errors_of(client, **changes)


def test_a_shop_that_delivers_to_japan_only_asks_for_no_country(
    client: Client, goods: None
) -> None:
    fill(client, {"MUG-01": 1})
    assert 'name="country"' not in client.get(INFORMATION).content.decode()
    # A country that is sent all the same is not taken.
    assert client.post(INFORMATION, RECIPIENT | {"country": "US"}).status_code == 303
    assert TemporaryOrder.objects.get().country == "JP"


def test_a_country_without_a_price_for_its_zone_cannot_be_chosen(
    client: Client, goods: None
) -> None:
    method = deliver_to("US")
    fill(client, {"MUG-01": 1})
    assert 'value="US"' in client.get(INFORMATION).content.decode()
    ShippingRate.objects.filter(method=method).delete()
    DeliveryCountry.objects.get().save()
    assert 'value="US"' not in client.get(INFORMATION).content.decode()


def test_nobody_in_japan_is_offered_a_method_for_abroad(
    client: Client, goods: None
) -> None:
    deliver_to("US", position=0)
    fill(client, {"MUG-01": 1})
    at_home = client.get(INFORMATION).content.decode()
    answer = client.post(INFORMATION, ABROAD | {"act": "country"})
    abroad = answer.content.decode()
    assert ("EMS" in at_home, "Parcel" in at_home) == (False, True)
    assert ("EMS" in abroad, "Parcel" in abroad) == (True, False)
    assert 'name="prefecture"' not in abroad


def test_a_country_that_is_taken_away_stops_the_purchase(
    client: Client, goods: None, gateway: FakeGateway
) -> None:
    deliver_to("US")
    fill(client, {"MUG-01": 1})
    client.post(INFORMATION, ABROAD)
    form = purchase_form(client, VISA)
    country = DeliveryCountry.objects.get()
    country.is_active = False
    country.save()

    answer = client.post(CONFIRMATION, form)

    assert answer["Location"] in (INFORMATION, CONFIRMATION)
    assert not Order.objects.exists()
    page = client.get(INFORMATION).content.decode()
    assert "We do not deliver to" in page


def test_what_cannot_go_abroad_keeps_the_form_and_goes_to_japan(
    client: Client, goods: None
) -> None:
    deliver_to("US", most_grams=100)
    Variant.objects.update(weight_grams=500)
    addresses.add(make_customer(), KEPT)
    sign_in(client)
    fill(client, {"MUG-01": 1})

    # The address that is suggested is the one abroad.
    shown, refused = client.get(INFORMATION), client.post(INFORMATION, ABROAD)

    for answer in (shown, refused):
        assert answer.status_code == 200
        assert "your items weigh" in answer.content.decode()
    at_home = client.post(INFORMATION, RECIPIENT | {"country": "JP"})
    assert at_home["Location"] == CONFIRMATION


@pytest.mark.both_databases
def test_a_shop_that_delivers_only_abroad_sells(
    client: Client, mug: Product, gateway: FakeGateway
) -> None:
    deliver_to("US", 2000)
    deliver_to("CA", 2200)
    fill(client, {"MUG-01": 1})
    cart = client.get("/cart/").content.decode()
    assert "None of our shipping methods" not in cart
    # Of the country that comes first.
    assert "¥3,836" in cart
    entry = client.get(INFORMATION).content.decode()
    assert ('value="JP"' in entry, 'value="US"' in entry) == (False, True)
    assert 'name="prefecture"' not in entry.partition("billing_")[0]
    assert client.post(INFORMATION, RECIPIENT | {"country": "JP"}).status_code == 200

    assert client.post(INFORMATION, ABROAD)["Location"] == CONFIRMATION
    client.post(CONFIRMATION, purchase_form(client, VISA))

    order = Order.objects.get()
    assert (order.country, order.total_minor) == ("US", 3636)
    assert "We deliver to: " in client.get("/pages/legal/").content.decode()


def test_japan_is_told_when_no_method_serves_it_any_more(
    client: Client, goods: None
) -> None:
    deliver_to("US")
    fill(client, {"MUG-01": 1})
    assert client.post(INFORMATION, RECIPIENT | {"country": "JP"}).status_code == 303
    ShippingMethod.objects.get(name_en="Parcel").delete()
    priced = quote(TemporaryOrder.objects.get().cart)
    assert priced.method_problem == "We do not deliver to Japan any more."


def test_free_from_of_a_method_for_japan_is_not_for_abroad(goods: None) -> None:
    """A method that delivers abroad only has its own."""
    ems = deliver_to("US", 2000, free_from_minor=1000)
    zone = DeliveryCountry.objects.get().zone
    parcel = ShippingMethod.objects.get(name_en="Parcel")
    ShippingMethod.objects.filter(pk=parcel.pk).update(free_from_minor=1000)
    add_rate(parcel, 2400, zone)
    ZoneTransit.objects.create(method=parcel, zone=zone, days_from=7, days_to=12)
    found = {one.method.id: one for one in offers(Goods(Money(1800)), None, "US")}
    assert (found[parcel.pk].price.minor, found[parcel.pk].free_from) == (2400, None)
    assert (found[ems.pk].price.minor, found[ems.pk].free_from) == (0, Money(1000))
    (at_home,) = offers(Goods(Money(1800)), None)
    assert at_home.price.minor == 0


def test_the_pill_of_the_cart_has_the_price_of_the_country(
    client: Client, goods: None
) -> None:
    deliver_to("US")
    cart = fill(client, {"MUG-01": 2})
    assert summarise(cart.uid).total == Money(3600)
    client.post(INFORMATION, ABROAD)
    assert summarise(cart.uid).total == Money(2 * 1636)
    assert "2 items, ¥3,272" in client.get("/cart/").content.decode()


def test_the_price_can_stay_the_same_abroad(goods: None) -> None:
    deliver_to("US", 2000, prices="same")
    priced = quote(make_cart({"MUG-01": 2, "TEA-01": 1}, ENTERED))
    assert priced.total.minor == 2 * 1800 + 700 + 2000
    assert [(each.rate, each.tax.minor) for each in priced.tax] == [(0, 0)]


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


def test_an_address_abroad_is_kept_and_suggested(client: Client, goods: None) -> None:
    deliver_to("US")
    customer = make_customer()
    sign_in(client)
    new = reverse("checkout:my_address_new")
    page = client.get(new).content.decode()
    assert 'name="prefecture"' in page
    form = page[page.index('<form class="card') :]
    assert 'name="act"' not in form.partition("</button>")[0], "Enter saves"
    other = client.post(new, {"country": "US", "name": "Ann", "act": "country"})
    assert 'name="region"' in other.content.decode()

    assert client.post(new, ABROAD | {"postcode": "10001"}).status_code == 422
    assert client.post(new, ABROAD).status_code == 303

    saved = customer.addresses.get()
    assert {name: getattr(saved, name) for name in KEPT if name != "email"} == {
        name: text for name, text in KEPT.items() if name != "email"
    }
    fill(client, {"MUG-01": 1})
    page = client.get(INFORMATION).content.decode()
    assert "1600 Amphitheatre Pkwy" in page
    # The price is that of the country that is suggested.
    assert "¥1,636" in page


@pytest.mark.both_databases
@pytest.mark.parametrize("field", [*ABROAD, "name_kana", "prefecture", "note"])
def test_whatever_is_typed_is_kept_or_refused_in_words(
    client: Client, goods: None, field: str
) -> None:
    deliver_to("US")
    fill(client, {"MUG-01": 1})
    make_customer()
    own = Client()
    sign_in(own)
    for text in ("x" * 5000, "ß" * 255, "\U00020bb7" * 120, "a\0b", "2147483648", " "):
        typed = ABROAD | {field: text}
        assert client.post(INFORMATION, typed).status_code in (200, 302, 303, 400)
        answer = own.post(reverse("checkout:my_address_new"), typed)
        assert answer.status_code in (200, 303, 400, 422)


def test_the_api_takes_an_address_abroad(client: Client, goods: None) -> None:
    deliver_to("US")
    asked = "{ shop { deliveryCountries { code fields regions { value } } } }"
    japan, usa = ask(client, asked)["shop"]["deliveryCountries"]
    assert (japan["code"], japan["fields"][0]) == ("JP", "postcode")
    assert usa["fields"] == ["street", "building", "city", "region", "postcode"]
    assert {"value": "CA"} in usa["regions"]
    cart = ask(client, ADD, sku="MUG-01", quantity=1, cart=None)["answer"]

    ask(client, INFORM, cart=cart["id"], information=ABROAD)

    kept = TemporaryOrder.objects.get()
    assert {name: getattr(kept, name) for name in KEPT} == KEPT
    assert quote(kept.cart).total.minor == 1636 + 2000


def test_staff_correct_an_address_abroad_by_its_rules(goods: None) -> None:
    deliver_to("US")
    cart = make_cart({"MUG-01": 1}, ENTERED)
    order = place_order(cart, quote(cart), token=VISA, language="en")
    typed = initial_of(order, RECIPIENT_FIELDS)
    typed |= {"seen": json.dumps(typed["seen"]), "reason": "asked by mail"}

    wrong = RecipientForm(typed | {"postcode": "10001"}, country=order.country)
    right = RecipientForm(typed | {"city": "Palo Alto"}, country=order.country)

    assert list(wrong.errors) == ["postcode"]
    assert right.is_valid(), right.errors
    assert right.changed() == ({"city": "Mountain View"}, {"city": "Palo Alto"})
