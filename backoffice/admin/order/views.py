"""Pages of one order: its state, its actions and its notes."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from backoffice import permissions
from backoffice.admin.access import check_permission, get_overview
from backoffice.admin.order import actions, notes
from backoffice.admin.order.forms import NoteForm, ReasonForm
from backoffice.admin.order.selectors import read_order_page
from backoffice.order_overview import OrderOverview
from saga.errors import ActionRefused
from shop.forms.read_only import ReadOnlyAdmin

_PAGE = "admin:backoffice_stalledorder_change"


class OrderPages(ReadOnlyAdmin):
    """Adds the page of one order, its actions and its notes."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/live/",
                wrap(require_safe(self.live_view)),
                name="backoffice_stalledorder_live",
            ),
            path(
                "<int:pk>/do/<slug:name>/",
                wrap(self.act_view),
                name="backoffice_stalledorder_act",
            ),
            path(
                "<int:pk>/note/",
                wrap(require_POST(self.note_view)),
                name="backoffice_stalledorder_note",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one order, stalled or not, so that links in old alerts stay valid."""
        overview = self._overview_to_show(request, object_id)
        may_write = request.user.has_perm(permissions.WRITE_NOTE)
        context = {
            **self.admin_site.each_context(request),
            **self._parts(request, overview),
            "opts": self.opts,
            "title": gettext("Order %(number)s") % {"number": overview.order.number},
            "notes": list(overview.order.notes.all()),
            "note_form": NoteForm.blank() if may_write else None,
            **(extra_context or {}),
        }
        template = "admin/backoffice/stalledorder/change_form.html"
        return TemplateResponse(request, template, context)

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the part of the order's page that changes while the order moves."""
        overview = self._overview_to_show(request, pk)
        template = "admin/backoffice/stalledorder/_order.html"
        return TemplateResponse(request, template, self._parts(request, overview))

    def _overview_to_show(self, request: HttpRequest, pk: object) -> OrderOverview:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_overview(pk)

    def _parts(self, request: HttpRequest, overview: OrderOverview) -> dict[str, Any]:
        return {
            **read_order_page(overview),
            "may_resume": request.user.has_perm(permissions.RESUME_STALLED),
            "buttons": actions.list_buttons(overview, request.user),
            "may_refund": request.user.has_perm(permissions.REFUND),
        }

    def act_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        """Preview an action and ask for a reason; on POST run it."""
        button = actions.BUTTONS.get(name)
        if button is None:
            raise Http404
        check_permission(request, button.permission)
        overview = get_overview(pk)
        if request.method != "POST":
            return self._ask_about(request, overview, button)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self._ask_about(request, overview, button, form)
        actor = request.user.get_username()
        try:
            actions.act(overview, button, actor=actor, form=form, sent=request.POST)
        except ActionRefused as error:
            message = f"{overview.order.number}: {error.sentence}"
            self.message_user(request, message, messages.WARNING)
        else:
            message = str(button.done) % {"number": overview.order.number}
            self.message_user(request, message, messages.SUCCESS)
        return redirect(_PAGE, pk)

    def note_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Keep a note on the order."""
        check_permission(request, permissions.WRITE_NOTE)
        overview = get_overview(pk)
        form = NoteForm(request.POST)
        if form.is_valid():
            notes.write_note(
                overview.order, request.user.get_username(), form.cleaned_data
            )
        else:
            for error in form.errors.values():
                self.message_user(request, str(error[0]), messages.WARNING)
        return redirect(_PAGE, pk)

    def _ask_about(
        self,
        request: HttpRequest,
        overview: OrderOverview,
        button: actions.Button,
        form: ReasonForm | None = None,
    ) -> HttpResponseBase:
        sent = request.POST if form else request.GET
        question = actions.ask(overview, button, sent)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "question": question,
            "form": form or ReasonForm.blank(question.seen),
            "opts": self.opts,
            "title": button.label,
        }
        template = "admin/backoffice/stalledorder/action.html"
        status = 422 if form else 200
        return TemplateResponse(request, template, context, status=status)
