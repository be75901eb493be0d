"""Returns: ask for one, decide on it, book what arrives, and settle it.

Only a person refunds: what arrived is offered on the page of refunds, and the return is
closed by the refund that this person makes (``returns.refunds``).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from checkout.aftersales.returns import notices
from checkout.aftersales.shortages.services import by_origin, left_as, named
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.status.names import CHECKOUT_NAME
from checkout.status.returns import may_ask_until
from inventory import losses
from orders.errors import AskedTooOften, NotReturnable
from orders.models import Order, Return, ReturnLine, ReturnPhoto
from orders.parcels import Units, has_left, returnable
from orders.transitions import returns
from orders.transitions.returns import Decision, Outcome, Wish
from saga.alerting import raise_notice
from shop import database_clock

# Photos that are removed in one transaction.
_BATCH = 1000
# Returns of one order that its customer may ask for within a day: each is a mail and an
# alert, and those that are withdrawn leave their units to be asked for again.
MOST_A_DAY = 10
# How the history names the customer.
CUSTOMER = "customer"


@transaction.atomic
def ask(order: Order, wish: Wish) -> Return:
    """Record what the customer wants to return, and alert staff. Twice is once.

    Raises NotReturnable, AskedTooOften or TooManyReturned, and then changes nothing.
    """
    if may_ask_until(order) is None:
        raise NotReturnable(order.number)
    since = database_clock.read() - timedelta(days=1)
    lately = Return.objects.filter(order=order, by_customer=True)
    others = lately.filter(requested_at__gt=since).exclude(uid=wish.uid)
    if others.count() >= MOST_A_DAY:
        raise AskedTooOften(order.number)
    returned, is_new = returns.request(order, wish)
    if is_new:
        _queue_mail(returned, MailKind.RETURN_REQUESTED)
        topic = f"{notices.REQUESTED} {returned.pk}"
        raise_notice(CHECKOUT_NAME, topic, database_clock.read())
    return returned


@transaction.atomic
def register(order: Order, wish: Wish, decision: Decision) -> Return:
    """Record a return that staff allow, and mail what to do. Twice is once.

    Raises NotReturnable or TooManyReturned, and then changes nothing.
    """
    returned, is_new = returns.register(order, wish, decision)
    if is_new:
        _queue_mail(returned, MailKind.RETURN_APPROVED)
    return returned


@transaction.atomic
def approve(returned: Return, decision: Decision) -> bool:
    """Allow what the customer asked for. Return False if it was allowed before.

    Raises ReturnMoved, and then changes nothing.
    """
    moved = returns.approve(returned, decision)
    if moved:
        _queue_mail(returned, MailKind.RETURN_APPROVED)
    return moved


@transaction.atomic
def refuse(returned: Return, decision: Decision) -> bool:
    """Refuse it, with words for the customer. Return False if it was before.

    Raises ReturnMoved, and then changes nothing.
    """
    moved = returns.refuse(returned, decision)
    if moved:
        _queue_mail(returned, MailKind.RETURN_REFUSED)
    return moved


@transaction.atomic
def withdraw(returned: Return, actor: str) -> bool:
    """End a return whose parcel does not come. Return False if it was before.

    Raises ReturnMoved, and then changes nothing.
    """
    return returns.withdraw(returned, actor)


@transaction.atomic
def receive(returned: Return, outcomes: Sequence[Outcome], actor: str) -> bool:
    """Record the parcel, and book what became of its units. False if it was before.

    Raises ReturnMoved, or NotShipped if the ledger knows nothing of the units, and then
    changes nothing.
    """
    if not returns.receive(returned, outcomes, actor):
        return False
    order = returned.order
    scrapped = by_origin(_units((each.row, each.scrapped) for each in outcomes))
    kept = by_origin(
        _units((each.row, each.restocked + each.scrapped) for each in outcomes)
    )
    for origin, units in kept.items():
        losses.take_back_and_scrap(
            left_as(order, origin),
            units,
            scrapped.get(origin, {}),
            named(reference_of(returned), origin),
            actor,
        )
    _queue_mail(returned, MailKind.RETURN_RECEIVED)
    return True


@transaction.atomic
def close(returned: Return, actor: str, answer: str) -> bool:
    """Settle a return without a refund, with words for the customer.

    Return False if it was before. Raises ReturnMoved, and then changes nothing.
    """
    moved = returns.close(returned, actor, answer=answer)
    if moved:
        _queue_mail(returned, MailKind.RETURN_CLOSED)
    return moved


def forget_photos(now: datetime) -> int:
    """Remove photos of returns that ended RETURN_PHOTO_DAYS ago. Return how many."""
    if not settings.RETURN_PHOTO_DAYS:
        return 0
    before = now - timedelta(days=settings.RETURN_PHOTO_DAYS)
    rows = ReturnPhoto.objects.filter(returned__closed_at__lt=before).order_by("pk")
    keys = list(rows.values_list("pk", flat=True)[:_BATCH])
    return ReturnPhoto.objects.filter(pk__in=keys).delete()[0]


def is_returnable(order: Order) -> bool:
    """Return whether some of the order was sent, and can still come back."""
    return has_left(order) and bool(returnable(order))


def reference_of(returned: Return) -> str:
    """Return the name of a return in the stock's ledger."""
    return f"{returned.order.number} return {returned.pk}"


def _queue_mail(returned: Return, kind: MailKind) -> None:
    """Queue a mail about a return, once for its kind."""
    outbox.queue(returned.order, kind, str(returned.pk), returned=returned.pk)


def _units(parts: Iterable[tuple[ReturnLine, int]]) -> list[Units]:
    return [
        Units(row.line, quantity, row.substitute) for row, quantity in parts if quantity
    ]
