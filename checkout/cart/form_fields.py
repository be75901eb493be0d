"""Fields of addresses, in one spelling, and what htmx asks when they change."""

from typing import Any

from django.urls import reverse_lazy

from checkout.cart.text import fold_street, normalise_kana
from shop.forms.fields import FoldedField, LineField

# Another prefecture may have other methods and prices.
ASKS_METHODS = {
    "hx-get": reverse_lazy("checkout:information"),
    "hx-include": "#id_country, #methods :checked, #methods select",
    "hx-target": "#methods",
    "hx-select": "#methods",
    "hx-swap": "outerHTML",
}

# Another country has other fields, methods and prices.
ASKS_FIELDS = {
    "hx-post": reverse_lazy("checkout:information"),
    "hx-vals": '{"act": "country"}',
    "hx-trigger": "change",
    "hx-target": "#information",
    "hx-select": "#information",
    "hx-swap": "outerHTML",
    "hx-select-oob": "#at-a-glance:innerHTML,#folded-glance:innerHTML",
}

# A postcode fills in the rest of the address; the button beside it does the same.
FILLS_IN = {
    "hx-post": reverse_lazy("checkout:information"),
    "hx-vals": '{"act": "fill_in"}',
    "hx-trigger": "change",
    "hx-target": "#address",
    "hx-select": "#address",
    "hx-swap": "outerHTML",
    "hx-select-oob": "#methods,#filled:innerHTML",
}

# A domain that looks mistyped is asked about.
CHECKS_MAIL = {
    "hx-post": reverse_lazy("checkout:information"),
    "hx-vals": '{"act": "check"}',
    "hx-trigger": "change",
    "hx-target": "#suggestion",
    "hx-select": "#suggestion > *",
    "hx-swap": "innerHTML",
}


class StreetField(FoldedField):
    def to_python(self, value: object) -> str:
        return super().to_python(fold_street(str(value or "")))


class CodeField(LineField):
    """A number written as text, kept in one spelling by ``normalise``."""

    def __init__(self, *, normalise: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.normalise = normalise

    def clean(self, value: object) -> str:
        text = super().clean(value)
        return str(self.normalise(text)) if text else ""


class KanaField(FoldedField):
    """A name in katakana, whatever kana was typed."""

    def clean(self, value: object) -> str:
        text = super().clean(value)
        return normalise_kana(text) if text else ""


def autofill(token: str, **more: Any) -> dict[str, Any]:
    """Return the attributes of an input that browsers fill in."""
    return {"autocomplete": token, **more}
