"""The way in for customers, apart from that of staff.

A session remembers through which backend it was opened. One of a customer is of this
backend, which knows no member of staff; one of staff never is.
"""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

BACKEND = "shop.customers.backend.CustomerBackend"


class CustomerBackend(BaseBackend):
    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002
        **credentials: Any,
    ) -> User | None:
        """Return the user for ``email`` and ``password``; None for other credentials.

        An unknown address costs a hash as well.
        """
        if set(credentials) != {"email", "password"}:
            return None
        email, password = credentials["email"], credentials["password"]
        user = customers_users().filter(customer__email=email).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) else None

    def get_user(self, user_id: int) -> User | None:
        return customers_users().filter(pk=user_id).first()


def customers_users() -> "QuerySet[User]":
    """Return the users who are customers, and may sign in as such."""
    rows = User.objects.filter(is_active=True, is_staff=False, is_superuser=False)
    return rows.filter(customer__isnull=False).select_related("customer")
