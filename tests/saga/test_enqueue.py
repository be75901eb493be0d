import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from celery import current_app
from django.db import transaction

from saga.enqueue import COMPENSATION_TASK, deliver, publish, publish_on_commit
from saga.models import Direction, Saga, State
from tests.saga.broker import DeadBroker, nobody_listens
from tests.saga.lab import Lab


def waiting(queue: str) -> int:
    """Return how many messages lie in ``queue`` of the broker in memory."""
    with current_app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        return int(channel._size(queue))


@pytest.mark.django_db
def test_only_the_first_of_the_remaining_links_is_sent_and_carries_the_rest(
    lab: Lab,
) -> None:
    names = [f"lab.{name}" for name in ("x", "y", "z")]
    saga = lab.start(*(lab.local(name, link=name) for name in names))
    Saga.objects.update(step="lab.y")
    saga.refresh_from_db()
    before = [waiting(name) for name in names]

    assert publish(saga) is True

    after = [waiting(name) for name in names]
    assert [b - a for a, b in zip(before, after, strict=True)] == [0, 1, 0]


@pytest.mark.django_db
def test_a_saga_that_is_being_undone_is_sent_to_the_task_that_undoes(lab: Lab) -> None:
    saga = lab.start(lab.local("a"), lab.local("b"))
    saga.state, saga.direction = State.COMPENSATING, Direction.UNDO
    before = waiting(COMPENSATION_TASK)

    assert publish(saga) is True

    assert waiting(COMPENSATION_TASK) == before + 1


@pytest.mark.django_db
def test_a_step_that_this_code_does_not_know_is_not_sent(lab: Lab) -> None:
    saga = lab.start(lab.local("lab.q"))
    saga.step = "of the future"

    assert publish(saga) is True

    assert waiting("lab.q") == 0


@pytest.mark.django_db
def test_a_dead_broker_is_logged_not_raised_and_not_tried_again_at_once(
    lab: Lab, dead_broker: DeadBroker
) -> None:
    saga = lab.start(lab.local("a"))

    assert publish(saga) is False
    begun = time.monotonic()
    assert [publish(saga) for _n in range(20)] == [False] * 20

    assert time.monotonic() - begun < 0.1


@pytest.mark.django_db
def test_a_senseless_broker_address_does_not_raise(lab: Lab) -> None:
    saga = lab.start(lab.local("a"))

    with nobody_listens("nonsense://nowhere"):
        assert publish(saga) is False


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_does_not_reach_who_commits(
    lab: Lab, dead_broker: DeadBroker
) -> None:
    begun = time.monotonic()

    with transaction.atomic():
        saga = lab.start(lab.local("a"))

    assert time.monotonic() - begun < 3
    assert Saga.objects.get().pk == saga.pk


@pytest.mark.django_db
def test_nothing_is_sent_before_the_commit(
    lab: Lab,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    queue = "lab.w"
    saga = lab.start(lab.local(queue, link=queue))

    assert waiting(queue) == 0
    with django_capture_on_commit_callbacks(execute=True):
        publish_on_commit(saga.pk)

    assert waiting(queue) == 1


def test_after_a_failed_send_no_message_of_any_kind_is_tried_for_a_while(
    dead_broker: DeadBroker,
) -> None:
    message = current_app.signature("lab.x", immutable=True)
    assert deliver(message, "something") is False

    begun = time.monotonic()
    assert [deliver(message, "something else") for _n in range(100)] == [False] * 100

    assert time.monotonic() - begun < 0.1
