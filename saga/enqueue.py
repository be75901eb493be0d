"""Send a saga's remaining links to the workers, as a Celery chain.

The chain is disposable: it may be lost, doubled or stale. Nothing here raises when
the broker is down; the sweeper enqueues what could not be sent.
"""

import logging
import threading
import time
from typing import Any

from celery import chain, current_app
from celery.canvas import Signature
from django.conf import settings
from django.db import transaction

from saga.errors import UnknownDefinition
from saga.models import Direction, Saga
from saga.resolve import resolve

logger = logging.getLogger(__name__)

# The one task that undoes a saga of any definition. Its queue has the same name.
COMPENSATION_TASK = "saga.compensate"

# Seconds without any send after one failed, so that no request waits for time-outs.
_PAUSE_SECONDS = settings.SAGA_MESSAGE_GRACE
_broker_is_down_until = 0.0
_lock = threading.Lock()


def publish_on_commit(saga_id: int) -> None:
    """Send the saga's remaining links once the present transaction has committed."""
    # The saga is committed, so an error of the broker must not reach the caller.
    transaction.on_commit(lambda: _publish_by_id(saga_id), robust=True)


def publish(saga: Saga) -> bool:
    """Send the saga's remaining links. Return False if the broker did not take them."""
    try:
        names = _tasks(saga)
    except UnknownDefinition as error:
        logger.error("%s cannot be enqueued: %s", saga, error)  # noqa: TRY400
        return True
    links = [
        current_app.signature(
            name,
            args=(saga.pk,),
            immutable=True,
            queue=name,
            # Of a broker that confirms what it took, such as RabbitMQ.
            confirm_timeout=settings.BROKER_ANSWER_TIMEOUT,
        )
        for name in names
    ]
    return deliver(chain(*links) if len(links) > 1 else links[0], str(saga))


def deliver(message: Signature[Any], about: str) -> bool:
    """Send one message. Return False, and log it, if the broker did not take it.

    After a failure no message is tried for a while.
    """
    if time.monotonic() < _broker_is_down_until:
        return False
    try:
        message.apply_async()
    except Exception as error:  # noqa: BLE001 (whatever it is, the sweeper makes up for it)
        _pause()
        logger.warning("the broker did not take %s: %r", about, error)
        return False
    return True


def _publish_by_id(saga_id: int) -> None:
    publish(Saga.objects.get(pk=saga_id))


def _tasks(saga: Saga) -> list[str]:
    execution = resolve(saga)
    if saga.direction == Direction.UNDO:
        return [COMPENSATION_TASK]
    return execution.definition.remaining_links(execution.step.name)


def _pause() -> None:
    global _broker_is_down_until  # noqa: PLW0603 (one switch per process)
    with _lock:
        _broker_is_down_until = time.monotonic() + _PAUSE_SECONDS
