"""The two questions of machines: alive? able to serve?"""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.announcements.services import pause
from saga.models import Heartbeat
from tests.support.ports import free_port


def test_livez_answers_without_touching_the_database(client: Client) -> None:
    # Without the db fixture a query would fail this test.
    answer = client.get("/livez")

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert "no-cache" in answer["Cache-Control"]


@pytest.mark.both_databases
@pytest.mark.django_db
def test_readyz_names_the_part_that_is_down(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": "ok",
        "broker": "down (ConnectionError)",
        "checkout": "open",
        "sweeper": "never seen",
        "worker": "never seen",
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
    pause("yuki", "the bank is away")

    answer = client.get("/readyz")

    assert answer.json()["checkout"] == "paused"
    assert answer.status_code == status
