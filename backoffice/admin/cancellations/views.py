"""The page on which staff cancel an order, or decide on the customer's request."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission, get_overview
from backoffice.admin.cancellations.forms import AcceptForm, DeclineForm
from backoffice.order_overview import OrderOverview
from backoffice.previews.cancellation import preview_cancellation
from checkout.aftersales.cancellations import services
from checkout.aftersales.cancellations.errors import NotCancellable
from checkout.aftersales.cancellations.services import Verdict
from orders.errors import CancellationMoved
from orders.models import Cancellation
from shop.forms.read_only import ReadOnlyAdmin
from shop.money import Money

_PAGE = "admin:orders_order_change"


class CancelPages(ReadOnlyAdmin):
    """Adds to orders the page that cancels them."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = path(
            "<int:pk>/cancel/", wrap(self.cancel_view), name="orders_order_cancel"
        )
        return [own, *super().get_urls()]

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Preview the cancellation; on POST begin it, or decline the request."""
        check_permission(request, permissions.DECIDE_CANCELLATION)
        overview = get_overview(pk)
        asked = services.open_request(overview.order)
        left = services.to_refund(overview.order)
        sent = request.POST if request.method == "POST" else None
        settled = services.settled_wish(overview.order)
        if sent is not None and settled is not None:
            text = str(CancellationMoved(settled).sentence)
            return self._back(request, overview, text, is_bad=True)
        is_declining = sent is not None and "decline" in sent
        accepting = AcceptForm(
            None if is_declining else sent,
            is_asked=asked is not None,
            shown=left.minor,
        )
        declining = DeclineForm(sent if is_declining else None)
        if is_declining and declining.is_valid():
            return self._decline(request, overview, asked, declining)
        if accepting.is_valid():
            if left and not _may_refund(request):
                raise PermissionDenied
            return self._accept(request, overview, asked, accepting)
        context = {
            **self.admin_site.each_context(request),
            "overview": overview,
            "asked": asked,
            "preview": preview_cancellation(overview.order),
            "refusal": _refusal(overview),
            "form": accepting,
            "declining": declining,
            "may_accept": not left or _may_refund(request),
            "opts": self.opts,
            "title": _("Decide on the request to cancel")
            if asked
            else _("Cancel the order"),
        }
        status = 422 if accepting.errors or declining.errors else 200
        template = "admin/orders/order/cancel.html"
        return TemplateResponse(request, template, context, status=status)

    def _accept(
        self,
        request: HttpRequest,
        overview: OrderOverview,
        asked: Cancellation | None,
        form: AcceptForm,
    ) -> HttpResponseBase:
        order, typed = overview.order, form.cleaned_data
        verdict = Verdict(
            request.user.get_username(),
            typed["reason"],
            Money(typed["shown"], order.currency),
        )
        try:
            if asked is not None:
                services.accept(asked, verdict)
            else:
                services.cancel(order, typed["uid"], verdict)
        except (NotCancellable, CancellationMoved) as error:
            return self._back(request, overview, str(error.sentence), is_bad=True)
        return self._back(request, overview, gettext("It is being cancelled."))

    def _decline(
        self,
        request: HttpRequest,
        overview: OrderOverview,
        asked: Cancellation | None,
        form: DeclineForm,
    ) -> HttpResponseBase:
        if asked is None:
            text = gettext("There is no request to decide on any more.")
            return self._back(request, overview, text, is_bad=True)
        actor = request.user.get_username()
        try:
            services.decline(asked, actor, form.cleaned_data["answer"])
        except CancellationMoved as error:
            return self._back(request, overview, str(error.sentence), is_bad=True)
        text = gettext("The request is declined. The customer gets a mail.")
        return self._back(request, overview, text)

    def _back(
        self,
        request: HttpRequest,
        overview: OrderOverview,
        text: str,
        *,
        is_bad: bool = False,
    ) -> HttpResponseBase:
        level = messages.WARNING if is_bad else messages.SUCCESS
        self.message_user(request, f"{overview.order.number}: {text}", level)
        return redirect(_PAGE, overview.order.pk)


def _may_refund(request: HttpRequest) -> bool:
    return request.user.has_perm(permissions.REFUND)


def _refusal(overview: OrderOverview) -> str:
    """Return why the order cannot be cancelled now; empty if it can."""
    if services.may_be_cancelled(overview.order):
        return ""
    if overview.is_stopped:
        return gettext(
            "It is stopped. Refund it on its page, then resume it: resuming cancels an "
            "order of whose charge nothing is left."
        )
    return str(NotCancellable.sentence)
