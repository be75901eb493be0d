"""The flow that docs/how-to/flow.md tells its reader to write works."""

import types
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from flows import registry
from flows.services import start_flow
from inventory.services import receive
from saga import definition, schedules
from saga.models import Saga, State
from saga.schedules import start_due
from tests.backoffice.answers import text_of
from tests.conftest import Clock
from tests.flows.runs import approve, go_on, started
from tests.support.guides import files_of
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db

WEEK = "2026-W48"


@pytest.fixture
def guide() -> Iterator[Any]:
    module = types.ModuleType("reorder")
    exec(files_of("how-to/flow.md")["flows/reorder/definition.py"], module.__dict__)  # noqa: S102
    yield module
    registry._flows.pop("reorder")
    definition._definitions.pop("reorder")
    schedules._schedules.pop("reorder")


def test_the_list_is_mailed_when_it_is_approved(
    guide: Any, clock: Clock, settings: Settings
) -> None:
    settings.ALERT_EMAILS = ["buyer@example.com"]
    receive("MUG-01", 2, "delivery")
    receive("CAP-01", 20, "delivery")
    saga = started(start_flow(guide.FLOW, WEEK)[0])
    assert (saga.state, saga.step) == (State.WAITING, "approve")
    approve(saga)
    assert saga.state == State.DONE
    assert mail.outbox[-1].subject == f"To reorder, {WEEK}"
    assert mail.outbox[-1].body == "MUG-01: 2 left\nApproved by ann."


def test_without_goods_that_run_out_it_ends(guide: Any, clock: Clock) -> None:
    saga = started(start_flow(guide.FLOW, WEEK)[0])
    assert saga.state == State.DONE
    assert not mail.outbox


def test_declined_it_may_be_started_again(guide: Any, clock: Clock) -> None:
    receive("MUG-01", 2, "delivery")
    saga = started(start_flow(guide.FLOW, WEEK)[0])
    approve(saga, approved=False)
    assert saga.state == State.COMPENSATED
    assert start_flow(guide.FLOW, WEEK)[0].reference == f"{WEEK}~2"


def test_it_starts_on_mondays_and_by_hand(
    guide: Any, clock: Clock, client: Client
) -> None:
    start_due(timezone.now())
    clock.shift(7 * 24 * 3600)
    start_due(timezone.now())
    assert Saga.objects.filter(definition="reorder").count() == 1
    client.force_login(make_staff("view_flow", "change_stockitem"))
    page = "/admin/backoffice/flow/start/reorder/"
    for odd in ("now", "2026-W60", "9" * 40 + "-W1"):
        said = text_of(client.post(page, {"about": odd}))
        assert "Write the week as 2026-W48." in said
    # One week has one name, however it is written.
    assert guide.read_week(" 2026-W5 ") == "2026-W05"
    assert client.post(page, {"about": WEEK}).status_code == 302
    go_on(clock, rounds=1)
    assert Saga.objects.get(reference=WEEK).state == State.DONE
