"""The forms of flows: start one, and give a reason for an action."""

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import ReasonField
from flows.registry import Flow
from shop.forms.fields import LineField, NumberField

# The column has room for the number of another try as well.
MOST = 60


class StartForm(forms.Form):
    """Asks what a flow is to be about, if it can be typed."""

    about = LineField(label=_("What for"), max_length=254)

    def __init__(self, flow: Flow, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._flow = flow
        self.fields["about"].help_text = str(flow.hint)

    def clean_about(self) -> str:
        read = self._flow.read_reference
        typed: str = self.cleaned_data["about"]
        try:
            reference = read(typed) if read else typed
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if len(reference) > MOST:
            raise forms.ValidationError(str(self._flow.hint))
        return reference


class ActForm(forms.Form):
    reason = ReasonField(help_text=_("Kept with the history, with your name."))
    seen = NumberField(widget=forms.HiddenInput)
