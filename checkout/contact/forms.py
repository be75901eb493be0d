"""The contact form."""

from typing import Any
from uuid import uuid5

from django import forms
from django.utils.translation import gettext_lazy as _

from checkout.contact.models import LONGEST_TEXT
from checkout.contact.suspicions import read_form, sign_form, suspicion_of
from shop.customers.forms import CustomerEmailField
from shop.forms.fields import FoldedField, LineField, TextField


class ContactForm(forms.Form):
    """What a customer writes.

    ``website`` is hidden from people: what is in it was written by a program.
    """

    name = LineField(
        label=_("Name"),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    email = CustomerEmailField(help_text=_("We answer to this address."))
    order_number = FoldedField(
        label=_("Order number"),
        help_text=_("If it is about an order. For example 261121-7K3QX9."),
        max_length=40,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    subject = LineField(
        label=_("Subject"),
        max_length=100,
        error_messages={"required": _("Enter what it is about.")},
    )
    text = TextField(
        label=_("Your message"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 8}),
        error_messages={"required": _("Write your message.")},
    )
    website = LineField(
        label=_("Leave this field empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )
    shown = LineField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["shown"] = sign_form()

    def clean_order_number(self) -> str:
        number: str = self.cleaned_data["order_number"]
        return number.upper().removeprefix("#")

    def values(self) -> dict[str, Any]:
        """Return the columns of the message.

        The same words sent twice are one message. Other words are another one, also in
        a form to which the customer came back.
        """
        typed = self.cleaned_data
        form = read_form(typed["shown"])
        names = ("name", "email", "order_number", "subject", "text")
        columns = {name: typed[name] for name in names}
        columns["suspicion"] = suspicion_of(form, typed["website"], typed["text"])
        words = repr([typed[name] for name in names])
        return columns | ({"uid": uuid5(form.uid, words)} if form else {})
