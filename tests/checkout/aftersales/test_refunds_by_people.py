"""Only staff request refunds: shown by reading the code and by trying.

``make test`` walks some fixed ways. REFUND_EXAMPLES=500 walks as many random ones.
"""

import ast
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from checkout.aftersales.disputes.services import sweep_disputes
from checkout.aftersales.payment_sync import sweep_payments
from checkout.aftersales.refunds import services as refunds
from checkout.mail.outbox import sweep_mails
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import CHALLENGED, SIGNATURE, FakeGateway
from checkout.payments.refunds_and_disputes import DisputeStatus, RefundStatus
from checkout.periodic_jobs import tidy
from checkout.webhooks.models import ProviderEvent
from checkout.webhooks.services import apply_event, store, sweep_events
from inventory.services import expire_holds
from orders.errors import RefundRefused
from orders.models import Order, Payment, Refund
from saga import operations
from saga.engine import run
from saga.errors import ActionRefused
from saga.models import Saga
from saga.sweeper import sweep
from tests.support.clock import stopped_clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import place
from tests.support.orders import VISA
from tests.support.refunding import make_refund

ROOT = Path(django_settings.BASE_DIR)
EXAMPLES = int(os.environ.get("REFUND_EXAMPLES", "0"))
ROOMS = django_settings.ROOMS

# --- by reading the code ------------------------------------------------------------


def calls_of(name: str) -> Iterator[str]:
    """Yield the module of every call of a function or method of that name."""
    # Without the word there is no call; parsing is what costs.
    for module in modules_with(name):
        for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            last = getattr(called, "attr", getattr(called, "id", ""))
            if last == name:
                yield module


