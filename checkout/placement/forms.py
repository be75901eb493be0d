"""The form of the confirmation page."""

from django import forms

from shop.form_fields import LineField, NumberField


class PurchaseForm(forms.Form):
    """Which confirmation was sent, what the customer saw, and the card."""

    checkout_key = forms.UUIDField()
    digest = LineField(max_length=64)
    seen_total = NumberField(required=False)
    seen_days = LineField(max_length=100, required=False)
    confirmation_token = LineField(max_length=255, required=False)
