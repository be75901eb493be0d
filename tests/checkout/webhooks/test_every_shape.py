"""Every report that the provider may send, at its own limits, is taken and applied."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.aftersales.disputes.services import sweep_disputes
from checkout.payments.gateway import UnreadableAnswer
from checkout.webhooks import services as webhooks
from checkout.webhooks.models import ProviderEvent
from checkout.webhooks.replay import replay
from orders.models import Dispute
from tests.checkout.payments.stripe_objects import signed
from tests.support import provider_shapes as shapes
from tests.support.canned_stripe import CannedGateway, always, canned_gateway
from tests.support.orders import make_order

URL = "/webhooks/stripe/"
# By then the sweeper does what no worker did.
LATER = timedelta(minutes=1)

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def stripe(settings: Settings) -> Iterator[CannedGateway]:
    with canned_gateway(settings) as gateway:
        yield gateway


def post(client: Client, body: object) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    (secret,) = django_settings.STRIPE_WEBHOOK_SECRETS
    answer = client.post(
        URL,
        raw,
        content_type="application/json",
        headers={"Stripe-Signature": signed(raw, secret)},
    )
    return answer.status_code


def reports() -> Iterator[dict[str, Any]]:
    """Yield an event of every type, and of every object under the types that act."""
    for name in shapes.event_types():
        yield shapes.event(name, shapes.full(shapes.kind_of(name)))
    for kind in shapes.KINDS:
        for name in ("payment_intent.succeeded", "charge.refunded", "refund.failed"):
            yield shapes.event(name, shapes.full(kind, expanded=True))


@pytest.mark.long
def test_every_shape_is_stored_and_applied(
    client: Client, stripe: CannedGateway
) -> None:
    order = make_order()
    order.payment.intent_id = shapes.new_id("payment_intent")
    order.payment.save()
    sent = list(reports())
    ours = shapes.full("refund", payment_intent=order.payment.intent_id)
    sent.append(shapes.event("refund.updated", ours))

    answers = {post(client, one) for one in sent}
    later = timezone.now() + LATER
    while webhooks.sweep_events(later):
        pass

    assert answers == {200}
    assert ProviderEvent.objects.count() == len(sent) > 250
    assert not ProviderEvent.objects.filter(applied_at=None).exists()
    stored = ProviderEvent.objects.get(event_id=sent[-1]["id"])
    assert (stored.object_id, stored.intent_id) == (ours["id"], ours["payment_intent"])


@pytest.mark.long
def test_a_replay_applies_every_shape_and_goes_on_after_what_cannot_be_read(
    stripe: CannedGateway,
) -> None:
    sent = list(reports())
    bad = shapes.event("charge.refunded", {}, type=7)
    listed = [bad, *sent]
    page = {"object": "list", "data": listed, "has_more": False, "url": "/v1/events"}
    stripe.client.answers = always(200, page)

    done = replay(timezone.now() - LATER, dry_run=False)

    assert (done.seen, done.applied, done.failed) == (len(listed), len(sent), 0)
    (aside,) = ProviderEvent.objects.exclude(set_aside="")
    assert aside.event_id == bad["id"]
    assert aside.error == "event.type is missing or no text"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"account": "acct_".ljust(255, "x")}, ProviderEvent.SetAside.OTHER_ACCOUNT),
        ({"livemode": True}, ProviderEvent.SetAside.OTHER_MODE),
    ],
)
def test_every_shape_of_another_account_or_mode_is_set_aside(
    client: Client, stripe: CannedGateway, fields: dict[str, object], why: str
) -> None:
    for kind in shapes.KINDS:
        event = shapes.event("charge.dispute.created", shapes.full(kind), **fields)
        assert post(client, event) == 200

    assert set(ProviderEvent.objects.values_list("set_aside", flat=True)) == {why}
    assert not Dispute.objects.exists()


def test_every_dispute_is_read_and_stored_at_its_limits(
    client: Client, stripe: CannedGateway
) -> None:
    there = shapes.full("dispute", amount=2**63 - 1, expanded=True)
    stripe.client.answers = always(200, there)
    post(client, shapes.event("charge.dispute.created", there))
    later = timezone.now() + LATER

    assert webhooks.sweep_events(later) == 1
    assert sweep_disputes(later) == 1

    stored = Dispute.objects.get()
    assert (stored.dispute_id, stored.amount_minor) == (there["id"], 2**63 - 1)
    assert (stored.intent_id, stored.reason) == (
        there["payment_intent"]["id"],
        "x" * shapes.LONGEST,
    )


@pytest.mark.parametrize("amount", [-1, 2**63, 1.5, "12", None, True])
def test_a_dispute_whose_amount_means_nothing_says_so(
    client: Client, stripe: CannedGateway, amount: object
) -> None:
    there = shapes.full("dispute", amount=amount)
    stripe.client.answers = always(200, there)
    post(client, shapes.event("charge.dispute.created", there))
    later = timezone.now() + LATER
    webhooks.sweep_events(later)

    sweep_disputes(later)

    stored = Dispute.objects.get()
    assert stored.status == Dispute.Status.REPORTED
    assert "dispute.amount is" in stored.error
    with pytest.raises(UnreadableAnswer):
        stripe.retrieve_dispute(stored.dispute_id)
