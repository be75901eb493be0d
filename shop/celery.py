"""The Celery application. Its messages only name a saga and a link.

Every message may be lost, doubled or late: the rows of the saga are the truth.
"""

import os
import threading

from celery import Celery
from celery.signals import (
    setup_logging,
    worker_init,
    worker_ready,
    worker_shutdown,
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

app = Celery("shop")
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
    # A customer must not wait for a dead broker: fail within a second. The sweeper
    # enqueues what could not be sent.
    broker_connection_timeout=1.0,
    broker_transport_options={
        "visibility_timeout": 300,
        "socket_connect_timeout": 0.5,
        "socket_timeout": 3.0,
        "max_retries": 0,
        "retry_on_timeout": False,
    },
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
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    from shop.checks import refuse_unsafe_settings  # noqa: PLC0415

    try:
        refuse_unsafe_settings()
    except ImproperlyConfigured as error:
        # Celery logs any other exception and starts nevertheless.
        raise SystemExit(str(error)) from error


_ended = threading.Event()


@worker_ready.connect
def begin_heartbeat(**_kwargs: object) -> None:
    """Start the heartbeat of the worker, in its parent process."""
    # Imported here, because the apps are loaded after this module.
    from saga.heartbeat import beat_in_background  # noqa: PLC0415

    beat_in_background("worker", _ended)


@worker_shutdown.connect
def end_heartbeat(**_kwargs: object) -> None:
    _ended.set()
