"""What a customer may be refused, as answers with a code.

The refusals are the exceptions that the pages show, and their sentences are the same.
Each has one code here, which clients compare; the sentence is for people.
"""

import enum
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

import strawberry
from django.forms import BaseForm
from django.utils.translation import gettext as _

from api.types.cart import Cart, Quote
from api.types.orders import Order
from api.types.waiting_room import PlaceInLine, place_of
from checkout.aftersales.cancellations import errors as cancellations
from checkout.announcements.errors import CheckoutPaused
from checkout.card_testing.errors import TooManyCards
from checkout.cart import errors as carts
from checkout.placement import errors as placement
from checkout.promotions import errors as promotions
from checkout.tracking.errors import CardNotNeeded, GoodsGone
from checkout.waiting_room.errors import MustWait
from orders import errors as orders

P = ParamSpec("P")
T = TypeVar("T")


@strawberry.enum(description="Why something was refused. Nothing was changed.")
class RefusalCode(enum.Enum):
    INVALID_INPUT = "invalid_input"
    CART_UNKNOWN = "cart_unknown"
    CART_ORDERED = "cart_ordered"
    CART_EMPTY = "cart_empty"
    CART_FULL = "cart_full"
    NOT_FOR_SALE = "not_for_sale"
    NOT_ENOUGH = "not_enough"
    TOO_MANY_PER_ORDER = "too_many_per_order"
    NOT_ORDERABLE = "not_orderable"
    COUPON_UNKNOWN = "coupon_unknown"
    COUPON_NOT_VALID = "coupon_not_valid"
    COUPON_NOT_YET_VALID = "coupon_not_yet_valid"
    COUPON_USED_UP = "coupon_used_up"
    COUPON_USED_BY_CUSTOMER = "coupon_used_by_customer"
    COUPON_TOO_MANY_GUESSES = "coupon_too_many_guesses"
    INFORMATION_MISSING = "information_missing"
    CARD_MISSING = "card_missing"
    QUOTE_CHANGED = "quote_changed"
    SOLD_OUT = "sold_out"
    TOO_MANY_CARDS = "too_many_cards"
    TOO_MANY_UNPAID = "too_many_unpaid"
    DISCOUNT_GONE = "discount_gone"
    PURCHASE_LIMIT_REACHED = "purchase_limit_reached"
    CHECKOUT_PAUSED = "checkout_paused"
    MUST_WAIT = "must_wait"
    ORDER_UNKNOWN = "order_unknown"
    CARD_NOT_NEEDED = "card_not_needed"
    GOODS_GONE = "goods_gone"
    NOT_CANCELLABLE = "not_cancellable"
    NOT_RETURNABLE = "not_returnable"
    TOO_MANY_RETURNED = "too_many_returned"


class CartUnknown(Exception):
    """There is no such cart, or it is another customer's."""

    @property
    def sentence(self) -> str:
        return _("There is no such cart.")


class OrderUnknown(Exception):
    @property
    def sentence(self) -> str:
        return _("There is no such order.")


class NotOrderable(Exception):
    """Something in the cart cannot be ordered as it is."""

    def __init__(self, quote: Any) -> None:
        super().__init__("the cart cannot be ordered")
        self.quote = quote

    @property
    def sentence(self) -> str:
        """Return what is in the way, as the page of the cart says it."""
        if not self.quote.lines:
            return placement.CartEmpty().sentence
        limits = [each.limit_problem for each in self.quote.lines]
        problems = [self.quote.obstacle, *limits]
        changed = placement.QuoteChanged().sentence
        return next((each for each in problems if each), changed)


