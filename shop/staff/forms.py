"""The forms for name and password, and for codes."""

from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms

from shop.forms.fields import LineField
from shop.staff.adapters import admit_entry
from shop.web.throttle import CODES_OF_NAME


class SignInForm(LoginForm):
    def add_prefix(self, field_name: str) -> str:
        # Password managers know the field by its name in Django's admin.
        name = "username" if field_name == "login" else field_name
        prefixed: str = super().add_prefix(name)
        return prefixed


class CountedCode:
    """Counts codes as passwords are counted: for a device, or address and name."""

    def clean_code(self) -> str:
        user = self.user  # type: ignore[attr-defined]
        name = user.get_username()
        entry = admit_entry(context.request, name, user, CODES_OF_NAME)
        code: str = super().clean_code()  # type: ignore[misc]
        entry.was_right()
        return code


class CodeForm(CountedCode, AuthenticateForm):
    pass


class CodeAgainForm(CountedCode, ReauthenticateForm):
    pass


class EnrolmentForm(forms.Form):
    code = LineField(max_length=40)
