"""Have the warehouse send nothing, or nothing more, before goods go back into stock.

The answer is kept as what the warehouse said last, so that the saga which follows the
shipment knows it as well.
"""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext

from checkout.aftersales.warehouse import reports
from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import (
    Answer,
    NotFound,
    Refused,
    WarehouseError,
    get_warehouse,
)
from shop.formatting import Wording


class StopRefused(Exception):
    """The warehouse refuses to stop, has not decided, or is silent.

    ``sentence`` is what staff read, in their language. Nothing was changed here.
    """

    def __init__(self, number: str, sentence: Wording) -> None:
        super().__init__(f"{number}: {sentence}")
        self.sentence = sentence


def stop(number: str) -> None:
    """Have the warehouse send nothing of a shipment. Twice is once.

    Must not be called in a transaction. Does nothing if it was never asked to send it.
    Raises StopRefused.
    """
    _stop(number, lambda: get_warehouse().request_cancellation(number))


def stop_rest(number: str) -> None:
    """Have it send nothing more of a shipment of which parcels have left. See stop."""
    _stop(number, lambda: get_warehouse().cancel_rest(number))


def _stop(number: str, ask: Callable[[], Answer]) -> None:
    if not WarehouseOrder.objects.named([number]).exists():
        return
    try:
        answer = ask()
        status = get_warehouse().status(number)
    except NotFound:
        # The request has not reached it. Once it does, the saga stops it there.
        return
    except Refused as error:
        text = gettext("The warehouse refuses to stop it: %(error)s")
        raise StopRefused(number, text % {"error": error}) from error
    except WarehouseError as error:
        text = gettext(
            "The warehouse gave no clear answer: %(error)s. Nothing was changed here. "
            "Try again: it is stopped once."
        )
        raise StopRefused(number, text % {"error": error}) from error
    with transaction.atomic():
        row = reports.lock(number)
        if row:
            reports.learn(row, status)
    if answer is Answer.REFUSED:
        text = gettext(
            "The warehouse cannot stop it any more: the parcel is under way, or as "
            "good as. Nothing was changed."
        )
        raise StopRefused(number, text)
    if answer is Answer.PENDING:
        text = gettext(
            "The warehouse has yet to decide whether it stops. Nothing was changed "
            "here. Try again later."
        )
        raise StopRefused(number, text)
