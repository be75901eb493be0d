"""The details of an order's page: calls and their results, without secrets."""

import pytest
from django.test import Client
from django.urls import reverse

from checkout.flow.idempotency_keys import key_of
from checkout.mail.models import MailKind, OrderMail
from checkout.mail.outbox import queue
from checkout.webhooks.models import ProviderEvent
from orders.models import Order
from saga.models import Attempt, Saga, State
from saga.operations import resume
from shop.text.redaction import COVER
from tests.support.staff import make_attempt, make_done, make_stalled

PAGES = ("admin:backoffice_stalledorder_change", "admin:orders_order_change")


def page_of(order: Order, name: str = PAGES[0]) -> str:
    return reverse(name, args=[order.pk])


def test_a_try_shows_its_keys_request_and_output(operator: Client) -> None:
    order = make_stalled(step="capture_payment")
    saga = Saga.objects.main_paths().get()
    make_attempt(
        saga,
        30,
        "capture_payment",
        Attempt.Outcome.RETRY,
        number=3,
        error="no answer [req_lost1]",
        output={"intent": "pi_1", "request": "req_said2"},
    )
    html = operator.get(page_of(order)).content.decode()
    assert f"order:{order.uid}:capture:30" in html
    assert f"order:{order.uid}:create" in html
    assert f"order:{order.uid}:confirm:1" in html
    assert "<code>req_lost1</code> <code>req_said2</code>" in html
    assert "&quot;intent&quot;: &quot;pi_1&quot;" in html


@pytest.mark.parametrize("name", PAGES)
def test_what_to_search_the_log_for_is_shown_once(
    admin_client: Client, name: str
) -> None:
    order = make_stalled(step="send_confirmation")
    Saga.objects.update(request_id="0a" * 16)

    html = admin_client.get(page_of(order, name)).content.decode()

    assert html.count(f"<code>{'0a' * 16}</code>") == 1


def test_the_first_tries_share_one_key_and_the_third_has_its_own() -> None:
    keys = [key_of("U", "capture", tries, fence=tries + 6) for tries in (1, 2, 3)]
    assert keys == ["order:U:capture", "order:U:capture", "order:U:capture:9"]


def test_what_staff_changed_is_shown(operator: Client) -> None:
    order = make_stalled(step="send_confirmation")
    saga = Saga.objects.latest("pk")
    resume(saga, "yuki", "typo", inputs={"email": "h@example.org"})
    html = operator.get(page_of(order)).content.decode()
    assert "h@example.org" in html
    assert "resumed with another input" in html
    assert "typo" in html


def test_nothing_secret_is_shown(admin_client: Client) -> None:
    order = make_stalled()
    saga = Saga.objects.main_paths().get()
    secrets = [
        "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
        "whsec_abcdef123",
        "pi_1_secret_xyz",
        "ctoken_1NnQUf2",
        "4242 4242 4242 4242",
    ]
    for fence, secret in enumerate(secrets, start=30):
        make_attempt(
            saga,
            fence,
            "fulfil_order",
            Attempt.Outcome.FAILED,
            error=f"refused {secret}",
            trace=f"Traceback: {secret}",
            output={"said": [secret], "client_secret": "hush"},
        )
    Saga.objects.update(error=" ".join(secrets))
    for name in PAGES:
        html = admin_client.get(page_of(order, name)).content.decode()
        assert not [secret for secret in [*secrets, "hush"] if secret in html], name
        assert COVER in html


def test_mails_and_webhooks_are_listed(operator: Client) -> None:
    order = make_done("261122-DONE00")
    queue(order, MailKind.CANCELLED)
    OrderMail.objects.update(error="421 try later")
    other = {"type": "payment_intent.canceled", "intent_id": "pi_other"}
    ProviderEvent.objects.create(event_id="evt_other", **other)
    mine = {"type": "payment_intent.succeeded", "intent_id": "pi_261122-DONE00"}
    ProviderEvent.objects.create(event_id="evt_mine", **mine)
    html = operator.get(page_of(order)).content.decode()
    assert "evt_mine" in html
    assert "not applied yet" in html
    assert "evt_other" not in html
    assert "order cancelled · to be sent" in html
    assert "421 try later" in html


def test_while_it_moves_the_page_names_the_part_to_fetch_again(
    operator: Client,
) -> None:
    order = make_stalled()
    address = reverse("admin:backoffice_stalledorder_live", args=[order.pk])
    assert address not in operator.get(page_of(order)).content.decode()
    Saga.objects.update(state=State.RUNNING, alert_wanted_at=None)
    assert f'data-live="{address}"' in operator.get(page_of(order)).content.decode()

    part = operator.get(address).content.decode()
    assert part.lstrip().startswith('<div id="content-main"')
    assert "<html" not in part
    Saga.objects.update(state=State.DONE)
    assert "data-live" not in operator.get(address).content.decode()


def test_the_part_is_only_for_staff_who_may_see_the_page(outsider: Client) -> None:
    order = make_stalled()
    address = reverse("admin:backoffice_stalledorder_live", args=[order.pk])
    assert outsider.get(address).status_code == 403