class Invalid(Exception):
    """A form does not accept what was sent. ``errors``: field -> sentences."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(f"not accepted: {sorted(errors)}")
        self.errors = errors

    @classmethod
    def of(cls, form: BaseForm) -> "Invalid":
        return cls(
            {name: [str(each) for each in form.errors[name]] for name in form.errors}
        )


# The most special first: an exception has the code of the first class that it is of.
CODES: dict[type[Exception], RefusalCode] = {
    CartUnknown: RefusalCode.CART_UNKNOWN,
    OrderUnknown: RefusalCode.ORDER_UNKNOWN,
    NotOrderable: RefusalCode.NOT_ORDERABLE,
    carts.CartNotOpen: RefusalCode.CART_ORDERED,
    carts.CartFull: RefusalCode.CART_FULL,
    carts.NotForSale: RefusalCode.NOT_FOR_SALE,
    carts.NotEnough: RefusalCode.NOT_ENOUGH,
    carts.TooManyPerOrder: RefusalCode.TOO_MANY_PER_ORDER,
    promotions.UnknownCode: RefusalCode.COUPON_UNKNOWN,
    promotions.CodeNotYetValid: RefusalCode.COUPON_NOT_YET_VALID,
    promotions.CodeUsedUp: RefusalCode.COUPON_USED_UP,
    promotions.CodeUsedByCustomer: RefusalCode.COUPON_USED_BY_CUSTOMER,
    promotions.TooManyGuesses: RefusalCode.COUPON_TOO_MANY_GUESSES,
    promotions.CouponRefused: RefusalCode.COUPON_NOT_VALID,
    promotions.DiscountGone: RefusalCode.DISCOUNT_GONE,
    promotions.PurchaseLimitReached: RefusalCode.PURCHASE_LIMIT_REACHED,
    placement.CartEmpty: RefusalCode.CART_EMPTY,
    placement.InformationMissing: RefusalCode.INFORMATION_MISSING,
    placement.CardMissing: RefusalCode.CARD_MISSING,
    placement.QuoteChanged: RefusalCode.QUOTE_CHANGED,
    placement.SoldOut: RefusalCode.SOLD_OUT,
    placement.TooManyUnpaid: RefusalCode.TOO_MANY_UNPAID,
    TooManyCards: RefusalCode.TOO_MANY_CARDS,
    CheckoutPaused: RefusalCode.CHECKOUT_PAUSED,
    MustWait: RefusalCode.MUST_WAIT,
    CardNotNeeded: RefusalCode.CARD_NOT_NEEDED,
    GoodsGone: RefusalCode.GOODS_GONE,
    cancellations.NotCancellable: RefusalCode.NOT_CANCELLABLE,
    orders.CancellationMoved: RefusalCode.NOT_CANCELLABLE,
    orders.TooManyReturned: RefusalCode.TOO_MANY_RETURNED,
    orders.ReturnRefused: RefusalCode.NOT_RETURNABLE,
}
REFUSALS: tuple[type[Exception], ...] = (*CODES, Invalid)


@strawberry.interface(description="A refusal. Nothing was changed.")
class Refusal:
    code: RefusalCode
    message: str = strawberry.field(description="For people, as the pages say it.")


@strawberry.type(description="A refusal of which there is no more to say.")
class Refused(Refusal):
    pass


@strawberry.type(description="More units were asked for than can be had.")
class NotEnough(Refusal):
    free: int
    in_cart: int


@strawberry.type(description="What is bought is not what was confirmed.")
class QuoteChanged(Refusal):
    quote: Quote | None = strawberry.field(
        description="The quote of now. Null: read the cart."
    )


@strawberry.type(description="It is not this cart's turn yet; its place is kept.")
class InLine(Refusal):
    place: PlaceInLine


@strawberry.type
class FieldProblem:
    field: str = strawberry.field(description='As in the input; "": of the whole.')
    messages: list[str]


@strawberry.type(description="The input is not acceptable.")
class InvalidInput(Refusal):
    fields: list[FieldProblem]


AddToCartResult = Annotated[
    Cart | NotEnough | InvalidInput | Refused, strawberry.union("AddToCartResult")
]
CartResult = Annotated[Cart | InvalidInput | Refused, strawberry.union("CartResult")]
PlaceOrderResult = Annotated[
    Order | QuoteChanged | InLine | InvalidInput | Refused,
    strawberry.union("PlaceOrderResult"),
]
WaitingRoomResult = Annotated[
    PlaceInLine | Refused, strawberry.union("WaitingRoomResult")
]
OrderResult = Annotated[Order | InvalidInput | Refused, strawberry.union("OrderResult")]


def refusable(resolver: Callable[P, T]) -> Callable[P, T]:
    """Return the resolver, with refusals as answers and not as errors."""

    @wraps(resolver)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return resolver(*args, **kwargs)
        except REFUSALS as refusal:
            return answer_of(refusal)  # type: ignore[return-value]

    return answer


def answer_of(refusal: Exception) -> Refusal:
    """Return the answer to a refusal, which is one of REFUSALS."""
    if isinstance(refusal, Invalid):
        return _invalid(refusal.errors)
    code = next(code for kind, code in CODES.items() if isinstance(refusal, kind))
    message = str(getattr(refusal, "sentence", ""))
    if isinstance(refusal, carts.NotEnough):
        return NotEnough(
            code=code, message=message, free=refusal.free, in_cart=refusal.in_cart
        )
    if isinstance(refusal, placement.QuoteChanged):
        now = getattr(refusal, "quote", None)
        return QuoteChanged(code=code, message=message, quote=now and Quote(row=now))
    if isinstance(refusal, MustWait):
        return InLine(code=code, message=message, place=place_of(refusal.place))
    return Refused(code=code, message=message)


def problems_of(errors: dict[str, list[str]]) -> list[FieldProblem]:
    """Return what is wrong with each field, named as the input names it."""
    return [
        FieldProblem(field=_camel(name), messages=found)
        for name, found in errors.items()
    ]


def _invalid(errors: dict[str, list[str]]) -> InvalidInput:
    problems = problems_of(errors)
    message = " ".join(_flat(each.messages for each in problems))
    code = RefusalCode.INVALID_INPUT
    return InvalidInput(code=code, message=message, fields=problems)


def _camel(name: str) -> str:
    """Return the field as the input names it: billing_name is billing.name."""
    if name == "__all__":
        return ""
    if name.startswith("billing_"):
        return f"billing.{name.removeprefix('billing_')}"
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _flat(groups: Iterable[list[str]]) -> Iterable[str]:
    return (each for group in groups for each in group)
