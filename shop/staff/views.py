"""The sign-in of staff: name and password, second factor, then the wanted page.

The pages are allauth's; these views add the shop's rules.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import FormView

from shop.staff.adapters import admit_entry, may_sign_in
from shop.staff.devices import remember_device
from shop.staff.enrolment import accept_code, may_enrol
from shop.staff.forms import EnrolmentForm, SignInForm
from shop.staff.second_factor import (
    has_one,
    is_required,
    kinds,
    note_shown,
    suffices,
)
from shop.web.throttle import CODES_OF_NAME

if TYPE_CHECKING:
    EnrolmentPage = FormView[EnrolmentForm]
else:
    EnrolmentPage = FormView

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


class ForEnrolled:
    """Asks a person who has shown no factor for the code of an administrator."""

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        user: Any = request.user
        if user.is_authenticated and not may_enrol(request, user):
            return redirect("account_login" if has_one(user) else "staff_enrol")
        response: HttpResponseBase = super().dispatch(  # type: ignore[misc]
            request, *args, **kwargs
        )
        return response


class OverviewView(ForEnrolled, IndexView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        has_factor = has_one(self.request.user)
        return {**context, "has_factor": has_factor, "is_required": is_required()}


class SetUpApp(ForEnrolled, ActivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        note_shown(self.request)
        remember_device(self.request, self.request.user, response)
        return response


class SetUpPasskey(ForEnrolled, AddWebAuthnView):
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        note_shown(self.request)
        remember_device(self.request, self.request.user, response)
        return response


class RemovePasskey(RemoveWebAuthnView):
    success_url = reverse_lazy("mfa_index")


class EnrolView(EnrolmentPage):
    """Takes the code of an administrator, before the first factor is set up."""

    form_class = EnrolmentForm
    template_name = "mfa/enrol.html"
    success_url = reverse_lazy("mfa_index")

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        user: Any = request.user
        if not user.is_authenticated:
            return redirect("account_login")
        if may_enrol(request, user):
            return redirect("mfa_index")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: EnrolmentForm) -> HttpResponse:
        user: Any = self.request.user
        name = user.get_username()
        try:
            entry = admit_entry(self.request, name, user, CODES_OF_NAME)
        except ValidationError as error:
            form.add_error("code", error)
            return self.form_invalid(form)
        if not accept_code(self.request, user, form.cleaned_data["code"]):
            form.add_error(
                "code", _("This code is wrong, too old, or was used before.")
            )
            return self.form_invalid(form)
        entry.was_right()
        return super().form_valid(form)


@require_safe
def go_on(request: HttpRequest) -> HttpResponse:
    """Redirect to the page that the user wanted before setting up a factor."""
    return redirect(request.session.pop(WAY, None) or reverse("admin:index"))
