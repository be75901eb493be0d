"""Pages to open a waiting room, to change its places and to close it."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.waiting_rooms.forms import OpenForm, PlacesForm, ReasonForm
from backoffice.previews.waiting_room import (
    list_close_effects,
    list_open_effects,
    list_places_effects,
)
from checkout.waiting_room.errors import RoomOpen
from checkout.waiting_room.models import WaitingRoom
from checkout.waiting_room.services import close_room, open_room, set_places
from shop.forms.read_only import ReadOnlyAdmin

_LIST = "admin:checkout_waitingroom_changelist"


class WaitingRoomPages(ReadOnlyAdmin):
    """Adds the pages that open, change and close a waiting room."""

    def get_urls(self) -> list[URLPattern]:
        wrap, base = self.admin_site.admin_view, "checkout_waitingroom"
        return [
            path("open/", wrap(self.open_view), name=f"{base}_open"),
            path("<int:pk>/places/", wrap(self.places_view), name=f"{base}_places"),
            path("<int:pk>/close/", wrap(self.close_view), name=f"{base}_close"),
            *super().get_urls(),
        ]

    def open_view(self, request: HttpRequest) -> HttpResponseBase:
        """Preview the room; on POST open it."""
        check_permission(request, permissions.MANAGE_WAITING_ROOMS)
        form = OpenForm(_sent(request), initial={"sku": request.GET.get("sku", "")})
        if not form.is_valid():
            label = _("Open a waiting room")
            return self._ask(request, form, label, list_open_effects())
        product, asked = form.cleaned_data["sku"], form.cleaned_data
        actor = request.user.get_username()
        try:
            open_room(product, asked["places"], actor, asked["reason"])
        except RoomOpen:
            text = gettext("%(name)s has an open waiting room already.")
            return self._done(request, text % {"name": product}, messages.WARNING)
        text = gettext("The waiting room of %(name)s is open.")
        return self._done(request, text % {"name": product})

    def places_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask how many may be in the checkout; on POST change it."""
        check_permission(request, permissions.MANAGE_WAITING_ROOMS)
        room = _room(pk)
        form = PlacesForm(_sent(request))
        form.fields["places"].initial = room.places
        if room.closed_at is None and not form.is_valid():
            label = _("Change the places")
            return self._ask(request, form, label, list_places_effects(room), room)
        if room.closed_at or not set_places(room, form.cleaned_data["places"]):
            return self._closed_before(request)
        return self._done(request, gettext("The number of places is changed."))

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Preview the end of the room; on POST close it, at most once."""
        check_permission(request, permissions.MANAGE_WAITING_ROOMS)
        room, form = _room(pk), ReasonForm(_sent(request))
        if room.closed_at is None and not form.is_valid():
            label = _("Close the waiting room")
            return self._ask(request, form, label, list_close_effects(room), room)
        actor = request.user.get_username()
        if room.closed_at or not close_room(room, actor, form.cleaned_data["reason"]):
            return self._closed_before(request)
        return self._done(request, gettext("The waiting room is closed."))

    def _closed_before(self, request: HttpRequest) -> HttpResponseBase:
        text = gettext("Nothing was changed: the room was closed before.")
        return self._done(request, text, messages.WARNING)

    def _done(
        self, request: HttpRequest, message: str, level: int = messages.SUCCESS
    ) -> HttpResponseBase:
        self.message_user(request, message, level)
        return redirect(_LIST)

    def _ask(
        self,
        request: HttpRequest,
        form: forms.Form,
        label: object,
        effects: list[str],
        room: WaitingRoom | None = None,
    ) -> HttpResponse:
        title = f"{label}: {room}" if room else label
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "effects": effects,
            "opts": self.opts,
            "title": title,
            "cancel_url": reverse(_LIST),
        }
        status = 422 if form.errors else 200
        return TemplateResponse(
            request, "admin/confirm_act.html", context, status=status
        )


def _room(pk: int) -> WaitingRoom:
    return get_object_or_404(WaitingRoom.objects.select_related("product"), pk=pk)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
