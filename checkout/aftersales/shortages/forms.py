"""The form with which a customer decides what happens to missing goods."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from checkout.aftersales.shortages.offers import Option
from shop.forms.fields import NumberField, TextField


class ShortageForm(forms.Form):
    """The customer's choice. ``seen`` is the shortage's ``moves`` on the page shown."""

    seen = NumberField(widget=forms.HiddenInput)
    choice = forms.ChoiceField(
        label=_("What shall we do?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what we shall do."),
            "invalid_choice": _("This cannot be had any more: choose again."),
        },
    )
    remark = TextField(
        label=_("Anything we should know"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, options: Sequence[Option], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options = options
        choice = cast("forms.ChoiceField", self.fields["choice"])
        choice.choices = [
            (
                each.choice,
                format_html(
                    "<span><strong>{}</strong><br>{}</span>", each.title, each.text
                ),
            )
            for each in options
        ]
