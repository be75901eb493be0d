"""The sales report, the exports for the accountant, and the account at Stripe."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.admin.reports.views import ExportPages, ReportPages
from backoffice.models import AccountsExport, SalesReport
from checkout.accounting.models import AccountMovement
from shop.formatting import price
from shop.forms.read_only import ReadOnlyAdmin
from shop.money import Money


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
        *("created_at", "kind", "amount", "fee"),
        *("source_id", "movement_id"),
    ]
    fields = ["movement_id", "kind", "amount", "fee", "source_id", "created_at"]
    readonly_fields = ["amount", "fee"]
    list_filter = ["kind", "created_at"]
    search_fields = ["movement_id", "source_id"]

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount(self, movement: AccountMovement) -> str:
        return price(Money(movement.amount_minor, movement.currency))

    @admin.display(description=_("fee"), ordering="fee_minor")
    def fee(self, movement: AccountMovement) -> str:
        return price(Money(movement.fee_minor, movement.currency))
