"""Forty good customers behind one address, and a bank that takes two seconds.

The seconds are of a stopped clock, and the workers are calls within calls: while one
card is with the bank, the next worker begins. So what takes a real crowd half a minute
takes a second, and always the same way. Cards that really come at the same moment are
in test_turns.py.
"""

from dataclasses import dataclass, field

import pytest
from django.conf import settings

from checkout.payments.fake.gateway import FakeGateway
from checkout.status.names import WAIT_FOR_TURN
from orders.models import PaymentAttempt
from saga.engine import run
from saga.models import Saga
from tests.checkout.card_testing.test_turns import LINKS, order_of_card
from tests.conftest import Clock
from tests.support.orders import VISA

CUSTOMERS = 40
BANK_TAKES = 2  # seconds


@dataclass
class Crowd:
    """The customers' sagas, each with a worker of its own."""

    clock: Clock
    sagas: list[Saga]
    idle: list[Saga] = field(default_factory=list)
    with_the_bank: int = 0
    most: int = 0
    seconds: int = 0

    def begin(self) -> None:
        """Let all who have not paid begin a second later, at the same moment."""
        self.clock.shift(1)
        self.idle = [saga for saga in self.sagas if saga.pivot_at is None]
        self._work()
        for saga in self.sagas:
            saga.refresh_from_db()

    def answer(self) -> None:
        """Keep a card for two seconds, as the bank does."""
        self.with_the_bank += 1
        self.most = max(self.most, self.with_the_bank)
        self._work()
        if self.with_the_bank:
            # The last one came at the same moment as all before it.
            self._wait()
            self.with_the_bank = 0

    def _work(self) -> None:
        while self.idle:
            self._run(self.idle.pop(0))

    def _wait(self) -> None:
        """Let the bank think. Those who wait for their turn try again every second."""
        for _second in range(BANK_TAKES):
            self.clock.shift(1)
            self.seconds += 1
            waiting = Saga.objects.filter(waiting_for=WAIT_FOR_TURN)
            for saga in waiting.order_by("pk"):
                self._run(saga)

    def _run(self, saga: Saga) -> None:
        for link in LINKS:
            run(saga.pk, link)


@pytest.mark.long
@pytest.mark.both_databases
@pytest.mark.django_db
def test_forty_good_customers_behind_one_address_all_buy(
    gateway: FakeGateway, clock: Clock
) -> None:
    crowd = Crowd(clock, [order_of_card(VISA, "MUG-01") for _ in range(CUSTOMERS)])
    for _card in range(CUSTOMERS):
        gateway.meanwhile("confirm", crowd.answer, after=False)

    crowd.begin()
    assert sum(saga.pivot_at is not None for saga in crowd.sagas) == crowd.most
    crowd.begin()

    outcomes = PaymentAttempt.objects.values_list("outcome", flat=True)
    assert list(outcomes) == [PaymentAttempt.Outcome.ACCEPTED] * CUSTOMERS
    # The bank had as many at a time as might still have been declined.
    assert crowd.most == settings.CARD_TRIES_PER_HOUR == CUSTOMERS // 2
    assert crowd.seconds == CUSTOMERS // crowd.most * BANK_TAKES
