"""The form with which staff make a token of the API."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.tokens.models import LONGEST_NAME
from backoffice.tokens.scopes import Scope
from backoffice.tokens.services import Wanted, grantable
from shop.forms.fields import LineField


class ScopesField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, choices: Any) -> None:
        super().__init__(
            label=_("Scopes"),
            choices=choices,
            help_text=_("Choose as few as the other system needs."),
            error_messages={"required": _("Choose at least one scope.")},
        )


class TokenForm(forms.Form):
    """``key`` names the form, so that one sent twice makes one token.

    A superuser also chooses as whom the token acts; for others it is themselves.
    """

    key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    name = LineField(
        label=pgettext_lazy("token", "Name"),
        max_length=LONGEST_NAME,
        help_text=_("The system that uses it. History shows it with every act."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_staff=True).order_by("username"),
        label=_("Acts as"),
        help_text=_("It can do what this person may do, and never more."),
    )
    scopes = ScopesField(choices=Scope.choices)
    days = forms.TypedChoiceField(
        label=_("Valid"),
        coerce=int,
        initial=90,
        choices=[
            (30, _("for 30 days")),
            (90, _("for 90 days")),
            (365, _("for one year")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, user: User, sent: Any = None) -> None:
        super().__init__(sent)
        self._user = user
        if user.is_superuser:
            self.fields["owner"].initial = user
            return
        del self.fields["owner"]
        mine = grantable(user)
        offered = [each for each in Scope.choices if each[0] in mine]
        self.fields["scopes"] = ScopesField(choices=offered)

    def clean(self) -> dict[str, Any]:
        """Refuse scopes that would let nothing through."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        owner = cleaned.get("owner", self._user)
        held = grantable(owner)
        useless = [scope for scope in cleaned.get("scopes", []) if scope not in held]
        if useless:
            text = _("%(name)s lacks the permissions for: %(scopes)s.")
            values = {"name": owner.get_username(), "scopes": ", ".join(useless)}
            self.add_error("scopes", ValidationError(text, params=values))
        return cleaned

    def wanted(self) -> Wanted:
        """Return the token that a valid form asks for."""
        typed = self.cleaned_data
        return Wanted(
            key=typed["key"],
            name=typed["name"],
            owner=typed.get("owner", self._user),
            scopes=[Scope(each) for each in typed["scopes"]],
            lifetime=timedelta(days=typed["days"]),
        )
