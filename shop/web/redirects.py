"""Redirects after a form was sent."""

from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url


class SeeOther(HttpResponseRedirect):
    """Post/Redirect/Get: the browser fetches ``to`` with GET, whatever it sent."""

    status_code = 303


def see_other(to: object, *args: object) -> SeeOther:
    """Return a redirect to ``to``, which is what django.shortcuts.redirect takes."""
    return SeeOther(resolve_url(to, *args))  # type: ignore[arg-type]
