"""Partial templates and filters of all pages."""

import pytest
from django import forms
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.translation import override

from shop.catalogue.templatetags.shop_tags import money
from shop.money import Money


class AddressForm(forms.Form):
    email = forms.EmailField(label="Email", help_text="For the receipt.")
    building = forms.CharField(label="Building", required=False)
    way = forms.ChoiceField(
        label="Way", choices=[("a", "Post"), ("b", "Boat")], widget=forms.RadioSelect
    )
    token = forms.CharField(widget=forms.HiddenInput)


def field(form: forms.Form, name: str) -> str:
    return render_to_string("partials/_field.html", {"field": form[name]})


def test_a_field_is_tied_to_its_hint_and_error() -> None:
    text = field(AddressForm({"email": "nonsense"}), "email")
    assert '<label for="id_email">Email</label>' in text
    assert '<p class="hint" id="id_email_helptext">For the receipt.</p>' in text
    assert 'id="id_email_error">Enter a valid email address.</p>' in text
    assert 'aria-describedby="id_email_helptext id_email_error"' in text
    assert 'aria-invalid="true"' in text
    assert 'value="nonsense"' in text


def test_a_valid_field_claims_no_error() -> None:
    text = field(AddressForm(), "email")
    assert 'aria-describedby="id_email_helptext"' in text
    assert "aria-invalid" not in text
    assert "has-error" not in text


def test_only_optional_fields_are_marked() -> None:
    assert "(optional)" in field(AddressForm(), "building")
    assert "(optional)" not in field(AddressForm(), "email")


def test_choices_are_a_group_with_a_legend() -> None:
    text = field(AddressForm({}), "way")
    assert "<legend>Way</legend>" in text
    assert 'aria-describedby="id_way_error"' in text


def test_a_hidden_field_has_no_label() -> None:
    assert "<label" not in field(AddressForm(), "token")


def test_the_error_summary_links_to_the_first_input_of_each_field() -> None:
    text = render_to_string("partials/_error_summary.html", {"form": AddressForm({})})
    assert 'href="#id_email"' in text
    assert 'href="#id_way_0"' in text
    assert "There is a problem" in text
    assert "There is a problem" not in render_to_string(
        "partials/_error_summary.html", {"form": AddressForm()}
    )


@pytest.mark.parametrize(("step", "done"), [(1, 0), (2, 1), (3, 2), (4, 3)])
def test_the_progress_marks_the_current_step(step: int, done: int) -> None:
    text = render_to_string("partials/_progress.html", {"step": step})
    assert text.count('class="done"') == done
    assert text.count('aria-current="step"') == (1 if step <= 3 else 0)


def test_an_amount_is_written_in_the_page_language() -> None:
    assert money(1800) == "¥1,800"
    assert money(Money(1250, "USD")) == "$12.50"
    assert money(None) == ""
    with override("ja"):
        assert money(Money(1800)) == "￥1,800"


@pytest.mark.parametrize("name", ["500.html", "503.html"])
def test_error_pages_need_no_context_and_have_both_languages(name: str) -> None:
    text = render_to_string(name)
    assert "/static/shop/css/base.css" in text
    assert 'lang="ja"' in text
    assert "charged" in text
    assert "Reference" not in text


def test_the_500_page_carries_a_reference_when_there_is_one() -> None:
    assert "R-42" in render_to_string("500.html", {"reference": "R-42"})


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html"])
def test_refusals_say_that_nothing_was_done(name: str) -> None:
    request = RequestFactory().get("/x/")
    text = render_to_string(name, {}, request=request)
    assert "<h1>" in text
    assert "See all goods" in text


def test_the_header_shows_what_the_cart_holds() -> None:
    summary = {"count": 2, "total": Money(5300)}
    text = render_to_string("partials/_cart_pill.html", {"cart_summary": summary})
    assert "Cart: 2 items, ¥5,300" in text
    assert "hx-swap-oob" not in text
    assert "Cart: empty" in render_to_string("partials/_cart_pill.html", {})
