"""The forms of the sheet of goods: a file, and the preview that was confirmed."""

from django import forms
from django.utils.translation import gettext_lazy as _


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("XLSX or CSV file"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,text/csv"}),
    )
