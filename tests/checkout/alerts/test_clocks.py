"""A host with a wrong clock: measured by its heartbeats, shown, and alarmed."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from checkout.alerts.clocks import _ANCHOR, watch_clocks
from saga import heartbeat
from saga.heartbeat import beat, wrong_clocks
from saga.models import Heartbeat
from saga.sweeper import sweep
from shop import database_clock
from tests.conftest import Clock
from tests.support.clock import wrong_clock

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

RUNBOOK = Path(__file__).parents[3] / "docs/operations/README.md"
AHEAD, BEHIND = timedelta(minutes=5), -timedelta(minutes=5)


def heard(host: str, seconds: float | None, role: str = "worker", pid: int = 1) -> None:
    """Store the heartbeat of a process whose clock is so far ahead."""
    offset = None if seconds is None else timedelta(seconds=seconds)
    now = database_clock.read()
    Heartbeat.objects.create(
        role=role,
        process=f"{host}:{pid}",
        started_at=now,
        seen_at=now,
        clock_offset=offset,
    )


def alerts(settings: Settings) -> list[str]:
    """Return the texts of the alerts that were sent by now, and clear the outbox."""
    settings.ALERT_EMAILS = ["staff@minato-tv.example"]
    settings.SITE_URL = "https://shop.example"
    watch_clocks(database_clock.read())
    sweep()
    texts = [f"{message.subject}\n{message.body}" for message in mail.outbox]
    mail.outbox.clear()
    return texts


@pytest.mark.parametrize("offset", [AHEAD, BEHIND], ids=["ahead", "behind"])
def test_a_process_reports_how_wrong_its_clock_is(offset: timedelta) -> None:
    with wrong_clock(offset):
        beat("web")

    (wrong,) = wrong_clocks()
    assert wrong.role == "web"
    assert wrong.clock_offset is not None
    assert abs(wrong.clock_offset - offset) < timedelta(seconds=2)


def test_a_process_with_the_right_clock_is_not_named() -> None:
    beat("web")

    assert Heartbeat.objects.get().clock_offset is not None
    assert wrong_clocks() == []


def test_an_offset_measured_over_a_slow_way_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heartbeat, "CLOCK_TOLERANCE", timedelta(0))

    beat("web")

    assert Heartbeat.objects.get().clock_offset is None


def test_staff_read_which_host_is_wrong_and_what_to_do(settings: Settings) -> None:
    heard("web-1", 300, role="web")
    heard("web-1", 300, role="web", pid=2)
    heard("worker-2", -300)
    heard("worker-3", 0.2)
    heard("worker-4", None)

    (text,) = alerts(settings)

    assert "The clock is wrong on web-1, worker-2" in text
    assert text.count("- web on web-1: 300 s ahead of the database's clock") == 1
    assert "- worker on worker-2: 300 s behind the database's clock" in text
    assert "timedatectl set-ntp true" in text
    assert "worker-3" not in text
    assert "worker-4" not in text
    heading = f"## {_ANCHOR.replace('-', ' ').capitalize()}"
    assert heading in RUNBOOK.read_text(encoding="utf-8")


def test_the_alert_comes_once_an_hour(settings: Settings, clock: Clock) -> None:
    def hear() -> list[str]:
        Heartbeat.objects.all().delete()
        heard("web-1", 300, role="web")
        return alerts(settings)

    assert len(hear()) == 1
    clock.shift(30 * 60)
    assert hear() == []
    clock.shift(31 * 60)
    assert len(hear()) == 1


def test_a_clock_that_is_right_or_silent_raises_no_alert(settings: Settings) -> None:
    heard("worker-3", 1.5)
    heard("web-1", 300, role="web")
    Heartbeat.objects.filter(role="web").update(
        seen_at=database_clock.read() - timedelta(minutes=1)
    )

    assert alerts(settings) == []


def test_readyz_and_the_worklist_show_it(client: Client, admin_user: User) -> None:
    heard("web-1", 300, role="web")
    heard("worker-2", -299)

    told = client.get("/readyz").json()["clocks"]
    client.force_login(admin_user)
    page = client.get(reverse("admin:index")).content.decode()

    assert told == (
        "web 300 s ahead of the database's clock, "
        "worker 299 s behind the database's clock"
    )
    assert "The clock of web-1 is 300 s fast: switch on NTP there" in page
    assert "The clock of worker-2 is 299 s slow: switch on NTP there" in page
