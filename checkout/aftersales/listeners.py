"""Who wants to know that staff or customers changed a shipment: a registry.

Missing goods were decided, a parcel was handed over or called off. A saga that waits
for it registers when the application starts, so that those subjects know no saga.
"""

from collections.abc import Callable

Listener = Callable[[str], object]

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call ``listener`` with the order's number after every change. Twice is once.

    In the transaction of the change.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def tell(number: str) -> None:
    """Tell all listeners that the order's shipment has changed."""
    for listener in _listeners:
        listener(number)
