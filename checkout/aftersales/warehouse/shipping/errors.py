"""Errors of the shipping saga that staff read by their own name."""

from collections.abc import Iterator
from contextlib import contextmanager

from checkout.aftersales.warehouse import port
from saga.errors import ManualIntervention, OutcomeUnknown, Retry


class WarehouseSilent(OutcomeUnknown):
    """The warehouse gives no answer that can be used. It is asked again."""


class WarehouseMisconfigured(Retry):
    """The warehouse does not know the shop: address or secret are wrong."""


class WarehouseRefused(ManualIntervention):
    """The warehouse refuses what it was asked."""


class FulfilmentRejected(ManualIntervention):
    """The warehouse will not send the order as it is. Resumed, it is asked again."""


class CancelledThere(ManualIntervention):
    """The warehouse has cancelled a shipment that the shop wants to be sent."""


class ExchangeShort(ManualIntervention):
    """The warehouse lacks items of an exchange. Resumed, it is asked once more."""


class ReturnedToSender(ManualIntervention):
    """The parcel came back to the warehouse."""


class SentWrongly(ManualIntervention):
    """A parcel left that must not have: nothing is left of the charge, or other goods.

    What the warehouse reported is kept; people decide what becomes of it.
    """


@contextmanager
def as_saga_errors() -> Iterator[None]:
    """Raise the saga's error in place of each error of the warehouse."""
    try:
        yield
    except port.NoAnswer as error:
        raise WarehouseSilent(str(error)) from error
    except port.NotNow as error:
        raise WarehouseSilent(str(error), answered=True) from error
    except port.Misconfigured as error:
        raise WarehouseMisconfigured(str(error), limitless=True) from error
    except port.Refused as error:
        raise WarehouseRefused(str(error)) from error
