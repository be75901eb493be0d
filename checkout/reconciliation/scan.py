"""One pass over a period: Stripe's list, our payments, and mismatches found before.

Stripe is read by pages and by days, so that memory holds no more than two days' ids.
A list shows payments that go on changing, so it only raises a suspicion. Before a
mismatch is reported, our books and then the payment itself are read once more.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db.models import Q, QuerySet

from checkout.payments.gateway import (
    Intent,
    Misconfigured,
    NotFound,
    OutcomeUnknownError,
    UnreadableAnswer,
    get_gateway,
)
from checkout.payments.unreadable import UnreadableObject
from checkout.reconciliation import refunds_and_disputes, unreadable
from checkout.reconciliation.compare import Entry, Moment, compare
from checkout.reconciliation.kinds import OF_INTENTS, Finding
from checkout.reconciliation.models import Mismatch
from checkout.status.sagas import sagas_by_number
from orders.models import Payment

_SLICE = timedelta(days=1)
_BATCH = 100
# So many payments that Stripe does not know mean that the key is of another account. So
# many that cannot be read, and none that can, are no matter of single payments.
_STRANGERS = 50


@dataclass(frozen=True)
class _Books:
    """Our entries that belong to some payments at Stripe."""

    by_intent: dict[str, Entry]
    by_order: dict[str, Entry]

    def of(self, intent: Intent) -> Entry | None:
        """Return the entry whose payment this is, or else whose order it names."""
        return self.by_intent.get(intent.id) or self.by_order.get(intent.order)


class Scan:
    """One pass over what was paid for from ``since`` to ``until``.

    ``on_progress`` is called with the number of payments read; it may raise to stop.
    """

    def __init__(
        self,
        since: datetime,
        until: datetime,
        moment: Moment,
        on_progress: Callable[[int], object] = lambda _done: None,
    ) -> None:
        self.since = since
        self.until = until
        self.moment = moment
        self.intents = 0
        self._on_progress = on_progress
        self._unknown = 0
        self._unread = 0

    def findings(self) -> Iterator[Finding]:
        """Yield what disagrees. The same finding may be yielded twice.

        Raises PaymentError; findings yielded before it remain true.
        """
        newer: set[str] = set()
        for start, end in _slices(self.since, self.until):
            self._on_progress(self.intents)
            seen: set[str] = set()
            yield from self._listed(start, end, seen)
            # An order placed before midnight may have been paid for after it.
            yield from self._unlisted(start, end, seen, newer)
            newer = seen
        yield from self._found_before()
        yield from refunds_and_disputes.findings(
            self.since, self.moment, lambda: self._on_progress(self.intents)
        )

    def _listed(
        self, start: datetime, end: datetime, seen: set[str]
    ) -> Iterator[Finding]:
        # Stripe counts in seconds, and the current second is not over.
        before = end if end < self.until else None
        for page in _batches(get_gateway().created_since(start, before)):
            seen.update(one.id for one in page)
            intents = [one for one in page if isinstance(one, Intent)]
            self.intents += len(intents)
            self._on_progress(self.intents)
            books = _read_books(intents)
            for intent in intents:
                if compare(books.of(intent), intent, self.moment):
                    yield from self._intent(intent)
            for thing in page:
                if isinstance(thing, UnreadableObject):
                    yield from self._listed_unreadable(thing)

    def _unlisted(
        self, start: datetime, end: datetime, *seen: set[str]
    ) -> Iterator[Finding]:
        placed = Payment.objects.filter(
            order__placed_at__gte=start, order__placed_at__lt=end
        )
        for rows in _payments(placed):
            left = [pk for pk, name in rows if not any(name in names for names in seen)]
            for entry in _read_entries(Payment.objects.filter(pk__in=left)):
                if not self.moment.is_fresh(entry.order.placed_at):
                    yield from self._entry(entry)

    def _found_before(self) -> Iterator[Finding]:
        """Compare again what earlier runs found, however old the payment is."""
        for intent_id in unreadable.found_before(unreadable.INTENT, self.moment.now):
            yield from self._named(intent_id)
        before = Mismatch.objects.open().filter(last_seen__lt=self.moment.now)
        rows = before.filter(kind__in=OF_INTENTS).order_by("pk")
        for number, intent_id in list(rows.values_list("order_number", "intent_id")):
            payments = Payment.objects.filter(order__number=number)
            entries = _read_entries(payments) if number else []
            for entry in entries:
                yield from self._entry(entry)
            if intent_id and all(
                entry.payment.intent_id != intent_id for entry in entries
            ):
                yield from self._named(intent_id)

    def _listed_unreadable(self, thing: UnreadableObject) -> list[Finding]:
        """Compare what the list shows unreadable. Alone it may be readable."""
        return self._named(thing.id) if thing.id else [unreadable.finding(thing)]

    def _named(self, intent_id: str) -> list[Finding]:
        """Compare a payment of which only the id is known."""
        try:
            intent = self._retrieve(intent_id)
        except UnreadableAnswer as error:
            return [self._unreadable(intent_id, error)]
        return self._intent(intent) if intent else []

    def _intent(self, listed: Intent) -> list[Finding]:
        entry = _read_books([listed]).of(listed)
        try:
            intent = self._retrieve(listed.id)
        except UnreadableAnswer as error:
            return [self._unreadable(listed.id, error)]
        return compare(entry, intent, self.moment)

    def _entry(self, entry: Entry) -> list[Finding]:
        intent_id = entry.payment.intent_id
        try:
            intent = self._retrieve(intent_id) if intent_id else None
        except UnreadableAnswer as error:
            return [self._unreadable(intent_id or "", error)]
        return compare(entry, intent, self.moment)

    def _unreadable(self, intent_id: str, error: UnreadableAnswer) -> Finding:
        self._unread += 1
        if self._unread >= _STRANGERS and not self.intents:
            message = f"none of {self._unread} payments can be read: {error.why}"
            raise OutcomeUnknownError(message) from error
        thing = UnreadableObject(unreadable.INTENT, intent_id, error.why)
        return unreadable.finding(thing)

    def _retrieve(self, intent_id: str) -> Intent | None:
        self._on_progress(self.intents)
        try:
            intent = get_gateway().retrieve(intent_id)
        except NotFound:
            self._unknown += 1
            if self._unknown >= _STRANGERS and not self.intents:
                message = (
                    f"Stripe knows none of {self._unknown} payments: does "
                    "STRIPE_SECRET_KEY belong to the account that took them?"
                )
                raise Misconfigured(message) from None
            return None
        return intent


def _slices(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Divide the period into days, newest first, as Stripe lists them."""
    end = until
    while end > since:
        start = max(since, end - _SLICE)
        yield start, end
        end = start


