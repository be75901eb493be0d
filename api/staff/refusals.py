"""What staff's pages refuse, as answers with a code: their exceptions and words."""

import enum
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import strawberry
from django.utils.translation import gettext as _

from api.refusals import FieldProblem, Invalid, OrderUnknown, problems_of
from checkout.aftersales import dispatch_errors as dispatch
from checkout.aftersales.cancellations.errors import NotCancellable
from inventory.errors import OutOfStock, UnknownSku
from orders.errors import CancellationMoved, CorrectionRefused

P = ParamSpec("P")
T = TypeVar("T")


@strawberry.enum(description="Why something was refused. Nothing was changed.")
class RefusalCode(enum.Enum):
    INVALID_INPUT = "invalid_input"
    ORDER_UNKNOWN = "order_unknown"
    PARCEL_UNKNOWN = "parcel_unknown"
    SKU_UNKNOWN = "sku_unknown"
    NOT_RESUMED = "not_resumed"
    NOT_RELEASABLE = "not_releasable"
    NOT_SHIPPABLE = "not_shippable"
    NOT_CORRECTED = "not_corrected"
    NOT_CANCELLABLE = "not_cancellable"
    REFUND_NEEDED = "refund_needed"
    TOO_FEW_FREE = "too_few_free"


class ParcelUnknown(Exception):
    @property
    def sentence(self) -> str:
        return _("The order has no such parcel.")


class NotResumed(Exception):
    """``sentence`` says what was in the way, as the page of stalled orders does."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class RefundNeeded(Exception):
    """Cancelling would give money back: a person does that, in the admin."""

    @property
    def sentence(self) -> str:
        return _(
            "Cancelling this order gives money back. A person does that on the order's "
            "page."
        )


def key_used() -> Invalid:
    """Return the refusal of a key that has named another act before."""
    text = _("This key was used for something else. Make a new one for each act.")
    return Invalid({"key": [text]})


# The most special first: an exception has the code of the first class that it is of.
CODES: dict[type[Exception], RefusalCode] = {
    OrderUnknown: RefusalCode.ORDER_UNKNOWN,
    ParcelUnknown: RefusalCode.PARCEL_UNKNOWN,
    UnknownSku: RefusalCode.SKU_UNKNOWN,
    NotResumed: RefusalCode.NOT_RESUMED,
    RefundNeeded: RefusalCode.REFUND_NEEDED,
    dispatch.NotReleasable: RefusalCode.NOT_RELEASABLE,
    dispatch.NotShippable: RefusalCode.NOT_SHIPPABLE,
    CorrectionRefused: RefusalCode.NOT_CORRECTED,
    NotCancellable: RefusalCode.NOT_CANCELLABLE,
    CancellationMoved: RefusalCode.NOT_CANCELLABLE,
    OutOfStock: RefusalCode.TOO_FEW_FREE,
}
REFUSALS: tuple[type[Exception], ...] = (*CODES, Invalid)


@strawberry.type(description="A refusal. Nothing was changed.")
class Refused:
    code: RefusalCode
    message: str = strawberry.field(description="For people, as the admin says it.")
    fields: list[FieldProblem] = strawberry.field(
        description="What is wrong with the input (INVALID_INPUT)."
    )


def refusable(resolver: Callable[P, T]) -> Callable[P, T]:
    """Return the resolver, with refusals as answers and not as errors."""

    @wraps(resolver)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return resolver(*args, **kwargs)
        except REFUSALS as refusal:
            return answer_of(refusal)  # type: ignore[return-value]

    return answer


def answer_of(refusal: Exception) -> Refused:
    """Return the answer to a refusal, which is one of REFUSALS."""
    if isinstance(refusal, Invalid):
        problems = problems_of(refusal.errors)
        message = " ".join(text for each in problems for text in each.messages)
        return Refused(code=RefusalCode.INVALID_INPUT, message=message, fields=problems)
    code = next(code for kind, code in CODES.items() if isinstance(refusal, kind))
    message = str(getattr(refusal, "sentence", ""))
    return Refused(code=code, message=message, fields=[])
