"""The list of closed days."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.flows.links import link_to_flow
from checkout.accounting.files import write_csv
from checkout.accounting.tables import sum_columns
from flows.daily_close.definition import DAILY_CLOSE
from flows.daily_close.figures import sums
from flows.daily_close.models import DailyClose
from shop.formatting import price
from shop.forms.read_only import ReadOnlyAdmin
from shop.money import Money


@admin.register(DailyClose)
class DailyCloseAdmin(ReadOnlyAdmin):
    list_display = ["day", "charged", "refunded", "differs", "paid_out_at", "run"]
    list_filter = ["day"]
    fields = [
        *("day", "charged", "refunded", "listed", "accepted_by"),
        *("sent_to", "paid_out_at", "closed_at", "run"),
    ]
    readonly_fields = ["charged", "refunded", "listed", "run"]
    change_form_template = "admin/flows/dailyclose/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.csv_view)
        own = [path("<int:pk>/csv/", view, name="flows_dailyclose_csv")]
        return own + super().get_urls()

    def csv_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the day's sums as the accountant gets them."""
        check_permission(request, permissions.EXPORT_ACCOUNTS)
        day = get_object_or_404(DailyClose, pk=pk).day
        parts = write_csv(sum_columns(), sums(day))
        response = StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{day}.csv"'
        return response

    @admin.display(description=_("charged"))
    def charged(self, row: DailyClose) -> str:
        return price(Money(row.charged_minor, row.currency))

    @admin.display(description=_("refunded"))
    def refunded(self, row: DailyClose) -> str:
        return price(Money(row.refunded_minor, row.currency))

    @admin.display(description=_("differences"))
    def differs(self, row: DailyClose) -> str:
        return str(len(row.differences)) if row.differences else "-"

    @admin.display(description=_("differences (order: shop, account)"))
    def listed(self, row: DailyClose) -> SafeString | str:
        lines = format_html_join(
            "", "<li>{}</li>", ([each] for each in row.differences)
        )
        return format_html("<ul>{}</ul>", lines) if lines else "-"

    @admin.display(description=_("flow"))
    def run(self, row: DailyClose) -> SafeString | str:
        return link_to_flow(DAILY_CLOSE.name, row.day)
