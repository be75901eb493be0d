"""Addresses of the sign-in of customers. Their other pages are in checkout/urls.py."""

from django.urls import path

from shop.customers.oidc import views as oidc
from shop.customers.views import code, entrance, passkeys, settings

app_name = "customers"
urlpatterns = [
    path("sign-in/", entrance.sign_in, name="sign_in"),
    path("sign-up/", entrance.sign_up, name="sign_up"),
    path("sign-out/", entrance.sign_out, name="sign_out"),
    path("forgotten/", entrance.forgotten, name="forgotten"),
    path("code/", code.enter, name="code"),
    path("code/again/", code.send_again, name="code_again"),
    path("oidc/", oidc.start, name="oidc"),
    path("oidc/callback/", oidc.callback, name="oidc_callback"),
    path("identities/", oidc.show, name="identities"),
    path("identities/<int:pk>/remove/", oidc.remove, name="identity_remove"),
    path("sign-in/passkey/", passkeys.enter, name="passkey"),
    path("passkeys/", passkeys.show, name="passkeys"),
    path("passkeys/<int:pk>/remove/", passkeys.remove, name="passkey_remove"),
    path("password/", settings.password, name="password"),
    path("email/", settings.email, name="email"),
]
