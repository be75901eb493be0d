"""What staff do with an order: the admin's own services, forms and refusals."""

import enum
import json
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.refusals import Invalid, OrderUnknown
from api.staff.context import Info
from api.staff.refusals import (
    NotResumed,
    ParcelUnknown,
    RefundNeeded,
    Refused,
    key_used,
    refusable,
)
from api.staff.types.orders import Order, order_of
from backoffice import permissions
from backoffice.admin.cancellations.forms import AcceptForm
from backoffice.admin.corrections.forms import TrackingForm, initial_of
from backoffice.admin.forms import UNITS, ShipForm, field_of
from backoffice.admin.stalled.forms import ResumeForm
from backoffice.admin.stalled.resume import explain_refusal, resume_order
from backoffice.order_overview import read_overview
from backoffice.tokens.scopes import Scope
from checkout.aftersales import dispatch
from checkout.aftersales.cancellations import services as cancellations
from checkout.aftersales.cancellations.services import Verdict
from checkout.aftersales.corrections import correct_tracking
from orders import models
from orders.errors import CancellationMoved
from orders.models.change import TRACKING
from orders.parcels import due
from shop.money import Money

OrderResult = Annotated[Order | Refused, strawberry.union("OrderResult")]


@strawberry.enum
class Carrier(enum.Enum):
    YAMATO = models.Carrier.YAMATO.value
    SAGAWA = models.Carrier.SAGAWA.value
    JAPAN_POST = models.Carrier.JAPAN_POST.value
    OTHER = models.Carrier.OTHER.value


@strawberry.input(description="A stopped saga, as it was when it was decided upon.")
class SeenSaga:
    id: strawberry.ID
    seen: int


@strawberry.input
class UnitsInput:
    id: strawberry.ID = strawberry.field(description="Of Order.due.")
    quantity: int


@strawberry.input
class ParcelInput:
    key: UUID = strawberry.field(
        description="Made by the client. Sent again, there is one parcel."
    )
    carrier: Carrier | None = strawberry.field(
        default=None, description="Null for what is picked up alone."
    )
    tracking_number: str = ""
    items: list[UnitsInput] | None = strawberry.field(
        default=None, description="Null: all that is due."
    )


@strawberry.input
class TrackingInput:
    key: UUID = strawberry.field(
        description="Made by the client. Sent again, it is corrected once."
    )
    parcel: int = strawberry.field(description="Parcel.number, from 1.")
    carrier: Carrier
    tracking_number: str
    reason: str
    send_mail: bool = True


