"""A customer's deletion request: collect, wait, erase, certify; the books stay."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from backoffice.admin.flows.forms import StartForm
from checkout.cart.pricing import quote
from checkout.placement.services import place_order
from flows.erasure import services
from flows.erasure.definition import ERASURE, FLOW, read_customer
from flows.erasure.models import ErasureRequest
from flows.services import start_flow
from orders.models import Order
from saga.errors import ActionRefused
from saga.models import Saga, State
from saga.operations import cancel
from shop.catalogue.models import Product
from shop.customers import addresses, registration
from shop.customers.models import AccountMail, Customer, SavedAddress
from tests.backoffice.answers import messages, text_of
from tests.conftest import Clock
from tests.flows.runs import go_on, started
from tests.support.accounts import EMAIL, make_customer, sign_in
from tests.support.shopping import RECIPIENT, make_cart

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

DAY = 24 * 3600
PAGE = "/account/delete/"


@pytest.fixture
def hanako(mug: Product) -> Customer:
    """Hanako, with an address and an order."""
    customer = make_customer()
    addresses.add(customer, RECIPIENT)
    cart = make_cart({"MUG-01": 1}, RECIPIENT)
    place_order(cart, quote(cart), token="t", language="en", customer=customer)
    return customer


def begin(customer: Customer) -> Saga:
    return started(start_flow(FLOW, str(customer.pk), {"by": "customer"})[0])


def kinds() -> list[str]:
    return list(AccountMail.objects.order_by("pk").values_list("kind", flat=True))


def test_after_the_time_the_account_is_erased_and_the_books_are_whole(
    hanako: Customer, clock: Clock
) -> None:
    saga = begin(hanako)
    assert (saga.state, saga.step) == (State.WAITING, "await_day")
    request = ErasureRequest.objects.get()
    assert request.found == {"accounts": 1, "addresses": 1, "carts": 0, "orders": 1}
    assert kinds() == ["erasure_requested"]
    clock.shift(29 * DAY)
    go_on(clock, rounds=1)
    assert Customer.objects.exists()
    clock.shift(DAY)
    go_on(clock, rounds=1)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert not Customer.objects.exists()
    assert not User.objects.exists()
    assert not SavedAddress.objects.exists()
    kept = Order.objects.get()
    assert (kept.email, kept.customer_id) == (RECIPIENT["email"], None)
    assert kept.lines.count() == 1
    request.refresh_from_db()
    assert (request.email, request.erased_at is not None) == ("", True)
    (certificate,) = AccountMail.objects.filter(kind="erasure_certificate")
    assert certificate.to == EMAIL
    assert certificate.data == {"number": str(request.certificate)}
    assert EMAIL not in str(saga.data)


def test_withdrawn_the_account_stays_and_may_be_deleted_later(
    hanako: Customer, clock: Clock
) -> None:
    saga = begin(hanako)
    assert services.pending(hanako) is not None
    assert services.withdraw(hanako)
    go_on(clock)
    saga.refresh_from_db()
    assert saga.state == State.COMPENSATED
    assert services.pending(hanako) is None
    assert not ErasureRequest.objects.exists()
    clock.shift(60 * DAY)
    go_on(clock)
    assert Customer.objects.exists()
    assert begin(hanako).reference == f"{hanako.pk}~2"


def test_the_certificate_goes_to_the_address_of_the_last_day(
    hanako: Customer, clock: Clock
) -> None:
    begin(hanako)
    registration.change_email(hanako, "new@example.com")
    clock.shift(31 * DAY)
    go_on(clock)
    (certificate,) = AccountMail.objects.filter(kind="erasure_certificate")
    assert certificate.to == "new@example.com"


def test_what_was_erased_cannot_be_undone(hanako: Customer, clock: Clock) -> None:
    saga = begin(hanako)
    clock.shift(31 * DAY)
    go_on(clock)
    saga.refresh_from_db()
    assert saga.pivot_at is not None
    with pytest.raises(ActionRefused):
        cancel(saga, "ken", "too late")


def test_staff_start_it_for_who_writes_a_mail(hanako: Customer, clock: Clock) -> None:
    assert read_customer(f" {EMAIL.upper()} ") == str(hanako.pk)
    with pytest.raises(ValueError, match="no account"):
        read_customer("nobody@example.com")
    long = f"{'a' * 60}@{'b' * 40}.example"
    Customer.objects.filter(pk=hanako.pk).update(email=long)
    form = StartForm(FLOW, {"about": long})
    assert form.is_valid()
    assert form.cleaned_data["about"] == str(hanako.pk)
    saga = started(start_flow(FLOW, "999999")[0])
    assert (saga.state, saga.reason) == (State.COMPENSATED, "no account")


def test_customers_ask_for_it_and_change_their_mind(
    client: Client, hanako: Customer
) -> None:
    sign_in(client)
    page = text_of(client.get(PAGE))
    assert "erased after 30 days" in page
    said = messages(client.post(PAGE, {"understood": "on"}, follow=True))
    assert said[-1].startswith("Your account will be erased on")
    saga = started(Saga.objects.get(definition=ERASURE.name))
    page = text_of(client.get(PAGE))
    assert "Keep my account" in page
    assert "Yes, delete my account" not in page
    assert messages(client.post(PAGE, {"keep": "1"}, follow=True))[-1] == (
        "You keep your account."
    )
    saga.refresh_from_db()
    assert saga.state != State.WAITING
    assert saga.created_at <= timezone.now()
