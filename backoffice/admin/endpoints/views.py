"""Pages of an endpoint: test, show or replace its secret, switch it off and on."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.endpoints.forms import RotateForm, SwitchOnForm
from outgoing.webhooks import secrets, services
from outgoing.webhooks.consumers import MOST_ACTIVE
from outgoing.webhooks.models import Attempt, Endpoint
from shop.text.sealed import CannotBeRead

if TYPE_CHECKING:
    Pages = admin.ModelAdmin[Endpoint]
else:
    Pages = admin.ModelAdmin

_CHANGE = "admin:outgoing_endpoint_change"
# More than this are sent by the command, which shows its progress.
MOST_AT_ONCE = 5_000


class EndpointPages(Pages):
    """Adds the pages to the endpoint's own."""

    def get_urls(self) -> list[URLPattern]:
        wrap, base = self.admin_site.admin_view, "outgoing_endpoint"
        return [
            path("<int:pk>/test/", wrap(self.test_view), name=f"{base}_test"),
            path("<int:pk>/secret/", wrap(self.secret_view), name=f"{base}_secret"),
            path("<int:pk>/rotate/", wrap(self.rotate_view), name=f"{base}_rotate"),
            path("<int:pk>/off/", wrap(self.off_view), name=f"{base}_off"),
            path("<int:pk>/on/", wrap(self.on_view), name=f"{base}_on"),
            *super().get_urls(),
        ]

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Say what a test is; on POST send one and say what was answered."""
        endpoint = _find(request, pk)
        if request.method != "POST":
            effects = [
                gettext("A signed message of the type webhook.test is posted."),
                gettext(
                    "It is no event: the other system should take it and do nothing."
                ),
            ]
            return self._ask(request, endpoint, _("Send a test"), effects)
        try:
            attempt = services.send_test(endpoint)
        except CannotBeRead:
            return self._done(request, endpoint, _unreadable(), messages.ERROR)
        return self._tested(request, endpoint, attempt)

    def _tested(
        self, request: HttpRequest, endpoint: Endpoint, attempt: Attempt
    ) -> HttpResponseBase:
        took = attempt.took.total_seconds()
        if attempt.is_taken:
            text = gettext("Taken: status %(status)d after %(seconds).1f s.")
            said = text % {"status": attempt.status, "seconds": took}
            return self._done(request, endpoint, said)
        text = gettext("Not taken: %(error)s (after %(seconds).1f s).")
        said = text % {"error": attempt.error, "seconds": took}
        return self._done(request, endpoint, said, messages.ERROR)

    @sensitive_variables("text")
    def secret_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Offer to show the newest secret; on POST show it, once."""
        endpoint = _find(request, pk)
        newest = endpoint.secrets.order_by("-pk").first()
        text, is_unreadable = None, False
        if request.method == "POST" and newest is not None:
            try:
                text = secrets.reveal(newest)
            except CannotBeRead:
                is_unreadable = True
            newest.refresh_from_db()
        context = {
            **self.admin_site.each_context(request),
            "endpoint": endpoint,
            "newest": newest,
            "secret": text,
            "problem": _unreadable() if is_unreadable else "",
            "opts": self.opts,
            "title": gettext("Secret of %(name)s") % {"name": endpoint.name},
        }
        template = "admin/outgoing/endpoint/secret.html"
        return TemplateResponse(request, template, context)

    def rotate_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask how long the old secret is to sign; on POST make a new one."""
        endpoint = _find(request, pk)
        form = RotateForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            effects = [
                gettext("A new secret is made. The next page shows it once."),
                gettext("Give it to the other system before the old one ends."),
            ]
            return self._ask(request, endpoint, _("Replace the secret"), effects, form)
        actor = request.user.get_username()
        secrets.rotate(endpoint, actor, form.cleaned_data["overlap"])
        self.log_change(request, endpoint, gettext("secret replaced"))
        return redirect("admin:outgoing_endpoint_secret", endpoint.pk)

    def off_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        endpoint = _find(request, pk)
        if request.method != "POST":
            effects = [
                gettext("Nothing more is sent to it. What waits is kept."),
                gettext("When it is switched on again, you may send what happened."),
            ]
            return self._ask(request, endpoint, _("Switch off"), effects)
        if services.switch_off(endpoint):
            self.log_change(request, endpoint, gettext("switched off"))
        return self._done(request, endpoint, gettext("It is switched off."))

    def on_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask whether to send what happened meanwhile; on POST switch it on."""
        endpoint = _find(request, pk)
        since = endpoint.ended_at
        number = services.count_missed(endpoint, since) if since else 0
        sent = request.POST if request.method == "POST" else None
        form = SwitchOnForm(number if number <= MOST_AT_ONCE else 0, sent)
        if request.method != "POST" or not form.is_valid():
            effects = [gettext("What waits is sent, and what happens from now on.")]
            if number > MOST_AT_ONCE:
                text = gettext(
                    "%(number)d events happened meanwhile: send them with "
                    "events_replay --consumer %(consumer)s --send"
                )
                effects.append(text % {"number": number, "consumer": endpoint.consumer})
            return self._ask(request, endpoint, _("Switch on"), effects, form)
        try:
            is_on = services.switch_on(endpoint)
        except services.TooMany:
            return self._done(request, endpoint, too_many_text(), messages.ERROR)
        if not is_on:
            return self._done(request, endpoint, gettext("It is on already."))
        self.log_change(request, endpoint, gettext("switched on"))
        if since and form.cleaned_data.get("missed"):
            number = services.catch_up(endpoint, since)
            text = ngettext(
                "It is on, and %(number)d event is sent.",
                "It is on, and %(number)d events are sent.",
                number,
            )
            return self._done(request, endpoint, text % {"number": number})
        return self._done(request, endpoint, gettext("It is on."))

    def _done(
        self,
        request: HttpRequest,
        endpoint: Endpoint,
        text: str,
        level: int = messages.SUCCESS,
    ) -> HttpResponseBase:
        self.message_user(request, text, level)
        return redirect(_CHANGE, endpoint.pk)

    def _ask(
        self,
        request: HttpRequest,
        endpoint: Endpoint,
        label: Any,
        effects: list[str],
        form: forms.Form | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "endpoint": endpoint,
            "effects": effects,
            "form": form,
            "opts": self.opts,
            "title": label,
        }
        template = "admin/outgoing/endpoint/ask.html"
        status = 422 if form and form.errors else 200
        return TemplateResponse(request, template, context, status=status)


def _find(request: HttpRequest, pk: int) -> Endpoint:
    check_permission(request, permissions.CHANGE_ENDPOINT)
    return get_object_or_404(Endpoint, pk=pk)


def too_many_text() -> str:
    text = gettext("There are %(most)d active endpoints already: switch one off.")
    return text % {"most": MOST_ACTIVE}


def _unreadable() -> str:
    return gettext(
        "The secret cannot be read, because SECRET_KEY has changed. Add the old key to "
        "SECRET_KEY_FALLBACKS, or replace the secret."
    )
