"""Corrections as staff send them: forms, and what they were shown before."""

import json
import uuid
from typing import Any

from django.test import Client
from django.urls import reverse

from checkout.aftersales.dispatch import ship
from orders.models import Exchange, Order, Parcel


def hand_over(order: Order, number: str = "1111-2222-3333") -> Parcel:
    parcel = ship(order, carrier="yamato", tracking_number=number, actor="aki")
    assert parcel
    return parcel


def recipient_page(order: Order) -> str:
    return reverse("admin:orders_order_recipient", args=[order.pk])


def tracking_page(order: Order, number: int = 1) -> str:
    return reverse("admin:orders_order_tracking", args=[order.pk, number])


def exchange_page(exchange: Exchange) -> str:
    """Return the page that corrects the tracking number of its first parcel."""
    keys = [exchange.order.pk, exchange.number, 1]
    return reverse("admin:orders_order_exchange_tracking", args=keys)


def filled(row: Order | Parcel, names: tuple[str, ...], **typed: str) -> dict[str, str]:
    """Return the form as a browser sends it, with what was typed."""
    values = {name: getattr(row, name) for name in names}
    hidden = {"uid": str(uuid.uuid4()), "seen": json.dumps(values)}
    return {**values, **hidden, "reason": "The customer called", **typed}


def agree(client: Client, page: str, data: dict[str, str]) -> Any:
    """Send the form, read what it will change, and agree to it."""
    preview = client.post(page, data)
    assert preview.status_code == 200
    return client.post(page, {**data, "agreed": preview.context["agreed"]}, follow=True)
