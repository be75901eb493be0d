"""An address abroad: checked by its country, kept whole, whoever enters it."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.admin.corrections.forms import RecipientForm, initial_of
from checkout.cart.models import TemporaryOrder
from checkout.cart.pricing import quote
from checkout.placement.services import place_order
from orders.models.change import RECIPIENT as RECIPIENT_FIELDS
from tests.support.abroad import ABROAD, ENTERED, KEPT
from tests.support.accounts import make_customer, sign_in
from tests.support.api import ADD, INFORM, ask
from tests.support.orders import VISA
from tests.support.shipping import deliver_to
from tests.support.shopping import (
    INFORMATION,
    RECIPIENT,
    fill,
    make_cart,
)

pytestmark = pytest.mark.django_db


def errors_of(client: Client, **changes: str) -> str:
    answer = client.post(INFORMATION, ABROAD | changes)
    assert answer.status_code == 200
    return str(answer.context["form"].errors)


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
