"""The chain's links, by the names that the definition gives them, and the webhooks'."""

from celery import shared_task

from checkout.flow import CHECKOUT
from checkout.saga.tasks import link_task
from checkout.webhook_events import apply_event

links = [link_task(name) for name in CHECKOUT.remaining_links(CHECKOUT.steps[0].name)]


@shared_task(name="checkout.apply_event")
def apply_provider_event(event_pk: int) -> None:
    apply_event(event_pk)
