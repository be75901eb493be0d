"""The purchase, and what a customer does with an order: the pages' own services."""

import enum
from uuid import UUID

import strawberry
from django.forms import BaseForm
from django.utils.translation import gettext as _

from api.context import Info
from api.refusals import (
    Invalid,
    OrderResult,
    OrderUnknown,
    PlaceOrderResult,
    refusable,
)
from api.types.money import MinorUnits
from api.types.orders import order_of
from checkout.aftersales.cancellations import services as cancellations
from checkout.aftersales.cancellations.forms import CancelForm
from checkout.aftersales.returns import services as returns
from checkout.aftersales.returns.forms import ReturnForm
from checkout.placement.forms import PurchaseForm
from checkout.placement.purchase import Confirmation, Visitor, purchase
from checkout.status.returns import may_ask_until
from checkout.tracking.forms import CardForm
from checkout.tracking.services import read_after_return, try_another_card
from orders.errors import NotReturnable
from orders.models import Order


@strawberry.input(description="What the customer confirmed.")
class PlaceOrderInput:
    checkout_key: UUID = strawberry.field(
        description="Cart.checkoutKey. Sent again, the same order is returned."
    )
    digest: str = strawberry.field(description="Quote.digest, as the customer saw it.")
    payment_token: str = strawberry.field(
        description="The confirmation token that the provider's script made."
    )
    cart: UUID | None = None
    seen_total: MinorUnits | None = strawberry.field(
        default=None, description="So that a refusal can say what changed."
    )


@strawberry.enum
class ReturnReason(enum.Enum):
    DAMAGED = "damaged"
    WRONG = "wrong"
    DIFFERENT = "different"
    UNWANTED = "unwanted"
    OTHER = "other"


@strawberry.input
class ReturnItemInput:
    id: strawberry.ID = strawberry.field(description="Of Order.returnable.")
    quantity: int


@strawberry.input
class ReturnInput:
    key: UUID = strawberry.field(
        description="Made by the client. Sent again, there is one request."
    )
    items: list[ReturnItemInput]
    reason: ReturnReason
    comment: str = ""


@strawberry.type
class OrderMutation:
    @strawberry.mutation(description="Buy the cart. Sent again, nothing is bought.")
    @refusable
    def place_order(self, info: Info, order: PlaceOrderInput) -> PlaceOrderResult:
        form = PurchaseForm(
            {
                "checkout_key": str(order.checkout_key),
                "digest": order.digest,
                "seen_total": order.seen_total,
                "confirmation_token": order.payment_token,
            }
        )
        if not form.is_valid():
            raise _of_token(form)
        sent, context = form.cleaned_data, info.context
        confirmed = Confirmation(
            checkout_key=sent["checkout_key"],
            digest=sent["digest"],
            token=sent["confirmation_token"],
            seen_total=sent["seen_total"],
        )
        visitor = Visitor(context.language, context.client, context.customer)
        return order_of(purchase(context.find_cart(order.cart), confirmed, visitor))

    @strawberry.mutation(description="After a decline (NEEDS_CARD).")
    @refusable
    def try_another_card(
        self, info: Info, order: UUID, payment_token: str
    ) -> OrderResult:
        found = _order(order)
        form = CardForm({"confirmation_token": payment_token})
        if not form.is_valid():
            raise _of_token(form)
        token = form.cleaned_data["confirmation_token"]
        try_another_card(found, token, info.context.client)
        return order_of(found)

    @strawberry.mutation(
        description="The customer is back from the bank: read the answer there now."
    )
    @refusable
    def read_bank_answer(self, order: UUID) -> OrderResult:
        found = _order(order)
        read_after_return(found)
        return order_of(found)

    @strawberry.mutation(
        description="At once while nothing is paid, else a request to the staff. `key` "
        "is made by the client: sent again, there is one request."
    )
    @refusable
    def cancel_order(self, order: UUID, key: UUID, reason: str = "") -> OrderResult:
        found = _order(order)
        form = CancelForm({"uid": str(key), "reason": reason})
        if not form.is_valid():
            raise Invalid.of(form)
        cancellations.ask(found, form.cleaned_data["uid"], form.cleaned_data["reason"])
        return order_of(found)

    @strawberry.mutation(description="Ask to return goods; staff decide.")
    @refusable
    def request_return(self, order: UUID, request: ReturnInput) -> OrderResult:
        found = _order(order)
        data = {each.id: each.quantity for each in request.items} | {
            "uid": str(request.key),
            "reason": request.reason.value,
            "comment": request.comment,
        }
        form = ReturnForm(found, data)
        if form.made():
            return order_of(found)
        if may_ask_until(found) is None:
            raise NotReturnable(found.number)
        if {each.id for each in request.items} - form.parts.keys():
            raise Invalid({"items": [_("Say which items come back.")]})
        if not form.is_valid():
            raise Invalid.of(form)
        returns.ask(found, form.wish())
        return order_of(found)


def _order(uid: UUID) -> Order:
    found = Order.objects.filter(uid=uid).first()
    if found is None:
        raise OrderUnknown
    return found


def _of_token(form: BaseForm) -> Invalid:
    """Return the form's errors, under the name that the input gives to the token."""
    errors = Invalid.of(form).errors
    names = {"confirmation_token": "payment_token"}
    return Invalid({names.get(name, name): found for name, found in errors.items()})
