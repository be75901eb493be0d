"""Who wants to know that staff or customers changed a shipment: a registry.

Missing goods were decided, a parcel was handed over or called off, an exchange is to be
sent. A saga that follows it registers when the application starts, so that those
subjects know no saga.
"""

from collections.abc import Callable

Listener = Callable[[str], object]

_listeners: list[Listener] = []
_senders: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call ``listener`` with the order's number after every change. Twice is once.

    In the transaction of the change.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def send_exchanges_by(sender: Listener) -> None:
    """Call ``sender`` with the number of every new exchange. Twice is once.

    In the transaction in which it is decided.
    """
    if sender not in _senders:
        _senders.append(sender)


def request_exchange(number: str) -> None:
    """Tell all senders that there is an exchange to be sent."""
    for sender in _senders:
        sender(number)


def tell(number: str) -> None:
    """Tell all listeners that the order's shipment has changed."""
    for listener in _listeners:
        listener(number)
