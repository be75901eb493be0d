"""The dashboard: what needs staff first, then the metrics."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.admin.dashboard import plot
from backoffice.admin.dashboard.metrics import POINTS, draw_curve
from orders.models import Dispute, Payment
from saga.heartbeat import beat
from saga.metrics import count_sagas
from saga.models import Breaker, Heartbeat, MetricSnapshot, Saga, State
from tests.support.staff import (
    make_done,
    make_order,
    make_payment,
    make_saga,
    make_staff,
    make_stalled,
    stop_mail_too,
)

START = "/admin/"


@pytest.fixture
def alive(db: None) -> None:
    for role in ("worker", "sweeper"):
        beat(role)


def record_metrics(minutes: int, **values: Any) -> None:
    given = {"in_flight": 3, "stuck": 1, "oldest": 60, "queue": 2, "done": 9}
    steps = {"capture_payment": [120, 480, 9]}
    now = timezone.now().replace(second=0, microsecond=0)
    for ago in range(minutes):
        taken_at = now - timedelta(minutes=ago)
        MetricSnapshot.objects.create(
            taken_at=taken_at, stopped=1, steps=steps, **(given | values)
        )


def test_an_order_that_stopped_twice_is_counted_once(db: None) -> None:
    stop_mail_too(make_stalled())
    assert count_sagas(timezone.now()).stuck == 1


def lines(client: Client) -> list[str]:
    html = client.get(START).content.decode()
    found = re.findall(r'<p class="worklist \w+"><a href="[^"]+">([^<]+)</a>', html)
    return [unescape(words) for words in found]


def metrics(client: Client) -> dict[str, tuple[str, str]]:
    context = client.get(START).context
    return {
        str(metric.title): (metric.value, metric.url) for metric in context["metrics"]
    }


def test_each_metric_is_shown_and_opens_its_list(operator: Client, alive: None) -> None:
    make_stalled(minutes=90)
    make_done("261122-DONE00")
    record_metrics(3)
    listed = "/admin/backoffice/stalledorder/"
    assert metrics(operator) == {
        "Under way": ("0", f"{listed}?state=running"),
        "Stopped": ("1", f"{listed}?state=failed"),
        "Oldest stopped": ("90 min", listed),
        "Completed without help (24 h)": ("90.0%", f"{listed}?state=done"),
        "Waiting for a worker": ("0 s", f"{listed}?state=running"),
    }
    html = operator.get(START).content.decode()
    assert '<td data-label="Median">120 ms</td>' in html
    assert '<td data-label="95th percentile">480 ms</td>' in html
    assert html.count("<polyline") == 6
    assert "Last 24 hours: between 3 and 3." in html


def test_every_list_that_a_metric_opens_exists(operator: Client, alive: None) -> None:
    make_stalled()
    record_metrics(2)
    context = operator.get(START).context
    for one in [*context["metrics"], *context["steps"]]:
        assert operator.get(one.url).status_code == 200


def test_without_snapshots_it_says_when_the_curves_begin(
    operator: Client, alive: None
) -> None:
    html = operator.get(START).content.decode()
    assert "The curves begin when the sweeper has run for two minutes." in html
    assert "<polyline" not in html


def test_a_healthy_shop_needs_nobody(operator: Client, alive: None) -> None:
    make_done("261122-DONE00")
    assert lines(operator) == []


def test_silent_processes_are_named_first(operator: Client, alive: None) -> None:
    Heartbeat.objects.filter(role="sweeper").update(
        seen_at=timezone.now() - timedelta(minutes=5)
    )
    Heartbeat.objects.filter(role="worker").delete()
    assert lines(operator) == [
        "Workers: none running, last seen: never",
        "Sweeper: none running, last seen: 5 min",
    ]


def test_a_service_that_does_not_answer_is_named(operator: Client, alive: None) -> None:
    now = timezone.now()
    Breaker.objects.create(name="mail", state="open", failed_at=now, probe_at=now)
    assert lines(operator) == ["mail does not answer: orders that need it wait"]


def test_orders_long_unknown_or_overdue_are_counted(
    operator: Client, alive: None
) -> None:
    long_ago = timezone.now() - timedelta(minutes=30)
    for number, state in (("261122-A00000", "running"), ("261122-B00000", "waiting")):
        order = make_order(number)
        make_payment(order, status=Payment.Status.PENDING)
        make_saga(order, state=State(state), step="authorize_payment")
    Saga.objects.update(created_at=long_ago, due_at=timezone.now())
    assert lines(operator) == []
    Saga.objects.filter(state="running").update(error_kind="unknown")
    Saga.objects.filter(state="waiting").update(due_at=long_ago)
    assert lines(operator) == [
        "1 order has waited long for the bank's clear answer",
        "1 order is past its time, and nothing looks after it",
    ]


def test_disputes_are_counted_for_staff_who_may_see_them(
    client: Client, alive: None
) -> None:
    Dispute.objects.create(dispute_id="dp_1", status="needs_response")
    client.force_login(make_staff("view_dispute", name="kaikei"))
    assert lines(client) == ["1 dispute needs an answer"]


def test_staff_without_permission_see_no_numbers(outsider: Client) -> None:
    make_stalled()
    Dispute.objects.create(dispute_id="dp_1", status="needs_response")
    assert lines(outsider) == []
    assert "metrics" not in outsider.get(START).context


def test_the_page_costs_the_same_after_a_day(operator: Client, alive: None) -> None:
    make_stalled()
    record_metrics(2)
    operator.get(START)
    with CaptureQueriesContext(connection) as few:
        operator.get(START)
    MetricSnapshot.objects.all().delete()
    record_metrics(300)
    with CaptureQueriesContext(connection) as many:
        operator.get(START)
    assert len(many) == len(few) <= 30


def test_the_plot_counts_what_ended_and_stopped_by_hour() -> None:
    now = datetime(2026, 11, 30, 10, 20, tzinfo=UTC)
    rows = [(5, 3, 1), (15, 4, 0), (30, 2, 0), (25 * 60, 99, 0)]
    snapshots = [
        MetricSnapshot(taken_at=now - timedelta(minutes=ago), done=done, stopped=bad)
        for ago, done, bad in rows
    ]

    drawn = plot.draw(snapshots, now)

    assert drawn is not None
    assert len(drawn.hours) == 24
    last, before = drawn.hours[-1], drawn.hours[-2]
    assert (last.text, before.text) == (
        "19:00: 7 completed, 1 stopped",
        "18:00: 2 completed, 0 stopped",
    )
    assert (last.height, before.height) == (119, 29.75)
    assert drawn.hours[0].name == "20:00"
    assert drawn.description == (
        "In 24 hours 9 orders completed and 1 stopped; at most 8 in one hour."
    )
    assert plot.draw([], now) is None


def test_the_first_page_shows_the_plot_and_the_same_figures_in_words(
    operator: Client, alive: None
) -> None:
    record_metrics(3)
    html = operator.get(START).content.decode()
    figure = html[html.index('<figure class="orders-plot"') : html.index("</figure>")]
    drawing, _end, words = figure.partition("</svg>")
    assert drawing.count("<g>") == 24
    assert "In 24 hours 27 orders completed and 3 stopped" in words
    rows = re.findall(r'<th scope="row">[^<]+</th><td>(\d+)</td><td>(\d+)</td>', words)
    assert sum(int(done) for done, _stopped in rows) == 27
    assert sum(int(stopped) for _done, stopped in rows) == 3


def test_a_curve_is_thinned_and_keeps_its_peaks() -> None:
    values = [1.0] * 1000
    values[500] = 50.0
    drawn = draw_curve(values)
    assert drawn is not None
    assert len(drawn.points.split()) <= POINTS
    assert drawn.description == "Last 24 hours: between 1 and 50."
    assert draw_curve([1.0]) is None
    assert draw_curve([None, 2.0, None]) is None
