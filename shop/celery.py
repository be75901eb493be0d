"""The Celery application. Its messages only name a saga and a link.

Every message may be lost, doubled or late: the rows of the saga are the truth.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.app.utils import Settings
from celery.signals import (
    before_task_publish,
    celeryd_init,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_init,
    worker_ready,
    worker_shutdown,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

app = Celery("shop", loader="shop.processes.celery_loader:Loader")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    # Acknowledge a message after the work, and reserve one at a time: the messages of
    # a killed worker are delivered again.
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    # Do not deliver a task that kills its worker again and again: the database counts
    # the attempts, and the sweeper enqueues the saga again.
    task_reject_on_worker_lost=False,
    worker_send_task_events=False,
    # Not used for control, but this connection always listens: when all processes of a
    # worker are busy, no other connection notices that the broker went away. Then its
    # tasks stay unacknowledged, and the worker waits for ever.
    worker_enable_remote_control=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_publish_retry=False,
    task_default_queue="checkout",
)
# Celery's Django fix-up ignores CONN_MAX_AGE and closes the database connection around
# every task. Keeping it makes tasks 2.3 times as fast (docs/adr/0004). Django's health
# check replaces a connection that died in between.
app.conf["CELERY_DB_REUSE_MAX"] = 10_000
app.autodiscover_tasks()


@setup_logging.connect
def use_django_logging(**_kwargs: object) -> None:
    """Keep Django's LOGGING: with a receiver, Celery does not install its own."""


@worker_init.connect
def check_settings(**_kwargs: object) -> None:
    """Refuse to start a worker with unsafe settings. Celery only prints the checks."""
    from shop.checks import refuse_unsafe_settings  # noqa: PLC0415

    try:
        refuse_unsafe_settings()
    except ImproperlyConfigured as error:
        # Celery logs any other exception and starts nevertheless.
        sys.exit(f"Configuration: {error}")


@celeryd_init.connect
def listen_to_every_queue(conf: Settings, **_kwargs: object) -> None:
    """Let a worker without ``--queues`` take the messages of all sagas and tasks."""
    # Imported here, because the apps are loaded after this module.
    from shop.health.queues import required_queues  # noqa: PLC0415

    arguments = settings.BROKER.queue_arguments
    conf.task_queues = [
        # As Celery makes those that are only named by a message.
        Queue(name, Exchange(name), routing_key=name, queue_arguments=arguments)
        for name in required_queues()
    ]


# How long after its last use a connection is taken as alive without asking. Seconds.
TRUSTED_FOR = 1.0
_last_task = threading.local()


@task_prerun.connect
def renew_connection(**_kwargs: object) -> None:
    """Let Django replace a kept connection that died since this thread's last task.

    Celery keeps it open between tasks (see above) and so skips Django's own check. That
    costs a round trip, with every message. So a connection that was fine a moment ago
    is used as it is: if it breaks right then, the sweeper sends the message again.
    """
    from django.db import close_old_connections, connection  # noqa: PLC0415

    now = time.monotonic()
    last = getattr(_last_task, "began", 0.0)
    if connection.errors_occurred or now - last > TRUSTED_FOR:
        close_old_connections()
    _last_task.began = now


# In the headers of a message: the request that led to it.
REQUEST_ID = "request_id"
_bindings = threading.local()


@before_task_publish.connect
def name_request(headers: dict[str, Any], **_kwargs: object) -> None:
    """Send the id of the present request along, for the lines of the task."""
    from shop.logs.context import current_request_id  # noqa: PLC0415

    headers[REQUEST_ID] = current_request_id()


@task_prerun.connect
def bind_request(task: Any, **_kwargs: object) -> None:
    """Bind the lines of this task to the request that led to its message."""
    from shop.logs.context import bound, read_request_id  # noqa: PLC0415

    request_id = read_request_id(getattr(task.request, REQUEST_ID, ""))
    _bindings.of_task = bound(request_id=request_id)
    _bindings.of_task.__enter__()


@task_postrun.connect
def unbind_request(**_kwargs: object) -> None:
    binding = getattr(_bindings, "of_task", None)
    if binding is not None:
        _bindings.of_task = None
        binding.__exit__(None, None, None)


_ended = threading.Event()


@worker_ready.connect
def begin_heartbeat(sender: Any, **_kwargs: object) -> None:
    """Start the heartbeat of the worker. It also looks for claims of the dead.

    The sweeper does so more often. But this one may have been restarted together with
    the worker, or run on another machine.
    """
    from saga.heartbeat import beat_in_background  # noqa: PLC0415
    from saga.takeover import end_claims_of_the_dead  # noqa: PLC0415
    from shop.processes.service_manager import READY, notify  # noqa: PLC0415
    from shop.processes.worker_pool import Pool  # noqa: PLC0415

    jobs: list[Callable[[], object]] = [end_claims_of_the_dead]
    if isinstance(sender.pool, Pool):
        jobs.append(sender.pool.end_if_hung)
    beat_in_background("worker", _ended, queues=listened_queues, jobs=jobs)
    notify(READY)


def listened_queues() -> list[str]:
    """Return the queues from which this worker takes messages at present."""
    return list(app.amqp.queues.consume_from)


@worker_shutdown.connect
def end_heartbeat(**_kwargs: object) -> None:
    _ended.set()
