"""The fields of all forms, of customers and of staff, for text and numbers.

They remove what nobody can see and refuse what is left if that is nothing. A test holds
all forms to them.
"""

import re
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shop.database.money_column import MoneyColumn
from shop.formatting import price
from shop.money import Money, NotAnAmount, currency_symbol, exponent, parse
from shop.text.mail_address import fold_mail_address, validate_mail_address
from shop.text.typed import clean_line, clean_text, fold, fold_digits

LARGEST = 2**63 - 1  # of the database's integers
_MOST_MINOR = 2**31 - 1  # of a column of money
_WHOLE = re.compile(r"[+-]?[0-9]+")
_FRACTION = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


class LineField(forms.CharField):
    """One line of text."""

    def to_python(self, value: object) -> str:
        return super().to_python(clean_line(str(value or ""))) or ""


class TextField(forms.CharField):
    """Several lines of text."""

    widget = forms.Textarea

    def to_python(self, value: object) -> str:
        return super().to_python(clean_text(str(value or ""))) or ""


class FoldedField(forms.CharField):
    """One line of text in its ordinary width."""

    def to_python(self, value: object) -> str:
        return super().to_python(fold(str(value or ""))) or ""


class PatternField(forms.RegexField):
    """One line in its ordinary width that matches a pattern."""

    def to_python(self, value: object) -> str:
        return super().to_python(fold(str(value or ""))) or ""


class AddressField(forms.SlugField):
    """The last part of a page's address."""

    def to_python(self, value: object) -> str:
        return super().to_python(fold(str(value or ""))) or ""


class MailAddressField(forms.EmailField):
    """A mail address, also one of a Japanese carrier."""

    default_validators = [validate_mail_address]

    def to_python(self, value: object) -> str:
        return super().to_python(fold_mail_address(str(value or ""))) or ""


class NumberField(forms.IntegerField):
    """A whole number: digits in any width and a sign, nothing else.

    Python takes ``1_0`` for ten, and Arabic digits, too.
    """

    def __init__(
        self,
        *,
        max_value: int | None = LARGEST,
        min_value: int | None = -LARGEST,
        **options: Any,
    ) -> None:
        super().__init__(max_value=max_value, min_value=min_value, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leave out the limits of the database, which mean nothing to people."""
        attrs: dict[str, Any] = super().widget_attrs(widget)
        return {name: each for name, each in attrs.items() if abs(each) != LARGEST}

    def to_python(self, value: object) -> int | None:
        return super().to_python(_digits_of(self, _WHOLE, value))


class RateField(forms.FloatField):
    """A number with or without a fraction."""

    def to_python(self, value: object) -> Any:
        return super().to_python(_digits_of(self, _FRACTION, value))


class MoneyInput(forms.TextInput):
    """An input with the currency's sign before it, or its code behind it."""

    class Media:
        css: ClassVar = {"all": ["shop/admin/amounts.css"]}

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        usual = {"class": "amount", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__({**usual, **(attrs or {})})
        self.currency = str(settings.CURRENCY)

    def render(self, *args: Any, **options: Any) -> SafeString:
        sign = currency_symbol(self.currency, get_language() or "en")
        before = format_html("<span>{}</span> ", sign) if sign else ""
        behind = "" if sign else format_html(" <span>{}</span>", self.currency)
        field = super().render(*args, **options)
        row = '<span class="amount-field">{}{}{}</span>'
        return format_html(row, before, field, behind)


class MoneyField(forms.Field):
    """An amount as people write it: 1,800 for yen, 18.00 for dollars, in any width.

    Its value is a number of minor units of ``currency`` (None: the shop's), from
    ``least`` to ``most``.
    """

    widget: Any = MoneyInput
    default_error_messages = {
        "invalid": _("Enter an amount such as %(amount)s."),
        "least": _("Enter at least %(amount)s."),
        "most": _("Enter at most %(amount)s."),
    }

    def __init__(
        self,
        *,
        currency: str | None = None,
        min_value: int = 0,
        max_value: int = _MOST_MINOR,
        **options: Any,
    ) -> None:
        self.least, self.most = min_value, max_value
        super().__init__(**options)
        self.currency = currency or str(settings.CURRENCY)

    @property
    def currency(self) -> str:
        return self._currency

    @currency.setter
    def currency(self, code: str) -> None:
        self._currency = code
        if isinstance(self.widget, MoneyInput):
            self.widget.currency = code

    def prepare_value(self, value: object) -> object:
        """Return minor units as people write them; what was typed stays as it is."""
        return Money(value, self.currency).number if isinstance(value, int) else value

    def to_python(self, value: object) -> int | None:
        """Return minor units."""
        if value is None or isinstance(value, int):
            return value
        typed = clean_line(str(value))
        if not typed:
            return None
        try:
            return parse(typed, self.currency).minor
        except NotAnAmount as error:
            example = 1800 * 10 ** exponent(self.currency)
            raise self._refusal(example, "invalid") from error

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is not None and value < self.least:
            raise self._refusal(self.least, "least")
        if value is not None and value > self.most:
            raise self._refusal(self.most, "most")

    def _refusal(self, minor: int, code: str) -> ValidationError:
        amount = price(Money(minor, self.currency))
        return ValidationError(
            self.error_messages[code], code=code, params={"amount": amount}
        )


def _digits_of(field: forms.Field, pattern: re.Pattern[str], value: object) -> object:
    """Return typed digits in ASCII. Raises ValidationError if they are no number."""
    if not isinstance(value, str):
        return value
    typed = fold_digits(value)
    if typed and not pattern.fullmatch(typed):
        raise ValidationError(field.error_messages["invalid"], code="invalid")
    return typed


# The fields of the admin's own forms, by the kind of column.
STAFF_FIELDS: "dict[type[models.Field[Any, Any]], dict[str, Any]]" = {
    models.CharField: {"form_class": LineField},
    models.TextField: {"form_class": TextField},
    models.SlugField: {"form_class": AddressField},
    models.EmailField: {"form_class": MailAddressField},
    MoneyColumn: {"form_class": MoneyField, "widget": MoneyInput},
    models.IntegerField: {"form_class": NumberField},
    models.BigIntegerField: {"form_class": NumberField},
}