def modules_with(text: str) -> Iterator[str]:
    """Yield the modules whose source has this text."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if text in path.read_text(encoding="utf-8"):
                yield str(path.relative_to(ROOT))


def test_one_module_sends_refunds_to_the_provider() -> None:
    assert sorted(calls_of("refund")) == [
        # Their "refund" is the one of full_refunds: it requests, and sends nothing.
        "backoffice/admin/refunds/views.py",
        "backoffice/management/commands/refund_order.py",
        "checkout/aftersales/refunds/services.py",
        "checkout/aftersales/returns/refunds.py",
    ]


def test_only_pages_and_commands_of_staff_request_one() -> None:
    """The saga of a cancellation makes the one refund that its person decided."""
    assert sorted(calls_of("request_refund")) == [
        "checkout/aftersales/cancellations/full_refunds.py",
        "checkout/aftersales/cancellations/refund_charge.py",
    ]
    importing = sorted(modules_with("full_refunds.refund("))
    assert importing == [
        "backoffice/management/commands/refund_order.py",
        "checkout/aftersales/returns/refunds.py",
    ]
    # A return changes nothing of that: its refund is called by the page alone.
    importing = sorted(modules_with("aftersales.returns.refunds import refund"))
    assert importing == ["backoffice/admin/refunds/views.py"]
    assert not list(modules_with("returns.refund("))


def test_only_staff_decide_on_an_amount_to_be_given_back() -> None:
    """Nothing is refunded by a cancellation without a decision of these pages."""
    assert "checkout/aftersales/cancellations/services.py" in calls_of("_decision")
    assert sorted(calls_of("Verdict")) == [
        # Only where nothing is given back (tests/api/staff).
        "api/staff/mutations/orders.py",
        "backoffice/admin/cancellations/views.py",
    ]


def test_one_function_creates_a_refund() -> None:
    writers = [
        module
        for module in calls_of("create")
        if "Refund.objects.create" in (ROOT / module).read_text()
    ]
    assert set(writers) == {"orders/transitions/refunds.py"}
    assert "Refund(" not in "".join(
        path.read_text().replace("class Refund(", "").replace("ProviderRefund(", "")
        for room in ROOMS
        # The API has a type of that name, which is no row.
        if room != "api"
        for path in (ROOT / room).rglob("*.py")
    )


# --- by trying everything -----------------------------------------------------------

CARDS = st.sampled_from([VISA, VISA, CHALLENGED, "pm_card_visa_chargeDeclined"])
EVENTS = st.sampled_from(
    [
        "payment_intent.succeeded",
        "payment_intent.canceled",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.refunded",
        "charge.refund.updated",
        "charge.dispute.created",
        "charge.dispute.closed",
        "invoice.paid",
    ]
)
CALLS = st.sampled_from(
    ["create", "confirm", "capture", "cancel", "retrieve", "refund", "refunds_of"]
)
ERRORS = st.sampled_from(
    [
        provider.OutcomeUnknownError("no answer"),
        provider.NotNow("patience"),
        provider.Refused("parameter unknown"),
        provider.Misconfigured("key"),
    ]
)
ANY = st.integers(0, 20)


class Shop(RuleBasedStateMachine):
    """Customers, bank, webhooks, sweepers and staff, acting in any order."""

    gateway: FakeGateway

    def __init__(self) -> None:
        super().__init__()
        FakeGateway.__init__(self.gateway)
        self.block = transaction.atomic()
        self.block.__enter__()
        self.travel = stopped_clock()
        self.clock = self.travel.__enter__()
        self.wanted: list[Refund] = []
        self.events = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)
        self.travel.__exit__(None, None, None)

    @rule(card=CARDS)
    def a_customer_buys(self, card: str) -> None:
        if Order.objects.count() < 3:
            _order, saga = place(token=card)
            run(saga.pk)

    @rule(seconds=st.sampled_from([1, 20, 700, 7200, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.shift(seconds)
        # What run_once does, without closing this example's connection.
        sweep()
        expire_holds()
        sweep_events()
        sweep_mails()
        refunds.sweep_refunds()
        sweep_payments()
        sweep_disputes()
        tidy(timezone.now())

    @rule(kind=EVENTS, at=ANY)
    def a_webhook_comes(self, kind: str, at: int) -> None:
        things = [*self.gateway.intents, *self.gateway.refunds, *self.gateway.disputes]
        intents = [*self.gateway.intents, "pi_of_another"]
        self.events += 1
        body = {
            "id": f"evt_{self.events}",
            "type": kind,
            "intent_id": intents[at % len(intents)],
            "object_id": things[at % len(things)] if things else "du_nobody",
        }
        store(self.gateway.read_notice(json.dumps(body).encode(), SIGNATURE))
        for event in ProviderEvent.objects.filter(applied_at=None):
            apply_event(event.pk)

    @rule(call=CALLS, error=ERRORS, after=st.booleans())
    def the_provider_errs(
        self, call: str, error: provider.PaymentError, after: bool
    ) -> None:
        self.gateway.fail(call, error, after=after)

    @rule(at=ANY, status=st.sampled_from(RefundStatus))
    def the_bank_decides_a_refund(self, at: int, status: RefundStatus) -> None:
        names = [
            name
            for name, one in self.gateway.refunds.items()
            # What has failed or was cancelled is final, at Stripe as well.
            if one.status not in (RefundStatus.FAILED, RefundStatus.CANCELED)
        ]
        if names:
            self.gateway.settle_refund(names[at % len(names)], status)

    @rule(at=ANY)
    def a_person_disputes_or_refunds_elsewhere(self, at: int) -> None:
        paid = Payment.objects.filter(status="captured").exclude(intent_id=None)
        for payment in paid[at % 3 : at % 3 + 1]:
            if at % 2:
                name = self.gateway.open_dispute(payment.intent_id or "")
                self.gateway.decide_dispute(name, DisputeStatus.LOST)
            elif not payment.refunded_minor:
                try:
                    self.gateway.refund_elsewhere(payment.intent_id or "", 1)
                except provider.Refused:
                    return

    @rule(act=st.sampled_from(["resume", "cancel", "mark_done", "skip"]), at=ANY)
    def staff_act_on_an_order(self, act: str, at: int) -> None:
        for saga in Saga.objects.order_by("pk")[at % 3 : at % 3 + 1]:
            try:
                getattr(operations, act)(saga, "yuki", "because", seen=saga.fence)
            except ActionRefused:
                return
            run(saga.pk)

    @rule(at=ANY, amount=st.sampled_from([1, 1800, 2400]), restock=st.booleans())
    def staff_refund(self, at: int, amount: int, restock: bool) -> None:
        for order in Order.objects.order_by("pk")[at % 3 : at % 3 + 1]:
            goods = {"MUG-01": 1} if restock and order.status == "confirmed" else {}
            try:
                refund = make_refund(order, amount, goods=goods, restock=bool(goods))
            except RefundRefused:
                return
            self.wanted.append(refund)
            refunds.settle(refund.pk)

    @invariant()
    def only_what_people_wanted_is_refunded(self) -> None:
        ours = Refund.objects.filter(origin=Refund.Origin.SHOP)
        assert sorted(ours.values_list("pk", flat=True)) == sorted(
            refund.pk for refund in self.wanted
        )
        found = Refund.objects.filter(origin=Refund.Origin.PROVIDER)
        there = {one.id for one in self.gateway.refunds.values() if not one.name}
        assert set(found.values_list("refund_id", flat=True)) <= there
        made = [one for one in self.gateway.refunds.values() if one.name]
        names = [one.name for one in made]
        assert len(names) == len(set(names)), "one wish was refunded twice"
        amounts = {str(refund.uid): refund.amount_minor for refund in self.wanted}
        assert {one.name: one.amount for one in made}.items() <= amounts.items()
        assert self.gateway.count("refund") == 0 or self.wanted

    @invariant()
    def no_more_goes_back_than_was_taken(self) -> None:
        for payment in Payment.objects.all():
            counting = payment.refunds.not_failed()
            counted = sum(refund.amount_minor for refund in counting)
            assert payment.refunded_minor == counted <= payment.captured_minor
        assert_invariants()


@pytest.mark.long
@pytest.mark.django_db
def test_no_refund_appears_that_staff_did_not_request(
    gateway: FakeGateway,
) -> None:
    class Machine(Shop):
        pass

    Machine.gateway = gateway
    logging.disable(logging.CRITICAL)
    try:
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES or 12,
                stateful_step_count=25,
                derandomize=not EXAMPLES,
                database=None,
                deadline=None,
                phases=[Phase.generate, *([Phase.shrink] if EXAMPLES else [])],
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        logging.disable(logging.NOTSET)
