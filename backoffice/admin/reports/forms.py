"""The forms of reports: a period, and the export's format."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.models import AccountsExport
from checkout.accounting.period import Period, this_month

LONGEST = 3_660  # days
_DAY = {"type": "date"}


class PeriodForm(forms.Form):
    """First and last day; without them the month so far."""

    since = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day is before the first."))
        elif since and until and (until - since).days > LONGEST:
            self.add_error("until", _("A period has at most ten years."))
        return values

    @property
    def period(self) -> Period:
        """Return the period of a valid form."""
        return Period(self.cleaned_data["since"], self.cleaned_data["until"])


class ExportForm(PeriodForm):
    format = forms.ChoiceField(label=_("Format"), choices=AccountsExport.Format)


def initial_period(today: date | None = None) -> Period:
    """Return the period with which the forms begin."""
    return this_month(today or timezone.localdate())
