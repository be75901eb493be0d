"""Every refusal of the provider has somebody who can mend it, or ends the order."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stripe
from django.template.loader import render_to_string
from pytest_django.fixtures import Settings

from checkout.payments import declines
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.refusals import REFUSALS, Remedy, refusal_of
from checkout.status.progress import progress_of
from orders.models import Order, PaymentAttempt
from saga.engine import run
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import charges, counters, place

pytestmark = pytest.mark.django_db

# What the SDK knows of codes: the literals of an error's code.
_SDK = Path(stripe.__file__).parent / "_payment_intent.py"
_LITERALS = re.search(
    r"class LastPaymentError.*?        code: Optional\[.*?Literal\[(.*?)\]",
    _SDK.read_text(),
    re.DOTALL,
)
assert _LITERALS is not None
CODES = sorted({*re.findall(r'"(\w+)"', _LITERALS[1]), *REFUSALS, "", "brand_new"})
FALLBACK = "A technical fault on our side"


def by_remedy(remedy: Remedy) -> list[str]:
    return [code for code in CODES if refusal_of(code).remedy is remedy]


def refused(gateway: FakeGateway, call: str, code: str) -> Order:
    gateway.fail(call, provider.Refused("refused", code))
    order, saga = place()
    run(saga.pk)
    order.refresh_from_db()
    return order


def test_the_sdk_s_codes_were_found() -> None:
    assert len(CODES) > 150
    assert {"amount_too_small", "parameter_unknown", "lock_timeout"} <= set(CODES)


@pytest.mark.parametrize("call", ["create", "confirm"])
@pytest.mark.parametrize("code", by_remedy(Remedy.NOBODY))
def test_what_nobody_can_mend_cancels_the_order_and_says_so(
    gateway: FakeGateway, clock: Clock, code: str, call: str
) -> None:
    order = refused(gateway, call, code)

    assert (order.status, order.cancel_reason) == ("cancelled", refusal_of(code).told)
    assert counters() == (10, 0)
    words = render_to_string(
        "orders/_why_cancelled.txt", {"reason": order.cancel_reason}
    )
    assert FALLBACK not in words
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.parametrize("code", by_remedy(Remedy.NEXT_CARD))
def test_what_another_card_mends_asks_for_one_and_says_why(
    gateway: FakeGateway, clock: Clock, code: str
) -> None:
    order = refused(gateway, "confirm", code)

    progress = progress_of(order)
    assert (progress.outcome, progress.decline) == ("needs_card", refusal_of(code).told)
    assert progress.decline_text
    assert PaymentAttempt.objects.get().decline_code == code


@pytest.mark.parametrize("call", ["create", "confirm"])
def test_everything_else_waits_for_staff(
    gateway: FakeGateway, clock: Clock, call: str
) -> None:
    # One stands for all: the table below says which these are.
    order = refused(gateway, call, "parameter_unknown")

    assert progress_of(order).outcome == "on_hold"
    assert order.status == Order.Status.PENDING


def test_only_what_a_setting_the_account_or_the_program_causes_is_for_staff() -> None:
    theirs = set(by_remedy(Remedy.STAFF))

    assert {"", "brand_new", "testmode_charges_only", "url_invalid"} <= theirs
    assert not {code for code in theirs if code.startswith("amount")}
    # Declines of a bank are never for staff.
    assert not theirs & set(declines.KIND_OF_CODE)


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_whatever_is_told_has_its_words(code: str) -> None:
    refusal = refusal_of(code)

    if refusal.remedy is Remedy.NOBODY:
        assert refusal.told in Order.CancelReason.values
    else:
        assert declines.explain(refusal.told)
        assert declines.kind_of(code) == refusal.told


def test_stripe_s_code_arrives_in_the_refusal(
    settings: Settings, stripe_error: Callable[[str], provider.PaymentError]
) -> None:
    error = stripe_error("amount_too_small")

    assert isinstance(error, provider.Refused)
    assert error.code == "amount_too_small"


@pytest.fixture
def stripe_error() -> Callable[[str], provider.PaymentError]:
    """Return what the gateway raises in place of Stripe's error of that code."""
    from checkout.payments.stripe.calls import _error_of  # noqa: PLC0415

    def error(code: str) -> provider.PaymentError:
        refused: Any = stripe.InvalidRequestError
        return _error_of(refused("no", "amount", code=code))

    return error
