"""Objects at Stripe that cannot be read: reported, and compared as soon as they can be.

Such an object hides whether it agrees. So a mismatch that it concerns is not resolved,
and while nobody can say which object it is, no mismatch of its kind is.
"""

from datetime import datetime

from django.db.models import Q

from checkout.payments.unreadable import UnreadableObject
from checkout.reconciliation.kinds import (
    OF_DISPUTES,
    OF_INTENTS,
    OF_REFUNDS,
    UNREADABLE,
    Finding,
    Kind,
)
from checkout.reconciliation.models import Mismatch
from orders.models import Dispute, Payment

INTENT, REFUND, DISPUTE = "payment_intent", "refund", "dispute"
_KINDS = {
    INTENT: Kind.UNREADABLE_PAYMENT,
    REFUND: Kind.UNREADABLE_REFUND,
    DISPUTE: Kind.UNREADABLE_DISPUTE,
}
_CONCERNED = {
    Kind.UNREADABLE_PAYMENT: OF_INTENTS,
    Kind.UNREADABLE_REFUND: OF_REFUNDS,
    Kind.UNREADABLE_DISPUTE: OF_DISPUTES,
}


def finding(thing: UnreadableObject) -> Finding:
    """Return the mismatch that reports ``thing``, with its order if we know that."""
    created = thing.created_at.isoformat() if thing.created_at else ""
    number, intent_id = _order_of(thing) if thing.id else ("", "")
    return Finding(
        _KINDS[thing.kind],
        thing.id or f"? {created}".strip(),
        number,
        intent_id,
        {"id": thing.id, "why": thing.why, "created": created},
    )


def _order_of(thing: UnreadableObject) -> tuple[str, str]:
    """Return order number and intent of what is recorded under its id."""
    rows = {
        INTENT: Payment.objects.filter(intent_id=thing.id),
        REFUND: Payment.objects.filter(refunds__refund_id=thing.id),
        DISPUTE: Payment.objects.filter(
            intent_id__in=Dispute.objects.filter(dispute_id=thing.id).values(
                "intent_id"
            )
        ),
    }[thing.kind]
    known = rows.values_list("order__number", "intent_id").first()
    number, intent_id = known or ("", None)
    return number, intent_id or (thing.id if thing.kind == INTENT else "")


def found_before(kind: str, moment: datetime) -> list[str]:
    """Return the ids of such objects that earlier runs found, however old they are."""
    rows = Mismatch.objects.open().filter(kind=_KINDS[kind], last_seen__lt=moment)
    named = rows.order_by("pk").values_list("facts", flat=True)
    return [facts["id"] for facts in named if facts["id"]]


def out_of_sight(looked_back_to: datetime) -> list[int]:
    """Return the open mismatches about objects that no id finds again.

    A run that looked back so far has not listed them, or may not have: that it did not
    find them says nothing. They stay until staff explain them.
    """
    rows = Mismatch.objects.open().filter(kind__in=UNREADABLE, explained_at=None)
    return [
        pk
        for pk, facts in rows.values_list("pk", "facts")
        if not facts["id"] and not _is_after(facts["created"], looked_back_to)
    ]


def unproven() -> Q:
    """Return what concerns an object that is still unreadable: it may be gone, or not.

    Once staff have explained an object without an id, it leaves the others alone.
    """
    unproven = Q(pk__in=[])
    for kind, concerned in _CONCERNED.items():
        about = Mismatch.objects.open().filter(kind=kind)
        unexplained = about.filter(explained_at=None).values_list("facts", flat=True)
        if any(not facts["id"] for facts in unexplained):
            unproven |= Q(kind__in=concerned)
            continue
        named = Q(subject__in=about.values("subject"))
        if kind == Kind.UNREADABLE_PAYMENT:
            named |= Q(intent_id__in=about.values("subject"))
            numbers = about.exclude(order_number="").values("order_number")
            named |= Q(order_number__in=numbers)
        unproven |= Q(kind__in=concerned) & named
    return unproven


def _is_after(created: str, moment: datetime) -> bool:
    return bool(created) and datetime.fromisoformat(created) >= moment
