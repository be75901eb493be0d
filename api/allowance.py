"""How much one internet address may ask for in a minute."""

from django.conf import settings

from api.context import Context
from api.execution import Asked
from shop.throttle import Allowance

# To parse and check some bytes costs as much as a field.
_BYTES_A_POINT = 20
_BY_ADDRESS = Allowance("api")


def admit_body(context: Context, size: int) -> None:
    """Count a body of ``size`` bytes before it is read. Raises TooFast."""
    _spend(context, 1 + size // _BYTES_A_POINT)


def admit(context: Context, asked: Asked) -> None:
    """Count what is asked for before it is executed. Raises TooFast."""
    _spend(context, asked.cost)


def _spend(context: Context, points: int) -> None:
    """Count for the address. One that is not known is not counted.

    A proxy that TRUSTED_PROXIES leaves out must not make all clients one.
    """
    if context.client:
        _BY_ADDRESS.spend(context.client, points, settings.API_POINTS_PER_MINUTE)
