"""The Celery task of all flows: their steps wait apart from those of orders."""

from flows.registry import LINK
from saga.tasks import link_task

run = link_task(LINK)
