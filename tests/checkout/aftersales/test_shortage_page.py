"""The page on which a customer decides about missing goods, once."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from checkout.aftersales.dispatch import ship
from checkout.aftersales.refunds.services import settle
from checkout.aftersales.shortages import links, offers
from checkout.aftersales.shortages import services as shortages
from checkout.mail import outbox
from checkout.mail.models import OrderMail
from checkout.payments.fake.gateway import FakeGateway
from inventory import services as inventory
from orders.errors import ShortageMoved
from orders.models import Order, OrderEvent, Refund, Shipment, Shortage
from shop.catalogue.models import Variant
from tests.conftest import Clock
from tests.saga.tables import dump
from tests.support.invariants import assert_invariants
from tests.support.refunding import refunded_total
from tests.support.shortages import (
    BOTH,
    Choice,
    article,
    assert_books_agree,
    decide,
    give_back,
    make_shortage,
    replaced,
)
from tests.support.staff import make_staff
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway) -> None:
    """Use the fake provider in every test."""


def asked(units: Mapping[str, int] | None = None, *, until: int | None = 5) -> Shortage:
    """Return a shortage whose customer was asked; goods are due in ``until`` days."""
    shortage = make_shortage(units)
    day = timezone.localdate() + timedelta(days=until) if until else None
    offers.ask(shortage, shortage.moves, "yuki", day)
    return shortage


def link(shortage: Shortage) -> str:
    token = links.url_of(shortage).rstrip("/").rpartition("/")[2]
    return reverse("checkout:shortage", args=[token])


class Answer(Protocol):
    """What the test client returns."""

    status_code: int
    content: bytes


def text_of(answer: Answer) -> str:
    return " ".join(answer.content.decode().split())


def choose(client: Client, page: str, choice: str, **fields: str) -> Answer:
    seen = client.get(page).context["form"]["seen"].value()
    return client.post(page, {"seen": seen, "choice": choice, **fields}, follow=True)


def test_the_whole_way_from_the_mail_to_the_money(
    client: Client, clock: Clock, gateway: FakeGateway
) -> None:
    shortage = asked({"MUG-01": 1})
    order = shortage.order
    clock.shift(10)
    outbox.sweep_mails()
    sent = mail.outbox[-1]
    assert sent.subject.startswith(f"Items missing from order {order.number}")
    (page,) = re.findall(r"https?://[^/]+(/missing/\S+)", str(sent.body))

    shown = text_of(client.get(page))
    assert "We expect them by" in shown
    assert "We refund ¥1,800 after a member of our staff has checked it" in shown
    assert "Nothing is sent. We refund ¥5,400" in shown
    told = text_of(choose(client, page, "part", remark="by Friday please"))

    assert "We send you the other goods now, without the missing ones." in told
    assert "We refund ¥1,800 to you after a member of our staff" in told
    shortage.refresh_from_db()
    assert (shortage.by_customer, shortage.decided_by) == (True, order.name)
    assert not Refund.objects.exists()
    assert refunded_total(gateway) == 0, "no machine refunds"

    client.force_login(make_staff("view_shortage", "view_order", "refund"))
    assert "a refund of ¥1,800" in text_of(client.get("/admin/orders/shortage/"))
    give_back(client, order, "1,800")
    refund = Refund.objects.get()
    assert (refund.reason, refund.shortage) == ("by Friday please", shortage)
    settle(refund.pk)
    assert refunded_total(gateway) == 1800
    assert ship(order, carrier="", tracking_number="", actor="yuki")
    assert_invariants()


def test_a_second_visit_shows_what_was_chosen(client: Client) -> None:
    shortage = asked()
    page = link(shortage)
    seen = client.get(page).context["form"]["seen"].value()
    choose(client, page, "cancel")
    before = dump()

    again = client.post(page, {"seen": seen, "choice": "part"}, follow=True)

    assert "It was decided before" in text_of(again)
    assert "Your order is not sent." in text_of(client.get(page))
    assert "<form" not in text_of(client.get(page)).partition("<main")[2]
    assert dump() == before


def test_a_decision_of_staff_is_not_changed_by_an_older_page(client: Client) -> None:
    shortage = asked()
    page = link(shortage)
    seen = client.get(page).context["form"]["seen"].value()
    shortage.refresh_from_db()
    decide(shortage, Choice.WAIT)
    before = dump()

    for forged in (seen, shortage.moves):
        sent = {"seen": forged, "choice": "cancel"}
        assert "decided before" in text_of(client.post(page, sent, follow=True))

    assert dump() == before


def test_waiting_is_offered_only_if_a_day_is_known(client: Client) -> None:
    shortage = asked(until=None)
    page = link(shortage)

    assert "Wait for the missing items" not in text_of(client.get(page))
    refused = choose(client, page, "wait")

    assert refused.status_code == 422
    shortage.refresh_from_db()
    assert shortage.status == "open"


def test_a_customer_who_waits_reads_until_when(client: Client) -> None:
    shortage = asked()

    told = text_of(choose(client, link(shortage), "wait"))

    assert "then send everything together" in told
    shortage.refresh_from_db()
    assert (shortage.status, shortage.by_customer) == ("waiting", True)
    assert Shipment.objects.get().status == "held_back"


def offering(price: int) -> Shortage:
    """Return a shortage whose customer was offered a cup instead of the mug."""
    shortage = make_shortage({"MUG-01": 1})
    instead = replaced(shortage, article(price=price))
    offers.ask(shortage, shortage.moves, "yuki", None, instead)
    return shortage


def test_a_customer_who_takes_a_substitute_pays_nothing_more(client: Client) -> None:
    shortage = offering(price=2500)
    page = link(shortage)

    shown = text_of(client.get(page))
    assert "Send another article in their place" in shown
    assert "Tea Cup (Label CUP-01) \N{MULTIPLICATION SIGN} 1 in place of" in shown
    assert "What it costs more, ¥700, we bear. You pay nothing more." in shown
    told = text_of(choose(client, page, "substitute"))

    assert "In place of the missing items we will send you Tea Cup" in told
    shortage.refresh_from_db()
    assert (shortage.by_customer, shortage.choice) == (True, "substitute")
    assert shortage.refund_minor == 0
    order = client.get(reverse("checkout:order", args=[shortage.order.uid]))
    assert "Sent in place of missing items" in text_of(order)
    assert "in place of Morning Mug" in text_of(order)
    assert_books_agree()


def test_the_saving_of_a_cheaper_substitute_is_promised_at_the_offered_price(
    client: Client,
) -> None:
    shortage = offering(price=1500)
    Variant.objects.filter(sku="CUP-01").update(price_minor=9999)

    shown = text_of(client.get(link(shortage)))
    choose(client, link(shortage), "substitute")

    assert "What it costs less, ¥300, we refund after a member of our staff" in shown
    shortage.refresh_from_db()
    assert shortage.refund_minor == 300
    assert not Refund.objects.exists()


def test_a_substitute_that_has_run_out_is_not_offered_any_more(client: Client) -> None:
    shortage = offering(price=1500)
    page = link(shortage)
    inventory.reserve("T-OTHER", {"CUP-01": 5}, None)

    assert "Send another article" not in text_of(client.get(page))
    refused = choose(client, page, "substitute")

    assert refused.status_code == 422
    assert "This cannot be had any more: choose again." in text_of(refused)
    shortage.refresh_from_db()
    assert shortage.status == "open"


def test_the_last_offer_of_staff_counts(client: Client) -> None:
    shortage = offering(price=1500)
    seen = client.get(link(shortage)).context["form"]["seen"].value()
    instead = replaced(shortage, article("POT-01", price=1000))
    shortage.refresh_from_db()
    offers.ask(shortage, shortage.moves, "yuki", None, instead)

    sent = {"seen": seen, "choice": "substitute"}
    told = client.post(link(shortage), sent, follow=True)

    assert "something has changed" in text_of(told)
    shortage.refresh_from_db()
    assert shortage.status == "open"
    assert "Label POT-01" in text_of(client.get(link(shortage)))


def test_if_everything_is_missing_no_rest_is_offered(client: Client) -> None:
    assert [each.choice for each in offers.options(asked(BOTH))] == [
        Choice.WAIT,
        Choice.CANCEL,
    ]


def test_nothing_is_chosen_without_a_choice(client: Client) -> None:
    page = link(asked())

    answer = choose(client, page, "")

    assert answer.status_code == 422
    assert "Choose what we shall do." in text_of(answer)


def test_the_page_is_in_the_order_s_language(client: Client) -> None:
    shortage = asked()
    Order.objects.update(language="ja")

    assert '<html lang="ja">' in text_of(client.get(link(shortage)))
    client.cookies["django_language"] = "en"
    assert '<html lang="en">' in text_of(client.get(link(shortage)))


def test_an_old_link_is_explained_and_a_forged_one_is_not_found(
    client: Client, clock: Clock
) -> None:
    shortage = asked()
    page = link(shortage)
    assert client.get(page[:-4] + "abc/").status_code == 404
    assert client.post(page[:-4] + "abc/", {"choice": "cancel"}).status_code == 404

    clock.shift(links.LINK_LASTS.total_seconds() + 1)

    answer = client.post(page, {"seen": 1, "choice": "cancel"})
    assert answer.status_code == 410
    assert "This link is too old" in text_of(answer)
    shortage.refresh_from_db()
    assert shortage.status == "open"


def test_a_customer_who_was_not_asked_cannot_choose(client: Client) -> None:
    shortage = make_shortage()

    assert offers.options(shortage) == []
    told = client.post(link(shortage), {"seen": 0, "choice": "cancel"}, follow=True)

    assert "We are looking for the best way, and write to you." in text_of(told)
    shortage.refresh_from_db()
    assert shortage.status == "open"


def test_the_order_s_page_shows_the_shortage(client: Client) -> None:
    order = asked().order

    page = text_of(client.get(reverse("checkout:order", args=[order.uid])))

    assert "Your order is on hold: some items are missing" in page
    assert "We have sent you a mail with a link" in page
    assert "We pack your goods and hand them" not in page


def test_a_question_that_is_answered_is_not_mailed_any_more(clock: Clock) -> None:
    shortage = asked()
    decide(shortage, Choice.CANCEL)
    clock.shift(10)

    outbox.sweep_mails()

    states = dict(OrderMail.objects.values_list("kind", "state"))
    assert states["shortage"] == "dropped"
    assert states["shortage_decided"] == "sent"


@pytest.mark.django_db(transaction=True)
def test_the_customer_and_staff_at_once_decide_once() -> None:
    shortage = asked({"MUG-01": 1})
    seen = shortage.moves

    def act(number: int) -> None:
        mine = Shortage.objects.get(pk=shortage.pk)
        if number % 2:
            offers.choose(mine, Choice.PART, seen, "")
        else:
            decide(mine, Choice.CANCEL, seen=seen)

    answers = run_together(range(8), act)

    assert [type(error) for error in exceptions_in(answers)] == [ShortageMoved] * 7
    shortage.refresh_from_db()
    is_customer = answers.index(None) % 2 == 1
    assert shortage.by_customer == is_customer
    assert shortage.choice == ("part" if is_customer else "cancel")
    assert OrderEvent.objects.filter(name="shortage_decided").count() == 1
    assert shortages.owed_for(shortage.order) == shortage
    assert_invariants()
