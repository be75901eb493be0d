"""Pages to pause and resume checkout, and to set the shop's banner."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.announcements.forms import BannerForm, MessageForm, ReasonForm
from backoffice.previews.announcement import (
    list_banner_effects,
    list_lift_effects,
    list_pause_effects,
)
from checkout.announcements.errors import CheckoutPaused
from checkout.announcements.models import Announcement
from checkout.announcements.services import (
    lift,
    pause,
    put_up,
    usual_message,
)
from shop.formatting import moment
from shop.forms.read_only import ReadOnlyAdmin


class AnnouncementPages(ReadOnlyAdmin):
    """Adds the pages that pause checkout, set the banner and end either."""

    def get_urls(self) -> list[URLPattern]:
        wrap, base = self.admin_site.admin_view, "checkout_announcement"
        return [
            path("pause/", wrap(self.pause_view), name=f"{base}_pause"),
            path("banner/", wrap(self.banner_view), name=f"{base}_banner"),
            path("<int:pk>/lift/", wrap(self.lift_view), name=f"{base}_lift"),
            *super().get_urls(),
        ]

    def pause_view(self, request: HttpRequest) -> HttpResponseBase:
        """Preview the pause; on POST stop taking orders."""
        check_permission(request, permissions.PAUSE_CHECKOUT)
        form = MessageForm(_sent(request), initial=_usual())
        if not form.is_valid():
            label = _("Pause checkout")
            return self._ask(request, form, label, list_pause_effects())
        try:
            pause(request.user.get_username(), **form.cleaned_data)
        except CheckoutPaused as error:
            text = gettext("Checkout was paused before, by %(who)s at %(time)s.")
            values = {"who": error.pause.set_by, "time": moment(error.pause.set_at)}
            return self._done(request, text % values, messages.WARNING)
        return self._done(request, gettext("Checkout is paused."))

    def banner_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for the message; on POST replace the banner."""
        check_permission(request, permissions.PAUSE_CHECKOUT)
        form = BannerForm(_sent(request))
        if not form.is_valid():
            label = _("Set a banner")
            return self._ask(request, form, label, list_banner_effects())
        values = form.cleaned_data
        put_up(
            request.user.get_username(),
            values["reason"],
            (values["message_en"], values["message_ja"]),
            values["starts_at"],
            values["ends_at"],
        )
        return self._done(request, gettext("The banner is set."))

    def lift_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Preview the end of a pause or banner; on POST end it, at most once."""
        check_permission(request, permissions.PAUSE_CHECKOUT)
        row = get_object_or_404(Announcement, pk=pk)
        form = ReasonForm(_sent(request))
        if row.lifted_at:
            return self._lifted_before(request, row)
        if not form.is_valid():
            is_pause = row.kind == Announcement.Kind.PAUSE
            label = _("Resume checkout") if is_pause else _("Take the banner down")
            return self._ask(request, form, label, list_lift_effects(row), row)
        actor, reason = request.user.get_username(), form.cleaned_data["reason"]
        if not lift(row, actor, reason):
            row.refresh_from_db()
            return self._lifted_before(request, row)
        if row.kind == Announcement.Kind.PAUSE:
            return self._done(request, gettext("Orders are taken again."))
        return self._done(request, gettext("The banner is taken down."))

    def _lifted_before(
        self, request: HttpRequest, row: Announcement
    ) -> HttpResponseBase:
        text = gettext("Nothing was changed: %(who)s ended it at %(time)s.")
        when = moment(row.lifted_at) if row.lifted_at else ""
        values = {"who": row.lifted_by, "time": when}
        return self._done(request, text % values, messages.WARNING)

    def _done(
        self, request: HttpRequest, message: str, level: int = messages.SUCCESS
    ) -> HttpResponseBase:
        self.message_user(request, message, level)
        return redirect("admin:index")

    def _ask(
        self,
        request: HttpRequest,
        form: forms.Form,
        label: object,
        effects: list[str],
        row: Announcement | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "effects": effects,
            "announcement": row,
            "opts": self.opts,
            "title": label,
        }
        template = "admin/confirm_act.html"
        status = 422 if form.errors else 200
        return TemplateResponse(request, template, context, status=status)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _usual() -> dict[str, str]:
    return {"message_en": usual_message("en"), "message_ja": usual_message("ja")}
