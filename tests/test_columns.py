"""Columns hold what the outside may send, and SQLite says so like PostgreSQL."""

import pytest
from django.apps import apps
from django.db import DataError, models, transaction

from checkout.payments.provider_fields import LONGEST, LONGEST_URL
from checkout.webhooks.models import ProviderEvent
from orders.models import Dispute

OURS = ("orders", "checkout", "saga", "inventory", "backoffice", "catalogue")
# Columns with what the provider says.
OF_THE_PROVIDER = {
    "checkout.AccountMovement.kind",
    "checkout.AccountMovement.movement_id",
    "checkout.AccountMovement.source_id",
    "checkout.Mismatch.intent_id",
    "checkout.Mismatch.subject",
    "checkout.ProviderEvent.event_id",
    "checkout.ProviderEvent.intent_id",
    "checkout.ProviderEvent.object_id",
    "checkout.ProviderEvent.type",
    "checkout.WarehouseReport.message_id",
    "orders.Dispute.charge_id",
    "orders.Dispute.dispute_id",
    "orders.Dispute.intent_id",
    "orders.Dispute.reason",
    "orders.OrderEvent.key",
    "orders.Payment.card_brand",
    "orders.Payment.charge_id",
    "orders.Payment.intent_id",
    "orders.PaymentPage.session_id",
    "orders.PaymentPage.url",
    "orders.Payment.method",
    "orders.PaymentAttempt.decline_code",
    "orders.PaymentAttempt.token",
    "orders.Refund.refund_id",
    "orders.Voucher.url",
}
# Columns with text from outside that is cut by ``storable`` or ``last4`` on its way, or
# refused by ``read_request_id``.
CUT = {
    "checkout.OrderMail.error",
    "checkout.ProviderEvent.error",
    "checkout.WebhookProblem.detail",
    "orders.Dispute.error",
    "orders.Payment.card_last4",
    "orders.Payment.error",
    "orders.Refund.error",
    "orders.Refund.failure",
    "saga.AlertDelivery.error",
    "saga.Saga.request_id",
}
# The ends of names of columns that hold such text in this shop and in others.
SUSPECT = ("_id", "_code", "error", "failure", "brand", "token", "url", "last4")


def columns() -> "dict[str, models.CharField[str, str]]":
    return {
        f"{model._meta.app_label}.{model.__name__}.{field.name}": field
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.CharField)
    }


@pytest.mark.parametrize("name", sorted(OF_THE_PROVIDER))
def test_a_column_has_room_for_all_that_the_provider_may_say(name: str) -> None:
    longest = LONGEST_URL if name.endswith("url") else LONGEST

    assert (columns()[name].max_length or longest) >= longest


def test_every_column_that_may_hold_text_from_outside_is_named_here() -> None:
    suspect = {name for name in columns() if name.endswith(SUSPECT)}

    assert suspect - OF_THE_PROVIDER - CUT == set()
    assert (OF_THE_PROVIDER | CUT) - set(columns()) == set()


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [{"type": "x" * 256}, {"type": "\0"}, {"event_id": "evt_1", "intent_id": "\0"}],
)
def test_text_that_does_not_fit_is_refused_by_both_databases(
    values: dict[str, str],
) -> None:
    with pytest.raises((DataError, ValueError)), transaction.atomic():
        ProviderEvent.objects.create(**values)
    with pytest.raises((DataError, ValueError)), transaction.atomic():
        ProviderEvent.objects.update(**values)


@pytest.mark.both_databases
@pytest.mark.django_db
def test_numbers_that_do_not_fit_are_refused_by_both_databases() -> None:
    with pytest.raises((DataError, OverflowError)), transaction.atomic():
        Dispute.objects.create(dispute_id="du_1", amount_minor=2**63)
    with pytest.raises(DataError), transaction.atomic():
        Dispute.objects.create(dispute_id="du_2", polls=2**31)
    assert not Dispute.objects.exists()
