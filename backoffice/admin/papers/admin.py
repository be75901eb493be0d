"""The list of issued receipts, invoices and credit notes."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.paper.models import IssuedPaper
from shop.forms.read_only import ReadOnlyAdmin


@admin.register(IssuedPaper)
class IssuedPaperAdmin(ReadOnlyAdmin):
    list_display = ["number", "kind", "copy", "addressee", "issued_at", "who"]
    list_filter = ["kind", "issued_at"]
    list_select_related = ["order"]
    search_fields = ["number", "addressee"]
    search_help_text = _("Number or addressee")
    fields = [
        *("number", "kind", "copy", "order", "refund", "addressee"),
        *("issued_at", "who", "shown"),
    ]

    def get_readonly_fields(
        self, request: HttpRequest, obj: object = None
    ) -> list[str]:
        return ["who", "shown"]

    @admin.display(description=_("issued by"))
    def who(self, paper: IssuedPaper) -> str:
        return paper.issued_by or gettext("the customer")

    @admin.display(description=_("the paper"))
    def shown(self, paper: IssuedPaper) -> SafeString:
        url = reverse("checkout:paper", args=[paper.order.uid, paper.pk])
        return format_html('<a href="{}">{}</a>', url, paper.number)
