"""The tasks: the chain's links by their names, webhooks, mails."""

from celery import shared_task

from checkout import outbox
from checkout.flow import CHECKOUT
from checkout.saga.tasks import link_task
from checkout.webhook_events import apply_event

links = [link_task(name) for name in CHECKOUT.links]


@shared_task(name="checkout.apply_event")
def apply_provider_event(event_pk: int) -> None:
    apply_event(event_pk)


@shared_task(name="checkout.send_mail")
def send_mail(mail_pk: int) -> None:
    outbox.send(mail_pk)
