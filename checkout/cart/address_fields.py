"""The fields of an address outside Japan, shaped by the rules of its country."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.cart.form_fields import CodeField, StreetField, autofill
from checkout.cart.text import normalise_phone_abroad
from shop.countries import (
    JAPAN,
    LONGEST_POSTCODE,
    LONGEST_REGION,
    postcode_of,
    rules_of,
)
from shop.forms.fields import FoldedField

PARTS = ("postcode", "prefecture", "region", "city", "street", "building")
# What only a carrier in Japan asks.
_OF_JAPAN = ("prefecture", "delivery", "insisted", "name_kana")
_MISSING = {
    "region": gettext_lazy("Enter or choose the state or region."),
    "city": gettext_lazy("Enter the city."),
    "street": gettext_lazy("Enter the street and number."),
}


def shape(fields: dict[str, Any], country: str) -> None:
    """Change the fields of a form to those of the country, in their order."""
    if country == JAPAN:
        fields.pop("region", None)
        return
    for name in _OF_JAPAN:
        fields.pop(name, None)
    fields["phone"] = _phone(fields["phone"])
    rules = rules_of(country)
    made = {
        "street": _street(),
        "building": _building(),
        "city": _text("city", rules.city_label, "address-level2"),
        "region": _region(country),
        "postcode": _postcode(country),
    }
    for name in PARTS:
        fields.pop(name, None)
    for name in parts_of(country):
        fields[name] = made[name]
        fields[name].required = name in rules.required


def parts_of(country: str) -> list[str]:
    """Return the fields of an address in the order of the country's lines."""
    if country == JAPAN:
        return ["postcode", "prefecture", "city", "street", "building"]
    order = []
    for name in rules_of(country).fields:
        order += ["street", "building"] if name == "street" else [name]
    return order


def check_postcode(form: forms.Form, country: str) -> None:
    """Refuse a postcode that the country, or the chosen region, does not have."""
    typed = form.cleaned_data.get("postcode")
    if country == JAPAN or not typed:
        return
    region = form.cleaned_data.get("region", "")
    postcode = postcode_of(country, region, typed)
    if postcode is not None:
        form.cleaned_data["postcode"] = postcode
        return
    rules = rules_of(country)
    names = {"postcode": rules.postcode_label, "example": rules.postcode_example}
    if region and postcode_of(country, "", typed) is not None:
        text = _("%(postcode)s and %(region)s do not fit together.")
        names["region"] = str(rules.region_label)
        form.add_error("postcode", text % names)
        return
    text = _("Check the %(postcode)s. It looks like %(example)s.")
    form.add_error("postcode", text % names)


def _phone(usual: Any) -> CodeField:
    return CodeField(
        label=usual.label,
        help_text=gettext_lazy(
            "With the country code, such as +1 212 555 0100. Only for questions about "
            "the delivery."
        ),
        max_length=40,
        normalise=normalise_phone_abroad,
        widget=forms.TextInput(autofill("tel", inputmode="tel", type="tel")),
        error_messages={"required": usual.error_messages["required"]},
    )


def _street() -> StreetField:
    return StreetField(
        label=gettext_lazy("Street and number"),
        max_length=150,
        widget=forms.TextInput(autofill("address-line1")),
        error_messages={"required": _MISSING["street"]},
    )


def _building() -> StreetField:
    return StreetField(
        label=gettext_lazy("Apartment, floor, company"),
        max_length=150,
        widget=forms.TextInput(autofill("address-line2")),
    )


def _text(name: str, label: Any, token: str) -> FoldedField:
    longest = LONGEST_REGION if name == "region" else 100
    return FoldedField(
        label=label,
        max_length=longest,
        widget=forms.TextInput(autofill(token)),
        error_messages={"required": _MISSING[name]},
    )


def _region(country: str) -> forms.Field:
    rules = rules_of(country)
    if not rules.regions:
        return _text("region", rules.region_label, "address-level1")
    return forms.ChoiceField(
        label=rules.region_label,
        choices=[("", "-"), *rules.regions],
        widget=forms.Select(autofill("address-level1")),
        error_messages={"required": _MISSING["region"]},
    )


def _postcode(country: str) -> FoldedField:
    rules = rules_of(country)
    missing = _("Enter the %(postcode)s.") % {"postcode": rules.postcode_label}
    return FoldedField(
        label=rules.postcode_label,
        max_length=LONGEST_POSTCODE,
        widget=forms.TextInput(autofill("postal-code")),
        error_messages={"required": missing},
    )
