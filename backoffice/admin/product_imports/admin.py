"""Imports of goods in the background: upload a file, see its wrong lines."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.admin.access import check_permission
from backoffice.admin.flows.links import link_to_flow
from backoffice.admin.goods_sheet.forms import UploadForm
from checkout.accounting.files import write_csv
from flows.goods_sheet.errors import SheetRefused
from flows.goods_sheet.sheet import (
    COLUMNS,
    MOST_BYTES_IN_BULK,
    MOST_IN_BULK,
    decode,
    read,
)
from flows.product_import.definition import PRODUCT_IMPORT
from flows.product_import.models import ImportLine, ProductImport
from flows.product_import.services import take_in
from shop.forms.read_only import ReadOnlyAdmin, ReadOnlyInline, first_rows

_NEEDED = (
    "catalogue.change_product",
    "catalogue.add_product",
    "inventory.change_stockitem",
)


class WrongLineInline(ReadOnlyInline):
    model = ImportLine
    fields = ["row", "sku", "error"]
    readonly_fields = ["sku"]
    verbose_name_plural = _("wrong lines")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the first ones; all are in the file to download."""
        wrong = super().get_queryset(request).exclude(error="")
        return first_rows(wrong, request, "source")

    @admin.display(description=_("SKU"))
    def sku(self, line: ImportLine) -> str:
        return str(line.cells.get("sku", ""))


@admin.register(ProductImport)
class ProductImportAdmin(ReadOnlyAdmin):
    list_display = ["id", "name", "uploaded_by", "created_at", "imported", "refused"]
    list_display_links = ["id", "name"]
    fields = ["name", "uploaded_by", "created_at", "imported", "refused", "run"]
    readonly_fields = ["run"]
    inlines = [WrongLineInline]
    change_list_template = "admin/flows/productimport/change_list.html"
    change_form_template = "admin/flows/productimport/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("upload/", wrap(self.upload_view), name="flows_productimport_upload"),
            path(
                "<int:pk>/wrong/",
                wrap(self.wrong_view),
                name="flows_productimport_wrong",
            ),
        ]
        return own + super().get_urls()

    def upload_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for a file; store its lines and start the flow."""
        for each in _NEEDED:
            check_permission(request, each)
        form = UploadForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                text = decode(file.read(), MOST_BYTES_IN_BULK)
                lines = read(text, MOST_IN_BULK)
            except SheetRefused as refusal:
                form.add_error(None, refusal.sentence)
            else:
                by, language = request.user.get_username(), get_language() or "en"
                source = take_in(lines, file.name, by, language)
                return redirect("admin:flows_productimport_change", source.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Import a file of goods"),
            "form": form,
            "columns": ", ".join(COLUMNS),
            "most": MOST_IN_BULK,
        }
        template = "admin/flows/productimport/upload.html"
        status = 422 if form.errors else 200
        return TemplateResponse(request, template, context, status=status)

    def wrong_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the wrong lines as CSV, to be mended and imported again."""
        check_permission(request, "flows.view_productimport")
        source = get_object_or_404(ProductImport, pk=pk)
        wrong = source.lines.exclude(error="").values_list("cells", flat=True)
        rows = ([cells.get(name, "") for name in COLUMNS] for cells in wrong)
        parts = write_csv(COLUMNS, rows)
        response = StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="wrong-{pk}.csv"'
        return response

    @admin.display(description=_("flow"))
    def run(self, source: ProductImport) -> SafeString | str:
        return link_to_flow(PRODUCT_IMPORT.name, source.pk)
