"""Celery tasks: the links of the checkout's saga, webhooks, mails, polling."""

from celery import shared_task

from checkout.aftersales.disputes import services as disputes
from checkout.aftersales.refunds import services as refunds
from checkout.flow.definition import CHECKOUT
from checkout.mail import outbox
from checkout.webhooks.services import apply_event
from saga.tasks import link_task

links = [link_task(name) for name in CHECKOUT.links]


@shared_task(name="checkout.apply_event")
def apply_provider_event(event_pk: int) -> None:
    apply_event(event_pk)


@shared_task(name="checkout.send_mail")
def send_mail(mail_pk: int) -> None:
    outbox.send(mail_pk)


@shared_task(name="checkout.settle_refund")
def settle_refund(refund_pk: int) -> None:
    refunds.settle(refund_pk)


@shared_task(name="checkout.read_dispute")
def read_dispute(dispute_pk: int) -> None:
    disputes.read(dispute_pk)
