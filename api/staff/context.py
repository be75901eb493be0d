"""What a resolver of staff's API knows of the request: the token and its owner."""

from dataclasses import dataclass

import strawberry
from django.contrib.auth.models import User
from django.http import HttpRequest

from api.errors import Fault, RequestRefused
from backoffice.tokens.models import ApiToken
from backoffice.tokens.scopes import PERMISSIONS, Scope

# History has 150 characters for who acted.
_LONGEST_ACTOR = 150


@dataclass
class StaffContext:
    """One request. What it does is done by the token's owner, within its scopes."""

    request: HttpRequest
    token: ApiToken

    @property
    def owner(self) -> User:
        # Read with the token for this request: its permissions are those of now.
        return self.token.owner

    @property
    def actor(self) -> str:
        """Return how history names who acted: the person, and by which token."""
        by = f" ({self.token.name})"
        return self.owner.get_username()[: _LONGEST_ACTOR - len(by)] + by

    def require(self, scope: Scope, permission: str) -> None:
        """Raise RequestRefused unless the token and its owner may do this.

        ``permission`` is the one that the admin's page checks.
        """
        if permission not in PERMISSIONS[scope]:
            message = f"{scope} does not let {permission} through"
            raise LookupError(message)
        if scope not in self.token.scope_set:
            text = f"The token lacks the scope {scope.value}."
            raise RequestRefused(Fault.SCOPE_MISSING, text)
        if not self.owner.has_perm(permission):
            text = f"{self.owner.get_username()} lacks the permission {permission}."
            raise RequestRefused(Fault.PERMISSION_MISSING, text)


Info = strawberry.Info[StaffContext, None]
