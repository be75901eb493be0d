"""The list and page of orders, with the saga and what staff can do next."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.cancellations.views import CancelPages
from backoffice.admin.corrections.views import CorrectionPages
from backoffice.admin.dispatch.views import DispatchPages
from backoffice.admin.lists.changelist import SagaChangeList, saga_on, state_badge
from backoffice.admin.lists.search import QuickList
from backoffice.admin.order.filters import RefundFilter, SagaStateFilter
from backoffice.admin.order.selectors import read_saga_parts
from backoffice.admin.papers.issues import IssuePages
from backoffice.admin.papers.views import PaperPages
from backoffice.admin.refunds.selectors import write_payment_badges
from backoffice.admin.refunds.views import RefundPages
from backoffice.admin.returns.views import RegisterPages
from backoffice.admin.shortages.views import MissingPages
from backoffice.order_overview import OrderOverview, read_overview
from backoffice.previews.correction import describe_change
from checkout.aftersales.cancellations import services as cancellations
from checkout.aftersales.dispatch import is_releasable, is_shippable, may_be_called_off
from checkout.aftersales.returns.services import is_returnable
from checkout.aftersales.shortages import services as shortages
from checkout.cart.wish_wording import billing_lines
from checkout.contact.models import Enquiry
from checkout.shipping.slots import write_slot
from checkout.templatetags.checkout_tags import delivery, prefecture
from orders.admin import EventInline, LineInline, OrderAdmin, ShipmentInline
from orders.models import Order, OrderChange
from orders.parcels import due
from orders.selectors import parcels_of, returns_of
from orders.transitions.corrections import is_correctable
from saga.models import State
from shop.countries import country_name
from shop.forms.read_only import ReadOnlyInline

admin.site.unregister(Order)


class ChangeInline(ReadOnlyInline):
    model = OrderChange
    fields = ["created_at", "parcel_number", "change", "actor", "reason"]
    readonly_fields = ["parcel_number", "change"]

    @admin.display(description=_("parcel"))
    def parcel_number(self, change: OrderChange) -> str:
        return change.parcel.label if change.parcel else "-"

    @admin.display(description=_("change"))
    def change(self, change: OrderChange) -> str:
        sentences = describe_change(change.before, change.after)
        return format_html_join("", "{}<br>", ((each,) for each in sentences))


@admin.register(Order)
class OrderWithSagaAdmin(
    QuickList,
    DispatchPages,
    CancelPages,
    CorrectionPages,
    RefundPages,
    RegisterPages,
    MissingPages,
    PaperPages,
    IssuePages,
    OrderAdmin,
):
    list_display = [*OrderAdmin.list_display, "saga_state"]
    list_filter = [*OrderAdmin.list_filter, RefundFilter, SagaStateFilter]
    fieldsets = [
        *OrderAdmin.fieldsets,
        (
            _("Customer"),
            {
                "fields": [
                    ("name", "name_kana", "email", "phone", "order_language"),
                    ("in_country", "postcode", "in_prefecture", "region", "city"),
                    ("street", "building"),
                    ("shipping_method", "by_delivery"),
                    ("not_before", "ship_by", "promised_from", "promised_until"),
                    ("delivery_on", "in_slot"),
                    ("pickup_place", "pickup_address", "pickup_hours"),
                    ("gift", "gift_message", "note"),
                    ("receipt_name", "billing_address"),
                ]
            },
        ),
    ]
    # The payment is shown with the saga, and with its link to Stripe.
    inlines = [LineInline, ShipmentInline, ChangeInline, EventInline]
    change_form_template = "admin/orders/order/change_form.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = super().get_readonly_fields(request, obj)
        fields = [*fields, "in_country"]
        return [*fields, "in_prefecture", "by_delivery", "in_slot", "billing_address"]

    @admin.display(description=_("country"))
    def in_country(self, order: Order) -> str:
        return country_name(order.country)

    @admin.display(description=_("prefecture"))
    def in_prefecture(self, order: Order) -> str:
        return prefecture(order.prefecture) or "-"

    @admin.display(description=_("delivery"))
    def by_delivery(self, order: Order) -> str:
        return delivery(order.delivery)

    @admin.display(description=_("time slot"))
    def in_slot(self, order: Order) -> str:
        return write_slot(order.delivery_slot) or "-"

    @admin.display(description=_("billing address"))
    def billing_address(self, order: Order) -> str:
        return ", ".join(billing_lines(order)) or "-"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return SagaChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        rows = super().get_queryset(request)
        return rows.prefetch_related("payment__disputes")

    @admin.display(description=_("payment"), ordering="payment__status")
    def payment_status(self, order: Order) -> str:
        return write_payment_badges(order.payment)

    @admin.display(description=_("processing log"))
    def saga_state(self, order: Order) -> str:
        saga = saga_on(order)
        if saga is None:
            return "-"
        return state_badge(saga)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        overview = read_overview(object_id)
        parts = (
            {
                **read_saga_parts(overview, overview.sagas.history()),
                **_ways_onward(request, overview),
                "shortages": shortages.of_order(overview.order),
                "parcels": parcels_of(overview.order),
                "due": due(overview.order),
                "returns": returns_of(overview.order),
                "enquiries": Enquiry.objects.filter(order_number=overview.order.number),
                "overview": overview,
            }
            if overview and self.has_view_permission(request)
            else {}
        )
        context = {**parts, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)


def _ways_onward(request: HttpRequest, overview: OrderOverview) -> dict[str, bool]:
    """Return which buttons this member of staff is shown on the order's page."""
    releasable = not overview.order.ready_at and is_releasable(
        overview.saga, overview.payment
    )
    shippable = is_shippable(overview.order)
    gone = may_be_called_off(overview.order)
    decides = request.user.has_perm(permissions.DECIDE_CANCELLATION)
    is_asked = cancellations.open_request(overview.order) is not None
    cancellable = cancellations.may_be_cancelled(overview.order) and not gone
    return {
        "may_release": releasable and request.user.has_perm(permissions.RELEASE_ORDER),
        "may_make_ready": shippable
        and overview.order.is_pickup
        and not overview.order.shipment.pickup_ready_at
        and request.user.has_perm(permissions.SHIP_ORDER),
        "may_ship": shippable and request.user.has_perm(permissions.SHIP_ORDER),
        "may_call_off": gone and request.user.has_perm(permissions.SHIP_ORDER),
        "may_decide": is_asked and decides,
        "may_cancel": cancellable and not is_asked and decides,
        "may_correct": is_correctable(overview.order)
        and request.user.has_perm(permissions.CORRECT_ORDER),
        "may_return": is_returnable(overview.order)
        and request.user.has_perm(permissions.HANDLE_RETURN),
        "may_report": shippable and request.user.has_perm(permissions.SETTLE_SHORTAGE),
        "is_waiting": overview.saga.state == State.WAITING,
    }
