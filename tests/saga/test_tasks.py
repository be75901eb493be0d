from collections.abc import Iterator

import pytest
from celery import current_app
from celery.exceptions import Ignore

from checkout.flow.definition import CHECKOUT
from saga.definition import all_definitions
from saga.engine import run
from saga.enqueue import COMPENSATION_TASK
from saga.errors import Abort, Retry
from saga.models import Saga, State
from saga.tasks import compensate, link_task
from shop.health.queues import required_queues
from tests.saga.lab import Lab

# A task checks its connection first, which only works outside of a transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def known_tasks() -> Iterator[None]:
    """Forget the tasks that a test makes."""
    before = set(current_app.tasks)
    yield
    for name in set(current_app.tasks) - before:
        current_app.tasks.unregister(name)


def test_a_link_that_is_through_lets_its_chain_go_on(lab: Lab) -> None:
    saga = lab.start(lab.local("lab.one"), lab.local("lab.two"))

    link_task("lab.one")(saga.pk)

    assert lab.log == ["do lab.one"]
    assert Saga.objects.get().step == "lab.two"


def test_a_link_that_must_stop_ends_its_chain(lab: Lab) -> None:
    lab.plan("do lab.one", Retry("later"))
    saga = lab.start(lab.external("lab.one"), lab.local("lab.two"))

    with pytest.raises(Ignore):
        link_task("lab.one")(saga.pk)
    with pytest.raises(Ignore):
        link_task("lab.two")(saga.pk)

    assert lab.log == ["do lab.one"]


def test_the_task_that_undoes_goes_back_to_the_start(lab: Lab) -> None:
    lab.plan("do b", Abort("no", "not_paid"))
    lab.plan("undo b", Retry("stuck", after=None))
    saga = lab.start(lab.local("a"), lab.external("b"))
    run(saga.pk)
    Saga.objects.update(due_at="2020-01-01T00:00:00Z")

    compensate(saga.pk)

    assert Saga.objects.get().state == State.COMPENSATED
    assert lab.log[-3:] == ["undo b", "undo b", "undo a"]


def test_every_link_of_the_checkout_is_a_task() -> None:
    import checkout.tasks  # noqa: F401, PLC0415 (a worker imports it at its start)

    links = CHECKOUT.links
    assert links == [
        "checkout.reserve_stock",
        "checkout.take_payment",
        "checkout.fulfil_order",
        "checkout.send_confirmation",
    ]
    assert {*links, COMPENSATION_TASK, "checkout.apply_event"} <= set(current_app.tasks)


def test_workers_serve_the_queue_of_every_link() -> None:
    links = {link for each in all_definitions() for link in each.links}

    other = current_app.conf.task_default_queue
    queues = required_queues()
    assert set(queues) == {*links, COMPENSATION_TASK, other}
    assert len(queues) == len(set(queues))
