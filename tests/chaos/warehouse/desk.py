"""Staff who cancel orders, decide about missing goods and settle what stopped."""

import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db import Error, connections
from django.utils import timezone

from checkout.aftersales.cancellations import services as cancellations
from checkout.aftersales.cancellations.errors import NotCancellable
from checkout.aftersales.cancellations.services import Verdict
from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.shortages import substitutes
from checkout.status.names import SHIPPING_NAME
from inventory.errors import OutOfStock
from orders.errors import CancellationMoved, ShortageMoved
from orders.models import Order, Shortage
from orders.transitions.shortages import Decision
from saga.errors import ActionRefused
from saga.models import Saga
from saga.operations import resume, skip
from shop.catalogue.models import Variant
from tests.chaos.blows import meanwhile
from tests.chaos.counts import orders_with
from tests.chaos.warehouse.plans import Choice, Errand

CLERK = "yuki"
_OPEN = (Order.Status.PENDING, Order.Status.CONFIRMED)
# They are told that it is not possible now, or somebody was quicker: they look again.
_NOT_NOW = (NotCancellable, CancellationMoved, ShortageMoved, OutOfStock, ActionRefused)


class Desk:
    """Carries out errands: mail address -> Errand. ``spare`` replaces other goods."""

    def __init__(
        self, skus: Collection[str], errands: Mapping[str, Errand], spare: str
    ) -> None:
        self._skus = skus
        self._errands = errands
        self._spare = spare
        # One request each, however often it is pressed.
        self._uids = {email: uuid.uuid4() for email in errands}

    @contextmanager
    def open(self) -> Iterator[None]:
        """Look at all orders again and again, until the context ends."""
        with meanwhile(self.look, pause=0.4):
            yield

    def look(self) -> None:
        """Do what is to be done now. Without the database: later."""
        try:
            for order in orders_with(self._skus):
                self._attend(order, self._errands[order.email])
        except Error:
            connections.close_all()

    def leaves(self, saga: Saga) -> bool:
        """Return whether staff leave the stopped saga to others, who are alerted."""
        if saga.error_class != "ReturnedToSender":
            return False
        email = Order.objects.values_list("email", flat=True).get(number=saga.reference)
        return not self._errands[email].skips

    def _attend(self, order: Order, errand: Errand) -> None:
        with suppress(*_NOT_NOW):
            self._decide(order, errand)
        with suppress(*_NOT_NOW):
            self._settle(order, errand)
        is_time = errand.cancel_after is not None and (
            time.time() - order.placed_at.timestamp() > errand.cancel_after
        )
        if is_time:
            self._cancel(order, errand)

    def _cancel(self, order: Order, errand: Errand) -> None:
        """Cancel it, by the customer's wish or not. Again and again is once."""
        if order.status not in _OPEN:
            return
        uid = self._uids[order.email]
        with suppress(*_NOT_NOW):
            verdict = Verdict(CLERK, "chaos", cancellations.to_refund(order))
            if not errand.asked:
                cancellations.cancel(order, uid, verdict)
                return
            wish = cancellations.ask(order, uid, "bought by mistake")
            if wish.status == wish.Status.REQUESTED:
                cancellations.accept(wish, verdict)

    def _decide(self, order: Order, errand: Errand) -> None:
        for shortage in Shortage.objects.filter(order=order).order_by("pk"):
            if not shortage.is_unsettled:
                continue
            if shortage.choice == Choice.WAIT:
                shortages.arrive(shortage, shortage.moves, CLERK, "they are here")
            elif errand.missing not in shortages.open_choices(shortage):
                # Nothing else is in the parcel.
                self._cancel(order, errand)
            else:
                shortages.decide(shortage, self._decision(shortage, errand.missing))

    def _decision(self, shortage: Shortage, choice: Choice) -> Decision:
        spare = Variant.objects.get(sku=self._spare)
        rows = shortages.missing(shortage)
        instead = substitutes.chosen(dict.fromkeys(rows, spare))
        return Decision(
            choice=choice,
            seen=shortage.moves,
            actor=CLERK,
            reason="agreed by phone",
            until=timezone.localdate() + timedelta(days=5)
            if choice == Choice.WAIT
            else None,
            instead=instead if choice == Choice.SUBSTITUTE else (),
        )

    def _settle(self, order: Order, errand: Errand) -> None:
        failed = Saga.objects.failed().filter(
            reference=order.number, definition=SHIPPING_NAME
        )
        for saga in failed:
            if saga.error_class == "ReturnedToSender" and errand.skips:
                skip(saga, CLERK, "sent again by hand")
            elif saga.error_class == "FulfilmentRejected" and errand.resumes:
                resume(saga, CLERK, "the carrier was wrong")
            elif saga.error_class == "FulfilmentRejected":
                self._cancel(order, errand)
