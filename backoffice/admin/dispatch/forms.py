"""The form to call an order's parcel off."""

from django import forms

from backoffice.admin.forms import ReasonField


class CallOffForm(forms.Form):
    reason = ReasonField()
