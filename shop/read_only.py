"""Read-only admin pages: adding, changing and deleting are refused."""
# ruff: noqa: ARG002 (Django decides what its hooks are given)

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    Pages = admin.ModelAdmin[Any]
    Table = admin.TabularInline[Any, Any]
else:
    Pages = admin.ModelAdmin
    Table = admin.TabularInline


class NoChanges:
    """Refuses every change, whatever the user's permissions are."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(NoChanges, Pages):
    """A list and its pages, for users who may view."""

    # Counting all rows beside the rows found would read all of them.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 50
    # The filters are kept for the return from saving, which these pages do not have.
    preserve_filters = False


class ReadOnlyInline(NoChanges, Table):
    """Rows below their parent, as a table."""

    extra = 0
    can_delete = False
    template = "admin/read_only_table.html"
