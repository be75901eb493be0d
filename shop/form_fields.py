"""The fields of all forms, of customers and of staff, for text and numbers.

They remove what nobody can see and refuse what is left if that is nothing. A test holds
all forms to them.
"""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from shop.mail_address import fold_mail_address, validate_mail_address
from shop.text import clean_line, clean_text, fold, fold_digits

LARGEST = 2**63 - 1  # of the database's integers
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
    models.IntegerField: {"form_class": NumberField},
    models.BigIntegerField: {"form_class": NumberField},
}
