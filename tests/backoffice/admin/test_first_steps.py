"""A new shop's first steps tick themselves, and are gone when all are done."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from backoffice.admin.first_steps.steps import list_steps
from inventory.services import receive
from orders.models import Order
from shop.pages.selectors import list_pages
from shop.pages.services import PageText, publish
from shop.profile.models import ShopProfile
from tests.backoffice.answers import text_of
from tests.support.catalogue import make_product
from tests.support.shipping import make_method
from tests.support.staff import make_order, make_staff

pytestmark = pytest.mark.django_db
PAGE = "/admin/first-steps/"


def done() -> list[int]:
    """Return the numbers of the steps that are done."""
    return [number for number, step in enumerate(list_steps()) if step.is_done]


def test_an_empty_shop_has_done_nothing(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"

    assert done() == []


def test_each_step_ticks_itself(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    row = ShopProfile.objects.create(pk=1, name_ja="a", name_en="a", shop_name_ja="a")
    assert done() == [], "the law asks for more than a name"
    for name in ("shop_name_en", "address_ja", "representative_ja", "phone", "email"):
        setattr(row, name, "x")
    row.save()
    assert done() == [0]
    for page in list_pages():
        assert 1 not in done()
        publish(page.slug, PageText.of(page), "yuki", seen=0)
    assert done() == [0, 1]
    make_method()
    make_product(units=0)
    assert done() == [0, 1, 2, 3]
    receive("MUG-01", 5, "delivery")
    settings.STRIPE_IS_SANDBOX = False
    settings.EMAIL_BACKEND = "shop.outbound.mail_backend.EmailBackend"
    make_order()
    assert done() == [0, 1, 2, 3, 4, 5, 6]
    Order.objects.update(status=Order.Status.CONFIRMED)
    assert done() == [0, 1, 2, 3, 4, 5, 6, 7]


def test_the_first_page_leads_to_them_in_an_own_shop_only(
    client: Client, settings: Settings
) -> None:
    client.force_login(make_staff("change_shopprofile", "view_shopprofile"))
    assert PAGE not in client.get("/admin/").content.decode()
    settings.DEMO = False
    assert f'href="{PAGE}"' in client.get("/admin/").content.decode()

    page = text_of(client.get(PAGE))
    assert "Say who sells" in page
    assert "0 of 6 are published" in page


def test_others_do_not_set_the_shop_up(client: Client, settings: Settings) -> None:
    settings.DEMO = False
    client.force_login(make_staff("view_order"))

    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/admin/").content.decode()
