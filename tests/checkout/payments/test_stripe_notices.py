"""Stripe's webhooks, read only with a valid signature."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from checkout.payments.gateway import BadSignature
from checkout.payments.stripe.gateway import StripeGateway
from tests.checkout.payments.stripe_objects import authorized, event, signed


@pytest.mark.parametrize(
    ("thing", "intent_id"),
    [
        ({"object": "payment_intent", "id": "pi_1"}, "pi_1"),
        ({"object": "charge", "id": "ch_1", "payment_intent": "pi_2"}, "pi_2"),
        ({"object": "charge", "id": "ch_1", "payment_intent": None}, ""),
        ({"object": "customer", "id": "cus_1"}, ""),
    ],
)
def test_a_signed_report_names_the_intent_it_is_about(
    gateway: StripeGateway, settings: Settings, thing: dict[str, Any], intent_id: str
) -> None:
    body = event(thing)

    notice = gateway.read_notice(body, signed(body, settings.STRIPE_WEBHOOK_SECRETS[0]))

    assert (notice.id, notice.type, notice.intent_id) == ("evt_1", "x.y", intent_id)


def test_what_stripe_reported_can_be_read_from_its_list(
    gateway: StripeGateway,
) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    intent = authorized(gateway)

    notices = list(gateway.notices_since(before))

    assert "payment_intent.amount_capturable_updated" in {one.type for one in notices}
    assert {one.intent_id for one in notices} == {intent}
    assert not list(gateway.notices_since(before + timedelta(hours=1)))


def test_while_a_secret_is_rolled_the_old_and_the_new_one_are_right(
    gateway: StripeGateway, settings: Settings
) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]
    body = event({"object": "payment_intent", "id": "pi_1"})

    for secret in ("whsec_new", "whsec_old"):
        assert gateway.read_notice(body, signed(body, secret)).intent_id == "pi_1"
    with pytest.raises(BadSignature):
        gateway.read_notice(body, signed(body, "whsec_sandbox"))


def test_reports_that_nobody_signed_are_refused(
    gateway: StripeGateway, settings: Settings
) -> None:
    body = event({"object": "payment_intent", "id": "pi_1"})
    (secret,) = settings.STRIPE_WEBHOOK_SECRETS

    for content, signature in (
        (body, ""),
        (body, "t=1,v1=abc"),
        (body, signed(body, "whsec_other")),
        (body + b" ", signed(body, secret)),
    ):
        with pytest.raises(BadSignature):
            gateway.read_notice(content, signature)
