"""Pages to make a token of the API, which shows it once, and to revoke one."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.tokens.forms import TokenForm
from backoffice.tokens import services
from backoffice.tokens.models import ApiToken
from shop.formatting import moment
from shop.forms.read_only import ReadOnlyAdmin

if TYPE_CHECKING:
    Pages = admin.ModelAdmin[ApiToken]
else:
    Pages = ReadOnlyAdmin

_CHANGE = "admin:backoffice_apitoken_change"


class TokenPages(Pages):
    """Adds the pages to the read-only list."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = path(
            "<int:pk>/revoke/",
            wrap(self.revoke_view),
            name="backoffice_apitoken_revoke",
        )
        return [own, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(permissions.MAKE_TOKEN)

    @sensitive_variables("text")
    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Ask for a name, scopes and an end; on POST make a token and show it."""
        user = request.user
        if not isinstance(user, User) or not self.has_add_permission(request):
            raise PermissionDenied
        form = TokenForm(user, request.POST if request.method == "POST" else None)
        if not form.is_valid():
            status = 422 if form.errors else 200
            title = _("Make an API token")
            return self._page(request, "make", title, status, form=form)
        token, text = services.make(form.wanted(), user.get_username())
        if text is None:
            said = gettext("This token was made before, and shown then.")
            self.message_user(request, said, messages.WARNING)
            return redirect(_CHANGE, token.pk)
        token.refresh_from_db()
        self.log_addition(request, token, gettext("made"))
        named = gettext("API token %(name)s") % {"name": token.name}
        return self._page(request, "made", named, 200, token=token, text=text)

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Say what ends; on POST revoke the token, at once."""
        check_permission(request, permissions.REVOKE_TOKEN)
        token = get_object_or_404(ApiToken, pk=pk)
        if request.method != "POST" and token.revoked_at is None:
            return self._page(request, "revoke", _("Revoke"), 200, token=token)
        if request.method == "POST" and services.revoke(
            token, request.user.get_username()
        ):
            self.log_change(request, token, gettext("revoked"))
            said = gettext("%(name)s is revoked: its next request is refused.")
            self.message_user(request, said % {"name": token.name}, messages.SUCCESS)
            return redirect(_CHANGE, pk)
        token.refresh_from_db()
        text = gettext("%(name)s was revoked before, by %(who)s at %(time)s.")
        when = moment(token.revoked_at) if token.revoked_at else ""
        said = text % {"name": token.name, "who": token.revoked_by, "time": when}
        self.message_user(request, said, messages.WARNING)
        return redirect(_CHANGE, pk)

    def _page(
        self, request: HttpRequest, name: str, title: Any, status: int, **parts: Any
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            **parts,
        }
        template = f"admin/backoffice/apitoken/{name}.html"
        return TemplateResponse(request, template, context, status=status)
