"""The form to resume stalled orders."""

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import ReasonField


class ResumeForm(forms.Form):
    reason = ReasonField(
        help_text=_(
            "Kept with the order's history: what was wrong, and what was put right."
        ),
        missing=_("Enter why it can be resumed now."),
    )
