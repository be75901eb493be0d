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


def first_rows(rows: Any, request: HttpRequest, parent: str, most: int = 100) -> Any:
    """Return the first of an inline's ``rows``: those of the page's ``parent``.

    For parents with thousands of them: Django makes a form of each.
    """
    match = request.resolver_match
    key = str(match.kwargs.get("object_id", "")) if match else ""
    mine = rows.filter(**{parent: int(key) if key.isdecimal() else 0})
    return rows.filter(pk__in=list(mine.values_list("pk", flat=True)[:most]))
