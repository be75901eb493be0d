"""Pages of failure groups: list, question, and progress of a bulk resume."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from backoffice import permissions
from backoffice.admin.failure_groups import bulk_resume, selectors
from backoffice.admin.failure_groups.forms import GroupForm
from backoffice.admin.failure_groups.selectors import GroupPreview
from saga.bulk_resume.background import begin, stop
from saga.models import BulkResume
from shop.forms.read_only import ReadOnlyAdmin

_FOLDER = "admin/backoffice/stalledorder"
_PROGRESS = "admin:backoffice_stalledorder_bulk_resume"


class GroupPages(ReadOnlyAdmin):
    """Adds the pages of failure groups and bulk resumes."""

    def get_urls(self) -> list[URLPattern]:
        wrap, base = self.admin_site.admin_view, "backoffice_stalledorder"
        groups_view, stop_view = self.groups_view, require_POST(self.stop_view)
        return [
            path("groups/", wrap(require_safe(groups_view)), name=f"{base}_groups"),
            path("groups/<slug:name>/", wrap(self.group_view), name=f"{base}_group"),
            path(
                "bulk-resumes/<uuid:key>/",
                wrap(require_safe(self.bulk_resume_view)),
                name=f"{base}_bulk_resume",
            ),
            path(
                "bulk-resumes/<uuid:key>/stop/",
                wrap(stop_view),
                name=f"{base}_bulk_resume_stop",
            ),
            *super().get_urls(),
        ]

    def groups_view(self, request: HttpRequest) -> HttpResponse:
        self._check(request, may_act=False)
        context = {
            "groups": selectors.list_groups(),
            "bulk_resumes": bulk_resume.list_latest(),
            "title": gettext("Stalled orders by cause"),
        }
        return self._page(request, "failure_groups", context)

    def group_view(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """Preview what resuming the group does; on POST start the bulk resume.

        The same form sent again shows the bulk resume that it started.
        """
        self._check(request, may_act=request.method == "POST")
        shown = selectors.preview_group(name)
        if shown is None:
            text = gettext("No order is stopped in that way any more.")
            self.message_user(request, text, messages.WARNING)
            return redirect("admin:backoffice_stalledorder_groups")
        if request.method != "POST":
            return self._ask_all(request, shown, GroupForm.blank(shown.seen))
        form = GroupForm(request.POST)
        if form.is_valid():
            known = BulkResume.objects.filter(key=form.cleaned_data["key"])
            if known.exists():
                # The same form, sent again.
                return redirect(_PROGRESS, form.cleaned_data["key"])
            if form.cleaned_data["seen"] != shown.seen:
                text = gettext(
                    "Nothing was begun: the group has changed since you opened the "
                    "page. Look at it once more."
                )
                self.message_user(request, text, messages.WARNING)
                return redirect("admin:backoffice_stalledorder_group", name)
            if shown.ready:
                wanted = form.bulk_resume(request.user.get_username())
                return redirect(
                    _PROGRESS, begin(selectors.choose_sagas(shown), wanted).key
                )
        return self._ask_all(request, shown, form)

    def bulk_resume_view(self, request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        """Show the progress of a bulk resume; the sweeper does the work."""
        self._check(request, may_act=False)
        progress = bulk_resume.read_progress(_get_bulk_resume(key))
        context = {
            "progress": progress,
            "is_moving": progress.is_moving,
            "title": gettext("Bulk resume of a group"),
        }
        return self._page(request, "bulk_resume", context)

    def stop_view(self, request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        self._check(request, may_act=True)
        if not stop(_get_bulk_resume(key), request.user.get_username()):
            text = gettext("It had ended already.")
            self.message_user(request, text, messages.WARNING)
        return redirect(_PROGRESS, key)

    def _ask_all(
        self, request: HttpRequest, shown: GroupPreview, form: GroupForm
    ) -> HttpResponse:
        context = {
            "preview": shown,
            "form": form,
            "title": gettext("Resume a group of orders"),
        }
        return self._page(
            request, "failure_group", context, 422 if form.errors else 200
        )

    def _page(
        self,
        request: HttpRequest,
        name: str,
        context: dict[str, Any],
        status: int = 200,
    ) -> HttpResponse:
        common = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "may_resume": request.user.has_perm(permissions.RESUME_STALLED),
        }
        template = f"{_FOLDER}/{name}.html"
        return TemplateResponse(request, template, common | context, status=status)

    def _check(self, request: HttpRequest, *, may_act: bool) -> None:
        acts = request.user.has_perm(permissions.RESUME_STALLED)
        if not (acts if may_act else self.has_view_permission(request)):
            raise PermissionDenied


def _get_bulk_resume(key: uuid.UUID) -> BulkResume:
    return get_object_or_404(BulkResume, key=key)
