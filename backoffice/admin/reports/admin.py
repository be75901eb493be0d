"""The sales report, the exports for the accountant, and the account at Stripe."""

from django.contrib import admin

from backoffice.admin.reports.views import ExportPages, ReportPages
from backoffice.models import AccountsExport, SalesReport
from checkout.accounting.models import AccountMovement
from shop.read_only import ReadOnlyAdmin


@admin.register(SalesReport)
class SalesReportAdmin(ReportPages):
    """See ReportPages."""


@admin.register(AccountsExport)
class AccountsExportAdmin(ExportPages):
    list_display = ["made_at", "actor", "since", "until", "format"]
    list_filter = ["format", "made_at"]
    change_list_template = "admin/backoffice/accountsexport/change_list.html"


@admin.register(AccountMovement)
class AccountMovementAdmin(ReadOnlyAdmin):
    list_display = [
        *("created_at", "kind", "amount_minor", "fee_minor"),
        *("currency", "source_id", "movement_id"),
    ]
    list_filter = ["kind", "created_at"]
    search_fields = ["movement_id", "source_id"]
