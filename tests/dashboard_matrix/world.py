"""One order, its provider and its shop, driven without workers."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from checkout.aftersales.disputes.services import READ_EVERY, sweep_disputes
from checkout.aftersales.payment_sync import sweep_payments
from checkout.aftersales.refunds.services import sweep_refunds
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import Intent, ProviderNotice
from checkout.reconciliation.compare import GRACE
from checkout.reconciliation.run import reconcile
from checkout.status.sagas import saga_of
from checkout.webhooks.services import store, sweep_events
from inventory.models import Hold
from orders.models import Order, Payment
from saga.engine import run
from saga.models import LIVE, Saga
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.ordering import place
from tests.support.orders import VISA

SKU = "MUG-01"
UNITS = 2
TOTAL = 4200  # two mugs at 1,800 yen and 600 for shipping
PART = 1000
_ROUNDS = 6
_WEEK = timedelta(days=7)


@dataclass
class World:
    """``news`` are the provider's events that have not been sent yet."""

    gateway: FakeGateway
    clock: Clock
    news: list[tuple[str, str]] = field(default_factory=list)
    _events: int = 0

    def place(self, token: str = VISA) -> Saga:
        """Place the order. Nothing of its saga has run."""
        order, saga = place(token=token, units={SKU: UNITS})
        # Dated by the database, whose clock the tests do not move.
        Order.objects.filter(pk=order.pk).update(placed_at=timezone.now())
        return saga

    def buy(self, token: str = VISA) -> Saga:
        """Place the order and run its saga as far as it goes. Return it."""
        saga = self.place(token)
        run(saga.pk)
        Hold.objects.update(created_at=timezone.now())
        saga.refresh_from_db()
        return saga

    @property
    def order(self) -> Order:
        return Order.objects.select_related("payment").get()

    @property
    def payment(self) -> Payment:
        return self.order.payment

    @property
    def saga(self) -> Saga:
        return saga_of(self.order)

    @property
    def intent_id(self) -> str:
        return self.payment.intent_id or ""

    @property
    def intent(self) -> Intent | None:
        """Return the payment at the provider, or None if there is none."""
        return self.gateway.intents.get(self.intent_id)

    def tell(self, *events: str, thing: str = "") -> None:
        """Note events about the payment, or about a refund or dispute of it."""
        self.news += [(event, thing or self.intent_id) for event in events]

    def learn(self, way: str) -> None:
        """Let the shop learn the news: by webhook, or only by the daily look."""
        if way == "webhook":
            for kind, thing in self.news:
                self._events += 1
                name = f"evt_{self._events}"
                store(ProviderNotice(name, kind, self.intent_id, thing))
        else:
            self.clock.shift(GRACE.total_seconds() + 60)
            if self.gateway.disputes:
                # An open one is read twice a day, whatever is reported.
                self.clock.shift(READ_EVERY.total_seconds())
            reconcile(timezone.now() - _WEEK, scheduled=True)
        self.news = []
        self.drive()

    def drive(self, rounds: int = _ROUNDS) -> bool:
        """Let workers and sweeper do what is due. Return whether anything moved."""
        for done in range(rounds):
            self.clock.shift(40)
            sweep()
            moved = sweep_events() + sweep_payments() + sweep_refunds()
            moved += sweep_disputes()
            live = list(Saga.objects.filter(state__in=LIVE))
            before = [(saga.pk, saga.fence) for saga in live]
            for saga in live:
                run(saga.pk)
            after = Saga.objects.filter(pk__in=[saga.pk for saga in live])
            moved += before != [(saga.pk, saga.fence) for saga in after.order_by("pk")]
            if not moved:
                return done > 0
        return True
