"""Staff pages that only show: nobody adds, changes or deletes there."""
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
    """Refuses every change, whatever the user may otherwise do."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(NoChanges, Pages):
    """A list and its pages, for everybody who may view."""

    # A count of all rows beside the count of those found would read them all.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 50
    # Nobody comes back from saving; a link to each row that says so takes its time.
    preserve_filters = False


class ReadOnlyInline(NoChanges, Table):
    """Rows below their parent, as a table."""

    extra = 0
    can_delete = False
    template = "admin/read_only_table.html"
