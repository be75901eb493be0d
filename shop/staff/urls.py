"""Addresses of the sign-in. allauth requires these names."""

from typing import Any

from allauth.account import views as account
from allauth.mfa.base.views import ReauthenticateView
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp.views import DeactivateTOTPView
from allauth.mfa.webauthn import views as webauthn
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from shop.staff import code_page, views
from shop.staff.site import StaffSite


def page(view: Any, title: Promise) -> Any:
    """Return the view with the context of the admin's frame."""
    frame = {"site_header": StaffSite.site_header, "site_title": StaffSite.site_title}
    return view.as_view(extra_context={"title": title, **frame})


SIGN_IN = _("Sign in to the staff's pages")
AGAIN = _("Please show once more that it is you")
CODES = _("Recovery codes")

urlpatterns = [
    path("login/", page(views.SignInView, SIGN_IN), name="account_login"),
    path("login/leave/", require_POST(account.logout), name="account_logout"),
    path(
        "login/again/",
        page(account.ReauthenticateView, AGAIN),
        name="account_reauthenticate",
    ),
    path(
        "login/passkey/",
        page(webauthn.LoginWebAuthnView, SIGN_IN),
        name="mfa_login_webauthn",
    ),
    path(
        "login/second-factor/",
        page(views.AskView, _("Your second factor")),
        name="mfa_authenticate",
    ),
    path(
        "login/second-factor/again/",
        page(ReauthenticateView, AGAIN),
        name="mfa_reauthenticate",
    ),
    path(
        "login/passkey/again/",
        page(webauthn.ReauthenticateWebAuthnView, AGAIN),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "second-factor/",
        page(views.OverviewView, _("Your second factor")),
        name="mfa_index",
    ),
    path(
        "second-factor/enrol/",
        page(views.EnrolView, _("Set up your second factor")),
        name="staff_enrol",
    ),
    path(
        "auth/user/<int:pk>/enrolment-code/",
        code_page.give_enrolment_code,
        name="staff_give_code",
    ),
    path("second-factor/go-on/", views.go_on, name="staff_go_on"),
    path(
        "second-factor/app/",
        page(views.SetUpApp, _("Set up an authenticator app")),
        name="mfa_activate_totp",
    ),
    path(
        "second-factor/app/remove/",
        page(DeactivateTOTPView, _("Remove the authenticator app")),
        name="mfa_deactivate_totp",
    ),
    path(
        "second-factor/passkeys/add/",
        page(views.SetUpPasskey, _("Add a passkey")),
        name="mfa_add_webauthn",
    ),
    path(
        "second-factor/passkeys/<int:pk>/remove/",
        page(views.RemovePasskey, _("Remove the passkey")),
        name="mfa_remove_webauthn",
    ),
    path(
        "second-factor/codes/",
        page(codes.ViewRecoveryCodesView, CODES),
        name="mfa_view_recovery_codes",
    ),
    path(
        "second-factor/codes/new/",
        page(codes.GenerateRecoveryCodesView, _("Make new recovery codes")),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-factor/codes/download/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]
