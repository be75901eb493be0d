"""What the confirmation sends."""

from django import forms


class PurchaseForm(forms.Form):
    """What the confirmation sends: which confirmation, what was seen, and the card."""

    checkout_key = forms.UUIDField()
    digest = forms.CharField(max_length=64)
    seen_total = forms.IntegerField(required=False)
    confirmation_token = forms.CharField(max_length=64, required=False)
