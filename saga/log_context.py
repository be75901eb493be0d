"""Which saga the lines of the log are about."""

from collections.abc import Iterator
from contextlib import contextmanager

from saga.models import Saga
from shop.logs.context import bound, bound_to_origin


@contextmanager
def about(saga: Saga) -> Iterator[None]:
    """Let the lines of this block name the saga, its step, and where it began."""
    with (
        bound_to_origin(saga.request_id),
        bound(
            reference=saga.reference,
            definition=saga.definition,
            saga=saga.pk,
            step=saga.step,
            attempt=saga.attempt,
        ),
    ):
        yield
