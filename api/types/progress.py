"""How far an order is, as its page shows it."""

import enum
from datetime import datetime

import strawberry

from checkout.status import progress


@strawberry.enum(description="How the order stands for its customer.")
class OrderOutcome(enum.Enum):
    WORKING = "working"
    RETRYING = "retrying"
    CHECKING_BANK = "checking_bank"
    WAITING_FOR_BANK = "waiting_for_bank"
    NEEDS_CHALLENGE = "needs_challenge"
    NEEDS_CARD = "needs_card"
    NEEDS_VOUCHER = "needs_voucher"
    NEEDS_PAGE = "needs_page"
    ACCEPTED = "accepted"
    ON_HOLD = "on_hold"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    DONE = "done"


@strawberry.enum
class StepKey(enum.Enum):
    STOCK = "stock"
    PAYMENT = "payment"
    PREPARATION = "preparation"


@strawberry.enum
class StepState(enum.Enum):
    PENDING = "pending"
    ACTIVE = "active"
    RETRYING = "retrying"
    NEEDS_YOU = "needs_you"
    SCHEDULED = "scheduled"
    ON_HOLD = "on_hold"
    DONE = "done"
    GIVEN_BACK = "given_back"
    FAILED = "failed"


@strawberry.enum(description="What became of the customer's money.")
class MoneyState(enum.Enum):
    NONE = "none"
    KEPT = "kept"
    RETURNED = "returned"


@strawberry.enum(description="How the customer may cancel the order now.")
class CancelWay(enum.Enum):
    AT_ONCE = "at_once"
    ASK = "ask"


@strawberry.type
class OrderStep:
    key: StepKey
    state: StepState


@strawberry.type(description="How far an order is.")
class OrderProgress:
    version: str = strawberry.field(description="Changes whenever anything shown does.")
    outcome: OrderOutcome
    steps: list[OrderStep]
    money: MoneyState
    is_final: bool
    decline_text: str = strawberry.field(
        description='What was wrong with the card, in words, or "".'
    )
    deadline: datetime | None = strawberry.field(
        description="Until when the customer who is asked may pay."
    )
    goods_until: datetime | None = strawberry.field(
        description="Until when the goods are set aside."
    )
    cancel_way: CancelWay | None
    cancel_reason: str


def progress_of(now: progress.Progress) -> OrderProgress:
    return OrderProgress(
        version=now.version,
        outcome=OrderOutcome(now.outcome),
        steps=[
            OrderStep(key=StepKey(each.key), state=StepState(each.state))
            for each in now.steps
        ],
        money=MoneyState(now.money),
        is_final=now.is_final,
        decline_text=now.decline_text,
        deadline=now.deadline,
        goods_until=now.goods_until,
        cancel_way=CancelWay(now.cancel_way) if now.cancel_way else None,
        cancel_reason=now.cancel_reason,
    )
