"""The form of a page: its texts in both languages, and where it is linked."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.forms.fields import AddressField, LineField, NumberField, TextField
from shop.pages import facts
from shop.pages.markup import FACT
from shop.pages.models import LONGEST_BODY, Place
from shop.pages.selectors import Page, find_page
from shop.pages.services import PageText

_TEXT = {"rows": 18, "class": "vLargeTextField"}
_LINE = {"class": "vTextField"}


class PageForm(forms.Form):
    """``seen`` is the version from which the writer began."""

    title_ja = LineField(
        label=_("Title (Japanese)"),
        max_length=100,
        widget=forms.TextInput(attrs=_LINE | {"lang": "ja"}),
    )
    body_ja = TextField(
        label=_("Text (Japanese)"),
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs=_TEXT | {"lang": "ja"}),
    )
    title_en = LineField(
        label=_("Title (English)"),
        max_length=100,
        widget=forms.TextInput(attrs=_LINE | {"lang": "en"}),
    )
    body_en = TextField(
        label=_("Text (English)"),
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs=_TEXT | {"lang": "en"}),
    )
    place = forms.ChoiceField(label=_("Link in the footer"), choices=Place)
    is_shown = forms.BooleanField(
        label=_("Show this page to customers"), required=False
    )
    note = LineField(
        label=_("What has changed"),
        max_length=200,
        required=False,
        help_text=_("For your colleagues, in the list of versions."),
        widget=forms.TextInput(attrs=_LINE),
    )
    seen = NumberField(min_value=0, widget=forms.HiddenInput)

    def clean_body_ja(self) -> str:
        return _with_known_facts(self.cleaned_data["body_ja"])

    def clean_body_en(self) -> str:
        return _with_known_facts(self.cleaned_data["body_en"])

    @property
    def text(self) -> PageText:
        """Return what was entered; the form is valid."""
        entered = self.cleaned_data
        return PageText(**{name: entered[name] for name in PageText.__annotations__})


class NewPageForm(PageForm):
    slug = AddressField(
        label=_("URL slug"),
        max_length=60,
        help_text=_("The end of the page's address, such as about-us."),
        widget=forms.TextInput(attrs=_LINE),
    )
    field_order = ["slug"]

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if find_page(slug) is not None:
            raise ValidationError(_("There is a page at this address."), code="taken")
        return slug


def initial_of(page: Page) -> dict[str, Any]:
    return vars(PageText.of(page)) | {"seen": page.number}


def _with_known_facts(body: str) -> str:
    """Return the text. Raises ValidationError if it names a fact that is none."""
    known = facts.names()
    unknown = sorted(set(FACT.findall(body)) - set(known))
    if unknown:
        text = gettext("There is no %(unknown)s. You can use: %(known)s")
        named = [", ".join(f"{{{name}}}" for name in some) for some in (unknown, known)]
        raise ValidationError(text % {"unknown": named[0], "known": named[1]})
    return body
