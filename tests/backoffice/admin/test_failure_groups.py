"""Failure groups: listed by cause, previewed order by order, resumed in bulk."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkout.periodic_jobs import resume_if_unchanged
from orders.models import Order, Payment
from saga.bulk_resume.background import advance_all
from saga.engine import run as run_saga
from saga.failure_groups import failure_groups
from saga.models import BulkResume, Saga, State
from saga.operations import resume
from tests.backoffice.answers import Answer, messages
from tests.conftest import Clock
from tests.support.staff import make_stalled

GROUPS = "/admin/backoffice/stalledorder/groups/"


@pytest.fixture
def three(db: None) -> list[Order]:
    """Return three paid orders whose mail could not be sent."""
    return [
        make_stalled(f"261122-M0000{n}", step="send_confirmation") for n in (1, 2, 3)
    ]


def group_url() -> str:
    (group,) = failure_groups()
    return f"{GROUPS}{group.id}/"


def begin(client: Client, **changed: object) -> tuple[Answer, dict[str, Any]]:
    """Open the page of the only group and send its form with these changes.

    Returns the answer and the values that were sent.
    """
    url = group_url()
    form = client.get(url).context["form"]
    sent = {name: form[name].value() for name in ("key", "seen")}
    sent |= {"canary": 1, "per_second": 10, "reason": "mail server mended"}
    return client.post(url, sent | changed, follow=True), sent


def work() -> None:
    for saga in Saga.objects.filter(state=State.RUNNING):
        run_saga(saga.pk)


def test_the_list_says_cause_count_age_and_money(
    operator: Client, three: list[Order]
) -> None:
    make_stalled("261122-STOCK1", step="fulfil_order")
    Payment.objects.filter(order=three[0]).update(
        status="authorized", captured_minor=0, captured_at=None
    )
    html = operator.get(GROUPS).content.decode()
    groups = operator.get(GROUPS).context["groups"]
    assert [len(group.sagas) for group in groups] == [3, 1]
    assert [(part.key, part.count, part.amount) for part in groups[0].money] == [
        ("taken", 2, "¥8,400"),
        ("unknown", 1, "¥4,200"),
    ]
    assert "Send the confirmation mail" in html
    assert "12 min" in html
    assert "the disk is full" in html


def test_the_list_costs_the_same_for_many(operator: Client) -> None:
    make_stalled("261122-A00000")
    operator.get(GROUPS)
    with CaptureQueriesContext(connection) as few:
        operator.get(GROUPS)
    for count in range(12):
        make_stalled(f"261122-B{count:05}", step="send_confirmation")
    with CaptureQueriesContext(connection) as many:
        operator.get(GROUPS)
    assert len(many) == len(few)


def test_the_preview_judges_every_order_and_does_nothing_yet(
    operator: Client, three: list[Order]
) -> None:
    Saga.objects.filter(reference=three[1].number).update(version=99)
    html = operator.get(group_url()).content.decode()
    assert "Resume these 2 orders" in html
    assert "this code has no version 99" in html
    assert "Will send one mail to hanako@example.com." in html
    assert "Will not charge: ¥4,200 was charged" in html
    assert Saga.objects.failed().count() == 3
    assert not BulkResume.objects.exists()


def test_the_sweeper_does_the_work_and_the_page_shows_progress(
    clock: Clock, operator: Client, three: list[Order]
) -> None:
    answer, _sent = begin(operator)
    page = answer.redirect_chain[-1][0]
    assert "Under way: 0 of 3 resumed." in answer.content.decode()
    for _round in range(4):
        advance_all(resume_if_unchanged)
        work()
        clock.shift(2)
    html = operator.get(page).content.decode()
    assert "All done: 3 of 3 resumed." in html
    assert "data-live" not in html
    assert set(Saga.objects.values_list("state", flat=True)) == {"done"}


def test_a_form_sent_twice_starts_one_bulk_resume(
    operator: Client, three: list[Order]
) -> None:
    answer, sent = begin(operator)
    again = operator.post(group_url(), sent, follow=True)
    assert again.redirect_chain == answer.redirect_chain
    assert BulkResume.objects.count() == 1


def test_a_group_that_changed_since_is_not_resumed(
    operator: Client, three: list[Order]
) -> None:
    url = group_url()
    form = operator.get(url).context["form"]
    sent = {name: form[name].value() for name in ("key", "seen")}
    make_stalled("261122-LATER1", step="send_confirmation")
    sent |= {"canary": 1, "per_second": 1, "reason": "mended"}
    answer = operator.post(url, sent, follow=True)
    assert "the group has changed since" in messages(answer)[0]
    assert not BulkResume.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"per_second": 0}, {"canary": -1}, {"key": "x"}]
)
def test_a_form_that_is_wrong_begins_nothing(
    operator: Client, three: list[Order], wrong: dict[str, object]
) -> None:
    answer, _sent = begin(operator, **wrong)
    assert answer.status_code == 422
    assert not BulkResume.objects.exists()


def test_a_group_that_is_gone_leads_back_to_the_list(
    operator: Client, three: list[Order]
) -> None:
    url = group_url()
    for saga in Saga.objects.failed():
        resume(saga, "taro", "faster")
    answer = operator.get(url, follow=True)
    assert messages(answer) == ["No order is stopped in that way any more."]


def test_staff_can_stop_a_bulk_resume(operator: Client, three: list[Order]) -> None:
    answer, _sent = begin(operator)
    page = answer.redirect_chain[-1][0]
    advance_all(resume_if_unchanged)
    html = operator.post(f"{page}stop/", follow=True).content.decode()
    assert "Stopped by yuki: the rest was left as it was." in html
    again = operator.post(f"{page}stop/", follow=True)
    assert messages(again) == ["It had ended already."]
    assert Saga.objects.failed().count() == 2


def test_viewers_see_the_pages_and_can_do_nothing(
    viewer: Client, three: list[Order]
) -> None:
    url = group_url()
    html = viewer.get(url).content.decode()
    assert 'name="reason"' not in html
    assert viewer.post(url, {"reason": "x"}).status_code == 403
    assert not BulkResume.objects.exists()
    assert viewer.get(GROUPS).status_code == 200


def test_outsiders_see_nothing(outsider: Client, three: list[Order]) -> None:
    url = group_url()
    assert outsider.get(GROUPS).status_code == 403
    assert outsider.get(url).status_code == 403


def test_the_list_of_stalled_orders_links_the_groups(
    operator: Client, three: list[Order]
) -> None:
    html = operator.get("/admin/backoffice/stalledorder/").content.decode()
    assert re.search(rf'href="{GROUPS}"', html)
