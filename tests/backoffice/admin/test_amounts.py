"""Amounts on the admin's own pages, for staff who may only look at them."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from shop.catalogue.models import Variant
from shop.database.money_column import MoneyColumn
from tests.support.catalogue import make_product
from tests.support.promotions import make_discount
from tests.support.shipping import make_method
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db


def shown_columns() -> Iterator[tuple[str, Any, bool]]:
    """Yield name and column of each field of each admin page; whether of its list."""
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("admin")
    for model, pages in admin.site._registry.items():
        tables = [pages, *pages.get_inline_instances(request)]
        for table in tables:
            columns = {each.name: each for each in table.opts.concrete_fields}
            for name in flatten_fieldsets(table.get_fieldsets(request)):
                yield f"{model._meta.label}: {name}", columns.get(name), False
        own = {each.name: each for each in pages.opts.concrete_fields}
        for each in pages.get_list_display(request):
            yield f"{model._meta.label}: {each}", own.get(str(each)), True


def test_no_page_shows_an_amount_in_minor_units() -> None:
    columns = [
        (name, column, in_list)
        for name, column, in_list in shown_columns()
        if column is not None and column.name.endswith("_minor")
    ]
    assert len(columns) > 5
    # Of a list Django writes the cells itself: a column of its own formats them.
    wrong = [
        name
        for name, column, in_list in columns
        if in_list or not isinstance(column, MoneyColumn)
    ]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("page", ["shippingmethod", "product", "discount"])
def test_who_may_only_look_reads_amounts_as_people_write_them(
    page: str, client: Client, settings: Settings
) -> None:
    settings.CURRENCY = "USD"
    row: Any
    if page == "shippingmethod":
        row = make_method(rate=650, free_from_minor=123456)
    elif page == "discount":
        row = make_discount(kind="amount", amount_minor=650, least_minor=123456)
    else:
        row = make_product(units=1)
        Variant.objects.update(price_minor=123456, sale_minor=650, currency="USD")
    names = ["view_shippingmethod", "view_shippingrate", "view_discount"]
    client.force_login(make_staff(*names, "view_product", "view_variant"))
    app = "catalogue" if page == "product" else "checkout"
    html = unescape(
        client.get(f"/admin/{app}/{page}/{row.pk}/change/").content.decode()
    )

    assert "$1,234.56" in html
    assert "$6.50" in html
    assert "123,456" not in html
