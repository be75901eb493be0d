"""No card number, key, token or client secret is ever kept, logged or shown."""

import json
import logging
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from checkout.payments.gateway import get_gateway
from checkout.tracking.services import read_after_return, try_another_card
from orders.models import Order, PaymentAttempt
from saga.engine import run
from saga.models import Saga, State
from shop import settings as product
from shop.text.redaction import redact_text
from tests.checkout.payments.stripe_objects import event, signed
from tests.support.leaks import find_leaks, read_tables
from tests.support.ordering import place
from tests.support.sandbox import Sandbox, running_sandbox
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db

VISA = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclinedLostCard"
ASKS_THE_BANK = "pm_card_threeDSecure2Required"
KEY = "sk_test_of_this_test_only"
SIGNING_SECRET = "whsec_of_this_test_only"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_sandbox(tmp_path_factory.mktemp("stripe")) as url:
        yield url


@pytest.fixture
def sandbox(process: str, settings: Settings) -> Iterator[Sandbox]:
    settings.STRIPE_API_BASE = process
    settings.STRIPE_SECRET_KEY = KEY
    settings.STRIPE_WEBHOOK_SECRETS = [SIGNING_SECRET]
    settings.STRIPE_TIMEOUT = 1.0
    get_gateway.cache_clear()
    yield Sandbox(process)
    get_gateway.cache_clear()


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All that the shop logs at its lowest level."""
    caplog.set_level(logging.DEBUG)
    for name, given in product.LOGGING["loggers"].items():
        shop_s_own = name in product.ROOMS
        level = "DEBUG" if shop_s_own else given.get("level", "DEBUG")
        caplog.set_level(level, logger=name)
    # What Django writes about SQL exists only where DEBUG is on, never in production.
    caplog.set_level(logging.INFO, logger="django.db.backends")
    return caplog


def bought(sandbox: Sandbox, card: str, tokens: list[str]) -> tuple[Order, Saga]:
    tokens.append(sandbox.token(card))
    return place(token=tokens[-1])


def go_on(order: Order, saga: Saga, sandbox: Sandbox, card: str) -> str:
    token = sandbox.token(card)
    try_another_card(order, token)
    run(saga.pk)
    return token


def orders_of_all_kinds(sandbox: Sandbox) -> list[str]:
    """Let orders end in every possible way; return the tokens of their cards."""
    tokens: list[str] = []
    _done, saga = bought(sandbox, VISA, tokens)
    run(saga.pk)
    declined, saga = bought(sandbox, DECLINED, tokens)
    run(saga.pk)
    tokens.append(go_on(declined, saga, sandbox, VISA))
    asked, saga = bought(sandbox, ASKS_THE_BANK, tokens)
    run(saga.pk)
    asked.payment.refresh_from_db()
    answer = {"intent": asked.payment.intent_id, "result": "complete"}
    sandbox.post("challenge", answer)
    read_after_return(asked)
    run(saga.pk)
    _reused, saga = place(token=tokens[0])
    run(saga.pk)
    for fault in ("cut_after", "error_before"):
        sandbox.fault("confirm", fault, times=4, status=400)
        _failed, saga = bought(sandbox, VISA, tokens)
        run(saga.pk)
        sandbox.forgive()
    _unknown, saga = place(token="pm_card_nobody_has")
    run(saga.pk)
    return tokens


@pytest.mark.long
def test_orders_of_all_kinds_leave_no_secret_behind(
    sandbox: Sandbox, log: pytest.LogCaptureFixture, client: Client
) -> None:
    sandbox.post("reset")
    tokens = orders_of_all_kinds(sandbox)
    body = event(
        {"object": "payment_intent", "id": "pi_1", "client_secret": "x_secret_y"}
    )
    answer = client.post(
        "/webhooks/stripe/",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signed(body, SIGNING_SECRET)},
    )
    assert answer.status_code == 200
    client_secrets = [intent["client_secret"] for intent in sandbox.intents()]
    under_way = PaymentAttempt.objects.filter(outcome__in=["open", "challenge"])
    kept_for_a_retry = set(under_way.values_list("token", flat=True))
    secrets = [*tokens, *client_secrets, KEY, SIGNING_SECRET, "x_secret_y"]

    states = set(Saga.objects.values_list("state", flat=True))
    assert {State.DONE, State.WAITING, State.FAILED} <= states, "orders of all kinds"
    assert find_leaks(secrets, [("the log", log.text)]) == []
    used = [secret for secret in secrets if secret not in kept_for_a_retry]
    assert find_leaks(used, read_tables()) == []
    assert find_leaks(secrets, staff_s_pages(client)) == []


def staff_s_pages(client: Client) -> Iterator[tuple[str, str]]:
    """Read every order's pages with all permissions."""
    user = make_staff(name="minna")
    type(user).objects.filter(pk=user.pk).update(is_superuser=True)
    user.refresh_from_db()
    client.force_login(user)
    for order in Order.objects.all():
        for name in ("orders_order_change", "backoffice_stalledorder_change"):
            page = client.get(reverse(f"admin:{name}", args=[order.pk]), follow=True)
            assert page.status_code == 200
            yield f"{name} {order}", page.content.decode()
    for name in ("checkout_providerevent", "checkout_client", "checkout_ordermail"):
        page = client.get(reverse(f"admin:{name}_changelist"))
        yield name, page.content.decode()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("No such token: 'ctoken_1AbC'", "No such token: '[hidden]'"),
        ("pi_3Abc_secret_XyZ9 is wrong", "pi_3Abc[hidden] is wrong"),
        ("Invalid API Key: sk_test_****abcd", "Invalid API Key: [hidden]"),
        ("rk_live_9 and whsec_7", "[hidden] and [hidden]"),
        ("card 4242 4242 4242 4242 is", "card [hidden] is"),
        ("card 378282246310005.", "card [hidden]."),
        ("order:7f1c:confirm:1", "order:7f1c:confirm:1"),
        ("pi_3Abc [req_1234567890123456]", "pi_3Abc [req_1234567890123456]"),
    ],
)
def test_what_a_provider_quotes_is_kept_without_its_secrets(
    said: str, kept: str
) -> None:
    assert redact_text(said) == kept


def test_reading_everything_would_find_a_secret() -> None:
    order, _saga = place(token="ctoken_under_way")

    assert find_leaks(["ctoken_under_way"], read_tables()) == [
        "ctoken_under_way in orders.PaymentAttempt"
    ]
    assert find_leaks([order.email], [("page", json.dumps({"to": order.email}))])
