"""Staff issue receipts, invoices and credit notes of an order, and copies."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from backoffice import permissions
from backoffice.admin.access import check_permission
from checkout.paper.errors import NotIssuable
from checkout.paper.forms import CopyForm, IssueForm, rows_of
from checkout.paper.kinds import PaperKind
from checkout.paper.models import IssuedPaper
from checkout.paper.services import issue, issue_copy
from orders.models import Order, Refund
from shop.forms.read_only import ReadOnlyAdmin
from shop.web.redirects import see_other

_PAGE = "admin:orders_order_papers"


class IssuePages(ReadOnlyAdmin):
    """Adds to orders the page that issues papers about money."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/papers/", wrap(self.papers_view), name="orders_order_papers"
            ),
            *super().get_urls(),
        ]

    def papers_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """List what there is; on POST issue an original or a copy."""
        check_permission(request, permissions.ISSUE_PAPER)
        order = get_object_or_404(Order, pk=pk)
        if request.method != "POST":
            return self._show(request, order)
        if "paper" in request.POST:
            return self._copy(request, order)
        return self._issue(request, order)

    def _issue(self, request: HttpRequest, order: Order) -> HttpResponseBase:
        form = IssueForm(request.POST)
        if not form.is_valid():
            return self._show(request, order, form)
        values, refund = form.cleaned_data, None
        if values["refund"]:
            rows = Refund.objects.filter(payment__order=order)
            refund = get_object_or_404(rows, pk=values["refund"])
        kind, actor = PaperKind(values["kind"]), request.user.get_username()
        try:
            paper = issue(order, kind, values["addressee"], refund=refund, actor=actor)
        except NotIssuable as error:
            self.message_user(request, error.sentence, messages.WARNING)
        else:
            text = _("%(number)s is issued.") % {"number": paper.number}
            self.message_user(request, text, messages.SUCCESS)
        return see_other(_PAGE, order.pk)

    def _copy(self, request: HttpRequest, order: Order) -> HttpResponseBase:
        form = CopyForm(request.POST)
        if form.is_valid():
            rows = IssuedPaper.objects.filter(order=order, copy=0)
            original = get_object_or_404(rows, pk=form.cleaned_data["paper"])
            actor = request.user.get_username()
            paper = issue_copy(original, form.cleaned_data["seen"], actor)
            text = _("Copy %(copy)d of %(number)s is issued.")
            values = {"copy": paper.copy, "number": paper.number}
            self.message_user(request, text % values, messages.SUCCESS)
        return see_other(_PAGE, order.pk)

    def _show(
        self, request: HttpRequest, order: Order, wrong: IssueForm | None = None
    ) -> HttpResponseBase:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Receipts and invoices"),
            "opts": self.opts,
            "order": order,
            "rows": rows_of(order, wrong),
            "form": wrong,
            "customers_page": reverse("checkout:papers", args=[order.uid]),
        }
        template = "admin/orders/order/papers.html"
        status = 422 if wrong else 200
        return TemplateResponse(request, template, context, status=status)
