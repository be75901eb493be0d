"""Requests to staff's API, and tokens to send them with."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from backoffice.tokens.models import ApiToken
from backoffice.tokens.scopes import Scope
from backoffice.tokens.services import Wanted, make
from tests.support.staff import make_staff

ADDRESS = "/graphql/staff/"


class Program:
    """A program of staff: it sends its token with each request."""

    def __init__(self, owner: User, *scopes: Scope, days: int = 1) -> None:
        wanted = Wanted(uuid.uuid4(), "ERP", owner, scopes, timedelta(days=days))
        self.token, text = make(wanted, owner.get_username())
        assert text is not None
        self.text = text
        self.client = Client()

    def send(self, query: str, **variables: Any) -> Any:
        """Send a document. Return the whole answer of Django's test client."""
        return self.client.post(
            ADDRESS,
            {"query": query, "variables": variables},
            content_type="application/json",
            headers={"authorization": f"Bearer {self.text}"},
        )

    def ask(self, query: str, **variables: Any) -> Any:
        """Send a document. Return its data; errors fail the test."""
        answer = self.send(query, **variables).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


def program(*scopes: Scope, permissions: tuple[str, ...] = ()) -> Program:
    """Return a program whose owner has these permissions only (codenames)."""
    owner = User.objects.filter(username="erp").first()
    return Program(owner or make_staff(*permissions, name="erp"), *scopes)


def stored() -> ApiToken:
    return ApiToken.objects.get()
