"""The commands of events: the catalogue in docs, and replays."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backoffice.management.commands import event_types
from events.consumers import Consumer, forget_consumer, register_consumer
from events.deliveries import deliver_due
from events.models import Delivery, Event
from events.router import route_all
from inventory.services import receive
from tests.outgoing.conftest import make_endpoint


def test_the_catalogue_in_docs_is_up_to_date() -> None:
    call_command("event_types", "--check")


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(event_types, "FOLDER", tmp_path)
    (tmp_path / "events.md").write_text(
        f"before\n{event_types.BEGIN}old\n{event_types.END}after\n"
    )
    (tmp_path / "events.schemas.json").write_text("{}")
    return tmp_path


def promise(docs: Path, name: str, **changes: Any) -> None:
    """Let an earlier version of the shop have promised this of a type."""
    call_command("event_types")
    path = docs / "events.schemas.json"
    known = json.loads(path.read_text())
    known.setdefault(name, {"1": {"properties": {}, "required": []}})["1"] |= changes
    path.write_text(json.dumps(known))


def test_a_page_that_is_out_of_date_is_named_and_rewritten(docs: Path) -> None:
    with pytest.raises(CommandError, match=r"out of date: events\.md, events\.schemas"):
        call_command("event_types", "--check")

    call_command("event_types")

    page = (docs / "events.md").read_text()
    assert page.startswith(f"before\n{event_types.BEGIN}| type |")
    assert page.endswith(f"{event_types.END}after\n")
    assert "`order.placed`" in page
    call_command("event_types", "--check")


@pytest.mark.parametrize(
    "changes",
    [
        {"properties": {"order": {"type": "integer"}}},
        {"properties": {"colour": {"type": "string"}}},
        {"required": ["colour"]},
    ],
)
def test_a_field_is_not_lost_without_a_new_version(
    docs: Path, changes: dict[str, Any]
) -> None:
    promise(docs, "order.confirmed", **changes)

    with pytest.raises(CommandError, match=r"order\.confirmed lost or changed a field"):
        call_command("event_types")


def test_a_type_may_gain_fields(docs: Path) -> None:
    promise(docs, "order.confirmed", properties={}, required=[])

    call_command("event_types")


def test_a_type_does_not_go(docs: Path) -> None:
    promise(docs, "order.forgotten")

    with pytest.raises(CommandError, match=r"order\.forgotten is gone"):
        call_command("event_types")


@pytest.fixture
def heard() -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(event: Event) -> None:
        heard.append(event.subject)

    register_consumer(Consumer("figures", ("stock.*",), hear))
    yield heard
    forget_consumer("figures")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("events_replay", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.django_db
def test_a_replay_says_what_it_would_do_and_does_it(heard: list[str]) -> None:
    receive("TEA-01", 20, "delivery-1")
    route_all()
    deliver_due()

    said = run("--consumer", "figures", "--dry-run")
    assert said == "Would deliver 1 events to figures again.\n"
    deliver_due()
    assert heard == ["sku/TEA-01"]

    found = json.loads(run("--consumer", "figures", "--since", "1h", "--json"))
    assert found == {"consumer": "figures", "events": 1}
    deliver_due()
    assert heard == ["sku/TEA-01"] * 2
    assert "Would deliver 0" in run("--consumer=figures", "--until=1h", "--dry-run")


@pytest.mark.django_db
def test_a_consumer_that_there_is_not_is_refused_with_the_names(
    heard: list[str],
) -> None:
    with pytest.raises(CommandError, match=r"no consumer is called cook: .*figures"):
        run("--consumer", "cook")


@pytest.mark.django_db
def test_events_are_exported_as_lines_of_json(tmp_path: Path) -> None:
    receive("TEA-01", 20, "delivery-1")
    receive("TEA-01", 5, "delivery-2")
    route_all()
    first, second = Event.objects.filter(type="stock.received").order_by("pk")
    file = tmp_path / "events.ndjson"

    call_command("events_export", "--type", "stock.received", "--output", str(file))

    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [row["id"] for row in rows] == [first.pk, second.pk]
    assert rows[0] == {
        "id": first.pk,
        "uid": str(first.uid),
        "type": "stock.received",
        "version": 1,
        "subject": "sku/TEA-01",
        "sequence": 1,
        "correlation": "",
        "occurred_at": first.occurred_at.isoformat(),
        "data": {"sku": "TEA-01", "quantity": 20, "reference": "delivery-1"},
    }
    with pytest.raises(CommandError, match=r"cannot write to .*: File exists"):
        call_command("events_export", "--output", str(file))

    out = StringIO()
    call_command("events_export", "--after", str(first.pk), stdout=out)
    assert [json.loads(x)["id"] for x in out.getvalue().splitlines()] == [second.pk]


@pytest.mark.django_db
def test_dead_letters_are_listed_and_tried_again() -> None:
    refused = [True]

    def take(_event: Event) -> None:
        if refused:
            message = "the disk is full"
            raise ValueError(message)

    register_consumer(Consumer("figures", ("stock.*",), take, attempts=1))
    try:
        receive("TEA-01", 20, "delivery-1")
        route_all()
        deliver_due()
        out = StringIO()
        call_command("events_retry", stdout=out)
        assert "1 for figures: ValueError: the disk is full" in out.getvalue()

        with pytest.raises(CommandError, match="failed again") as failed:
            call_command("events_retry", "--consumer", "figures")
        assert failed.value.returncode == 3

        refused.clear()
        out = StringIO()
        call_command("events_retry", "--consumer", "figures", "--json", stdout=out)
        (row,) = json.loads(out.getvalue())
        assert (row["outcome"], row["tried_again"]) == ("retried", 1)
        with pytest.raises(CommandError, match="has no such dead letters"):
            call_command("events_retry", "--consumer", "figures")
    finally:
        forget_consumer("figures")


@pytest.mark.django_db
def test_a_replay_does_not_write_to_people_unless_asked() -> None:
    receive("TEA-01", 20, "delivery-1")
    route_all()

    with pytest.raises(CommandError, match="add --send"):
        call_command("events_replay", "--consumer", "back-in-stock")
    call_command("events_replay", "--consumer", "back-in-stock", "--send")


@pytest.mark.django_db
def test_a_replay_sends_nothing_to_other_systems_unless_asked() -> None:
    endpoint = make_endpoint(1, types="stock.*")
    receive("TEA-01", 20, "delivery-1")
    route_all()
    mine = Delivery.objects.filter(consumer=endpoint.consumer)
    mine.update(state=Delivery.State.DONE)

    with pytest.raises(CommandError, match="add --send"):
        run("--consumer", endpoint.consumer)
    assert not mine.waiting().exists()
    assert "Would deliver 1" in run("--consumer", endpoint.consumer, "--dry-run")
    run("--consumer", endpoint.consumer, "--send")
    assert mine.waiting().exists()
