"""The form of the order page."""

from django import forms

from shop.forms.fields import LineField


class CardForm(forms.Form):
    confirmation_token = LineField(max_length=255)
