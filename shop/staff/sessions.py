"""Middleware: a session of staff ends 12 hours after the sign-in, or an hour unused.

Customers are nobody on the staff's pages.
"""

import time
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from shop.customers.visitor import customer_of

LASTS = 12 * 3600  # seconds from the sign-in; as NIST SP 800-63B has it
IDLE = 3600  # seconds without a page
NOTED_EVERY = 60  # seconds between two writes of the session
SIGNED_IN, SEEN = "staff_signed_in_at", "staff_seen_at"


class StaffSessions:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/admin/") and request.user.is_authenticated:
            if customer_of(request):
                # Their session opens nothing here, and stays as it is.
                request.user = AnonymousUser()
            else:
                end_or_note(request, time.time())
        return self.get_response(request)


def end_or_note(request: HttpRequest, now: float) -> None:
    """Sign out if the session has ended, else note that it was used."""
    session = request.session
    signed_in = session.setdefault(SIGNED_IN, now)
    seen = session.setdefault(SEEN, now)
    if now > signed_in + LASTS or now > seen + IDLE:
        logout(request)
        text = _("You were signed out, because some time has passed. Please sign in.")
        messages.info(request, text)
    elif now > seen + NOTED_EVERY and is_made_by_person(request):
        session[SEEN] = now


def is_made_by_person(request: HttpRequest) -> bool:
    """Return whether this is no request that an open page makes by itself."""
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"
