"""Going through a stretch of time: Stripe's list, our payments, what was found before.

Stripe is read a page at a time and a day at a time: no more than two days' names are
kept in memory. A list is a picture of what goes on moving, so it only raises
suspicion. What is reported was looked at once more, by name: our books first, then the
payment itself.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import QuerySet

from checkout.payments.gateway import (
    Intent,
    Misconfigured,
    NotFound,
    get_gateway,
)
from checkout.reconciliation import refunds_and_disputes
from checkout.reconciliation.books import Entry, read_books, read_entries
from checkout.reconciliation.compare import Moment, compare
from checkout.reconciliation.findings import Finding
from checkout.reconciliation.kinds import OF_DISPUTES, OF_GOODS, OF_REFUNDS
from checkout.reconciliation.models import Mismatch
from orders.models import Payment

_SLICE = timedelta(days=1)
_BATCH = 100
# So many payments in a row that Stripe has never heard of are another account's.
_STRANGERS = 50


class Examination:
    """One pass over what was paid for from ``since`` to ``until``.

    ``told`` hears how many payments have been looked at; it may raise to stop.
    """

    def __init__(
        self,
        since: datetime,
        until: datetime,
        moment: Moment,
        told: Callable[[int], object] = lambda _done: None,
    ) -> None:
        self.since = since
        self.until = until
        self.moment = moment
        self.intents = 0
        self._told = told
        self._unknown = 0

    def findings(self) -> Iterator[Finding]:
        """Yield what disagrees; the same finding may come twice.

        May raise PaymentError: then what came before still holds.
        """
        newer: set[str] = set()
        for start, end in _slices(self.since, self.until):
            self._told(self.intents)
            seen: set[str] = set()
            yield from self._listed(start, end, seen)
            # An order placed before midnight may have been paid for after it.
            yield from self._unlisted(start, end, seen, newer)
            newer = seen
        yield from self._found_before()
        yield from refunds_and_disputes.findings(
            self.since, self.moment, lambda: self._told(self.intents)
        )

    def _listed(
        self, start: datetime, end: datetime, seen: set[str]
    ) -> Iterator[Finding]:
        # Stripe counts in seconds, and the present one is not over.
        before = end if end < self.until else None
        for page in _batches(get_gateway().created_since(start, before)):
            seen.update(intent.id for intent in page)
            self.intents += len(page)
            self._told(self.intents)
            books = read_books(page)
            for intent in page:
                if compare(books.of(intent), intent, self.moment):
                    yield from self._intent(intent)

    def _unlisted(
        self, start: datetime, end: datetime, *seen: set[str]
    ) -> Iterator[Finding]:
        placed = Payment.objects.filter(
            order__placed_at__gte=start, order__placed_at__lt=end
        )
        for rows in _payments(placed):
            left = [pk for pk, name in rows if not any(name in names for names in seen)]
            for entry in read_entries(Payment.objects.filter(pk__in=left)):
                if not self.moment.is_fresh(entry.order.placed_at):
                    yield from self._entry(entry)

    def _found_before(self) -> Iterator[Finding]:
        """Look again at what earlier runs found, however long ago it was paid for."""
        before = Mismatch.objects.open().filter(last_seen__lt=self.moment.now)
        others = [*OF_GOODS, *OF_REFUNDS, *OF_DISPUTES]
        rows = before.exclude(kind__in=others).order_by("pk")
        for number, intent_id in list(rows.values_list("order_number", "intent_id")):
            payments = Payment.objects.filter(order__number=number)
            entries = read_entries(payments) if number else []
            for entry in entries:
                yield from self._entry(entry)
            if intent_id and all(
                entry.payment.intent_id != intent_id for entry in entries
            ):
                named = self._retrieve(intent_id)
                yield from self._intent(named) if named else []

    def _intent(self, listed: Intent) -> list[Finding]:
        entry = read_books([listed]).of(listed)
        return compare(entry, self._retrieve(listed.id), self.moment)

    def _entry(self, entry: Entry) -> list[Finding]:
        intent_id = entry.payment.intent_id
        intent = self._retrieve(intent_id) if intent_id else None
        return compare(entry, intent, self.moment)

    def _retrieve(self, intent_id: str) -> Intent | None:
        self._told(self.intents)
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
    """Cut the stretch into days, the newest first, as Stripe lists."""
    end = until
    while end > since:
        start = max(since, end - _SLICE)
        yield start, end
        end = start


def _batches(intents: Iterable[Intent]) -> Iterator[list[Intent]]:
    rest = iter(intents)
    while page := list(islice(rest, _BATCH)):
        yield page


def _payments(placed: QuerySet[Payment]) -> Iterator[list[tuple[int, str | None]]]:
    """Read key and intent of ``placed`` in batches; none is kept."""
    last = 0
    while True:
        rows = placed.filter(pk__gt=last).order_by("pk")
        batch = list(rows.values_list("pk", "intent_id")[: 5 * _BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1][0]
