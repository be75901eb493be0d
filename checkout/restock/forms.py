"""The form of a sold-out product."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shop.forms.fields import LineField, MailAddressField
from shop.web.client_address import client_address
from shop.web.throttle import HOUR, Pace, TooFast, admit

# Many customers share the address of a mobile network: its pauses stay short.
_OF_ADDRESS = Pace(free=50, first=5, longest=60, remembered=HOUR)
_OF_MAIL = Pace(free=20, first=60, longest=600, remembered=HOUR)


class RestockForm(forms.Form):
    sku = LineField(max_length=64)
    email = MailAddressField(label=_("Email"))

    def __init__(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._request = request

    def clean(self) -> dict[str, Any]:
        """Count the request. Refuse it if one visitor or address makes too many."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        address = client_address(self._request) or f"unknown-{uuid4()}"
        try:
            admit(
                cleaned["email"],
                address,
                "",
                for_name=_OF_MAIL,
                for_address=_OF_ADDRESS,
                kind="restock",
            )
        except TooFast as error:
            raise ValidationError(
                _("Too many attempts. Wait %(seconds)s seconds and try again."),
                code="too_fast",
                params={"seconds": error.seconds},
            ) from error
        return cleaned
