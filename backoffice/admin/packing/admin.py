"""The packing desk among the rooms of the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from backoffice import permissions
from backoffice.admin.packing.tracking_views import TrackingPages
from backoffice.models import OrderToShip


@admin.register(OrderToShip)
class OrderToShipAdmin(TrackingPages):
    """Its pages are the desk's own; who may ship orders sees it."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.SHIP_ORDER)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(permissions.SHIP_ORDER)
