"""The form of the order page."""

from django import forms

from shop.form_fields import LineField


class CardForm(forms.Form):
    confirmation_token = LineField(max_length=255)
