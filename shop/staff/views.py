"""The sign-in of staff: name and password, second factor, then the wanted page.

The pages are allauth's; these views add the shop's rules.
"""

from typing import Any
from urllib.parse import urlencode

from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shop.staff.adapters import may_sign_in
from shop.staff.forms import SignInForm
from shop.staff.second_factor import (
    has_one,
    is_required,
    kinds,
    note_shown,
    suffices,
)

WAY = "staff_way"  # in the session: the wanted page of a user who has to set up first


class SignInView(LoginView):
    """The sign-in, to which the admin redirects everyone it does not let in."""

    form_class = SignInForm

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if request.user.is_authenticated:
            return self.lead_on(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def lead_on(self, request: HttpRequest) -> HttpResponseBase:
        """Redirect a signed-in user to the missing factor, or to the wanted page."""
        user: Any = request.user
        if not may_sign_in(user):
            logout(request)
            text = _("You were signed out: this account is not a member of staff's.")
            messages.error(request, text)
            return redirect(request.get_full_path())
        way = self.get_next_url() or reverse("admin:index")
        if suffices(request):
            return redirect(way)
        if not has_one(user):
            # A page that a script fetches in the background is not the wanted page.
            if request.headers.get("Sec-Fetch-Dest", "document") == "document":
                request.session[WAY] = way
            return redirect("mfa_index")
        has_passkey = "webauthn" in kinds(user)
        page = "mfa_reauthenticate_webauthn" if has_passkey else "mfa_reauthenticate"
        return redirect(f"{reverse(page)}?{urlencode({'next': way})}")


class AskView(AuthenticateView):
    """Asks for the second factor after the right password."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "kinds": kinds(self.stage.login.user)}


class OverviewView(IndexView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        has_factor = has_one(self.request.user)
        return {**context, "has_factor": has_factor, "is_required": is_required()}


class SetUpApp(ActivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        note_shown(self.request)
        return response


class SetUpPasskey(AddWebAuthnView):
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        note_shown(self.request)
        return response


class RemovePasskey(RemoveWebAuthnView):
    success_url = reverse_lazy("mfa_index")


@require_safe
def go_on(request: HttpRequest) -> HttpResponse:
    """Redirect to the page that the user wanted before setting up a factor."""
    return redirect(request.session.pop(WAY, None) or reverse("admin:index"))
