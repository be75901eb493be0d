"""The Celery application: it carries links of chains, and nothing of value.

Every message may be lost, doubled or late; the saga's rows say what is true.
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
    # A message is acknowledged after the work, and a worker reserves one at a time:
    # a killed worker's messages come back instead of being lost with it.
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    # A task that kills its worker must not be redelivered without end: attempts are
    # counted in the database and the sweeper relaunches.
    task_reject_on_worker_lost=False,
    worker_send_task_events=False,
    # Nobody controls workers this way, but its connection always listens: when all of
    # a worker's processes are busy, no other would notice that the broker went away.
    # Its tasks then stay unacknowledged, and it would wait idle for ever.
    worker_enable_remote_control=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A dead broker must not hold up a customer: fail within a second, the sweeper
    # launches what could not be sent.
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
# Celery's Django fix-up closes the database connection around every task, whatever
# CONN_MAX_AGE says; keeping it is worth 2.3x (docs/adr/0004). Django's health check
# replaces a connection that died in between.
app.conf["CELERY_DB_REUSE_MAX"] = 10_000
app.autodiscover_tasks()


@setup_logging.connect
def use_django_logging(**_kwargs: object) -> None:
    """Keep Django's LOGGING: with a receiver, Celery does not install its own."""


@worker_init.connect
def check_settings(**_kwargs: object) -> None:
    """Celery runs Django's checks, too, but goes on whatever they find."""
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    from shop.checks import refuse_unsound_settings  # noqa: PLC0415

    try:
        refuse_unsound_settings()
    except ImproperlyConfigured as error:
        # Any other exception Celery would only log, and start all the same.
        raise SystemExit(str(error)) from error


_ended = threading.Event()


@worker_ready.connect
def begin_heartbeat(**_kwargs: object) -> None:
    """Say from the worker's parent process that it is there, tasks or not."""
    # Not above: the apps are not loaded yet when this module is.
    from saga.heartbeat import beat_in_background  # noqa: PLC0415

    beat_in_background("worker", _ended)


@worker_shutdown.connect
def end_heartbeat(**_kwargs: object) -> None:
    _ended.set()
