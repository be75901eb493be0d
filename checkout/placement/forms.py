"""The form of the confirmation page."""

from django import forms


class PurchaseForm(forms.Form):
    """Which confirmation was sent, what the customer saw, and the card."""

    checkout_key = forms.UUIDField()
    digest = forms.CharField(max_length=64)
    seen_total = forms.IntegerField(required=False)
    confirmation_token = forms.CharField(max_length=64, required=False)
