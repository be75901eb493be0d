"""Step 4, local: record the end of the cancellation, and queue its one mail."""

from checkout.aftersales.cancellations.claimed_cancellation import cancellation_of
from checkout.aftersales.cancellations.refund_charge import LINK
from checkout.flow.policies import LEASE, RETRY
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.status.names import CLOSE_CANCELLATION
from orders.transitions import cancellations
from saga.step import Context, Kind, Step


def close(context: Context) -> None:
    cancellation = cancellation_of(context)
    if cancellations.finish(cancellation):
        outbox.queue(cancellation.order, MailKind.CANCELLED)


STEP = Step(
    CLOSE_CANCELLATION,
    link=LINK,
    kind=Kind.LOCAL,
    do=close,
    retry=RETRY,
    lease=LEASE,
)
