"""The console of flows: all of them, the graph and history of one, and its actions."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.flows import actions
from backoffice.admin.flows.forms import ActForm, StartForm
from backoffice.admin.flows.selectors import read_page, select_flows, title_of
from backoffice.admin.lists.changelist import state_badge
from backoffice.models import Flow
from backoffice.wording import step_title
from flows.registry import all_flows, find_flow
from flows.services import needing_staff, start_flow
from saga.definition import all_definitions
from saga.errors import ActionRefused
from saga.models import Saga, State
from shop.forms.read_only import ReadOnlyAdmin

_PAGE = "admin:backoffice_flow_change"


class KindFilter(admin.SimpleListFilter):
    title = _("flow")
    parameter_name = "flow"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(flow.definition.name, flow.title) for flow in all_flows()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        name = self.value()
        return queryset.filter(definition=name) if name else queryset


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("attention", _("needs staff")), *State.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "attention":
            return queryset.filter(pk__in=needing_staff().values("pk"))
        return queryset.filter(state=self.value()) if self.value() else queryset


@admin.register(Flow)
class FlowAdmin(ReadOnlyAdmin):
    """Items of a flow have pages of their own, which the page of the flow names."""

    list_display = ["kind", "reference", "status", "at", "error", "created_at"]
    list_display_links = ["kind", "reference"]
    list_filter = [KindFilter, StateFilter]
    search_fields = ["=reference"]
    ordering = ["-id"]
    change_list_template = "admin/backoffice/flow/change_list.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        names = [each.name for each in all_definitions() if each.background]
        return Flow.objects.filter(definition__in=names, parent=None)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path(
                "start/<slug:name>/",
                wrap(self.start_view),
                name="backoffice_flow_start",
            ),
            path(
                "<int:pk>/do/<slug:name>/",
                wrap(self.act_view),
                name="backoffice_flow_act",
            ),
        ]
        return own + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        startable = [
            flow
            for flow in all_flows()
            if flow.read_reference and request.user.has_perm(flow.permission)
        ]
        context = {"startable": startable, **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        saga = self._read(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            **read_page(saga),
            "opts": self.opts,
            "title": f"{title_of(saga)} {saga.reference}",
            "buttons": actions.list_buttons(saga, request.user),
            **(extra_context or {}),
        }
        template = "admin/backoffice/flow/change_form.html"
        return TemplateResponse(request, template, context)

    def start_view(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """Ask what the flow is to be about; on POST start it, once."""
        flow = find_flow(name)
        if flow is None or flow.read_reference is None:
            raise Http404
        if not request.user.has_perm(flow.permission):
            raise PermissionDenied
        about = request.GET.get("about", "")
        form = StartForm(flow, request.POST or None, initial={"about": about})
        if form.is_valid():
            about, by = form.cleaned_data["about"], request.user.get_username()
            saga, is_new = start_flow(flow, about, {"by": by})
            if is_new:
                messages.success(request, gettext("Started."))
            else:
                messages.warning(request, gettext("It was started before. This is it."))
            return redirect(_PAGE, saga.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": flow.title,
            "flow": flow,
            "form": form,
        }
        template = "admin/backoffice/flow/start.html"
        status = 422 if form.errors else 200
        return TemplateResponse(request, template, context, status=status)

    def act_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        """Preview an action and ask for a reason; on POST do it."""
        saga, button = self._read(request, pk), actions.BUTTONS.get(name)
        if button is None:
            raise Http404
        if button not in actions.list_buttons(saga, request.user):
            messages.warning(request, gettext("That is not possible now."))
            return redirect(_PAGE, pk)
        form = ActForm(request.POST or None, initial={"seen": saga.fence})
        if form.is_valid():
            self._act(request, saga, button, form)
            return redirect(_PAGE, pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": button.label,
            "saga": saga,
            "name": title_of(saga),
            "button": button,
            "lines": actions.explain(saga, button),
            "form": form,
        }
        template = "admin/backoffice/flow/act.html"
        status = 422 if form.errors else 200
        return TemplateResponse(request, template, context, status=status)

    def _act(
        self, request: HttpRequest, saga: Saga, button: actions.Button, form: ActForm
    ) -> None:
        reason, seen = form.cleaned_data["reason"], form.cleaned_data["seen"]
        try:
            actions.act(saga, button, actions.Acted(request.user, reason, seen))
        except ActionRefused as error:
            messages.warning(request, str(error.sentence))
        else:
            messages.success(request, str(button.done))

    def _read(self, request: HttpRequest, pk: object) -> Saga:
        if not self.has_view_permission(request):
            raise PermissionDenied
        key = str(pk)
        rows = select_flows().select_related("parent")
        saga = rows.filter(pk=int(key)).first() if key.isdecimal() else None
        if saga is None:
            raise Http404
        return saga

    @admin.display(description=_("flow"))
    def kind(self, saga: Saga) -> str:
        return title_of(saga)

    @admin.display(description=_("state"))
    def status(self, saga: Saga) -> str:
        return state_badge(saga)

    @admin.display(description=_("step"))
    def at(self, saga: Saga) -> str:
        return step_title(saga.step, saga.definition)

    @admin.display(description=_("what happened"))
    def error(self, saga: Saga) -> SafeString | str:
        return format_html("{}", saga.error[:120]) if saga.error else "-"
