# ruff: noqa: RUF001 (full-width characters are the point)
"""All forms clean what is typed: the fields, and the rule that forms use them."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.forms import ReadOnlyPasswordHashField, UsernameField
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from checkout.cart.forms import AddForm, InformationForm, QuantityForm
from shop.forms import fields
from shop.forms.fields import (
    LARGEST,
    LineField,
    MoneyField,
    NumberField,
    RateField,
    TextField,
)
from tests.shop.text.test_typed import INVISIBLE
from tests.support.shopping import RECIPIENT

ROOT = Path(settings.BASE_DIR)
OWN = {value for value in vars(fields).values() if isinstance(value, type)}
# Django's fields that take text or numbers as they come.
PLAIN = (
    *("CharField", "EmailField", "RegexField", "SlugField", "URLField"),
    *("DecimalField", "FloatField", "IntegerField"),
)
# They have rules of their own, or nobody types into them.
KEPT_AS_THEY_ARE = (
    *(UsernameField, ReadOnlyPasswordHashField),
    *(forms.JSONField, forms.UUIDField),
)


@pytest.mark.parametrize("name", ["name", "city", "street"])
@pytest.mark.parametrize("text", INVISIBLE)
def test_a_recipient_whom_nobody_can_see_is_refused_in_words(
    name: str, text: str
) -> None:
    form = InformationForm(RECIPIENT | {name: text})
    assert list(form.errors) == [name]
    assert form.errors[name] == [form.fields[name].error_messages["required"]]


def test_what_is_kept_of_a_recipient_can_be_seen() -> None:
    form = InformationForm(
        RECIPIENT | {"name": "\u202e港\x07 花子\ufeff", "building": "\u3164"}
    )
    assert form.is_valid()
    assert form.cleaned_data["name"] == "港 花子"
    assert form.cleaned_data["building"] == ""


@pytest.mark.parametrize(
    "typed",
    [
        "1_0",
        "１_０",
        "1e1",
        "1.0",
        "1 0",
        "0x1",
        "²",
        "①",
        "١",
        "一",
        "",
        "--1",
        "9" * 5000,
    ],
)
def test_a_quantity_is_digits_only(typed: str) -> None:
    assert not AddForm({"sku": "MUG-01", "quantity": typed}).is_valid()
    assert not QuantityForm({"quantity": typed}).is_valid()


@pytest.mark.parametrize("typed", ["10", "１０", " 10 ", "\u200b１0", "+10"])
def test_a_quantity_has_digits_of_any_width(typed: str) -> None:
    form = AddForm({"sku": "MUG-01", "quantity": typed})
    assert form.is_valid()
    assert form.cleaned_data["quantity"] == 10


@pytest.mark.parametrize("typed", [str(LARGEST + 1), str(-LARGEST - 1), "9" * 4301])
def test_a_number_fits_into_the_database(typed: str) -> None:
    with pytest.raises(ValidationError):
        NumberField().clean(typed)


@pytest.mark.parametrize("typed", ["1_0", "nan", "inf", "1e5", ".5", "٢"])
def test_a_rate_is_digits_and_a_point(typed: str) -> None:
    with pytest.raises(ValidationError):
        RateField().clean(typed)


def test_a_rate_may_be_wide() -> None:
    assert RateField().clean("０．５") == 0.5


def test_limits_of_the_database_are_not_written_into_pages() -> None:
    assert NumberField().widget.attrs == {}
    assert NumberField(min_value=1, max_value=9).widget.attrs == {"min": 1, "max": 9}


def test_staff_s_texts_are_cleaned_as_well() -> None:
    assert LineField().clean(" a\u202e\n b ") == "a b"
    assert TextField().clean("a\u202e\r\nb\x00 ") == "a\nb"
    for field in (LineField(), TextField()):
        with pytest.raises(ValidationError):
            field.clean("\u200b\u3164")


def test_no_form_takes_text_or_numbers_as_they_come() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in settings.ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path != ROOT / "shop" / "forms" / "fields.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "forms"
        and node.attr in PLAIN
    ]
    assert found == [], "use the fields of shop/forms/fields.py"


def admin_fields(user: User) -> Iterator[tuple[str, forms.Field]]:
    """Yield each field of each form of the admin's own pages, with its name."""
    request = RequestFactory().get("/")
    request.user = user
    for model, pages in admin.site._registry.items():
        made: list[Any] = [pages.get_form(request), pages.get_changelist_form(request)]
        made += [
            inline.get_formset(request).form
            for inline in pages.get_inline_instances(request)
        ]
        for form in made:
            for name, field in getattr(form, "base_fields", {}).items():
                yield f"{model._meta.label}.{name}", field


