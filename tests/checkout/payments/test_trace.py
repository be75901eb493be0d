"""One trace of a purchase: from the click through each step to Stripe and the mail."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.mail import outbox
from checkout.mail.models import OrderMail
from checkout.payments.gateway import get_gateway
from saga.engine import run
from saga.models import Saga, State
from tests.shop.traces.collector import collected
from tests.support.sandbox import Sandbox
from tests.support.shopping import (
    CONFIRMATION,
    RECIPIENT,
    fill_and_inform,
    purchase_form,
)

STEPS = (
    "reserve_stock",
    "authorize_payment",
    "capture_payment",
    "fulfil_order",
    "send_confirmation",
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("mug", "mail_dir")
def test_a_purchase_is_one_trace_to_stripe_and_to_the_mail(
    client: Client, sandbox: Sandbox, settings: Settings
) -> None:
    settings.STRIPE_API_BASE = sandbox.url
    get_gateway.cache_clear()
    fill_and_inform(client, {"MUG-01": 1})
    form = purchase_form(client, sandbox.token("pm_card_visa"))
    with collected() as collector:
        answer = client.post(CONFIRMATION, form)
        saga = Saga.objects.get(branch="")
        run(saga.pk)
        for pk in OrderMail.objects.values_list("pk", flat=True):
            outbox.send(pk)
        spans = collector.spans()
        body = b"".join(each.body for each in collector.taken.received).decode("latin1")
    get_gateway.cache_clear()

    saga.refresh_from_db()
    assert saga.state == State.DONE
    trace = answer.headers["X-Request-ID"]
    mine = [each for each in spans if each.trace == trace]
    names = {each.name: each for each in mine}
    assert set(STEPS) <= set(names)
    click = names["POST checkout:confirmation"]
    assert {names[step].parent for step in STEPS} >= {click.span}
    ids = {each.span: each for each in mine}
    asked = [ids[each.parent].name for each in mine if each.name == "Stripe"]
    assert {"authorize_payment", "capture_payment"} <= set(asked)
    step = names["authorize_payment"].attributes
    assert step["todoku.reference"] == saga.reference
    assert step["todoku.definition"] == "checkout"
    assert [each for each in RECIPIENT.values() if len(each) > 4 and each in body] == []