def _batches(
    intents: Iterable[Intent | UnreadableObject],
) -> Iterator[list[Intent | UnreadableObject]]:
    rest = iter(intents)
    while page := list(islice(rest, _BATCH)):
        yield page


def _payments(placed: QuerySet[Payment]) -> Iterator[list[tuple[int, str | None]]]:
    """Yield key and intent of ``placed`` in batches."""
    last = 0
    while True:
        rows = placed.filter(pk__gt=last).order_by("pk")
        batch = list(rows.values_list("pk", "intent_id")[: 5 * _BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1][0]


def _read_books(intents: Iterable[Intent]) -> _Books:
    """Return our entries that belong to ``intents``, in two queries."""
    intents = list(intents)
    mine = Q(intent_id__in=[intent.id for intent in intents])
    named = Q(order__uid__in=[intent.order for intent in intents if _is_uid(intent)])
    entries = _read_entries(Payment.objects.filter(mine | named))
    return _Books(
        {entry.payment.intent_id or "": entry for entry in entries},
        {str(entry.order.uid): entry for entry in entries},
    )


def _read_entries(payments: QuerySet[Payment]) -> list[Entry]:
    rows = list(payments.select_related("order"))
    sagas = sagas_by_number(row.order.number for row in rows)
    return [Entry(row, sagas.get(row.order.number)) for row in rows]


def _is_uid(intent: Intent) -> bool:
    # Other systems may charge through the same account with other order names.
    try:
        UUID(intent.order)
    except ValueError:
        return False
    return True
