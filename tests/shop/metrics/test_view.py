"""What Prometheus is answered: to whom, and that the figures are those of the shop."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from checkout.announcements.services import pause
from inventory.services import reserve
from saga.heartbeat import beat
from saga.models import StepTally
from saga.tallies import BOUNDS
from shop.metrics.view import STATE
from tests.support.orders import stock

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

TOKEN = "a-token-of-monitoring"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def token(settings: Settings) -> Iterator[str]:
    settings.METRICS_TOKEN = TOKEN
    STATE.forget()
    yield TOKEN
    STATE.forget()


def ask(client: Client) -> Samples:
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("known", "given", "status"),
    [
        ("", "Bearer ", 404),
        ("", "", 404),
        (TOKEN, "", 401),
        (TOKEN, "Bearer ", 401),
        (TOKEN, "Bearer another", 401),
        (TOKEN, "Bearer ぁ", 401),
        (TOKEN, f"Bearer {TOKEN}", 200),
    ],
)
def test_only_who_knows_the_token_is_answered(
    client: Client, settings: Settings, known: str, given: str, status: int
) -> None:
    settings.METRICS_TOKEN = known

    answer = client.get("/metrics", headers={"authorization": given})

    assert answer.status_code == status
    assert (b"todoku_" in answer.content) == (status == 200)
    assert client.post("/metrics").status_code == 405


def test_the_figures_are_those_of_the_shop(client: Client) -> None:
    stock("MUG-01", 5)
    stock("TEA-01", 2)
    reserve("O-1", {"TEA-01": 2}, None)
    beat("worker")
    pause("moving", "ken")

    found = ask(client)

    assert found["todoku_database_up", ()] == 1
    assert found["todoku_stock_units", (("kind", "on_hand"),)] == 7
    assert found["todoku_stock_units", (("kind", "held"),)] == 2
    assert found["todoku_stock_sold_out", ()] == 1
    assert found["todoku_holds", ()] == 1
    assert found["todoku_processes", (("role", "worker"),)] == 1
    assert found["todoku_processes", (("role", "sweeper"),)] == 0
    assert found["todoku_checkout_paused", ()] == 1
    assert found["todoku_orders_in_flight", ()] == 0
    # The movements and holds above, of which no router has made events.
    assert found["todoku_events_unrouted", ()] > 0


def test_tries_of_a_step_are_added_up_over_its_outcomes(client: Client) -> None:
    step = {"definition": "checkout", "step": "authorize_payment", "direction": "do"}
    for outcome, error, buckets in (
        ("ok", "", [1, 2, *[0] * 10]),
        ("retry", "Retry", [0, 0, *[0] * 9, 4]),
    ):
        StepTally.objects.create(
            **step,
            outcome=outcome,
            error_class=error,
            tries=sum(buckets),
            seconds=7.5,
            buckets=buckets,
        )

    found = ask(client)

    of_step = tuple(sorted(step.items()))
    retries = sorted([*step.items(), ("outcome", "retry"), ("error", "Retry")])
    assert found["todoku_step_tries_total", tuple(retries)] == 4
    assert found["todoku_step_duration_seconds_count", of_step] == 7
    assert found["todoku_step_duration_seconds_sum", of_step] == 15

    def at_most(bound: str) -> float:
        key = tuple(sorted([*step.items(), ("le", bound)]))
        return found["todoku_step_duration_seconds_bucket", key]

    assert [at_most(str(BOUNDS[0])), at_most(str(BOUNDS[-1]))] == [1, 3]
    assert at_most("+Inf") == 7


def test_the_database_is_asked_once_in_a_while(client: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as first:
        ask(client)
    with CaptureQueriesContext(connection) as second:
        ask(client)

    assert 0 < len(first) <= 20
    assert len(second) == 0


def test_without_a_database_only_that_is_said(client: Client) -> None:
    def refuse(*_arguments: object) -> None:
        message = "the server closed the connection"
        raise OperationalError(message)

    with connection.execute_wrapper(refuse):
        found = ask(client)

    of_pages = ("todoku_http_", "todoku_csp_")
    names = {name for name, _labels in found if not name.startswith(of_pages)}
    assert names == {"todoku_database_up"}
    assert found["todoku_database_up", ()] == 0


TWO_PROCESSES = """
import os
from shop.metrics.folder import share_counters
share_counters()
share_counters()
from django.conf import settings
settings.configure(METRICS_TOKEN="t")
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
pages = Counter("pages", "Pages.", registry=CollectorRegistry())
for _ in range(2):
    child = os.fork()
    if not child:
        pages.inc()
        raise SystemExit
    os.waitpid(child, 0)
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(os.environ["PROMETHEUS_MULTIPROC_DIR"])
print(generate_latest(registry).decode())
"""


def test_the_processes_of_a_host_count_together_and_leave_no_folder() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWO_PROCESSES],
        capture_output=True,
        text=True,
        check=True,
    )

    folder, _, text = done.stdout.partition("\n")
    assert "pages_total 2.0" in text
    assert not Path(folder).exists()
