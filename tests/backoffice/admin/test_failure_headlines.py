"""What staff read of a stopped order agrees with what the books know of its money."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from backoffice.admin.failure_groups.selectors import list_groups
from checkout.flow.definition import CHECKOUT
from checkout.status import failures
from checkout.status.money import ChargeState, charge_state
from checkout.status.names import AUTHORIZE, CAPTURE
from checkout.status.progress import progress_of
from orders.models import Payment
from saga.models import Direction, Saga, State
from tests.support.staff import make_order, make_payment, make_saga

STEPS = [step.name for step in CHECKOUT.steps]
UNSURE = "there is no clear answer about the charge"
AFTER_CHARGE = "the order stopped right after the charge"
VOIDED = "the order stopped after its payment was cancelled"
# Step, recorded status, whether the charge was sent -> what failed.
EXPECTED = {
    (AUTHORIZE, "pending", False): "the card could not be approved",
    (AUTHORIZE, "pending", True): UNSURE,
    (
        AUTHORIZE,
        "authorized",
        False,
    ): "the order stopped after the bank had approved the card",
    (AUTHORIZE, "authorized", True): UNSURE,
    (AUTHORIZE, "captured", False): AFTER_CHARGE,
    (AUTHORIZE, "captured", True): AFTER_CHARGE,
    (AUTHORIZE, "cancelled", False): VOIDED,
    (AUTHORIZE, "cancelled", True): VOIDED,
    (CAPTURE, "pending", False): "the card could not be charged",
    (CAPTURE, "pending", True): UNSURE,
    (CAPTURE, "authorized", False): "the card could not be charged",
    (CAPTURE, "authorized", True): UNSURE,
    (CAPTURE, "captured", False): AFTER_CHARGE,
    (CAPTURE, "captured", True): AFTER_CHARGE,
    (CAPTURE, "cancelled", False): VOIDED,
    (CAPTURE, "cancelled", True): VOIDED,
}
# What may be said of the money only while it is so.
CLAIMS = {
    ChargeState.CHARGED: ["right after the charge"],
    ChargeState.UNKNOWN: ["not certain"],
    ChargeState.NOT_CHARGED: [
        "could not be approved",
        "could not be charged",
        "bank had approved",
        "payment was cancelled",
    ],
}


def stopped_at(step: str, *, sent: bool, direction: str = Direction.DO) -> Saga:
    pivot_at = timezone.now() if sent else None
    return Saga(step=step, direction=direction, state=State.FAILED, pivot_at=pivot_at)


@pytest.mark.parametrize("sent", [False, True], ids=["not-sent", "sent"])
@pytest.mark.parametrize("status", Payment.Status.values)
@pytest.mark.parametrize("step", STEPS)
def test_the_failure_of_a_step_says_of_the_money_what_the_books_know(
    step: str, status: str, *, sent: bool
) -> None:
    saga = stopped_at(step, sent=sent)

    text = failures.failure(saga, status)

    assert text == EXPECTED.get((step, status, sent), text)
    true = charge_state(status, saga)
    untrue = [
        claim
        for state, claims in CLAIMS.items()
        for claim in claims
        if state is not true and claim in text
    ]
    assert untrue == []


@pytest.mark.parametrize("status", Payment.Status.values)
@pytest.mark.parametrize("step", STEPS)
def test_the_failure_of_an_undo_knows_whether_the_payment_was_cancelled(
    step: str, status: str
) -> None:
    saga = stopped_at(step, sent=False, direction=Direction.UNDO)

    text = failures.failure(saga, status)

    is_voided = status == Payment.Status.CANCELLED and step in (AUTHORIZE, CAPTURE)
    assert (text == VOIDED) is is_voided
    assert "not certain" not in text


def test_every_failure_has_japanese_words() -> None:
    with translation.override("ja"):
        said = {
            failures.failure(stopped_at(step, sent=sent), status)
            for step, status, sent in EXPECTED
        }
    assert len(said) == len(set(EXPECTED.values()))
    assert not [text for text in said if text.isascii()]


@pytest.mark.parametrize(
    ("status", "headline"),
    [
        ("captured", f"Charged ¥4,200, but {AFTER_CHARGE}."),
        ("authorized", f"Charge unconfirmed: ¥4,200; {UNSURE}."),
        ("cancelled", f"Not charged; {VOIDED}."),
    ],
)
def test_the_pages_of_a_stopped_charge_say_what_is_recorded(
    operator: Client, status: str, headline: str
) -> None:
    order = make_order()
    make_payment(order, status=Payment.Status(status))
    make_saga(order, state=State.FAILED, step=CAPTURE)
    page = reverse("admin:backoffice_stalledorder_change", args=[order.pk])
    pages = [page, reverse("admin:index")]

    html = [operator.get(url).content.decode() for url in pages]

    assert headline in html[0]
    assert [UNSURE in text.lower() for text in html] == 2 * [status == "authorized"]


@pytest.mark.django_db
def test_a_group_says_each_of_what_the_books_know() -> None:
    for number, status in (("261122-AAAAAA", "captured"), ("261122-BBBBBB", "pending")):
        order = make_order(number)
        payment = make_payment(order, status=Payment.Status(status))
        Payment.objects.filter(pk=payment.pk, status="captured").update(
            captured_minor=100
        )
        make_saga(order, state=State.FAILED, step=CAPTURE)

    (group,) = list_groups()

    assert set(group.failures) == {AFTER_CHARGE, UNSURE}
    assert {(part.key, part.amount) for part in group.money} == {
        (ChargeState.CHARGED, "¥100"),
        (ChargeState.UNKNOWN, "¥4,200"),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("status", Payment.Status.values)
def test_the_customers_page_asks_the_bank_only_while_nothing_is_recorded(
    status: str,
) -> None:
    order = make_order()
    make_payment(order, status=Payment.Status(status))
    saga = make_saga(order, state=State.RUNNING, step=CAPTURE)
    Saga.objects.filter(pk=saga.pk).update(error="no answer", error_kind="unknown")

    outcome = progress_of(order).outcome

    assert (outcome == "checking_bank") is (status in ("pending", "authorized"))
