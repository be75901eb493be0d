"""The form of the confirmation page."""

from django import forms

from checkout.payments.payment_pages import ON_PAGE
from shop.forms.fields import LineField, NumberField


class PurchaseForm(forms.Form):
    """Which confirmation was sent, what the customer saw, and the card."""

    checkout_key = forms.UUIDField()
    digest = LineField(max_length=64)
    seen_total = NumberField(required=False)
    seen_days = LineField(max_length=100, required=False)
    confirmation_token = LineField(max_length=255, required=False)
    # Pressed where the card form cannot be shown: to pay on the provider's page.
    on_page = forms.BooleanField(required=False)

    def clean_confirmation_token(self) -> str:
        """Return the token; a browser's is never the word for the provider's page."""
        token = str(self.cleaned_data["confirmation_token"])
        return "" if token == ON_PAGE else token
