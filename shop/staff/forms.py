"""The form for name and password."""

from allauth.account.forms import LoginForm


class SignInForm(LoginForm):
    def add_prefix(self, field_name: str) -> str:
        # Password managers know the field by its name in Django's admin.
        name = "username" if field_name == "login" else field_name
        prefixed: str = super().add_prefix(name)
        return prefixed
