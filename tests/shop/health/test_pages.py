"""The two questions of machines: alive? able to serve?"""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.announcements.services import pause
from saga.models import Heartbeat
from shop.configuration.broker import describe
from shop.health.queues import required_queues
from tests.support.ports import free_port


def test_livez_answers_without_touching_the_database(client: Client) -> None:
    # Without the db fixture a query would fail this test.
    answer = client.get("/livez")

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert "no-cache" in answer["Cache-Control"]


PUBLIC = {
    "ALLOWED_HOSTS": ["shop.example.com"],
    "SECURE_SSL_REDIRECT": True,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
}


@pytest.fixture
def probe(settings: Settings) -> Client:
    """A load balancer: it asks a production by its number, over plain HTTP."""
    for name, value in PUBLIC.items():
        setattr(settings, name, value)
    return Client(headers={"host": "10.0.0.7:8000"})


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/livez", "/readyz"])
def test_probes_are_answered_by_number_and_over_plain_http(
    probe: Client, address: str
) -> None:
    answer = probe.get(address)

    assert answer.status_code in (200, 503)
    assert answer["Content-Type"] in ("text/plain", "application/json")
    assert "10.0.0.7" not in answer.content.decode()
    assert not answer.cookies
    assert probe.head(address).status_code == answer.status_code
    assert probe.post(address).status_code == 405


@pytest.mark.parametrize(
    "address", ["/", "/livez/", "//livez", "/livez/x", "/LIVEZ", "/admin/", "/?/livez"]
)
def test_no_other_address_is_answered_without_host_and_https(
    probe: Client, address: str
) -> None:
    assert probe.get(address).status_code in (301, 400)

    over_https = probe.get(address, headers={"x-forwarded-proto": "https"})

    assert over_https.status_code == 400


def test_the_middleware_of_probes_stands_first(settings: Settings) -> None:
    assert settings.MIDDLEWARE[0] == "shop.health.addresses.answer_probes"


@pytest.mark.both_databases
@pytest.mark.django_db
def test_readyz_names_the_part_that_is_down(client: Client, settings: Settings) -> None:
    settings.BROKER = describe(f"redis://127.0.0.1:{free_port()}/0")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": "ok",
        "broker": "down (ConnectionError)",
        "checkout": "open",
        "sweeper": "never seen",
        "worker": "never seen",
        "queues": f"no worker listens to {', '.join(required_queues())}",
        "clocks": "ok",
        "ill": [
            "broker: down (ConnectionError)",
            "sweeper: never seen",
            "worker: never seen",
            f"queues: no worker listens to {', '.join(required_queues())}",
        ],
    }


@pytest.mark.both_databases
@pytest.mark.django_db
def test_readyz_tells_of_processes_that_have_gone_silent(client: Client) -> None:
    now = timezone.now()
    for role, age in (("sweeper", 100), ("sweeper", 1), ("worker", 90)):
        seen_at = now - timedelta(seconds=age)
        Heartbeat.objects.create(
            role=role, process=f"host:{age}", started_at=seen_at, seen_at=seen_at
        )

    answer = client.get("/readyz").json()

    assert answer["sweeper"] == "ok"
    assert answer["worker"].startswith("silent for 9")


@pytest.mark.django_db
def test_readyz_tells_that_checkout_is_paused_and_stays_ready(client: Client) -> None:
    status = client.get("/readyz").status_code
    caches["pages"].clear()
    pause("yuki", "the bank is away")

    answer = client.get("/readyz")

    assert answer.json()["checkout"] == "paused"
    assert answer.status_code == status
