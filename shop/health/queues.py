"""The queues of the workers: which there must be, and which nobody listens to."""

from celery import current_app

from saga.definition import all_definitions
from saga.enqueue import COMPENSATION_TASK
from saga.heartbeat import heard_queues


def required_queues() -> list[str]:
    """Return the queues of all links, of compensation, and of all other tasks."""
    links = [link for definition in all_definitions() for link in definition.links]
    return [*dict.fromkeys(links), COMPENSATION_TASK, default_queue()]


def default_queue() -> str:
    return str(current_app.conf.task_default_queue)


def unheard_queues() -> list[str]:
    """Return the required queues to which no living worker listens."""
    heard = heard_queues()
    return [queue for queue in required_queues() if queue not in heard]


def describe_listeners() -> str:
    """Return ``ok``, or the queues whose messages wait until the sweeper acts."""
    unheard = unheard_queues()
    return f"no worker listens to {', '.join(unheard)}" if unheard else "ok"
