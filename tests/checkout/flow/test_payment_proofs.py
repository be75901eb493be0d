"""What a step believes of a payment: the provider's word, the amount, the state."""

from dataclasses import replace

import pytest

from checkout.flow import authorize_payment, capture_payment
from checkout.flow.authorize_payment import Tried
from checkout.flow.payment_records import has_intent
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import Intent, IntentStatus, OutcomeUnknownError
from checkout.payments.payment_pages import ON_PAGE
from orders import transitions
from orders.models import Order, Payment
from saga.engine import run
from saga.errors import ManualIntervention, Unproven
from saga.models import Saga
from saga.results import PivotPassed
from saga.step import Context, Step
from tests.conftest import Clock
from tests.support.ordering import place

pytestmark = pytest.mark.django_db

PAGE = "cs_1"
STEPS = [authorize_payment.STEP, capture_payment.STEP]
IDS = ["authorize", "capture"]


def reserved(token: str = "") -> tuple[Order, Saga]:
    """Return an order whose goods are set aside and whose payment is not begun."""
    order, saga = place(token=token) if token else place()
    run(saga.pk, link="checkout.reserve_stock")
    saga.refresh_from_db()
    return order, saga


def begun(gateway: FakeGateway, status: IntentStatus) -> tuple[Payment, Saga]:
    """Return a payment whose intent is as given at the provider, and its saga."""
    order, saga = reserved()
    intent = gateway.create(str(order.uid), 2400, "JPY", "a key", "JP")
    received = 2400 if status is IntentStatus.SUCCEEDED else 0
    gateway.intents[intent.id] = replace(intent, status=status, received=received)
    transitions.record_intent(order.payment, intent.id)
    return order.payment, saga


def change(gateway: FakeGateway, **fields: object) -> None:
    (known,) = gateway.intents.values()
    gateway.intents[known.id] = replace(known, **fields)  # type: ignore[arg-type]


def prove(step: Step, saga: Saga) -> object:
    assert step.prove is not None
    return step.prove(Context(saga, step))


@pytest.mark.parametrize("step", STEPS, ids=IDS)
@pytest.mark.parametrize("status", list(IntentStatus))
def test_a_payment_proves_a_step_in_these_states_only(
    gateway: FakeGateway, clock: Clock, step: Step, status: IntentStatus
) -> None:
    _payment, saga = begun(gateway, status)
    charged, set_aside = IntentStatus.SUCCEEDED, IntentStatus.CAPTURABLE
    enough = {charged, set_aside} if step is authorize_payment.STEP else {charged}

    if status in enough:
        proof = prove(step, saga)
        intent = proof.intent if isinstance(proof, Tried) else proof
        assert isinstance(intent, Intent)
        assert (intent.id, intent.status) == ("pi_1", status)
    else:
        with pytest.raises(Unproven, match=f"the payment is {status.value}"):
            prove(step, saga)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"amount": 2399}, "2399 JPY is set aside, not 2400 JPY"),
        ({"amount": 2401}, "2401 JPY is set aside, not 2400 JPY"),
        ({"currency": "USD"}, "2400 USD is set aside, not 2400 JPY"),
    ],
)
def test_another_amount_that_is_set_aside_proves_nothing(
    gateway: FakeGateway, clock: Clock, fields: dict[str, object], told: str
) -> None:
    _payment, saga = begun(gateway, IntentStatus.CAPTURABLE)
    change(gateway, **fields)

    with pytest.raises(Unproven, match=told):
        prove(authorize_payment.STEP, saga)


@pytest.mark.parametrize("step", STEPS, ids=IDS)
def test_a_provider_that_cannot_be_asked_proves_nothing(
    gateway: FakeGateway, clock: Clock, step: Step
) -> None:
    _payment, saga = begun(gateway, IntentStatus.SUCCEEDED)
    gateway.fail("retrieve", OutcomeUnknownError("no answer"))

    with pytest.raises(Unproven, match="could not be asked: no answer"):
        prove(step, saga)


@pytest.mark.parametrize("step", STEPS, ids=IDS)
def test_a_payment_that_was_never_begun_proves_nothing(
    gateway: FakeGateway, clock: Clock, step: Step
) -> None:
    _order, saga = reserved()

    with pytest.raises(Unproven, match="no payment was begun"):
        prove(step, saga)


def test_the_cards_of_the_provider_s_page_are_asked_about(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = reserved(ON_PAGE)
    with pytest.raises(Unproven, match="no payment was begun"):
        prove(capture_payment.STEP, saga)
    run(saga.pk)
    saga.refresh_from_db()
    with pytest.raises(Unproven, match="no payment was begun"):
        prove(capture_payment.STEP, saga)
    gateway.pay_on_page(PAGE)

    proof = prove(authorize_payment.STEP, saga)

    assert isinstance(proof, Tried)
    assert proof.intent.order == str(order.uid)


@pytest.mark.parametrize("on_page", [False, True], ids=["in the shop", "on a page"])
def test_there_is_something_to_void_once_the_provider_has_it(
    gateway: FakeGateway, clock: Clock, on_page: bool
) -> None:
    _other, others_saga = reserved()
    _order, saga = reserved(ON_PAGE if on_page else "")
    assert not has_intent(saga)

    run(saga.pk)

    assert has_intent(saga)
    assert not has_intent(others_saga)


def approve(payment: Payment, saga: Saga, intent: Intent) -> object:
    context = Context(saga, authorize_payment.STEP)
    return authorize_payment.record(context, Tried(intent, 1))


def test_another_amount_that_was_set_aside_waits_for_a_person(
    gateway: FakeGateway, clock: Clock
) -> None:
    payment, saga = begun(gateway, IntentStatus.CAPTURABLE)
    intent = replace(gateway.retrieve("pi_1"), amount=2399, charge_id="ch_1")

    with pytest.raises(ManualIntervention, match="2399 was set aside, not 2400"):
        approve(payment, saga, intent)

    payment.refresh_from_db()
    assert payment.status != Payment.Status.AUTHORIZED


@pytest.mark.parametrize("amount", [2400, 2399])
def test_what_was_charged_already_passes_the_pivot_whatever_its_amount(
    gateway: FakeGateway, clock: Clock, amount: int
) -> None:
    payment, saga = begun(gateway, IntentStatus.SUCCEEDED)
    intent = replace(
        gateway.retrieve("pi_1"), amount=amount, received=amount, charge_id="ch_1"
    )

    result = approve(payment, saga, intent)

    assert result == PivotPassed({"intent": "pi_1", "charge": "ch_1"})
    payment.refresh_from_db()
    assert (payment.status, payment.captured_minor) == ("captured", amount)


def test_an_approval_is_put_out_for_the_next_step(
    gateway: FakeGateway, clock: Clock
) -> None:
    payment, saga = begun(gateway, IntentStatus.CAPTURABLE)
    intent = replace(gateway.retrieve("pi_1"), charge_id="ch_1")

    assert approve(payment, saga, intent) == {"intent": "pi_1", "charge": "ch_1"}
