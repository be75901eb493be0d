"""Django's admin, which requires the second factor for every page."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject, lazy
from django.utils.translation import gettext_lazy as _

from shop.profile.selectors import name_of_shop
from shop.staff.second_factor import suffices

_PROGRAM = "Todoku"


def _read_title() -> str:
    return name_of_shop() or _PROGRAM


class StaffSite(AdminSite):
    """The admin. Header and title have the shop's name once it has one."""

    # Read when it is printed.
    site_header = site_title = lazy(_read_title, str)()
    index_title = _("Needs attention")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        # Read once a page, although it is printed twice.
        title = SimpleLazyObject(_read_title)
        frame = {"site_header": title, "site_title": title}
        return super().each_context(request) | frame

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and suffices(request)
