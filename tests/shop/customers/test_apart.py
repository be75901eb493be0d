"""Customers' and staff's sign-in stay apart, also in one browser."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from shop.customers.models import Customer
from tests.shop.staff.door import LOGIN, PASSWORD, Door, give_app
from tests.support.accounts import (
    EMAIL,
    HOME,
    SIGN_IN,
    ask_for_code,
    is_signed_in,
    last_code,
    sign_in,
)
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("second_factor", ["optional", "required"])
@pytest.mark.parametrize(
    "page",
    [
        *("/admin/", "/admin/orders/order/", "/admin/search/?q=a"),
        *("/admin/second-factor/", "/admin/second-factor/app/"),
        "/admin/second-factor/enrol/",
    ],
)
def test_a_customer_is_nobody_on_the_staffs_pages(
    client: Client, hanako: Customer, settings: Settings, second_factor: str, page: str
) -> None:
    settings.STAFF_SECOND_FACTOR = second_factor
    sign_in(client)

    answer = client.get(page)

    assert answer.status_code == 302
    assert answer["Location"].startswith(LOGIN)
    assert client.get(LOGIN).status_code == 200
    assert is_signed_in(client)


def test_staff_are_guests_on_the_customers_pages(client: Client) -> None:
    client.force_login(User.objects.create_superuser("admin"))

    assert client.get(HOME)["Location"].startswith(SIGN_IN)
    assert client.get(SIGN_IN).status_code == 200
    assert client.get("/admin/").status_code == 200


def test_a_customers_name_and_password_are_none_of_staff(
    client: Client, hanako: Customer
) -> None:
    door = Door(client)
    door.sign_in(hanako.user.username, "tangerine-harbour-7")

    assert not door.is_open()


def test_a_member_of_staff_has_no_password_for_the_shop(client: Client) -> None:
    staff = make_staff()
    User.objects.filter(pk=staff.pk).update(email=EMAIL)

    assert sign_in(client, password=PASSWORD).status_code == 422
    ask_for_code(client)
    client.post("/account/code/", {"code": last_code()})
    assert Customer.objects.get().user_id != staff.pk


def test_who_becomes_a_member_of_staff_is_no_customer_any_more(
    client: Client, hanako: Customer
) -> None:
    sign_in(client)
    User.objects.filter(pk=hanako.pk).update(is_staff=True)

    assert not is_signed_in(client)
    assert not Door(client).is_open()


def test_a_staff_session_ends_when_a_customer_signs_in(
    client: Client, hanako: Customer, settings: Settings
) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    staff = make_staff()
    give_app(staff)
    client.force_login(staff)
    key = client.session.session_key

    sign_in(client)

    assert client.session.session_key != key
    assert "_auth_user_backend" in client.session
    assert is_signed_in(client)
    assert not Door(client).is_open()
