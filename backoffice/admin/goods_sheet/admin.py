"""The page on which goods are taken out and in as a sheet: preview, then import."""

import hashlib
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.access import check_permission
from backoffice.admin.goods_sheet.forms import UploadForm
from backoffice.models import GoodsSheet
from checkout.accounting.files import write_csv
from flows.goods_sheet import services
from flows.goods_sheet.changes import Change, digest, plan
from flows.goods_sheet.errors import SheetRefused
from flows.goods_sheet.sheet import COLUMNS, decode, read
from shop.forms.read_only import ReadOnlyAdmin

_NEEDED = (
    "catalogue.change_product",
    "catalogue.add_product",
    "inventory.change_stockitem",
)


@admin.register(GoodsSheet)
class GoodsSheetAdmin(ReadOnlyAdmin):
    """The page stands in the place of a list."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return all(request.user.has_perm(each) for each in _NEEDED)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.sheet_view), name="backoffice_goodssheet_changelist"),
            path("csv/", wrap(self.csv_view), name="backoffice_goodssheet_csv"),
        ]

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """Send all goods as CSV."""
        _check(request)
        parts = write_csv(COLUMNS, services.rows())
        response = StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="goods.csv"'
        return response

    def sheet_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for a file; show what it would change; change it when confirmed."""
        _check(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method != "POST":
            return self._page(request, UploadForm())
        try:
            if "text" in request.POST:
                # As the preview sent it: its lines end as browsers end them.
                return self._confirmed(request, request.POST["text"])
            if not form.is_valid():
                return self._page(request, form, status=422)
            text = decode(form.cleaned_data["file"].read())
            return self._preview(request, text, plan(read(text)))
        except SheetRefused as refusal:
            form.add_error(None, refusal.sentence)
            return self._page(request, form, status=422)

    def _confirmed(self, request: HttpRequest, text: str) -> HttpResponseBase:
        changes = plan(read(text))
        wanted = [change for change in changes if change.what]
        if digest(changes) != request.POST.get("digest"):
            note = gettext("The goods have changed meanwhile. Check the preview again.")
            messages.warning(request, note)
            return self._preview(request, text, changes)
        if any(change.errors for change in changes):
            return self._preview(request, text, changes)
        content = hashlib.sha256("".join(text.split()).encode()).hexdigest()
        actor = request.user.get_username()
        count = services.take_over(wanted, f"CSV {content[:32]}", actor)
        said = ngettext("%d line was imported.", "%d lines were imported.", count)
        messages.success(request, said % count)
        return redirect("admin:catalogue_product_changelist")

    def _preview(
        self, request: HttpRequest, text: str, changes: list[Change]
    ) -> HttpResponseBase:
        wrong = [change for change in changes if change.errors]
        context = {
            "text": text,
            "digest": digest(changes),
            "changes": [change for change in changes if change.does_something],
            "wrong": len(wrong),
            "same": sum(not change.does_something for change in changes),
        }
        status = 422 if wrong else 200
        return self._page(request, UploadForm(), status=status, **context)

    def _page(
        self, request: HttpRequest, form: UploadForm, status: int = 200, **more: Any
    ) -> HttpResponseBase:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import and export goods"),
            "opts": self.opts,
            "form": form,
            "columns": ", ".join(COLUMNS),
            **more,
        }
        template = "admin/backoffice/goodssheet/sheet.html"
        return TemplateResponse(request, template, context, status=status)


def _check(request: HttpRequest) -> None:
    for each in _NEEDED:
        check_permission(request, each)
