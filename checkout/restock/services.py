"""Keep who waits for goods, and mail them once when there are some.

Of an article that comes back, as many people are told in one round as there are units,
those who wait longest first. So few units do not call a crowd, and while units are left
the next ones are told a minute later. Units that come in are heard of by their event.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from checkout.restock.errors import NotSoldOut
from checkout.restock.models import RestockRequest
from events.consumers import Consumer
from events.models import Event
from inventory.selectors import free_by_sku, free_of
from shop.catalogue.models import Variant, in_language
from shop.customers import outbox

KIND = "back_in_stock"
EVERY = timedelta(minutes=1)
# Nobody still expects a mail after so long.
KEPT = timedelta(days=180)
_AT_ONCE = 100
_SALT = "checkout.restock"


def ask(sku: str, email: str, language: str) -> Variant:
    """Mail this address once when the variant can be had again. Twice is once.

    Raises NotSoldOut, and then keeps nothing.
    """
    rows = Variant.objects.on_sale().select_related("product")
    variant = rows.filter(sku=sku).first()
    if variant is None or free_by_sku([sku]).get(sku, 0) > 0:
        raise NotSoldOut(sku)
    row = RestockRequest(variant=variant, email=email, language=language)
    # The answer is the same whether or not this address waits already.
    RestockRequest.objects.bulk_create([row], ignore_conflicts=True)
    return variant


def hear(event: Event) -> None:
    """Tell those who wait for what came in: as many as units came, at once.

    The next ones are told by the next round, which also sees what no movement of the
    stock says, such as holds that have expired.
    """
    came = event.data["quantity"]
    if came > 0:
        tell(event.data["sku"], came)


def tell(sku: str = "", most: int = _AT_ONCE) -> int:
    """Store the mails for what can be had again. Return how many.

    With ``sku`` only for that, and with ``most`` for so many of each article.
    """
    waiting = RestockRequest.objects.values("variant").distinct()
    rows = Variant.objects.on_sale().filter(pk__in=waiting).select_related("product")
    if sku:
        rows = rows.filter(sku=sku)
    back = rows.annotate(units=free_of("sku")).filter(units__gt=0).order_by("pk")
    return sum(
        _tell(request, variant)
        for variant in back
        for request in RestockRequest.objects.filter(variant=variant)[
            : min(getattr(variant, "units", 0), most, _AT_ONCE)
        ]
    )


def stop(token: str) -> int:
    """Forget all that the token's address waits for. Return how much it was.

    Raises signing.BadSignature.
    """
    return stop_waiting(address_of(token))


def stop_waiting(email: str) -> int:
    """Forget all that this address waits for, in any capitals. Return how much."""
    return RestockRequest.objects.filter(email__iexact=email).delete()[0]


def address_of(token: str) -> str:
    """Return the mail address of a link in a mail. Raises signing.BadSignature."""
    return str(signing.loads(token, salt=_SALT))


def stop_url(email: str) -> str:
    """Return the address at which this mail address stops waiting for anything."""
    token = signing.dumps(email, salt=_SALT)
    return settings.SITE_URL + reverse("checkout:restock_stop", args=[token])


def forget(now: datetime) -> int:
    """Forget requests that are too old. Return how many."""
    old = RestockRequest.objects.filter(created_at__lt=now - KEPT)
    return old.delete()[0]


@transaction.atomic
def _tell(request: RestockRequest, variant: Variant) -> bool:
    """Store the mail and forget the request; only who forgets it mails."""
    if not RestockRequest.objects.filter(pk=request.pk).delete()[0]:
        return False
    name = in_language(variant.product, "name", request.language)
    outbox.queue(
        request.email,
        KIND,
        request.language,
        name=name,
        variant=in_language(variant, "label", request.language),
        url=settings.SITE_URL + variant.product.get_absolute_url(),
        stop_url=stop_url(request.email),
    )
    return True


CONSUMER = Consumer(
    KIND.replace("_", "-"),
    ("stock.received", "stock.adjusted", "stock.returned"),
    hear,
    tells_people=True,
)
