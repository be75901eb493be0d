"""The list of deletion requests, and of the certificates that remain."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.admin.flows.links import link_to_flow
from flows.erasure.definition import ERASURE
from flows.erasure.models import ErasureRequest
from shop.forms.read_only import ReadOnlyAdmin


@admin.register(ErasureRequest)
class ErasureRequestAdmin(ReadOnlyAdmin):
    list_display = ["certificate", "requested_at", "erase_at", "erased_at", "run"]
    search_fields = ["=email"]
    fields = [
        *("certificate", "customer", "email", "found"),
        *("requested_at", "erase_at", "erased_at", "run"),
    ]
    readonly_fields = ["certificate", "run"]

    @admin.display(description=_("flow"))
    def run(self, row: ErasureRequest) -> SafeString | str:
        return link_to_flow(ERASURE.name, row.customer)
