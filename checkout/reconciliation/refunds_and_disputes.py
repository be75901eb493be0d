"""Compare refunds and disputes at Stripe with those in our books.

As with payments, a list only raises a suspicion: our books and then the refund itself
are read once more before it is reported. What will be polled soon counts as under way.
Refunds are recorded here before they are sent to Stripe.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from checkout.aftersales.disputes.services import STATUS
from checkout.payments.gateway import NotFound, UnreadableAnswer, get_gateway
from checkout.payments.refunds_and_disputes import (
    ProviderDispute,
    ProviderRefund,
    RefundStatus,
)
from checkout.payments.unreadable import UnreadableObject
from checkout.reconciliation import unreadable
from checkout.reconciliation.compare import Moment
from checkout.reconciliation.kinds import OF_DISPUTES, OF_REFUNDS, Finding, Kind
from checkout.reconciliation.models import Mismatch
from orders.models import Dispute, Payment, Refund

_REFUND_STATES = {
    RefundStatus.PENDING: Refund.Status.PENDING,
    RefundStatus.NEEDS_CUSTOMER: Refund.Status.PENDING,
    RefundStatus.SUCCEEDED: Refund.Status.SUCCEEDED,
    RefundStatus.FAILED: Refund.Status.FAILED,
    RefundStatus.CANCELED: Refund.Status.FAILED,
}
_SENT = (Refund.Status.PENDING, Refund.Status.SUCCEEDED)
_BATCH = 200


def findings(
    since: datetime, moment: Moment, on_progress: Callable[[], object]
) -> Iterator[Finding]:
    """Yield what disagrees about money returned since then, as Scan.findings does."""
    yield from _refunds(since, moment, on_progress)
    yield from _disputes(since, moment, on_progress)


def _refunds(
    since: datetime, moment: Moment, on_progress: Callable[[], object]
) -> Iterator[Finding]:
    seen = set()
    for refund in get_gateway().refunds_since(since):
        on_progress()
        seen.add(refund.id)
        if isinstance(refund, UnreadableObject):
            yield from _listed_unreadable(refund, moment)
        elif _refund(refund, moment):
            yield from _refund_again(refund.id, moment)
    yield from _unlisted(since, moment, seen)
    for refund_id in _found_before(OF_REFUNDS, unreadable.REFUND, moment):
        on_progress()
        yield from _refund_again(refund_id, moment)


def _disputes(
    since: datetime, moment: Moment, on_progress: Callable[[], object]
) -> Iterator[Finding]:
    for dispute in get_gateway().disputes_since(since):
        on_progress()
        if isinstance(dispute, UnreadableObject):
            yield from _listed_unreadable(dispute, moment)
        elif _dispute(dispute, moment):
            yield from _dispute_again(dispute.id, moment)
    for dispute_id in _found_before(OF_DISPUTES, unreadable.DISPUTE, moment):
        on_progress()
        yield from _dispute_again(dispute_id, moment)


def _listed_unreadable(thing: UnreadableObject, moment: Moment) -> list[Finding]:
    """Compare an object that a list shows unreadable; alone it may be readable."""
    if not thing.id:
        return [unreadable.finding(thing)]
    again = _refund_again if thing.kind == unreadable.REFUND else _dispute_again
    return again(thing.id, moment)


def _found_before(kinds: list[Kind], thing: str, moment: Moment) -> list[str]:
    open_ones = Mismatch.objects.open().filter(last_seen__lt=moment.now)
    rows = open_ones.filter(kind__in=kinds).order_by("pk")
    names = [
        *rows.values_list("subject", flat=True),
        *unreadable.found_before(thing, moment.now),
    ]
    return list(dict.fromkeys(names))


def _unlisted(since: datetime, moment: Moment, seen: set[str]) -> Iterator[Finding]:
    """Compare refunds that we know of and Stripe did not list."""
    rows = Refund.objects.filter(requested_at__gte=since, status__in=_SENT)
    for name in rows.values_list("refund_id", flat=True).iterator(chunk_size=_BATCH):
        if name and name not in seen:
            yield from _refund_again(name, moment)


def _refund_again(refund_id: str, moment: Moment) -> list[Finding]:
    ours = Refund.objects.select_related("payment__order").filter(refund_id=refund_id)
    known = ours.first()
    try:
        there = get_gateway().retrieve_refund(refund_id)
    except NotFound:
        if known is None or known.status not in _SENT:
            return []
        return [_of_refund(Kind.REFUND_UNKNOWN_THERE, known, None)]
    except UnreadableAnswer as error:
        thing = UnreadableObject(unreadable.REFUND, refund_id, error.why)
        return [unreadable.finding(thing)]
    return _refund(there, moment)


def _refund(there: ProviderRefund, moment: Moment) -> list[Finding]:
    rows = Refund.objects.select_related("payment__order")
    # By its name too: the answer to the call may have been lost.
    mine = Q(refund_id=there.id)
    if _is_uid(there.name):
        mine |= Q(uid=there.name)
    known = rows.filter(mine).first()
    state = _REFUND_STATES[there.status]
    if known is None:
        is_paid = state != Refund.Status.FAILED
        return list(_unknown(there)) if is_paid else []
    found = []
    if (there.amount, there.currency) != (known.amount_minor, known.currency):
        found.append(_of_refund(Kind.REFUND_AMOUNT_DIFFERS, known, there))
    if known.status != state and not _is_awaited(known, moment):
        found.append(_of_refund(Kind.REFUND_STATE_DIFFERS, known, there))
    return found


def _unknown(there: ProviderRefund) -> Iterator[Finding]:
    """Yield a refund of our charge that was not requested here."""
    rows = Payment.objects.select_related("order").filter(intent_id=there.intent_id)
    for payment in rows:
        facts = {
            "there_minor": there.amount,
            "there_currency": there.currency,
            "payment_status": payment.status,
            "here_intent": there.intent_id,
        }
        kind = Kind.REFUND_UNKNOWN_HERE
        yield Finding(kind, there.id, payment.order.number, there.intent_id, facts)


def _of_refund(kind: Kind, known: Refund, there: ProviderRefund | None) -> Finding:
    facts: dict[str, object] = {
        "here_minor": known.amount_minor,
        "here_currency": known.currency,
        "here_state": known.status,
    }
    if there:
        facts |= {
            "there_minor": there.amount,
            "there_currency": there.currency,
            "there": _REFUND_STATES[there.status].value,
        }
    payment = known.payment
    subject = there.id if there else known.refund_id or str(known.uid)
    return Finding(kind, subject, payment.order.number, payment.intent_id or "", facts)


def _dispute_again(dispute_id: str, moment: Moment) -> list[Finding]:
    try:
        return _dispute(get_gateway().retrieve_dispute(dispute_id), moment)
    except NotFound:
        return []
    except UnreadableAnswer as error:
        thing = UnreadableObject(unreadable.DISPUTE, dispute_id, error.why)
        return [unreadable.finding(thing)]


def _dispute(there: ProviderDispute, moment: Moment) -> list[Finding]:
    rows = Dispute.objects.select_related("payment__order")
    known = rows.filter(dispute_id=there.id).first()
    state = STATUS[there.status]
    if known is None:
        if moment.is_fresh(there.created_at):
            return []
        kind = Kind.DISPUTE_UNKNOWN_HERE
    elif known.status == state or _is_awaited(known, moment):
        return []
    else:
        kind = Kind.DISPUTE_STATE_DIFFERS
    payments = Payment.objects.filter(intent_id=there.intent_id)
    number = payments.values_list("order__number", flat=True).first()
    facts = {
        "there_minor": there.amount,
        "there_currency": there.currency,
        "there": state.value,
        "here_state": known.status if known else "",
    }
    return [Finding(kind, there.id, number or "", there.intent_id, facts)]


def _is_awaited(row: Refund | Dispute, moment: Moment) -> bool:
    """Return whether it will be polled soon. If it is long overdue, it will not."""
    return row.poll_at is not None and row.poll_at > moment.now - moment.grace


def _is_uid(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True
