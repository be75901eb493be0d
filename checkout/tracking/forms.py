"""The form of the order page."""

from django import forms


class CardForm(forms.Form):
    confirmation_token = forms.CharField(max_length=64)
