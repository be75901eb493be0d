import pytest
from django.utils import timezone

from checkout.housekeeping import look_once
from checkout.models import ProviderEvent
from checkout.payments import gateway as provider
from checkout.payments.fake import FakeGateway
from checkout.saga.engine import run
from inventory.services import reserve
from tests.checkout.conftest import Clock
from tests.checkout.ordering import counters, place

# Connections are checked first, which only works outside of a transaction.
pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = {
    "relaunched": 0,
    "inline": 0,
    "lost": 0,
    "alerted": 0,
    "held_back": 0,
    "holds_expired": 0,
    "events_applied": 0,
}


def test_with_nothing_to_do_nothing_is_done() -> None:
    assert look_once() == NOTHING


def test_one_look_does_everything_that_is_overdue(
    gateway: FakeGateway, clock: Clock
) -> None:
    place(units={"MUG-01": 1})
    reserve("LEFT BEHIND", {"MUG-01": 3}, timezone.now())
    gateway.fail("create", provider.Refused("wrong"))
    _order, stopped = place(units={"CAP-01": 1})
    run(stopped.pk)
    ProviderEvent.objects.create(event_id="evt_1", type="t")
    ProviderEvent.objects.update(received_at=timezone.now())
    clock.shift(6)

    assert look_once() == NOTHING | {
        "relaunched": 1,
        "alerted": 1,
        "holds_expired": 1,
        "events_applied": 1,
    }
    assert counters("MUG-01") == (10, 0)
    assert look_once() == NOTHING
