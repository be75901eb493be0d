"""The pages to import tracking numbers: choose the file, look, then apply."""

import json
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.packing import tracking
from backoffice.admin.packing.forms import TrackingFileForm
from backoffice.admin.packing.views import DeskPages
from shop.text.stored import storable

_PAGE = "admin:backoffice_ordertoship_tracking"
# More refusals than these do not fit above a page.
_MOST_SAID = 20


class TrackingPages(DeskPages):
    """Adds the import of tracking numbers to the desk."""

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "tracking/",
                self.admin_site.admin_view(self.tracking_view),
                name="backoffice_ordertoship_tracking",
            ),
            *super().get_urls(),
        ]

    def tracking_view(self, request: HttpRequest) -> HttpResponseBase:
        """Read the file and preview it; with ``lines`` of a preview, apply it."""
        check_permission(request, permissions.SHIP_ORDER)
        if request.method == "POST" and "lines" in request.POST:
            return self._apply(request)
        form = TrackingFileForm(
            request.POST if request.method == "POST" else None,
            request.FILES or None,
        )
        context: dict[str, Any] = {"form": form}
        status = HTTPStatus.OK
        if form.is_bound:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            if form.is_valid():
                try:
                    context |= _preview(form)
                    status = HTTPStatus.OK
                except tracking.UnreadableFile as error:
                    form.add_error("file", error.sentence)
        title = _("Import tracking numbers")
        return self._page(request, "tracking", title, context, status)

    def _apply(self, request: HttpRequest) -> HttpResponseBase:
        lines = _read_lines(request.POST.get("lines", ""))
        done = tracking.apply(lines, request.user.get_username())
        shipped = sum(each.is_due for each in done)
        known = sum(each.is_known for each in done)
        text = ngettext(
            "%(count)d order is shipped.", "%(count)d orders are shipped.", shipped
        )
        self.message_user(request, text % {"count": shipped}, messages.SUCCESS)
        if known:
            text = ngettext(
                "%(count)d was recorded before; nothing changed.",
                "%(count)d were recorded before; nothing changed.",
                known,
            )
            self.message_user(request, text % {"count": known})
        refused = [each for each in done if each.problem]
        for each in refused[:_MOST_SAID]:
            text = gettext("Line %(line)d: %(problem)s")
            values = {"line": each.line.line, "problem": each.problem}
            self.message_user(request, text % values, messages.WARNING)
        if len(refused) > _MOST_SAID:
            text = gettext("%(count)d more lines were refused.")
            values = {"count": len(refused) - _MOST_SAID}
            self.message_user(request, text % values, messages.WARNING)
        return redirect(_PAGE)


def _preview(form: TrackingFileForm) -> dict[str, Any]:
    sent = form.cleaned_data
    lines = tracking.parse(sent["file"].read(), sent["carrier"])
    checked = tracking.check(lines)
    due = [each.line for each in checked if each.is_due]
    return {
        "checked": checked,
        "due": len(due),
        "lines": json.dumps([vars(line) for line in due]),
    }


def _read_lines(sent: str) -> list[tracking.Line]:
    """Return the lines of a preview; they are checked again before they are applied."""
    try:
        rows = json.loads(sent)
        return [
            tracking.Line(
                line=int(row["line"]),
                number=storable(str(row["number"]), tracking.LONGEST),
                tracking=storable(str(row["tracking"]), tracking.LONGEST),
                carrier=storable(str(row["carrier"]), tracking.LONGEST),
            )
            for row in rows[: tracking.MOST_LINES]
        ]
    except (ValueError, TypeError, KeyError):
        return []
