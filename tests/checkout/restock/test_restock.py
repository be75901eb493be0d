"""Whoever waits for sold-out goods gets one mail when there are some again."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from checkout import periodic_jobs
from checkout.restock import services
from checkout.restock.errors import NotSoldOut
from checkout.restock.models import RestockRequest
from events.deliveries import deliver_due
from events.replay import Period, TellsPeople, replay
from events.router import route_all
from inventory.services import adjust, receive, reserve
from shop import database_clock
from shop.catalogue.models import Product
from shop.customers import outbox
from shop.customers.models import AccountMail
from tests.support.catalogue import make_product, make_variant
from tests.support.shopping import text_of
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

ASK = "/restock/"
EMAIL = "hanako@customer.example"


@pytest.fixture
def cup(db: None) -> Product:
    """A cup that is sold out."""
    return make_product("cup", skus=("CUP-01",), units=0, name_en="Cup", name_ja="杯")


def ask(client: Client, email: str = EMAIL, sku: str = "CUP-01") -> str:
    return text_of(client.post(ASK, {"sku": sku, "email": email}, follow=True))


def sent() -> list[str]:
    """Store what is due, send all of it, and return to whom."""
    services.tell()
    outbox.sweep()
    for pk in AccountMail.objects.values_list("pk", flat=True):
        outbox.send(pk)
    return [message.to[0] for message in mail.outbox]


def test_a_customer_is_mailed_once_when_goods_are_back(
    cup: Product, client: Client
) -> None:
    assert f"We will email {EMAIL} once" in ask(client)
    assert sent() == []

    receive("CUP-01", 5, "d-1")

    assert sent() == [EMAIL]
    assert sent() == [EMAIL]
    message = mail.outbox[0]
    assert message.subject.startswith("Back in stock: Cup")
    assert "/p/cup/" in message.body
    assert not RestockRequest.objects.exists()


def test_the_mail_is_in_the_language_of_the_page(cup: Product) -> None:
    ask(Client(headers={"accept-language": "ja"}))
    receive("CUP-01", 5, "d-1")
    sent()
    assert "再入荷" in mail.outbox[0].subject
    assert "杯" in mail.outbox[0].body


def test_the_answer_does_not_tell_whether_an_address_waits_already(
    cup: Product,
) -> None:
    said = [re.findall(r"We will email [^<]*", ask(Client())) for _time in range(2)]
    assert said[0] == said[1] != []
    assert RestockRequest.objects.count() == 1


def test_as_many_are_told_as_there_are_units_those_who_wait_longest_first(
    cup: Product,
) -> None:
    for number in range(4):
        services.ask("CUP-01", f"{number}@customer.example", "en")
    receive("CUP-01", 2, "d-1")
    assert sent() == ["0@customer.example", "1@customer.example"]
    assert len(sent()) == 4


def test_units_that_are_held_for_orders_are_not_back(cup: Product) -> None:
    services.ask("CUP-01", EMAIL, "en")
    receive("CUP-01", 1, "d-1")
    reserve("261130-AAAAAA", {"CUP-01": 1}, None)
    assert sent() == []


def test_what_is_taken_off_sale_is_not_told(cup: Product) -> None:
    services.ask("CUP-01", EMAIL, "en")
    receive("CUP-01", 1, "d-1")
    Product.objects.update(is_active=False)
    assert sent() == []
    assert RestockRequest.objects.count() == 1


def test_nobody_waits_for_what_can_be_bought(mug: Product, client: Client) -> None:
    assert "available now" in ask(client, sku="MUG-01")
    with pytest.raises(NotSoldOut):
        services.ask("MUG-01", EMAIL, "en")
    assert not RestockRequest.objects.exists()


@pytest.mark.parametrize(
    ("sku", "email"), [("NO-SUCH", EMAIL), ("CUP-01", "nobody"), ("", ""), ("\x00", "")]
)
def test_what_makes_no_sense_is_refused(
    cup: Product, client: Client, sku: str, email: str
) -> None:
    answer = client.post(ASK, {"sku": sku, "email": email})
    assert answer.status_code in (303, 400, 404)
    assert not RestockRequest.objects.exists()


def test_too_many_requests_of_one_visitor_are_slowed_down(cup: Product) -> None:
    answers = [ask(Client(REMOTE_ADDR="192.0.2.9")) for _number in range(7)]
    assert "Too many attempts." not in answers[0]
    assert "Too many attempts." in answers[-1]
    # Somebody else is not locked out.
    other = Client(REMOTE_ADDR="192.0.2.77")
    assert "We will email" in ask(other, "taro@customer.example")


def test_the_link_of_the_mail_ends_all_further_ones(
    cup: Product, client: Client
) -> None:
    make_variant(cup, "CUP-02", units=0)
    make_variant(cup, "CUP-03", units=0)
    for sku in ("CUP-01", "CUP-02", "CUP-03"):
        services.ask(sku, EMAIL, "en")
    services.ask("CUP-02", "taro@customer.example", "en")
    receive("CUP-01", 1, "d-1")
    sent()
    found = re.search(r"https?://[^/]+(/restock/stop/\S+/)", str(mail.outbox[0].body))
    assert found

    # Programs open links: only the button counts.
    assert "Stop these emails" in text_of(client.get(found[1]))
    assert RestockRequest.objects.filter(email=EMAIL).count() == 2
    client.post(found[1])

    assert [row.email for row in RestockRequest.objects.all()] == [
        "taro@customer.example"
    ]
    assert client.get(found[1].replace("stop/", "stop/x")).status_code == 404


def test_requests_are_forgotten_after_half_a_year(cup: Product) -> None:
    services.ask("CUP-01", EMAIL, "en")
    now = database_clock.read()
    assert services.forget(now + services.KEPT - timedelta(minutes=1)) == 0
    assert services.forget(now + services.KEPT + timedelta(minutes=1)) == 1


def test_the_sweeper_tells_within_a_minute(cup: Product) -> None:
    services.ask("CUP-01", EMAIL, "en")
    receive("CUP-01", 1, "d-1")
    job = periodic_jobs._JOBS["tell of goods that are back"]
    assert job() == {"restock_mails": 1}
    # Twice in a minute costs nothing.
    assert job() == {"restock_mails": 0}


def test_the_form_stands_on_sold_out_goods_only(
    cup: Product, mug: Product, client: Client
) -> None:
    assert 'name="email"' in text_of(client.get("/p/cup/"))
    assert 'name="email"' not in text_of(client.get("/p/mug/"))
    adjust("MUG-01", -10, "a-1", "broken", "yuki")
    assert 'name="email"' in text_of(client.get("/p/mug/"))


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_store_one_mail(cup: Product) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    services.ask("CUP-01", EMAIL, "en")
    receive("CUP-01", 5, "d-1")
    assert not exceptions_in(run_together(range(4), lambda _number: services.tell()))
    assert AccountMail.objects.count() == 1


def test_who_waits_is_told_by_the_event_as_many_as_units_came(cup: Product) -> None:
    for number in range(4):
        services.ask("CUP-01", f"{number}@customer.example", "en")
    receive("CUP-01", 3, "d-1")
    route_all()
    deliver_due()
    assert AccountMail.objects.count() == 3

    # Sold units and a replay call nobody.
    adjust("CUP-01", -3, "c-1", "broken", "yuki")
    route_all()
    with pytest.raises(TellsPeople, match="back-in-stock writes to people"):
        replay(services.CONSUMER, Period(), lambda _done: None)
    replay(services.CONSUMER, Period(), lambda _done: None, sends=True)
    deliver_due()

    assert AccountMail.objects.count() == 3
    assert RestockRequest.objects.count() == 1
