"""The list of announcements: pauses of checkout, and banners."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.announcements.views import AnnouncementPages
from checkout.announcements.models import Announcement
from shop.formatting import moment


@admin.register(Announcement)
class AnnouncementAdmin(AnnouncementPages):
    list_display = ["set_at", "kind", "text", "set_by", "reason", "until"]
    list_filter = ["kind", "set_at"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_pause = request.user.has_perm(permissions.PAUSE_CHECKOUT)
        return may_pause or super().has_view_permission(request, obj)

    @admin.display(description=_("message"))
    def text(self, row: Announcement) -> str:
        return row.text

    @admin.display(description=_("until"))
    def until(self, row: Announcement) -> str:
        if row.lifted_at:
            return f"{moment(row.lifted_at)} {row.lifted_by}"
        return moment(row.ends_at) if row.ends_at else gettext("it stands")
