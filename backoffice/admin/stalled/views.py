"""Pages to resume stalled orders and to follow their progress."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from backoffice import permissions
from backoffice.admin.forms import read_keys
from backoffice.admin.order.selectors import read_progress
from backoffice.admin.stalled import resume
from backoffice.admin.stalled.forms import ResumeForm
from backoffice.order_overview import read_overviews
from orders.models import Order
from shop.forms.read_only import ReadOnlyAdmin

MOST_AT_ONCE = 100


class ResumePages(ReadOnlyAdmin):
    """Adds the pages that resume chosen orders and show their progress."""

    def has_resume_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.RESUME_STALLED)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path(
                "resume/", wrap(self.resume_view), name="backoffice_stalledorder_resume"
            ),
            path(
                "progress/",
                wrap(require_safe(self.progress_view)),
                name="backoffice_stalledorder_progress",
            ),
        ]
        return own + super().get_urls()

    def resume_view(self, request: HttpRequest) -> HttpResponseBase:
        """Preview resuming the chosen orders; on POST resume them."""
        if not self.has_resume_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._resume(request)
        return self._ask(request, ResumeForm(), request.GET.getlist("order"))

    def _resume(self, request: HttpRequest) -> HttpResponseBase:
        form = ResumeForm(request.POST)
        if not form.is_valid():
            return self._ask(request, form, request.POST.getlist("order"))
        seen = resume.read_seen(request.POST)
        orders = read_overviews(Order.objects.filter(pk__in=seen))
        results = [
            resume.resume_order(
                overview,
                actor=request.user.get_username(),
                reason=form.cleaned_data["reason"],
                seen=seen[overview.order.pk],
            )
            for overview in orders
        ]
        for result in results:
            if result.sentence:
                self.message_user(request, result.sentence, messages.WARNING)
        resumed = sum(result.resumed for result in results)
        if resumed:
            text = ngettext(
                "%(count)d order resumed.", "%(count)d orders resumed.", resumed
            )
            self.message_user(request, text % {"count": resumed}, messages.SUCCESS)
        if len(orders) == 1:
            return redirect("admin:backoffice_stalledorder_change", orders[0].order.pk)
        picked = "&".join(f"order={overview.order.pk}" for overview in orders)
        return redirect(f"{reverse('admin:backoffice_stalledorder_progress')}?{picked}")

    def _ask(
        self, request: HttpRequest, form: ResumeForm, chosen: list[str]
    ) -> HttpResponse:
        keys = read_keys(chosen)[:MOST_AT_ONCE]
        overviews = read_overviews(Order.objects.filter(pk__in=keys).order_by("pk"))
        context = {
            **self.admin_site.each_context(request),
            **resume.ask_about(overviews),
            "opts": self.opts,
            "title": gettext("Resume from the failed step"),
            "form": form,
        }
        template = "admin/backoffice/stalledorder/resume.html"
        status = 422 if form.errors else 200
        return TemplateResponse(request, template, context, status=status)

    def progress_view(self, request: HttpRequest) -> HttpResponse:
        """Show the progress of several orders."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        keys = read_keys(request.GET.getlist("order"))
        overviews = read_overviews(Order.objects.filter(pk__in=keys[:MOST_AT_ONCE]))
        context = {
            **self.admin_site.each_context(request),
            **read_progress(overviews),
            "opts": self.opts,
            "title": gettext("Progress of the orders"),
        }
        template = "admin/backoffice/stalledorder/progress.html"
        return TemplateResponse(request, template, context)