@strawberry.type
class OrderMutation:
    @strawberry.mutation(
        description="Continue stopped sagas from the step that failed. Needs "
        "orders:resume."
    )
    @refusable
    def resume_order(
        self, info: Info, number: str, sagas: list[SeenSaga], reason: str
    ) -> OrderResult:
        info.context.require(Scope.ORDERS_RESUME, permissions.RESUME_STALLED)
        found = _order(number)
        form = ResumeForm({"reason": reason})
        if not form.is_valid():
            raise Invalid.of(form)
        overview = read_overview(found.pk)
        if overview is None:
            raise OrderUnknown
        given = {str(each.id): each.seen for each in sagas}
        mine = {str(each.pk): each.pk for each in overview.sagas.all}
        seen = {pk: given[key] for key, pk in mine.items() if key in given}
        result = resume_order(
            overview,
            actor=info.context.actor,
            reason=form.cleaned_data["reason"],
            seen=seen,
        )
        if not result.resumed:
            raise NotResumed(result.sentence or explain_refusal(overview))
        return order_of(found)

    @strawberry.mutation(
        description="The goods lie ready: charge an order that is charged at shipment. "
        "Needs orders:release."
    )
    @refusable
    def release_order(self, info: Info, number: str) -> OrderResult:
        info.context.require(Scope.ORDERS_RELEASE, permissions.RELEASE_ORDER)
        found = _order(number)
        dispatch.release(found, info.context.actor)
        return _now(found)

    @strawberry.mutation(
        description="Packed, and lies ready to be picked up; the customer is mailed. "
        "Needs fulfilment:write."
    )
    @refusable
    def mark_ready(self, info: Info, number: str) -> OrderResult:
        info.context.require(Scope.FULFILMENT_WRITE, permissions.SHIP_ORDER)
        found = _order(number)
        dispatch.make_ready(found, info.context.actor)
        return _now(found)

    @strawberry.mutation(
        description="A parcel was packed and handed over; the customer is mailed. "
        "Needs fulfilment:write."
    )
    @refusable
    def ship_order(self, info: Info, number: str, parcel: ParcelInput) -> OrderResult:
        info.context.require(Scope.FULFILMENT_WRITE, permissions.SHIP_ORDER)
        found = _order(number)
        named = models.Parcel.objects.filter(uid=parcel.key)
        if named.filter(shipment__order=found).exists():
            return _now(found)
        if named.exists():
            raise key_used()
        form = ShipForm(_label(found, parcel), due(found), is_pickup=found.is_pickup)
        if not form.is_valid():
            # An order that cannot be shipped says so first, as on its page.
            dispatch.check_shippable(found)
            raise _of_input(form)
        dispatch.ship(
            found,
            carrier=form.cleaned_data.get("carrier", ""),
            tracking_number=form.cleaned_data.get("tracking_number", ""),
            actor=info.context.actor,
            items=form.items(),
            uid=parcel.key,
        )
        return _now(found)

    @strawberry.mutation(
        description="Another carrier or number of a parcel. Needs fulfilment:write."
    )
    @refusable
    def correct_tracking(
        self, info: Info, number: str, tracking: TrackingInput
    ) -> OrderResult:
        info.context.require(Scope.FULFILMENT_WRITE, permissions.CORRECT_ORDER)
        found = _order(number)
        parcels = models.Parcel.objects.filter(shipment__order=found)
        parcel = parcels.filter(number=tracking.parcel).first()
        if parcel is None:
            raise ParcelUnknown
        made = models.OrderChange.objects.filter(uid=tracking.key).first()
        if made is not None:
            if made.parcel_id != parcel.pk:
                raise key_used()
            return _now(found)
        form = TrackingForm(
            {
                "uid": str(tracking.key),
                "seen": json.dumps(initial_of(parcel, TRACKING)["seen"]),
                "carrier": tracking.carrier.value,
                "tracking_number": tracking.tracking_number,
                "with_mail": "on" if tracking.send_mail else "",
                "reason": tracking.reason,
            }
        )
        if not form.is_valid():
            raise Invalid.of(form)
        correction = form.correction(info.context.actor)
        with_mail = form.cleaned_data["with_mail"]
        correct_tracking(found, parcel, correction, with_mail=with_mail)
        return _now(found)

    @strawberry.mutation(
        description="Cancel an order of which nothing is left to refund, or accept its "
        "customer's request; else REFUND_NEEDED: a person decides. `key` is made by "
        "the client: sent again, it is cancelled once. Needs orders:cancel."
    )
    @refusable
    def cancel_order(
        self, info: Info, number: str, key: UUID, reason: str
    ) -> OrderResult:
        info.context.require(Scope.ORDERS_CANCEL, permissions.DECIDE_CANCELLATION)
        found = _order(number)
        settled = cancellations.settled_wish(found)
        if settled is not None:
            if settled.uid == key or _has_accepted(settled, info.context.actor):
                return _now(found)
            raise CancellationMoved(settled)
        if models.Cancellation.objects.filter(uid=key).exists():
            raise key_used()
        nothing = Money(0, found.currency)
        if cancellations.to_refund(found) != nothing:
            raise RefundNeeded
        asked = cancellations.open_request(found)
        form = AcceptForm(
            {"uid": str(key), "shown": "0", "reason": reason},
            is_asked=asked is not None,
            shown=0,
        )
        if not form.is_valid():
            raise Invalid.of(form)
        # Of what is charged meanwhile it is refused: nothing was shown to be refunded.
        verdict = Verdict(info.context.actor, form.cleaned_data["reason"], nothing)
        if asked is not None:
            cancellations.accept(asked, verdict)
        else:
            cancellations.cancel(found, key, verdict)
        return _now(found)


def _order(number: str) -> models.Order:
    found = models.Order.objects.filter(number=number).first()
    if found is None:
        raise OrderUnknown
    return found


def _now(order: models.Order) -> Order:
    """Return the order as it is after the change."""
    return order_of(_order(order.number))


def _has_accepted(wish: models.Cancellation, actor: str) -> bool:
    """Return whether ``actor`` accepted the customer's request, which has its own key.

    A client that lost the answer asks again, and must not read that it was refused.
    """
    accepted = (models.Cancellation.Status.ACCEPTED, models.Cancellation.Status.DONE)
    is_accepted = wish.by_customer and wish.status in accepted
    return is_accepted and wish.decided_by == actor


def _of_input(form: ShipForm) -> Invalid:
    """Return the form's errors, those of quantities under the input's one field."""
    found: dict[str, list[str]] = {}
    for name, texts in Invalid.of(form).errors.items():
        field = "items" if name.startswith(UNITS) else name
        found.setdefault(field, []).extend(texts)
    return Invalid(found)


def _label(order: models.Order, parcel: ParcelInput) -> dict[str, Any]:
    """Return what the page's form would send.

    An id that no goods have is sent as well, so that the form refuses it: a parcel that
    has more in it than is recorded would be shipped twice.
    """
    data: dict[str, Any] = {
        "uid": str(parcel.key),
        "carrier": parcel.carrier.value if parcel.carrier else "",
        "tracking_number": parcel.tracking_number,
    }
    if parcel.items is not None:
        # Of what is not named nothing is in the parcel; the form takes all of it.
        data |= {field_of(units): 0 for units in due(order)}
        for each in parcel.items:
            name = str(each.id)
            name = name if name.startswith(UNITS) else f"{UNITS}{name}"
            data[name] = data.get(name, 0) + each.quantity
    return data
