"""Django's admin, which requires the second factor for every page."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shop.staff.second_factor import suffices


class StaffSite(AdminSite):
    site_header = "Todoku"
    site_title = "Todoku"
    index_title = _("Needs attention")

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and suffices(request)
