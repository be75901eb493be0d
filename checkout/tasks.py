"""Celery tasks: the links of the checkout's saga, webhooks, mails, polling."""

from celery import shared_task

from checkout.aftersales import payment_sync
from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.disputes import services as disputes
from checkout.aftersales.refunds import services as refunds
from checkout.aftersales.warehouse.shipping.definition import SHIPPING
from checkout.flow.definition import CHECKOUT
from checkout.mail import outbox
from checkout.webhooks.services import APPLY_TASK, try_event
from saga.tasks import link_task
from shop.customers import outbox as accounts

_SAGAS = (CHECKOUT, SHIPPING, CANCELLATION)
links = [link_task(name) for saga in _SAGAS for name in saga.links]


@shared_task(name=APPLY_TASK)
def apply_provider_event(event_pk: int) -> None:
    try_event(event_pk)


@shared_task(name=outbox.SEND_TASK)
def send_mail(mail_pk: int) -> None:
    outbox.send(mail_pk)


@shared_task(name=accounts.SEND_TASK)
def send_account_mail(mail_pk: int) -> None:
    accounts.send(mail_pk)


@shared_task(name=payment_sync.KIND.task)
def read_payment(payment_pk: int) -> None:
    payment_sync.read(payment_pk)


@shared_task(name=refunds.KIND.task)
def settle_refund(refund_pk: int) -> None:
    refunds.settle(refund_pk)


@shared_task(name=disputes.KIND.task)
def read_dispute(dispute_pk: int) -> None:
    disputes.read(dispute_pk)
