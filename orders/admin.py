"""Read-only pages of orders for staff."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderEvent, OrderLine, Payment, Shipment
from shop.forms.read_only import ReadOnlyAdmin, ReadOnlyInline


class LineInline(ReadOnlyInline):
    model = OrderLine
    fields = ["sku", "name", "variant", "unit_price", "quantity", "tax_rate", "sum"]
    readonly_fields = ["unit_price", "sum"]

    @admin.display(description=_("unit price"))
    def unit_price(self, line: OrderLine) -> str:
        return line.unit.format(get_language() or "en")

    @admin.display(description=_("total"))
    def sum(self, line: OrderLine) -> str:
        return line.total.format(get_language() or "en")


class PaymentInline(ReadOnlyInline):
    model = Payment
    fields = [
        "status",
        "amount",
        "intent_id",
        "charge_id",
        "card",
        "authorized_at",
        "captured_at",
    ]
    readonly_fields = ["amount", "card"]

    @admin.display(description=_("amount"))
    def amount(self, payment: Payment) -> str:
        return payment.amount.format(get_language() or "en")

    @admin.display(description=_("card"))
    def card(self, payment: Payment) -> str:
        if not payment.card_last4:
            return "-"
        return f"{payment.card_brand} •••• {payment.card_last4}"


class ShipmentInline(ReadOnlyInline):
    model = Shipment
    fields = ["state_text", "requested_at", "dispatched_at"]
    readonly_fields = ["state_text"]

    @admin.display(description=_("status"))
    def state_text(self, shipment: Shipment) -> str:
        return shipment.state_text


class EventInline(ReadOnlyInline):
    model = OrderEvent
    fields = ["created_at", "name", "key", "data"]


class PaymentStatusFilter(admin.ChoicesFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The order has a status too, so the field's name would be shown twice.
        self.title = _("payment")


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = [
        "number",
        "placed_at",
        "customer",
        "total_price",
        "order_status",
        "payment_status",
    ]
    list_filter = ["status", ("payment__status", PaymentStatusFilter), "placed_at"]
    list_select_related = ["payment", "shipment"]
    search_fields = ["number", "email", "name", "payment__intent_id"]
    search_help_text = _("Number, mail address, name or Stripe's id of the payment")
    inlines = [LineInline, PaymentInline, ShipmentInline, EventInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("number", "status", "cancel_reason"),
                    ("placed_at", "ready_at", "confirmed_at", "cancelled_at"),
                    ("goods_price", "discounts_given", "shipping_price", "total_price"),
                ]
            },
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [
            *("goods_price", "discounts_given", "shipping_price", "total_price"),
            "order_language",
        ]

    @admin.display(description=_("customer"), ordering="name")
    def customer(self, order: Order) -> str:
        return order.name

    @admin.display(description=_("language"))
    def order_language(self, order: Order) -> str:
        return dict(settings.LANGUAGES).get(order.language, order.language)

    @admin.display(description=_("subtotal"))
    def goods_price(self, order: Order) -> str:
        return order.subtotal.format(get_language() or "en")

    @admin.display(description=_("discounts"))
    def discounts_given(self, order: Order) -> str:
        """Return each discount with its code and what it took off."""
        language = get_language() or "en"
        named = [
            (f"{one.name} ({one.code})" if one.code else one.name, one)
            for one in order.given
        ]
        return ", ".join(
            f"{name} -{(one.amount or one.shipping).format(language)}"
            for name, one in named
        )

    @admin.display(description=_("shipping"))
    def shipping_price(self, order: Order) -> str:
        return order.shipping.format(get_language() or "en")

    @admin.display(description=_("total"), ordering="total_minor")
    def total_price(self, order: Order) -> str:
        return order.total.format(get_language() or "en")

    @admin.display(description=_("status"), ordering="status")
    def order_status(self, order: Order) -> str:
        """Return the status; a confirmed order may be partly shipped."""
        shipment = getattr(order, "shipment", None)
        if shipment and shipment.is_partly_shipped:
            return gettext("partly shipped")
        return order.get_status_display()

    @admin.display(description=_("payment"), ordering="payment__status")
    def payment_status(self, order: Order) -> str:
        return order.payment.get_status_display()