@pytest.mark.django_db
def test_the_admin_s_own_forms_use_these_fields() -> None:
    user = User.objects.create_superuser("admin")
    plain = tuple(getattr(forms, name) for name in PLAIN)
    texts = {
        name: field
        for name, field in admin_fields(user)
        if isinstance(field, plain) and not isinstance(field, KEPT_AS_THEY_ARE)
    }
    assert len(texts) > 20
    wrong = [name for name, field in texts.items() if type(field) not in OWN]
    assert wrong == ["auth.User.password1", "auth.User.password2"]


@pytest.mark.parametrize(
    ("currency", "typed", "minor"),
    [
        ("JPY", "1800", 1800),
        ("JPY", "1,800", 1800),
        ("JPY", "¥1,800", 1800),
        ("JPY", "１，８００円", 1800),
        ("JPY", "0", 0),
        ("JPY", " ", None),
        ("USD", "18.00", 1800),
        ("USD", "18", 1800),
        ("USD", "$1,018.5", 101850),
        ("USD", "１８．００", 1800),
        ("KWD", "18.005", 18005),
    ],
)
def test_an_amount_is_typed_as_people_write_it(
    currency: str, typed: str, minor: int | None
) -> None:
    field = MoneyField(currency=currency, required=False)
    assert field.clean(typed) == minor
    assert not field.has_changed(minor, typed)
    assert field.clean(str(field.prepare_value(minor) or "")) == minor


@pytest.mark.parametrize(
    ("currency", "typed", "said"),
    [
        ("JPY", "18.00", "Enter an amount such as ¥1,800."),
        ("USD", "18,00", "Enter an amount such as $1,800.00."),
        ("USD", "¥18", "Enter an amount such as $1,800.00."),
        ("JPY", "much", "Enter an amount such as ¥1,800."),
        ("USD", "0", "Enter at least $0.01."),
        ("JPY", "-5", "Enter at least ¥1."),
        ("JPY", "2,147,483,648", "Enter at most ¥2,147,483,647."),
        ("JPY", "", "This field is required."),
    ],
)
def test_what_is_no_such_amount_is_refused_in_the_currency(
    currency: str, typed: str, said: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        MoneyField(currency=currency, min_value=1).clean(typed)
    assert refusal.value.messages == [said]


def test_the_sign_stands_before_an_amount_and_a_code_behind_it() -> None:
    yen, francs = MoneyField(), MoneyField(currency="CHF")
    shown = yen.widget.render("price", yen.prepare_value(1800), {"id": "id_price"})
    assert ">¥</span> <input" in shown
    assert 'value="1,800"' in shown
    assert "> <span>CHF</span>" in francs.widget.render("price", "18.00")


@pytest.mark.django_db
def test_staff_type_every_amount_in_such_a_field() -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("admin")
    kinds: dict[str, type[forms.Field]] = {}
    for model, pages in admin.site._registry.items():
        if not pages.has_change_permission(request):
            continue
        rows = [rows for rows, _inline in pages.get_formsets_with_inlines(request)]
        for form in (pages.get_form(request), *(each.form for each in rows)):
            found = form.base_fields.items()
            kinds |= {
                f"{model._meta.label}.{name}": type(field)
                for name, field in found
                if name.endswith("_minor")
            }
    assert len(kinds) > 2
    assert set(kinds.values()) == {MoneyField}, kinds
