"""Rows of a table of forms, whose fields have names for screen readers."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.widgets import AdminSplitDateTime
from django.forms import BaseInlineFormSet, BaseModelFormSet, DateTimeInput
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    InlineRows = BaseInlineFormSet[Any, Any, Any]
    Rows = BaseModelFormSet[Any, Any]
else:
    InlineRows = BaseInlineFormSet
    Rows = BaseModelFormSet


class LabelledRows(InlineRows):
    """Names each field after its column: the table has headings, but no labels."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        _name_fields(form)


class ListRows(Rows):
    """The same for the fields that are changed in a list."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        _name_fields(form)


class LabelledDateTime(AdminSplitDateTime):
    """Names the fields of date and time, which stand behind one label."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        date, time = self.widgets
        date.attrs["aria-label"] = _("Date")
        time.attrs["aria-label"] = _("Time")


class MinuteInput(DateTimeInput):
    """One field for date and time, to the minute, as narrow as a table needs it."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


def _name_fields(form: Any) -> None:
    for field in form.fields.values():
        # The admin wraps the choice of a related row, and renders what is inside.
        widget = getattr(field.widget, "widget", field.widget)
        widget.attrs.setdefault("aria-label", capfirst(str(field.label)))
