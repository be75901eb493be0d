"""The shop's own saga: five durable steps, enqueued as the checkout does it."""

from benchmarks import placed
from checkout.flow.definition import CHECKOUT
from saga.enqueue import publish
from saga.models import Saga, State


def prepare(count: int) -> list[int]:
    """Write ``count`` placed orders whose sagas are not enqueued. Return their keys."""
    return [saga.pk for saga in placed.place(count, CHECKOUT.name)]


def submit(pks: list[int]) -> None:
    for saga in Saga.objects.filter(pk__in=pks).iterator():
        if not publish(saga):
            message = "the broker refused a saga"
            raise RuntimeError(message)


def done() -> int:
    sagas = Saga.objects.main_paths().filter(definition=CHECKOUT.name)
    return sagas.filter(state=State.DONE).count()
