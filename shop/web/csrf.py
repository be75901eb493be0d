"""Forms without token, for actions of small harm, on pages that all guests share.

A kept page cannot contain a visitor's token. The browser's own word takes its place:
it says in headers, which no page can forge, from where a form was sent. A request
without any such word is asked to confirm, by a form with a token (docs/adr/0029).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.template.loader import render_to_string

View = Callable[..., HttpResponseBase]

_WITHOUT_TOKEN = "accepts_own_pages"  # noqa: S105
_TOKEN = "csrfmiddlewaretoken"  # noqa: S105


def accept_own_pages(view: View) -> View:
    """Return the view, accepting forms of the shop's own pages without token.

    Only for actions that cost nothing and can be undone: to put goods into the cart, to
    choose a language, to ask for a mail.
    """

    @wraps(view)
    def marked(*args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(*args, **kwargs)

    setattr(marked, _WITHOUT_TOKEN, True)
    return marked


class CsrfMiddleware(CsrfViewMiddleware):
    """Django's check of tokens, and the one of own pages where a view accepts it."""

    def process_view(
        self,
        request: HttpRequest,
        callback: View,
        callback_args: Any,
        callback_kwargs: Any,
    ) -> HttpResponseForbidden | None:
        without_token = hasattr(callback, _WITHOUT_TOKEN) and request.method == "POST"
        if without_token and self._is_from_own_page(request):
            return self._accept(request)  # type: ignore[attr-defined,no-any-return]
        refusal = super().process_view(
            request, callback, callback_args, callback_kwargs
        )
        if without_token and refusal is not None and says_nothing(request):
            return ask_to_confirm(request)
        return refusal

    def _is_from_own_page(self, request: HttpRequest) -> bool:
        """Return whether the browser says so; pages cannot set these headers.

        A foreign page can neither set ``HX-Request`` without asking first, which is
        refused here, nor the other two at all.
        """
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site == "same-origin"
        if "Origin" in request.headers:
            return self._origin_verified(request)  # type: ignore[attr-defined,no-any-return]
        return request.headers.get("HX-Request") == "true"


def is_proved(request: HttpRequest) -> bool:
    """Return whether a page of the shop sent the request, for views without forms.

    The browser says so, or the header X-CSRFToken has the token of the cookie.
    """
    check = CsrfMiddleware(_nothing)
    if check._is_from_own_page(request):  # noqa: SLF001 (of this module)
        return True
    if getattr(request, "_dont_enforce_csrf_checks", False):
        return True  # Django's test client, as in the middleware
    has_token = "X-CSRFToken" in request.headers
    return has_token and check.process_view(request, _nothing, (), {}) is None


def _nothing(_request: HttpRequest) -> HttpResponseBase:
    raise NotImplementedError


def says_nothing(request: HttpRequest) -> bool:
    """Return whether a browser leaves open from where a form was sent."""
    return not {"Sec-Fetch-Site", "Origin"} & set(request.headers)


def ask_to_confirm(request: HttpRequest) -> HttpResponseForbidden:
    """Show a form that sends the same once more, with a token."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != _TOKEN
    ]
    context = {"fields": fields, "language_next": "/"}
    page = render_to_string("confirm_form.html", context, request)
    return HttpResponseForbidden(page)
