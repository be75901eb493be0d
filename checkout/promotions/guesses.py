"""How often codes that do not exist may be typed.

Wrong codes are counted for the cart, and for the internet address. An address that has
used up its tries keeps nobody behind it from using a code: each cart has some tries of
its own, and a right code counts nothing (docs/adr/0060).
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from checkout.promotions.errors import TooManyGuesses
from checkout.promotions.models import CustomerTurn, WrongCode
from shop.database_clock import Now

WINDOW = timedelta(hours=1)
MOST_PER_CART = 10
MOST_PER_CLIENT = 60
# Of a cart behind an address that has used up its own.
ALWAYS_PER_CART = 3
KEPT = timedelta(days=1)


def admit(cart: UUID, client: str) -> None:
    """Raise TooManyGuesses if no code may be tried from this cart now."""
    origins = Q(cart=cart) | Q(client=client) if client else Q(cart=cart)
    counts = WrongCode.objects.filter(origins, at__gt=Now(-WINDOW)).aggregate(
        by_cart=Count("pk", filter=Q(cart=cart)),
        by_client=Count("pk", filter=Q(client=client)),
    )
    is_busy = bool(client) and counts["by_client"] >= MOST_PER_CLIENT
    most = ALWAYS_PER_CART if is_busy else MOST_PER_CART
    if counts["by_cart"] >= most:
        raise TooManyGuesses


def record_wrong(cart: UUID, client: str) -> None:
    WrongCode.objects.create(cart=cart, client=client)


def forget_guesses(now: datetime) -> int:
    """Remove wrong codes, and turns of customers, that are older than KEPT."""
    before = now - KEPT
    CustomerTurn.objects.filter(taken_at__lt=before).delete()
    return WrongCode.objects.filter(at__lt=before).delete()[0]
