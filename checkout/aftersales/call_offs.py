"""Call off what is not sent after all: the warehouse is asked before goods go back."""

from checkout.aftersales import dispatch, exchanges
from checkout.aftersales.custody import rest_is_at_warehouse
from checkout.aftersales.dispatch_errors import NotStopped
from checkout.aftersales.exchanges import ExchangeNotStopped
from checkout.aftersales.warehouse import stopping
from checkout.aftersales.warehouse.stopping import StopRefused
from orders.models import Exchange, Order


def call_off(order: Order, actor: str, reason: str) -> bool:
    """Call off what is left of an order; see dispatch.call_off.

    If parcels have left the warehouse, it is asked to send nothing more. Must not be
    called in a transaction. Raises NotShippable or StillPaid, and then changes nothing.
    """
    if not rest_is_at_warehouse(order.pk):
        return dispatch.call_off(order, actor, reason)
    dispatch.check_may_be_called_off(order)
    try:
        stopping.stop_rest(order.number)
    except StopRefused as error:
        raise NotStopped(order, error.sentence) from error
    return dispatch.call_off(order, actor, reason, is_stopped=True)


def drop_exchange(exchange: Exchange, actor: str) -> bool:
    """Drop an exchange; see exchanges.drop. The warehouse is asked first.

    If parcels of it have left, it is asked to send nothing more. Must not be called in
    a transaction. Raises ReturnRefused, and then changes nothing.
    """
    if exchange.status == Exchange.Status.REQUESTED:
        stop = stopping.stop_rest if exchange.parcel_count else stopping.stop
        try:
            stop(exchange.number)
        except StopRefused as error:
            raise ExchangeNotStopped(exchange, error.sentence) from error
    return exchanges.drop(exchange, actor)
