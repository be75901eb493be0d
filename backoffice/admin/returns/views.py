"""Pages on which staff register a return, decide on it and record its parcel."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission, get_overview
from backoffice.admin.confirmation import confirmation_page
from backoffice.admin.returns.actions import ACTIONS, Action
from backoffice.admin.returns.forms import RegisterForm
from backoffice.previews.returns import preview_approval
from checkout.aftersales.returns import services
from inventory.errors import NotShipped, OutOfStock
from orders.errors import NotReturnable, ReturnMoved, ReturnRefused
from orders.models import Return, ReturnPhoto
from shop.forms.read_only import ReadOnlyAdmin

PAGE = "admin:orders_return_change"
_ORDER = "admin:orders_order_change"


class RegisterPages(ReadOnlyAdmin):
    """Adds to orders the page that registers a return."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = path(
            "<int:pk>/return/", wrap(self.return_view), name="orders_order_return"
        )
        return [own, *super().get_urls()]

    def return_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask what comes back; on POST record the return."""
        check_permission(request, permissions.HANDLE_RETURN)
        overview = get_overview(pk)
        order = overview.order
        form = RegisterForm(order, request.POST if _is_sent(request) else None)
        if form.made() or form.is_valid():
            actor = request.user.get_username()
            try:
                made = form.made() or services.register(
                    order, form.wish(), form.decision(actor)
                )
            except ReturnRefused as error:
                self.message_user(request, str(error.sentence), messages.WARNING)
                return redirect(_ORDER, pk)
            text = gettext("The return is recorded.")
            self.message_user(request, text, messages.SUCCESS)
            return redirect(PAGE, made.pk)
        refused = NotReturnable(order.number).sentence
        refusal = "" if services.is_returnable(order) else refused
        parts = {
            "title": _("Register a return"),
            "form": form,
            "preview": preview_approval(order),
            "refusal": refusal,
        }
        return confirmation_page(self, request, overview, parts)


class ReturnPages(ReadOnlyAdmin):
    """Adds to returns the pages that decide them and record their parcels."""

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/do/<slug:name>/",
            self.admin_site.admin_view(self.act_view),
            name="orders_return_act",
        )
        photo = path(
            "<int:pk>/photo/",
            self.admin_site.admin_view(self.photo_view),
            name="orders_return_photo",
        )
        return [own, photo, *super().get_urls()]

    def photo_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Answer with the photo, for those who may see the return."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        photo = get_object_or_404(ReturnPhoto, returned=pk)
        return HttpResponse(bytes(photo.content), "image/webp")

    def act_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        """Preview an action; on POST run it, once."""
        check_permission(request, permissions.HANDLE_RETURN)
        action = ACTIONS.get(name)
        if action is None:
            raise Http404
        returned = get_object_or_404(Return.objects.select_related("order"), pk=pk)
        form = action.form(returned, request.POST if _is_sent(request) else None)
        if _is_sent(request) and form.is_valid():
            return self._run(request, returned, action, form)
        parts = {
            "title": action.title,
            "form": form,
            "preview": action.preview(returned),
            "refusal": _refusal(returned, action),
            "returned": returned,
        }
        overview = get_overview(returned.order_id)
        return confirmation_page(self, request, overview, parts, action.template)

    def _run(
        self, request: HttpRequest, returned: Return, action: Action, form: forms.Form
    ) -> HttpResponseBase:
        level, text = messages.SUCCESS, str(action.done)
        try:
            action.run(returned, request.user.get_username(), form)
        except (ReturnRefused, NotShipped) as error:
            level, text = messages.WARNING, str(error.sentence)
        except OutOfStock as error:
            values = {"sku": error.sku, "free": error.free}
            text = gettext("%(sku)s: only %(free)d are free. Nothing was changed.")
            level, text = messages.WARNING, text % values
        self.message_user(request, f"{returned.order.number}: {text}", level)
        return redirect(PAGE, returned.pk)


def _is_sent(request: HttpRequest) -> bool:
    return request.method == "POST"


def _refusal(returned: Return, action: Action) -> str:
    if action.is_possible(returned):
        return ""
    return str(ReturnMoved(returned).sentence)
