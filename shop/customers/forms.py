"""Forms of the sign-in and of the account."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation as rules
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from shop.customers.codes import DIGITS
from shop.forms.fields import LineField, MailAddressField
from shop.text.typed import fold_digits

SHORTEST = 8  # characters
LONGEST = 128
VALIDATORS: list[Any] = [
    rules.MinimumLengthValidator(SHORTEST),
    rules.CommonPasswordValidator(),
    rules.NumericPasswordValidator(),
]


class CustomerEmailField(MailAddressField):
    """The mail address of an account: small letters."""

    def __init__(self, autocomplete: str = "email", **options: Any) -> None:
        attrs = {"autocomplete": autocomplete, "inputmode": "email"}
        options.setdefault("label", _("Email address"))
        options.setdefault("widget", forms.EmailInput(attrs))
        options.setdefault(
            "error_messages",
            {
                "required": _("Enter your email address."),
                "invalid": _("Enter an email address such as name@example.jp."),
            },
        )
        super().__init__(max_length=254, **options)

    def to_python(self, value: object) -> str:
        return super().to_python(value).lower()


class NewPasswordField(LineField):
    """A password to be set. No rule about its characters: length, and no common one."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Password"))
        options.setdefault("help_text", _("At least 8 characters."))
        super().__init__(
            max_length=LONGEST,
            widget=forms.PasswordInput({"autocomplete": "new-password"}),
            error_messages={"required": _("Enter a password.")},
            **options,
        )

    def validate(self, value: object) -> None:
        super().validate(value)
        if value:
            rules.validate_password(str(value), password_validators=VALIDATORS)


class SignInForm(forms.Form):
    """Mail address and password; without the password a code is sent instead."""

    email = CustomerEmailField("username")
    password = LineField(
        label=_("Password"),
        max_length=LONGEST,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={
            "required": _("Enter your password, or have a code sent to you instead.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].required = "by_code" not in self.data


class EmailForm(forms.Form):
    email = CustomerEmailField()


class SignUpForm(forms.Form):
    email = CustomerEmailField(
        help_text=_("We send a code there to check that it is yours.")
    )
    password = NewPasswordField(
        required=False,
        help_text=_(
            "At least 8 characters. Leave it empty to sign in with codes by email."
        ),
    )


class CodeForm(forms.Form):
    code = LineField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
        error_messages={"required": _("Enter the code from the email.")},
    )

    def clean_code(self) -> str:
        """Return the digits, in any width and with any spaces."""
        typed = fold_digits(self.cleaned_data["code"])
        digits = "".join(each for each in typed if each.isdecimal())
        if len(digits) != DIGITS:
            text = _("The code has %(digits)s digits.")
            raise ValidationError(text, params={"digits": DIGITS})
        return digits


class PasswordForm(forms.Form):
    password = NewPasswordField(label=_("New password"))


class NewEmailForm(forms.Form):
    email = CustomerEmailField(
        label=_("New email address"),
        help_text=_("We send a code there to check that it is yours."),
    )
