"""Checks of every page about an order: the permission, and that the order exists."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from backoffice.order_overview import OrderOverview, read_overview


def check_permission(request: HttpRequest, permission: str) -> None:
    """Raise PermissionDenied for users without the permission."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def get_overview(pk: object) -> OrderOverview:
    """Return the overview of an order. Raises Http404 for an unknown order."""
    overview = read_overview(pk)
    if overview is None:
        raise Http404
    return overview
