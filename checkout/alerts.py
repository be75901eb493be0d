"""Telling staff that an order waits for them: log, mail, chat.

Raising means "not delivered": the sweeper comes again until every channel took it.
"""

import logging

import requests
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from checkout.saga.models import Saga
from checkout.selectors import money_taken
from orders.models import Order

logger = logging.getLogger(__name__)

_CHAT_SECONDS = 5


def alert_staff(saga: Saga) -> None:
    """Tell every configured channel, with the link and the command to paste."""
    order = Order.objects.get(number=saga.reference)
    text = _text(saga, order)
    logger.error("%s", text)
    if settings.ALERT_CHAT_WEBHOOK_URL:
        answer = requests.post(
            settings.ALERT_CHAT_WEBHOOK_URL, json={"text": text}, timeout=_CHAT_SECONDS
        )
        answer.raise_for_status()
    if settings.ALERT_EMAILS:
        subject = f"Order {order.number} stopped at {saga.step}"
        send_mail(subject, text, None, settings.ALERT_EMAILS)


def _text(saga: Saga, order: Order) -> str:
    link = reverse("admin:checkout_stalledorder_change", args=[order.pk])
    return "\n".join(
        [
            f"Order {order.number} stopped at {saga.step}: {saga.error}",
            money_taken(order),
            f"Look and resume: {settings.SITE_URL}{link}",
            f"Or: python manage.py saga_resume {order.number}",
        ]
    )
