"""The list of waiting rooms, with the length of their lines."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.waiting_rooms.views import WaitingRoomPages
from checkout.waiting_room.models import Ticket, WaitingRoom
from checkout.waiting_room.tickets import count_of
from shop.formatting import moment


@admin.register(WaitingRoom)
class WaitingRoomAdmin(WaitingRoomPages):
    list_display = [
        *("name", "waiting", "inside", "places", "let_in"),
        *("opened", "closed"),
    ]
    list_display_links = ["name"]
    list_filter = ["opened_at"]
    list_select_related = ["product"]
    search_fields = ["product__name_en", "product__name_ja"]
    change_list_template = "admin/checkout/waitingroom/change_list.html"
    change_form_template = "admin/checkout/waitingroom/change_form.html"
    fields = [
        *("name", "waiting", "inside", "places", "let_in"),
        *("opened_at", "by", "reason", "closed_at", "ended_by", "close_reason"),
    ]

    readonly_fields = ["name", "waiting", "inside", "by", "ended_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitingRoom]:
        rows: QuerySet[WaitingRoom] = super().get_queryset(request)
        same = Ticket.objects.filter(room=OuterRef("pk"))
        return rows.annotate(
            waiting=count_of(same.present()), inside=count_of(same.inside())
        )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_manage = request.user.has_perm(permissions.MANAGE_WAITING_ROOMS)
        return may_manage or super().has_view_permission(request, obj)

    @admin.display(description=_("product"), ordering="product__name_en")
    def name(self, row: WaitingRoom) -> str:
        return row.product.name

    @admin.display(description=_("waiting now"), ordering="waiting")
    def waiting(self, row: WaitingRoom) -> int | None:
        return None if row.closed_at else getattr(row, "waiting", 0)

    @admin.display(description=_("in the checkout now"), ordering="inside")
    def inside(self, row: WaitingRoom) -> int | None:
        return None if row.closed_at else getattr(row, "inside", 0)

    @admin.display(description=_("opened"), ordering="opened_at")
    def opened(self, row: WaitingRoom) -> str:
        return f"{moment(row.opened_at)} {self.by(row)}"

    @admin.display(description=_("closed"), ordering="closed_at")
    def closed(self, row: WaitingRoom) -> str:
        if row.closed_at is None:
            return gettext("it is open")
        return f"{moment(row.closed_at)} {self.ended_by(row)}"

    @admin.display(description=_("opened by"))
    def by(self, row: WaitingRoom) -> str:
        return row.opened_by or gettext("automatically")

    @admin.display(description=_("closed by"))
    def ended_by(self, row: WaitingRoom) -> str:
        if row.closed_at is None:
            return ""
        return row.closed_by or gettext("automatically")
