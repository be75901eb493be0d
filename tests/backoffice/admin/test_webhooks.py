"""Staff see which webhooks were not taken, why, and what helps, in both languages."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.admin.dashboard.worklist import list_lines
from backoffice.admin.webhooks.wording import remedy
from checkout.webhooks import problems
from checkout.webhooks.models import ProviderEvent, WebhookProblem
from tests.conftest import Clock

LIST = "/admin/checkout/providerevent/"
PROBLEMS = "/admin/checkout/webhookproblem/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def events() -> dict[str, ProviderEvent]:
    now = timezone.now()
    rows: dict[str, dict[str, Any]] = {
        "evt_applied": {"applied_at": now},
        "evt_waiting": {},
        "evt_failing": {"tries": 2, "try_at": now, "error": "DataError: too long"},
        "evt_aside": {"set_aside": "other_mode"},
    }
    return {
        name: ProviderEvent.objects.create(event_id=name, type="t", **fields)
        for name, fields in rows.items()
    }


def shown(client: Client, state: str) -> set[str]:
    html = client.get(LIST, {"state": state}).content.decode()
    names = ("evt_applied", "evt_waiting", "evt_failing", "evt_aside")
    return {name for name in names if name in html}


def test_the_list_tells_the_states_apart(
    admin_client: Client, events: dict[str, ProviderEvent]
) -> None:
    assert shown(admin_client, "applied") == {"evt_applied"}
    assert shown(admin_client, "waiting") == {"evt_waiting"}
    assert shown(admin_client, "trouble") == {"evt_failing"}
    assert shown(admin_client, "aside") == {"evt_aside"}
    assert len(shown(admin_client, "")) == 4

    html = admin_client.get(LIST).content.decode()
    assert "set aside: of the other mode (test or live)" in html
    assert "DataError: too long" in html
    assert "failed, next try" in html


def test_a_page_says_what_helps_in_both_languages(
    admin_client: Client, events: dict[str, ProviderEvent]
) -> None:
    page = f"{LIST}{events['evt_aside'].pk}/change/"
    english = admin_client.get(page).content.decode()
    assert "must be of the same mode" in english

    japanese = admin_client.get(
        page, headers={"Accept-Language": "ja"}
    ).content.decode()
    assert "同じモード" in japanese
    assert "保留" in japanese


def test_problems_are_listed_with_their_remedy_and_stand_on_the_first_page(
    clock: Clock, admin_client: Client
) -> None:
    for _minute in range(3):
        problems.count("StaleSignature", "signed 360 seconds ago")
        clock.shift(60)

    html = admin_client.get(PROBLEMS).content.decode()
    assert "signed too long ago by our clock" in html
    assert "signed 360 seconds ago" in html
    assert "Set the clock right" in html
    line = "Webhooks of Stripe are not taken: signed too long ago by our clock"
    assert line in admin_client.get("/admin/").content.decode()


def test_an_hour_later_the_first_page_is_quiet(
    clock: Clock, admin_user: object
) -> None:
    for _minute in range(3):
        problems.count("ThinEvent", "thin")
        clock.shift(60)
    clock.shift(3600)

    lines = list_lines(admin_user, timezone.now())  # type: ignore[arg-type]

    assert not any("Webhooks" in line.text for line in lines)


@pytest.mark.parametrize("cause", WebhookProblem.Cause.values)
def test_every_cause_has_a_remedy(cause: str) -> None:
    assert remedy(cause)
