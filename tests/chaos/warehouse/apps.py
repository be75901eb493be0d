"""Seconds in place of the days for which the shop waits for a warehouse."""

from datetime import datetime, timedelta
from functools import partial

from django.apps import AppConfig


class WarehouseChaosConfig(AppConfig):
    name = "tests.chaos.warehouse"
    label = "warehouse_chaos"

    def ready(self) -> None:
        from checkout.aftersales.warehouse.shipping import deadlines  # noqa: PLC0415

        vars(deadlines).update(
            acceptance=partial(_after, timedelta(seconds=7)),
            shipment=partial(_after, timedelta(seconds=12)),
            delivery=partial(_after, timedelta(seconds=8)),
            CALL_OFF_WITHIN=timedelta(seconds=20),
            ASKED_EVERY=timedelta(seconds=4),
            DESK_EVERY=timedelta(seconds=4),
        )


def _after(pause: timedelta, moment: datetime) -> datetime:
    return moment + pause
