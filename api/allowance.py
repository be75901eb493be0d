"""How much one internet address, or one token of staff, may ask for in a minute."""

from django.conf import settings

from api.context import Context
from api.execution import Asked
from shop.web.throttle import Allowance

# To parse and check some bytes costs as much as a field.
_BYTES_A_POINT = 20
_BY_ADDRESS = Allowance("api")
_BY_TOKEN = Allowance("api-token")


def admit_body(client: str, size: int) -> None:
    """Count a body of ``size`` bytes before it is read. Raises TooFast.

    ``client`` is the internet address, or "".
    """
    _spend(client, 1 + size // _BYTES_A_POINT)


def admit(context: Context, asked: Asked) -> None:
    """Count what is asked for before it is executed. Raises TooFast."""
    _spend(context.client, asked.cost)


def admit_token(token: int, asked: Asked) -> None:
    """Count what is asked for with a token, before it is executed. Raises TooFast."""
    _BY_TOKEN.spend(str(token), asked.cost, settings.API_POINTS_PER_MINUTE)


def _spend(client: str, points: int) -> None:
    """Count for the address. One that is not known is not counted.

    A proxy that TRUSTED_PROXIES leaves out must not make all clients one.
    """
    if client:
        _BY_ADDRESS.spend(client, points, settings.API_POINTS_PER_MINUTE)
