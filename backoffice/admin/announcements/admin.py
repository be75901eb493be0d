"""Pausing checkout and setting the banner: said beforehand, with a reason, recorded."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import ReasonField
from checkout.announcements.errors import CheckoutPaused
from checkout.announcements.models import LONGEST_MESSAGE, Announcement
from checkout.announcements.services import (
    active_announcements,
    lift,
    pause,
    put_up,
    usual_message,
)
from saga.models import Saga
from shop.formatting import moment
from shop.page_cache import SHOWN_FOR
from shop.read_only import ReadOnlyAdmin

PAUSE = "checkout.pause_checkout"
_TEXT = {"rows": 3, "class": "vLargeTextField"}


class ReasonForm(forms.Form):
    reason = ReasonField(
        help_text=_("For your colleagues; kept with your name. Customers never see it.")
    )


class MessageForm(ReasonForm):
    """What customers read, and why."""

    message_en = forms.CharField(
        label=_("Message to customers, in English"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs=_TEXT | {"lang": "en"}),
        error_messages={"required": _("Write what customers read in English.")},
    )
    message_ja = forms.CharField(
        label=_("Message to customers, in Japanese"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs=_TEXT | {"lang": "ja"}),
        error_messages={"required": _("Write what customers read in Japanese.")},
    )
    field_order = ["message_en", "message_ja", "starts_at", "ends_at", "reason"]


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class BannerForm(MessageForm):
    starts_at = forms.DateTimeField(
        label=_("Show it from"),
        required=False,
        help_text=_("Empty: at once."),
        widget=MomentInput(),
    )
    ends_at = forms.DateTimeField(
        label=_("Show it until"),
        required=False,
        help_text=_("Empty: until somebody takes it down."),
        widget=MomentInput(),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = values.get("starts_at"), values.get("ends_at")
        if start and end and end <= start:
            raise ValidationError({"ends_at": _("It must end after it begins.")})
        return values


@admin.register(Announcement)
class AnnouncementAdmin(ReadOnlyAdmin):
    list_display = ["set_at", "kind", "text", "set_by", "reason", "until"]
    list_filter = ["kind", "set_at"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PAUSE) or super().has_view_permission(request, obj)

    @admin.display(description=_("message"))
    def text(self, row: Announcement) -> str:
        return row.text

    @admin.display(description=_("until"))
    def until(self, row: Announcement) -> str:
        if row.lifted_at:
            return f"{moment(row.lifted_at)} {row.lifted_by}"
        return moment(row.ends_at) if row.ends_at else gettext("it stands")

    def get_urls(self) -> list[URLPattern]:
        wrap, base = self.admin_site.admin_view, "checkout_announcement"
        return [
            path("pause/", wrap(self.pause_view), name=f"{base}_pause"),
            path("banner/", wrap(self.banner_view), name=f"{base}_banner"),
            path("<int:pk>/lift/", wrap(self.lift_view), name=f"{base}_lift"),
            *super().get_urls(),
        ]

    def pause_view(self, request: HttpRequest) -> HttpResponseBase:
        """Say what pausing does; on POST take no more orders."""
        _check(request)
        form = MessageForm(_sent(request), initial=_usual())
        if not form.is_valid():
            label = _("Pause checkout")
            return self._ask(request, form, label, _effects_of_pausing())
        try:
            pause(request.user.get_username(), **form.cleaned_data)
        except CheckoutPaused as error:
            words = gettext("Checkout was paused before, by %(who)s at %(time)s.")
            values = {"who": error.pause.set_by, "time": moment(error.pause.set_at)}
            return self._done(request, words % values, messages.WARNING)
        return self._done(request, gettext("Checkout is paused."))

    def banner_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for the banner's message; on POST show it in the place of the last."""
        _check(request)
        form = BannerForm(_sent(request))
        if not form.is_valid():
            label = _("Set a banner")
            return self._ask(request, form, label, _effects_of_a_banner())
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
        """Say what ends; on POST end it, unless somebody was faster."""
        _check(request)
        row = get_object_or_404(Announcement, pk=pk)
        form = ReasonForm(_sent(request))
        if row.lifted_at:
            return self._lifted_before(request, row)
        if not form.is_valid():
            is_pause = row.kind == Announcement.Kind.PAUSE
            label = _("Resume checkout") if is_pause else _("Take the banner down")
            return self._ask(request, form, label, _effects_of_lifting(row), row)
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
        words = gettext("Nothing was changed: %(who)s ended it at %(time)s.")
        when = moment(row.lifted_at) if row.lifted_at else ""
        values = {"who": row.lifted_by, "time": when}
        return self._done(request, words % values, messages.WARNING)

    def _done(
        self, request: HttpRequest, said: str, level: int = messages.SUCCESS
    ) -> HttpResponseBase:
        self.message_user(request, said, level)
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
        template = "admin/checkout/announcement/ask.html"
        status = 422 if form.errors else 200
        return TemplateResponse(request, template, context, status=status)


def _check(request: HttpRequest) -> None:
    if not request.user.has_perm(PAUSE):
        raise PermissionDenied


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _usual() -> dict[str, str]:
    return {"message_en": usual_message("en"), "message_ja": usual_message("ja")}


def _effects_of_pausing() -> list[str]:
    return [
        gettext("Will take no new orders, until somebody resumes checkout."),
        _effect_on_orders(Saga.objects.main_paths().live().count()),
        gettext("Will keep every cart, and what customers have typed."),
        _effect_on_pages(),
    ]


def _effect_on_orders(under_way: int) -> str:
    if not under_way:
        return gettext("Will not touch orders: none is under way.")
    words = ngettext(
        "Will not touch orders: the %(count)d that is under way goes on, other "
        "cards and payments at stores included.",
        "Will not touch orders: the %(count)d that are under way go on, other "
        "cards and payments at stores included.",
        under_way,
    )
    return words % {"count": under_way}


def _effect_on_pages() -> str:
    words = gettext("Will show your message on every page, within %(count)d seconds.")
    return words % {"count": SHOWN_FOR}


def _effects_of_a_banner() -> list[str]:
    effects = [
        _effect_on_pages(),
        gettext("Will not stop orders: for that, pause checkout."),
    ]
    before = active_announcements().banner
    if before:
        words = gettext("Will take the place of the banner that stands: “%(text)s”")
        effects.append(words % {"text": before.text})
    return effects


def _effects_of_lifting(row: Announcement) -> list[str]:
    words = gettext("Will take the message off all pages, within %(count)d seconds.")
    effects = [words % {"count": SHOWN_FOR}]
    if row.kind == Announcement.Kind.PAUSE:
        return [gettext("Will take orders again at once."), *effects]
    return effects
