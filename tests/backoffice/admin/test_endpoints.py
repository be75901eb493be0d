"""Staff keep endpoints of webhooks: add, test, replace the secret, off, on, remove."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings
from standardwebhooks.webhooks import Webhook

from backoffice.roles import GROUPS
from events.models import Delivery
from events.router import route_all
from inventory.services import receive
from outgoing.webhooks import services
from outgoing.webhooks.consumers import MOST_ACTIVE
from outgoing.webhooks.models import Attempt, Endpoint
from outgoing.webhooks.secrets import signing
from tests.backoffice.answers import messages, text_of
from tests.outgoing.conftest import make_endpoint, parts_of, send_all
from tests.support.raw_server import RawServer, raw_server
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db
LIST = "/admin/outgoing/endpoint/"
FORM = {"name": "ERP", "url": "https://erp.example/hooks", "types": "order.*\nstock.*"}


@pytest.fixture
def server(settings: Settings) -> Iterator[RawServer]:
    settings.OUTGOING_PRIVATE_NETWORKS = ["127.0.0.1"]
    with raw_server() as server:
        yield server


@pytest.fixture
def integrator(client: Client) -> Client:
    call_command("staff_groups")
    user = User.objects.create_user("tsunagu", is_staff=True)
    user.groups.set([Group.objects.get(name="Integrator")])
    client.force_login(user)
    return client


def page_of(endpoint: Endpoint, act: str) -> str:
    return f"{LIST}{endpoint.pk}/{act}/"


def test_an_integrator_adds_one_and_sees_its_secret_once(integrator: Client) -> None:
    answer = integrator.post(f"{LIST}add/", FORM)
    endpoint = Endpoint.objects.get()
    assert answer["Location"] == page_of(endpoint, "secret")
    assert endpoint.patterns == ("order.*", "stock.*")
    assert endpoint.secrets.get().made_by == "tsunagu"

    (secret,) = signing(endpoint)
    assert secret not in text_of(integrator.get(page_of(endpoint, "secret")))
    shown = integrator.post(page_of(endpoint, "secret"))
    assert secret in text_of(shown)
    assert "no-store" in shown["Cache-Control"]
    again = text_of(integrator.post(page_of(endpoint, "secret")))
    assert secret not in again
    assert "was shown before" in again
    for page in (LIST, page_of(endpoint, "change"), page_of(endpoint, "history")):
        assert secret not in text_of(integrator.get(page))


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("url", "ftp://erp.example", "must begin with https://"),
        ("url", "https://me:word@erp.example/", "Leave out the user name"),
        ("url", "https://erp.example:99999/", "The port is not"),
        ("url", "https://erp.example/#a", "Leave out the #"),
        ("url", "https://", "This is not a URL"),
        ("types", "oder.*", "No event type matches oder.*"),
        ("types", "", "This field is required"),
        ("name", "", "This field is required"),
    ],
)
def test_what_cannot_be_meant_is_refused_beside_its_field(
    integrator: Client, field: str, text: str, said: str
) -> None:
    answer = integrator.post(f"{LIST}add/", FORM | {field: text})

    assert said in text_of(answer).replace("&#x27;", "'")
    assert not Endpoint.objects.exists()


def test_plain_http_is_for_trying_out(integrator: Client, settings: Settings) -> None:
    plain = FORM | {"url": "http://erp.example/"}
    settings.PRODUCTION = True
    settings.SECURE_SSL_REDIRECT = False
    assert "must begin with" in text_of(integrator.post(f"{LIST}add/", plain))
    settings.PRODUCTION = False
    integrator.post(f"{LIST}add/", plain)

    assert Endpoint.objects.count() == 1


def test_a_test_says_what_was_answered(integrator: Client, server: RawServer) -> None:
    endpoint = make_endpoint(server.port)
    assert "It is no event" in text_of(integrator.get(page_of(endpoint, "test")))
    assert server.heard == []

    answer = integrator.post(page_of(endpoint, "test"), follow=True)

    assert messages(answer)[0].startswith("Taken: status 200 after")
    (request,) = server.heard
    headers, body = parts_of(request)
    assert Webhook(signing(endpoint)[0]).verify(body, headers)
    attempt = Attempt.objects.get()
    detail = text_of(integrator.get(f"/admin/outgoing/attempt/{attempt.pk}/change/"))
    assert "webhook.test" in detail
    assert "[hidden]" in detail
    assert "v1," not in detail


def test_a_test_of_a_private_address_says_why_it_is_refused(
    integrator: Client, server: RawServer, settings: Settings
) -> None:
    endpoint = make_endpoint(server.port)
    settings.OUTGOING_PRIVATE_NETWORKS = []

    answer = integrator.post(page_of(endpoint, "test"), follow=True)

    assert "is not an address of the Internet" in messages(answer)[0]
    assert server.heard == []


def test_a_secret_is_replaced_with_an_overlap(integrator: Client) -> None:
    endpoint = make_endpoint(1)
    assert "both signatures" in text_of(integrator.get(page_of(endpoint, "rotate")))

    refused = integrator.post(page_of(endpoint, "rotate"), {"overlap": "7"})
    assert (refused.status_code, endpoint.secrets.count()) == (422, 1)
    answer = integrator.post(page_of(endpoint, "rotate"), {"overlap": "24"})

    assert answer["Location"] == page_of(endpoint, "secret")
    assert len(signing(endpoint)) == 2
    assert "the one before signs until" in text_of(
        integrator.get(page_of(endpoint, "change"))
    )
    assert "secret replaced" in text_of(integrator.get(page_of(endpoint, "history")))


def test_a_secret_that_cannot_be_read_says_what_helps(
    integrator: Client, settings: Settings
) -> None:
    endpoint = make_endpoint(1)
    user = User.objects.get(username="tsunagu")
    settings.SECRET_KEY = "another" * 10
    integrator.force_login(user)

    assert "SECRET_KEY_FALLBACKS" in text_of(
        integrator.post(page_of(endpoint, "secret"))
    )
    answer = integrator.post(page_of(endpoint, "test"), follow=True)
    assert "SECRET_KEY_FALLBACKS" in messages(answer)[0]


def test_off_and_on_again_with_what_happened_meanwhile(
    integrator: Client, server: RawServer
) -> None:
    endpoint = make_endpoint(server.port, types="stock.*")
    integrator.get(page_of(endpoint, "off"))
    assert Endpoint.objects.get().state == Endpoint.State.ACTIVE
    integrator.post(page_of(endpoint, "off"))
    assert Endpoint.objects.get().state == Endpoint.State.STOPPED
    receive("TEA-01", 20, "delivery-1")
    route_all()
    assert not Delivery.objects.filter(consumer=endpoint.consumer).exists()

    asked = text_of(integrator.get(page_of(endpoint, "on")))
    assert "Also send the 1 events that happened meanwhile" in asked
    answer = integrator.post(page_of(endpoint, "on"), {"missed": "on"}, follow=True)
    assert messages(answer) == ["It is on, and 1 event is sent."]
    assert send_all(endpoint) == 1
    again = integrator.post(page_of(endpoint, "on"), follow=True)
    assert messages(again) == ["It is on already."]


def test_one_webhook_is_sent_again(integrator: Client, server: RawServer) -> None:
    endpoint = make_endpoint(server.port, types="stock.*")
    receive("TEA-01", 20, "delivery-1")
    route_all()
    send_all(endpoint)
    mine = Delivery.objects.get(consumer=endpoint.consumer)
    other = Delivery.objects.exclude(consumer=endpoint.consumer).first()
    keys = [row.pk for row in (mine, other) if row]
    form = {"action": "send_again_selected", "_selected_action": keys}

    answer = integrator.post("/admin/events/delivery/", form, follow=True)

    assert messages(answer) == ["1 webhook will be sent again within seconds."]
    assert send_all(endpoint) == 1
    first, second = (parts_of(request)[0] for request in server.heard)
    assert first["webhook-id"] == second["webhook-id"]


def test_one_is_removed_with_all_that_belongs_to_it(integrator: Client) -> None:
    endpoint = make_endpoint(1, types="stock.*")
    receive("TEA-01", 20, "delivery-1")
    route_all()

    assert "ERP" in text_of(integrator.get(page_of(endpoint, "delete")))
    integrator.post(page_of(endpoint, "delete"), {"post": "yes"})

    assert not Endpoint.objects.exists()
    assert not Delivery.objects.filter(consumer=endpoint.consumer).exists()


@pytest.mark.parametrize("act", ["test", "secret", "rotate", "off", "on"])
def test_who_may_only_look_changes_nothing(client: Client, act: str) -> None:
    endpoint = make_endpoint(1)
    client.force_login(make_staff("view_endpoint"))

    assert client.post(page_of(endpoint, act)).status_code == 403
    page = text_of(client.get(page_of(endpoint, "change")))
    assert re.search(r"What you can do|/rotate/", page) is None
    assert signing(endpoint)[0] not in page
    for group in set(GROUPS) - {"Integrator"}:
        assert not any(name.startswith("outgoing.") for name in GROUPS[group])


def test_the_list_says_how_each_fares(integrator: Client) -> None:
    make_endpoint(1, name="Fine")
    failing = make_endpoint(1, name="Bad")
    Endpoint.objects.filter(pk=failing.pk).update(
        failing_since=failing.made_at, error="the answer is 500"
    )

    page = text_of(integrator.get(LIST))
    assert "failing since" in page
    assert "the answer is 500" in text_of(integrator.get(page_of(failing, "change")))


def test_one_too_many_is_not_switched_on_and_the_page_says_what_helps(
    integrator: Client,
) -> None:
    endpoint = make_endpoint(1)
    integrator.post(page_of(endpoint, "off"), follow=True)
    Endpoint.objects.bulk_create(
        Endpoint(name=str(number), url="https://a.example")
        for number in range(MOST_ACTIVE)
    )

    answer = integrator.post(
        page_of(endpoint, "on"), follow=True, headers={"Accept-Language": "ja"}
    )

    (said,) = messages(answer)
    assert said == ("有効なエンドポイントは50件までです。いずれかを停止してください。")
    endpoint.refresh_from_db()
    assert endpoint.state == Endpoint.State.STOPPED


def test_of_two_who_add_the_last_one_at_once_one_is_told(
    integrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The form has counted before a colleague's was stored.
    monkeypatch.setattr(services, "MOST_ACTIVE", 0)
    answer = integrator.post(f"{LIST}add/", FORM, follow=True)
    assert messages(answer) == [
        f"There are {MOST_ACTIVE} active endpoints already: switch one off."
    ]
    assert Endpoint.objects.count() == 0
