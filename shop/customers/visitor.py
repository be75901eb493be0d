"""Which customer sends a request."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from shop.customers.backend import BACKEND
from shop.customers.models import Customer
from shop.customers.sessions import is_fresh
from shop.web.redirects import see_other

View = Callable[..., HttpResponseBase]


def customer_of(request: HttpRequest) -> Customer | None:
    """Return the customer who is signed in; None for guests and for staff.

    Costs nothing without a session. Pages that are kept for all guests are made without
    one, so nobody is signed in there.
    """
    session = getattr(request, "session", None)
    if session is None or not request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        return None
    if session.get(BACKEND_SESSION_KEY) != BACKEND:
        return None
    user: Any = request.user
    return user.customer if user.is_authenticated else None


def for_customers(view: View) -> View:
    """Give the view the customer; ask a visitor who is not signed in to sign in."""

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        customer = customer_of(request)
        if customer is None:
            return ask_to_sign_in(request)
        return view(request, customer, *args, **kwargs)

    return enter


def for_fresh_customers(view: View) -> View:
    """As ``for_customers``; and ask again if the last sign-in is some time ago.

    For what must not be done by whoever finds an open browser.
    """

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        customer = customer_of(request)
        if customer is None or not is_fresh(request):
            return ask_to_sign_in(request)
        return view(request, customer, *args, **kwargs)

    return enter


def ask_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    way = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    query = f"?{urlencode({'next': way})}" if way else ""
    return see_other(f"{reverse('customers:sign_in')}{query}")


def safe_way(request: HttpRequest, way: str) -> str:
    """Return the address to go on to, or "" if it is not one of this shop's."""
    hosts = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(way, hosts, request.is_secure())
    is_short = len(way) <= 500  # noqa: PLR2004 (as the column of codes)
    # Not back to the question itself.
    leads_on = way.startswith("/") and not way.startswith("/account/sign-")
    return way if safe and is_short and leads_on else ""
