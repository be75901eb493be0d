"""Several processes read the same payment at the provider at once."""

import pytest

from checkout.aftersales import payment_sync
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from orders import transitions
from orders.models import OrderEvent, Payment
from saga.engine import run
from tests.support.invariants import assert_invariants
from tests.support.ordering import place

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def test_who_comes_second_leaves_what_the_first_has_recorded(
    gateway: FakeGateway,
) -> None:
    gateway.fail("capture", provider.Refused("made to order"))
    _order, saga = place(units={"MUG-01": 1})
    run(saga.pk)
    payment = Payment.objects.get()
    assert payment.intent_id is not None
    gateway.capture_elsewhere(payment.intent_id)
    charged = gateway.retrieve(payment.intent_id)

    def record_first() -> None:
        transitions.capture(Payment.objects.get(), charged.received, charged.charge_id)

    gateway.meanwhile("retrieve", record_first)
    read = payment_sync.read(payment.pk)

    assert read.status == Payment.Status.CAPTURED
    captured = OrderEvent.objects.filter(name=OrderEvent.Name.PAYMENT_CAPTURED)
    assert captured.count() == 1
    # The next poll does what is left: from here on the order only goes forward.
    payment_sync.read(payment.pk)
    saga.refresh_from_db()
    assert saga.pivot_at is not None
    assert_invariants()
