"""The list of the API's tokens: who made which, for what, until when."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.tokens.views import TokenPages
from backoffice.tokens.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(TokenPages):
    list_display = [
        *("name", "owner", "scopes", "standing", "expires_at", "last_used_at"),
        "made_by",
    ]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__username", "=ending"]
    search_help_text = _("Name, person, or the last four letters of a token")
    fields = [
        ("name", "owner"),
        "scopes",
        ("standing", "ending"),
        ("made_at", "made_by", "expires_at"),
        "last_used_at",
        ("revoked_at", "revoked_by"),
    ]
    readonly_fields = ["standing"]
    change_form_template = "admin/backoffice/apitoken/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        return super().get_queryset(request).with_expiry()  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=_("state"))
    def standing(self, token: ApiToken) -> str:
        if token.revoked_at is not None:
            return _badge("none", gettext("revoked"))
        if token.is_expired:
            return _badge("none", gettext("expired"))
        return _badge("fine", gettext("valid"))


def _badge(look: str, text: str) -> str:
    return format_html('<span class="badge {}">{}</span>', look, text)
